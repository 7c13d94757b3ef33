"""The `yushi ask`, `yushi law …` and `yushi bank …` commands. `main.py` mounts them and hands over how to open the services."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

import typer

from question_bank.commands_amendments import add_amendment_commands
from question_bank.commands_law import add_law_commands
from question_bank.questions.service import BankStats
from question_bank.search.service import Answer, AnswerKind
from question_bank.terminal import CommandRefused, Opening, out

__all__ = ["CommandRefused", "add_commands"]


def add_commands(app: typer.Typer, open_bank: Opening) -> None:
    """Add this package's commands to the program."""
    app.command("ask")(_ask_command(open_bank))
    law = typer.Typer(help="法规：载入、导入、列表、修正前后的变化", no_args_is_help=True)
    add_law_commands(law, open_bank)
    add_amendment_commands(law, open_bank)
    app.add_typer(law, name="law")
    app.add_typer(_bank_commands(open_bank), name="bank")


def _ask_command(open_bank: Opening) -> Callable[..., None]:
    def ask(
        question: Annotated[str, typer.Argument(help="问题，例如：疫苗冷链断了怎么办")],
        top: Annotated[int, typer.Option(min=1, max=20, help="最多给出几条")] = 4,
        as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
    ) -> None:
        """查法规：引用条文原文回答；没有把握时如实说明。"""

        async def run() -> Answer:
            async with open_bank() as bank:
                return await bank.search.ask(question, top=top)

        answer = asyncio.run(run())
        if as_json:
            typer.echo(json.dumps(_answer_json(answer), ensure_ascii=False))
        else:
            _print_answer(answer)

    return ask


def _answer_json(answer: Answer) -> dict[str, object]:
    hits = [{"law": h.article.short_name, "article": h.article.number.number, "score": h.score} for h in answer.hits]
    return {"answered": answer.kind is AnswerKind.FOUND, "confidence": round(answer.confidence, 4), "hits": hits}


def _print_answer(answer: Answer) -> None:
    if answer.kind is AnswerKind.NO_SUCH_ARTICLE and answer.law:
        out.print(f"《{answer.law.short_name}》没有这一条，全文共 {answer.article_count} 条。")
    elif answer.kind is AnswerKind.TEXT_NOT_LOADED and answer.law:
        out.print(f"《{answer.law.short_name}》的文本没有载入，不能引用条文。")
    elif answer.kind is AnswerKind.LAW_MISSING:
        out.print("请说明是哪部法，例如：药品管理法第51条")
    elif answer.kind is AnswerKind.NOT_ANSWERED:
        out.print("已载入的法规里没有找到能回答这个问题的条文。问题已记下，交给题库维护人员。")
        for article in answer.nearest:
            out.print(f"  相近：《{article.short_name}》{article.label}", markup=False)
    for hit in answer.hits:
        article = hit.article
        out.print(f"《{article.short_name}》{article.label}", style="bold", markup=False)
        effective = f"{article.effective:%Y-%m-%d}"
        out.print(f"{article.name}（{article.version_label}，{effective}起施行）", style="dim", markup=False)
        if article.is_outdated:
            out.print("注意：这一条已被后来的修正案修改，下面是修改前的文字。", style="bold")
        if article.upcoming:
            out.print(f"注意：已公布的新文本自{article.upcoming:%Y-%m-%d}起施行，届时这一条有变动。", style="bold")
        out.print(article.text + "\n", markup=False)


def _bank_commands(open_bank: Opening) -> typer.Typer:
    bank_app = typer.Typer(help="题库", no_args_is_help=True)

    @bank_app.command("stats")
    def stats(as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False) -> None:
        """题库的数量统计。"""

        async def run() -> BankStats:
            async with open_bank() as bank:
                return await bank.questions.stats()

        counts = asyncio.run(run())
        if as_json:
            typer.echo(json.dumps(asdict(counts), ensure_ascii=False))
            return
        out.print(f"共 {counts.total} 题")
        for title, group in (
            ("法规", counts.by_law),
            ("题型", counts.by_type),
            ("难度", counts.by_level),
            ("状态", counts.by_state),
        ):
            out.print(f"{title}：" + "，".join(f"{name} {n}" for name, n in group.items()))

    return bank_app
