"""What a channel must offer so that notices can be delivered through it."""

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from bot.dialogue.events import Reply
from exam.people.rules import Channel


class DeliveryFailed(Exception):
    """A notice did not go out. `final`: trying again cannot help (blocked, deleted). `wait`: not before this long."""

    def __init__(self, reason: str, *, final: bool = False, wait: dt.timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final
        self.wait = wait


class Sender(Protocol):
    """A channel that can write to people unasked."""

    channel: Channel

    def reachable(self) -> Collection[str] | None:
        """External ids that can be written to now; None means every bound account."""

    async def send(self, external_id: str, reply: Reply) -> None:
        """Send one message; raises DeliveryFailed or ConnectionError."""
