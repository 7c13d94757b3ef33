"""The commands of this package. `main.py` mounts them and hands over how to open the services."""

import typer

from question_bank.commands.amendments import add_amendment_commands
from question_bank.commands.ask import add_ask_command
from question_bank.commands.bank import bank_commands
from question_bank.commands.law import add_law_commands
from question_bank.commands.terminal import CommandRefused, Opening

__all__ = ["CommandRefused", "add_commands"]


def add_commands(app: typer.Typer, open_bank: Opening) -> None:
    """Add this package's commands to the program."""
    add_ask_command(app, open_bank)
    law = typer.Typer(help="法规：载入、导入、列表、修正前后的变化", no_args_is_help=True)
    add_law_commands(law, open_bank)
    add_amendment_commands(law, open_bank)
    app.add_typer(law, name="law")
    app.add_typer(bank_commands(open_bank), name="bank")
