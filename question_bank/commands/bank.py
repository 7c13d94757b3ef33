"""The `yushi bank …` commands."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer

from question_bank.commands.terminal import Opening, out
from question_bank.questions.service import BankStats


def bank_commands(open_bank: Opening) -> typer.Typer:
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
