"""Stand-ins for channels: senders that keep what they were given, or fail as told."""

import asyncio
from collections.abc import Collection

from bot.dialogue.events import Reply
from exam.people.rules import Channel
from tests.bot.checking import check_reply


class KeepingSender:
    """Keeps what it sends. `failures` are raised first, one a call; `reached` narrows whom it can write to."""

    def __init__(self, channel: Channel, *failures: BaseException, reached: Collection[str] | None = None) -> None:
        self.channel = channel
        self.sent: list[tuple[str, Reply]] = []
        self.reached = reached
        self.failures = list(failures)

    def reachable(self) -> Collection[str] | None:
        return self.reached

    async def send(self, external_id: str, reply: Reply) -> None:
        await asyncio.sleep(0)  # as a real one, gives way to others
        check_reply(reply)
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((external_id, reply))
