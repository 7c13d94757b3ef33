"""The updates which the bot has not confirmed yet, and long polling for them."""

import asyncio
from typing import Any

from .errors import ApiError

Update = dict[str, Any]

NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}


class UpdateQueue:
    """Keeps each update until the bot confirms it."""

    def __init__(self, first_update_id: int = 100_000_001) -> None:
        self.pending: list[Update] = []
        self.allowed_updates: list[str] = []
        self._repeats: list[Update] = []
        self._past: dict[int, Update] = {}
        self._next_id = first_update_id
        self._arrived = asyncio.Event()
        self._newest_poll: object = None
        self._closed = False

    def put(self, update: Update) -> int:
        """Queue an update, with an update_id of its own unless it has one; return that."""
        update = {"update_id": update.get("update_id", self._next_id), **update}
        update_id = update["update_id"]
        self._next_id = max(self._next_id, update_id + 1)
        self._past[update_id] = update
        kinds = update.keys() - {"update_id"}
        allowed = self.allowed_updates
        if not kinds or not (kinds & set(allowed) if allowed else kinds - NOT_BY_DEFAULT):
            return update_id
        self.pending.append(update)
        self._arrived.set()
        return update_id

    def repeat(self, update_id: int) -> None:
        """Deliver an old update once more, with the same update_id, before all others."""
        self._repeats.append(self._past[update_id])
        self._arrived.set()

    def confirm(self, offset: int) -> None:
        """Forget the updates before the offset; a negative one keeps only the last -offset."""
        if offset < 0:
            self.pending = self.pending[offset:]
        else:
            self.pending = [u for u in self.pending if u["update_id"] >= offset]

    def drop(self) -> None:
        """Forget all updates."""
        self.pending.clear()
        self._repeats.clear()

    @property
    def count(self) -> int:
        """The number of updates awaiting delivery."""
        return len(self._repeats) + len(self.pending)

    async def poll(self, limit: int, seconds: float) -> list[Update]:
        """The next updates; a later call of this ends an earlier one which still waits."""
        self._newest_poll = this_poll = object()
        self._arrived.set()
        deadline = asyncio.get_running_loop().time() + seconds
        while not self._closed:
            self.forget_arrivals()
            if self._newest_poll is not this_poll:
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                    asked_for=True,
                )
            batch = (self._repeats + self.pending)[:limit]
            if batch:
                del self._repeats[: len(batch)]
                return batch
            try:
                async with asyncio.timeout_at(deadline):
                    await self.arrival()
            except TimeoutError:
                break
        return []

    def first(self) -> Update | None:
        """The update which a webhook gets next."""
        return next(iter(self._repeats + self.pending[:1]), None)

    def delivered(self, update: Update) -> None:
        """The webhook took the update."""
        for updates in (self._repeats, self.pending):
            if updates and updates[0] is update:
                del updates[0]
                return

    def forget_arrivals(self) -> None:
        """From here on `arrival` waits for an update which is not there yet."""
        self._arrived.clear()

    async def arrival(self) -> None:
        """Wait until an update has arrived since `forget_arrivals`."""
        await self._arrived.wait()

    def close(self) -> None:
        """End a waiting poll."""
        self._closed = True
        self._arrived.set()

    def open(self) -> None:
        """Let polls wait again."""
        self._closed = False
