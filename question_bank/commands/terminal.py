"""What this package's commands share: how they open the services, print, and refuse."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from rich.console import Console

from question_bank.wiring import QuestionBank

Opening = Callable[[], AbstractAsyncContextManager[QuestionBank]]
out = Console(highlight=False, soft_wrap=True)


class CommandRefused(Exception):
    """A command cannot be done; the message is the one line shown. Exit status 1."""
