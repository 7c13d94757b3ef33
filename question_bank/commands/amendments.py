"""`yushi law diff`, `law impact` and `law confirm`: what an amendment changed, and what cites it."""

import asyncio
import datetime as dt
import json
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from question_bank.commands.law import CHANGE_WORDS
from question_bank.commands.terminal import CommandRefused, Opening, out
from question_bank.regulations.changes import ArticleChange, ChangeKind, Mark, MarkKind, mark_words
from question_bank.regulations.rules import ArticleText, RegulationNotFound
from question_bank.regulations.service import VersionsMissing
from question_bank.regulations.views import LawDiff, VersionSummary
from question_bank.reviews.rules import ReviewEntry, ReviewNotFound, ReviewState, ReviewSubject

_STATES = {ReviewState.OPEN: "待审", ReviewState.CONFIRMED: "已确认"}
_SUBJECTS = {ReviewSubject.QUESTION: "试题", ReviewSubject.DIGEST: "要点"}
_MARKS = {MarkKind.KEPT: ("{}", ""), MarkKind.OLD: ("[-{}-]", "red"), MarkKind.NEW: ("{{+{}+}}", "green")}
AUTHOR = "命令行"
_LARGEST_ID = 2**31 - 1
LawName = Annotated[str, typer.Argument(help="法规的简称、别名或全称", metavar="法规")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


def add_amendment_commands(law: typer.Typer, open_bank: Opening) -> None:
    """Add the commands on what changes when a law does."""
    _add_diff(law, open_bank)
    _add_impact(law, open_bank)
    _add_confirm(law, open_bank)


def _add_diff(law: typer.Typer, open_bank: Opening) -> None:
    @law.command("diff")
    def diff(
        name: LawName,
        from_day: Annotated[
            dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="与哪一天的文本相比", metavar="年-月-日")
        ] = None,
        to_day: Annotated[
            dt.datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="哪一天的文本", metavar="年-月-日")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """比较一部法规的两个版本（默认：最后两个），标出增删改的条文和字词。"""

        async def run() -> LawDiff:
            async with open_bank() as bank:
                return await bank.regulations.diff(name, from_day.date() if from_day else None, to_day.date() if to_day else None)

        try:
            found = asyncio.run(run())
        except RegulationNotFound as missing:
            raise _unknown_law(name) from missing
        except VersionsMissing as missing:
            loaded = "、".join(map(str, missing.loaded)) or "没有"
            raise CommandRefused(
                f"《{missing.short_name}》没有可以比较的两个版本。已载入的文本（按施行日期）：{loaded}。"
            ) from missing
        if as_json:
            typer.echo(json.dumps(_diff_json(found), ensure_ascii=False))
        else:
            _print_diff(found)


def _print_diff(found: LawDiff) -> None:
    out.print(f"《{found.short_name}》{_describe(found.old)} → {_describe(found.new)}", style="bold", markup=False)
    for change in found.changes:
        out.print(f"\n{CHANGE_WORDS[change.kind]} {change.number.label}", style="bold", markup=False)
        line = Text()
        for mark in _marks(change):
            form, style = _MARKS[mark.kind]
            line.append(form.format(mark.text), style)
        out.print(line)
    out.print(f"\n共 {len(found.changes)} 条有变化。" if found.changes else "条文没有变化。")


def _describe(version: VersionSummary) -> str:
    return f"{version.label}（{version.effective}起施行）"


def _marks(change: ArticleChange) -> list[Mark]:
    if change.old is not None and change.new is not None:
        return mark_words(change.old.text, change.new.text)
    if change.new is not None:
        return [Mark(MarkKind.NEW, change.new.text)]
    return [Mark(MarkKind.OLD, change.old.text)] if change.old is not None else []


def _diff_json(found: LawDiff) -> dict[str, object]:
    return {
        "law": found.short_name,
        "from": {"version": found.old.label, "effective": found.old.effective.isoformat()},
        "to": {"version": found.new.label, "effective": found.new.effective.isoformat()},
        "changes": [_change_json(change) for change in found.changes],
    }


def _change_json(change: ArticleChange) -> dict[str, object]:
    def text(article: ArticleText | None) -> str | None:
        return article.text if article else None

    row: dict[str, object] = {
        "article": change.number.number,
        "suffix": change.number.suffix,
        "label": change.number.label,
        "change": change.kind.value,
        "old": text(change.old),
        "new": text(change.new),
    }
    if change.kind is ChangeKind.CHANGED:
        row["words"] = [{"mark": mark.kind.value, "text": mark.text} for mark in _marks(change)]
    return row


def _add_impact(law: typer.Typer, open_bank: Opening) -> None:
    @law.command("impact")
    def impact(name: LawName, as_json: AsJson = False) -> None:
        """列出法规修改后受影响的试题和要点，以及是否已经确认。"""

        async def run() -> list[ReviewEntry]:
            async with open_bank() as bank:
                return await bank.reviews.impact(name)

        try:
            entries = asyncio.run(run())
        except RegulationNotFound as missing:
            raise _unknown_law(name) from missing
        if as_json:
            typer.echo(json.dumps([_entry_json(entry) for entry in entries], ensure_ascii=False))
            return
        if not entries:
            out.print("没有受影响的试题和要点。")
            return
        table = Table("编号", "条", "种类", "内容", "自何日起", "状态")
        for entry in entries:
            text = f"{entry.key} {entry.text}" if entry.key else entry.text
            what = Text(text)
            table.add_row(
                str(entry.id), entry.article.label, _SUBJECTS[entry.subject], what, entry.due_on.isoformat(), _STATES[entry.state]
            )
        out.print(table)
        out.print("核对以后：yushi law confirm 编号…")


def _entry_json(entry: ReviewEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "law": entry.law,
        "article": entry.article.number,
        "suffix": entry.article.suffix,
        "version": entry.version_label,
        "due": entry.due_on.isoformat(),
        "state": entry.state.value,
        "kind": entry.subject.value,
        "key": entry.key,
        "text": entry.text,
    }


def _add_confirm(law: typer.Typer, open_bank: Opening) -> None:
    @law.command("confirm")
    def confirm(
        ids: Annotated[list[int], typer.Argument(help="编号，见 yushi law impact", metavar="编号…", min=1, max=_LARGEST_ID)],
    ) -> None:
        """确认试题或要点在法规修改后仍然正确，恢复使用。"""

        async def run() -> int:
            async with open_bank() as bank:
                return sum([await bank.reviews.confirm(review_id, AUTHOR) for review_id in ids])

        try:
            count = asyncio.run(run())
        except ReviewNotFound as missing:
            raise CommandRefused(f"没有编号为 {missing.args[0]} 的待审项，见 yushi law impact。") from missing
        typer.echo(f"已确认 {count} 处。" if count else "这些都已确认过，没有变化。")


def _unknown_law(name: str) -> CommandRefused:
    return CommandRefused(f"登记表里没有《{name}》。已知的法规见 yushi law list。")
