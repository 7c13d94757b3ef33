"""`yushi law list`, `law load` and `law import`."""

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from question_bank.commands.terminal import CommandRefused, Opening, out
from question_bank.regulations.changes import ChangeKind
from question_bank.regulations.importing.files import read_law_file
from question_bank.regulations.importing.rules import MAX_FILE_BYTES, ImportRefusal, ImportRefused
from question_bank.regulations.importing.use_case import ImportOrder, ImportOutcome, ImportReport
from question_bank.regulations.loading import LoadedLaw
from question_bank.regulations.rules import RegulationNotFound, RegulationStatus
from question_bank.regulations.views import RegulationSummary

IMPORT_REFUSALS = {
    ImportRefusal.NOT_A_FILE: "找不到文件，或者没有权限读取。",
    ImportRefusal.TOO_LARGE: f"文件有 {{megabytes:.0f}} MB，超过 {MAX_FILE_BYTES // 2**20} MB 的上限，没有读取。",
    ImportRefusal.FORMAT_UNKNOWN: "不能读取 {extension}：只接受 .docx、.txt、.md、.json。旧的 .doc 请在 Word 里另存为 .docx。",
    ImportRefusal.NOT_WHAT_IT_SAYS: "文件的内容与扩展名 {extension} 不符，请确认是不是改过扩展名。",
    ImportRefusal.DAMAGED: "文件已经损坏、加了密或者不是正常的 Word 文档，请重新下载。",
    ImportRefusal.ZIP_BOMB: "文件解压后异常地大，不像法规文本，没有读取。",
    ImportRefusal.NOT_TEXT: "看不懂文件的文字编码：请存为 UTF-8（也接受 GBK、GB18030 和带标记的 UTF-16）。",
    ImportRefusal.BAD_CHARACTER: "第 {line} 行有不该出现的字符 {character}，文件可能有损坏。",
    ImportRefusal.JSON_WRONG: "JSON 的内容不对（{place}）。格式见 docs/importing-laws.md。",
    ImportRefusal.NO_ARTICLE: "文件里没有找到“第一条”这样的条文。",
    ImportRefusal.EMPTY_ARTICLE: "{label}没有内容。",
    ImportRefusal.DUPLICATE_ARTICLE: "{label}出现了两次。",
    ImportRefusal.NOT_CONTIGUOUS: "条号不连续：缺{label}（接下来是{found}）。",
    ImportRefusal.TITLE_MISSING: "文件里没有找到法规名称，请用 --name 写明是哪部法规。",
    ImportRefusal.LAW_UNKNOWN: "登记表里没有《{title}》。如果是新的法规，请加 --name {title}；如果不是，请用 --name 写明是哪部。",
    ImportRefusal.OTHER_LAW: "文件是《{title}》，与 --name 写的《{name}》不是同一部法规。",
    ImportRefusal.HAS_SHORT_NAME: "《{name}》已有简称“{short_name}”，不能另起。",
    ImportRefusal.SHORT_NAME_TAKEN: "简称“{short_name}”已被别的法规使用，请用 --short-name 另起一个。",
    ImportRefusal.EFFECTIVE_MISSING: "文件没有写明这个文本从哪天起施行，请用 --effective 年-月-日 写明。",
    ImportRefusal.EFFECTIVE_TOO_EARLY: "施行日期 {effective} 早于公布日期 {promulgated}，请核对。",
    ImportRefusal.VERSION_EXISTS: "{effective} 起施行的文本已经载入（{label}），与这个文件不同。确定要替换，请加 --replace。",
}
_OUTCOMES = {
    (ImportOutcome.ADDED, False): "已导入",
    (ImportOutcome.ADDED, True): "试运行：将导入",
    (ImportOutcome.REPLACED, False): "已替换",
    (ImportOutcome.REPLACED, True): "试运行：将替换",
}
CHANGE_WORDS = {ChangeKind.ADDED: "新增", ChangeKind.REMOVED: "删去", ChangeKind.CHANGED: "修改"}
_LOADED = {RegulationStatus.UNVERIFIED: "已载入，日期未核对", RegulationStatus.SUPERSEDED: "已载入，已废止"}


def add_law_commands(law: typer.Typer, open_bank: Opening) -> None:
    """Add the commands that bring laws in and list them."""
    _add_list(law, open_bank)
    _add_load(law, open_bank)
    _add_import(law, open_bank)


