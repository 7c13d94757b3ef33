"""The command `yushi ask`: one question, or a file of them."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from question_bank.commands.terminal import CommandRefused, Opening, out
from question_bank.search.query import SmallTalk
from question_bank.search.service import Answer, AnswerKind, Hit
from question_bank.wiring import QuestionBank

LEXICAL_HINT = "提示：语义检索还没有准备好，这次按字词检索。运行一次 yushi serve 或 yushi ask --batch 就会准备好。"
MAX_LINE = 1_000_000
SMALL_TALK = {
    SmallTalk.GREETING: "您好！请直接写问题，例如：疫苗冷链断了怎么办",
    SmallTalk.THANKS: "不客气！",
    SmallTalk.ABOUT: "我按已载入的法规原文回答食品药品安全方面的问题，例如：疫苗冷链断了怎么办",
}


def add_ask_command(app: typer.Typer, open_bank: Opening) -> None:
    @app.command()
    def ask(
        question: Annotated[str | None, typer.Argument(help="问题，例如：疫苗冷链断了怎么办")] = None,
        top: Annotated[int, typer.Option(min=1, max=20, help="最多给出几条")] = 4,
        as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
        batch: Annotated[Path | None, typer.Option(help='一个 JSONL 文件，每行 {"id", "question"}；每行输出一个结果')] = None,
    ) -> None:
        """查法规：引用条文原文回答；没有把握时如实说明。"""
        if (question is None) == (batch is None):
            raise typer.BadParameter("请写一个问题，或者用 --batch 给一个文件")
        if batch is not None:
            if not as_json:
                raise typer.BadParameter("--batch 要和 --json 一起用")
            asyncio.run(_answer_file(open_bank, list(read_questions(batch)), top))
            return
        assert question is not None
        answer, is_lexical = asyncio.run(_answer_one(open_bank, question, top))
        if as_json:
            typer.echo(json.dumps(_as_json(answer), ensure_ascii=False))
        else:
            _print(answer)
            if is_lexical:
                typer.echo(LEXICAL_HINT, err=True)


async def _answer_one(open_bank: Opening, question: str, top: int) -> tuple[Answer, bool]:
    """The answer, and whether it could have been better with the sentence vectors that are still to be computed."""
    async with open_bank() as bank:
        answer = await bank.search.ask(question, top=top)
        is_lexical = bank.search.builder.model is not None and not await bank.search.knows_meaning()
    return answer, is_lexical and answer.kind in (AnswerKind.FOUND, AnswerKind.NOT_ANSWERED)


async def _answer_file(open_bank: Opening, questions: list[tuple[object, str]], top: int) -> None:
    """Answer one after the other, as one after the other they are asked; vectors are computed first where they are missing."""
    async with open_bank() as bank:
        await prepare_vectors(bank)
        for question_id, question in questions:
            began = time.perf_counter()
            answer = await bank.search.ask(question, top=top)
            took = (time.perf_counter() - began) * 1000
            line = {"id": question_id, **_as_json(answer), "ms": round(took, 2)}
            typer.echo(json.dumps(line, ensure_ascii=False))


async def prepare_vectors(bank: QuestionBank) -> None:
    """Compute the sentence vectors that are missing, with progress on stderr: a minute or two, once."""
    shown = -1

    def progress(done: int, total: int) -> None:
        nonlocal shown
        if done * 10 // total != shown:
            shown = done * 10 // total
            typer.echo(f"准备语义检索（只需一次）：{done}/{total}", err=True)

    while not await bank.search.work_on_vectors(progress):
        pass


def read_questions(path: Path) -> Iterator[tuple[object, str]]:
    """(id, question) of each line. Raises CommandRefused naming the first line that is none."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandRefused(f"读不了文件 {path}：要用 UTF-8 编码的 JSONL。") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line[:MAX_LINE])
            question_id, question = entry["id"], entry["question"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CommandRefused(f'{path} 第 {number} 行不对：每行要写成 {{"id": …, "question": "…"}}。') from error
        if not isinstance(question, str):
            raise CommandRefused(f"{path} 第 {number} 行不对：question 要是文字。")
        yield question_id, question


def _as_json(answer: Answer) -> dict[str, object]:
    hits = [{"law": h.article.short_name, "article": h.article.number.number, "score": h.score} for h in answer.hits]
    return {"answered": answer.kind is AnswerKind.FOUND, "confidence": round(answer.confidence, 4), "hits": hits}


def _print(answer: Answer) -> None:
    out.print(_remark(answer), markup=False, end="")
    for article in answer.nearest:
        out.print(f"  相近：《{article.short_name}》{article.label}", markup=False)
    for hit in answer.hits:
        _print_hit(hit)
    if answer.beside is not None:
        out.print(f"另见：《{answer.beside.short_name}》{answer.beside.label}", markup=False)


def _remark(answer: Answer) -> str:
    """What is said where no article is quoted."""
    law = answer.law.short_name if answer.law else answer.law_name
    when = f"{answer.on:%Y-%m-%d} " if answer.on else ""
    remarks = {
        AnswerKind.FOUND: f"以下是 {when}施行的文本：\n" if answer.on else "",
        AnswerKind.NOT_ANSWERED: "已载入的法规里没有找到能回答这个问题的条文。问题已记下，交给题库维护人员。\n",
        AnswerKind.NO_SUCH_ARTICLE: f"《{law}》没有这一条，全文共 {answer.article_count} 条。\n",
        AnswerKind.TEXT_NOT_LOADED: f"《{law}》{when}的文本没有载入，不能引用条文。\n",
        AnswerKind.LAW_UNKNOWN: f"《{law}》没有载入，不能引用条文。\n",
        AnswerKind.LAW_MISSING: "请说明是哪部法，例如：药品管理法第51条\n",
        AnswerKind.SMALL_TALK: f"{SMALL_TALK[answer.small_talk]}\n" if answer.small_talk else "",
    }
    return remarks[answer.kind]


def _print_hit(hit: Hit) -> None:
    article = hit.article
    out.print(f"《{article.short_name}》{article.label}", style="bold", markup=False)
    source = f"{article.name}（{article.version_label}，{article.effective:%Y-%m-%d}起施行）"
    out.print(source, style="dim", markup=False)
    if article.is_outdated:
        out.print("注意：这一条已被后来的修正案修改，下面是修改前的文字。", style="bold")
    if article.upcoming:
        out.print(f"注意：已公布的新文本自{article.upcoming:%Y-%m-%d}起施行，届时这一条有变动。", style="bold")
    if hit.digest:
        out.print(f"要点：{hit.digest}", markup=False)
    for number, paragraph in enumerate(article.paragraphs):
        out.print(paragraph, style="bold" if number == hit.paragraph else None, markup=False)
    out.print()