def _add_list(law: typer.Typer, open_bank: Opening) -> None:
    @law.command("list")
    def list_laws(as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False) -> None:
        """列出已知的法规，以及文本是否已载入。"""

        async def run() -> list[RegulationSummary]:
            async with open_bank() as bank:
                return await bank.regulations.list_regulations()

        regulations = asyncio.run(run())
        if as_json:
            rows = [
                {
                    "short_name": r.short_name,
                    "name": r.name,
                    "articles": r.articles,
                    "effective": r.effective.isoformat(),
                    "status": r.status.value,
                    "loaded": r.is_loaded,
                }
                for r in regulations
            ]
            typer.echo(json.dumps(rows, ensure_ascii=False))
            return
        table = Table("简称", "版本", "条数", "施行日期", "文本")
        for r in regulations:
            loaded = _LOADED.get(r.status, "已载入") if r.is_loaded else "未载入"
            table.add_row(r.short_name, r.version_label or "", str(r.articles or ""), r.effective.isoformat(), loaded)
        out.print(table)


def _add_load(law: typer.Typer, open_bank: Opening) -> None:
    @law.command("load")
    def load(
        names: Annotated[list[str] | None, typer.Argument(help="法规简称；不写则载入默认的法规")] = None,
        everything: Annotated[bool, typer.Option("--all", help="数据包里的全部法律，日期未核对")] = False,
    ) -> None:
        """从已安装的数据包载入法规文本；已载入的不重复载入。"""
        if everything and names:
            raise typer.BadParameter("--all 已包括全部法律，不能再写名称")

        async def run() -> int:
            async with open_bank() as bank:
                await bank.regulations.load_register()
                count = await bank.regulations.load_texts(names or None, lambda name, n: typer.echo(f"载入 {name}：{n} 条"))
                return count + (await bank.regulations.load_package(_say_loaded) if everything else 0)

        try:
            count = asyncio.run(run())
        except RegulationNotFound as missing:
            raise CommandRefused(f"没有可载入的法规：{missing.args[0]}。可用的法规见 yushi law list。") from missing
        typer.echo(f"新载入 {count} 部。" if count else "都已载入，没有变化。")


def _say_loaded(law: LoadedLaw) -> None:
    gap = f"（数据包里的文本不完整：缺{law.gap.label}）" if law.gap else ""
    typer.echo(f"载入 {law.short_name}：{law.articles} 条{gap}")


def _add_import(law: typer.Typer, open_bank: Opening) -> None:
    @law.command("import")
    def import_law(
        file: Annotated[Path, typer.Argument(help="法规文件：.docx、.txt、.md 或 .json", metavar="文件")],
        name: Annotated[str | None, typer.Option(help="哪部法规：简称、别名或全称；新的法规写全称")] = None,
        short_name: Annotated[str | None, typer.Option(help="新法规的简称（默认：全称去掉“中华人民共和国”）")] = None,
        effective: Annotated[
            dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="施行日期（默认：文件里写明的）", metavar="年-月-日")
        ] = None,
        version: Annotated[str | None, typer.Option(help="版本名称，例如：2025年修正")] = None,
        replace: Annotated[bool, typer.Option("--replace", help="替换同一天起施行的文本")] = False,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="只说明会发生什么，不写入")] = False,
    ) -> None:
        """导入法规文本，成为一个版本；到施行日期自动生效。"""

        async def run() -> ImportReport:
            text = await asyncio.to_thread(read_law_file, file)
            day = effective.date() if effective else None
            order = ImportOrder(text, f"import: {file.name}", name, short_name, day, version, replace)
            async with open_bank() as bank:
                return await bank.regulations.import_text(order, dry_run=dry_run)

        try:
            report = asyncio.run(run())
        except ImportRefused as refused:
            raise CommandRefused(
                f"没有导入 {file.name}：{IMPORT_REFUSALS[refused.reason].format(**refused.details)}"
            ) from refused
        _print_report(report, is_dry_run=dry_run)


def _print_report(report: ImportReport, *, is_dry_run: bool) -> None:
    what = f"《{report.short_name}》{report.version_label}，{report.effective}起施行，{report.articles} 条"
    if report.outcome is ImportOutcome.UNCHANGED:
        out.print(f"已经载入过，没有变化：{what}。", markup=False)
        return
    new = "（新的法规）" if report.is_new_law else ""
    out.print(f"{_OUTCOMES[report.outcome, is_dry_run]}{new}：{what}。", markup=False)
    if report.left_out:
        out.print(f"有 {report.left_out} 行不属于任何一条（序言、附件等），没有载入。")
    if report.superseded_on is not None:
        out.print(f"登记表写明 {report.superseded_on} 起施行的是后来的文本，这个文本只用来回答以前的日期。")
    if report.previous is not None:
        counts = [f"{word} {sum(c.kind is kind for c in report.changes)} 条" for kind, word in CHANGE_WORDS.items()]
        out.print(f"与 {report.previous} 起施行的文本相比：{'，'.join(counts)}。")
    if report.reviews_opened:
        see = f"yushi law impact {report.short_name}"
        out.print(f"受影响的试题和要点 {report.reviews_opened} 处，自施行之日起待审：{see}", markup=False)
