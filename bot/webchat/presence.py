"""Who is in the page right now, and how a notice reaches them: pushed down every socket, or handed to a waiting poll."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from aiohttp import WSCloseCode, web

from bot.dialogue.events import Reply
from bot.webchat.frames import notice_object, to_json
from exam.people.rules import Channel
from question_bank.database import Clock


class NotConnected(ConnectionError):
    """Nobody with this external id is in the page any more; the notice was not shown and should be kept."""


class Listener(Protocol):
    @property
    def listening(self) -> bool: ...

    async def deliver(self, frame: str) -> None:
        """Return when the frame has been written to the connection; raise NotConnected when it cannot be."""

    async def leave(self) -> None:
        """End the connection, because the server stops."""


class SocketListener:
    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    @property
    def listening(self) -> bool:
        return not self._socket.closed

    async def deliver(self, frame: str) -> None:
        try:
            await self._socket.send_str(frame)
        except (ConnectionError, RuntimeError) as error:
            raise NotConnected("socket closed") from error

    async def leave(self) -> None:
        await self._socket.close(code=WSCloseCode.GOING_AWAY, message=b"server stops")


class PollListener:
    """A long poll waiting for one notice. `wait` gives it to the request handler, `written` reports back to the sender."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        loop = asyncio.get_running_loop()
        self._frame: asyncio.Future[str | None] = loop.create_future()
        self._written: asyncio.Future[bool] = loop.create_future()

    @property
    def listening(self) -> bool:
        transport = self._request.transport  # None once the page has hung up
        return not self._frame.done() and transport is not None and not transport.is_closing()

    async def deliver(self, frame: str) -> None:
        if not self.listening:
            raise NotConnected("poll ended")
        self._frame.set_result(frame)
        if not await asyncio.shield(self._written):
            raise NotConnected("poll ended")

    async def leave(self) -> None:
        if not self._frame.done():
            self._frame.set_result(None)

    async def wait(self, seconds: float) -> str | None:
        """Return the notice's frame, or None when there was none in that time or the server stops."""
        await asyncio.wait((self._frame,), timeout=seconds)
        await self.leave()  # from here on a sender is told that nobody listens
        return self._frame.result()

    def written(self, ok: bool) -> None:
        if not self._written.done():
            self._written.set_result(ok)


class Presence:
    """The connections of this process, by external id."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}
        self.is_closed = False

    @contextmanager
    def joined(self, external_id: str, listener: Listener) -> Iterator[None]:
        listeners = self._listeners.setdefault(external_id, [])
        listeners.append(listener)
        try:
            yield
        finally:
            listeners.remove(listener)
            if not listeners:
                self._listeners.pop(external_id, None)

    def external_ids(self) -> frozenset[str]:
        return frozenset(key for key, listeners in self._listeners.items() if any(one.listening for one in listeners))

    def listeners(self, external_id: str) -> list[Listener]:
        return [listener for listener in self._listeners.get(external_id, ()) if listener.listening]

    async def close(self) -> None:
        """End every connection; who looks in `is_closed` starts no new one."""
        self.is_closed = True
        everyone = [listener for listeners in self._listeners.values() for listener in listeners]
        await asyncio.gather(*(listener.leave() for listener in everyone), return_exceptions=True)


class WebChatSender:
    """Sends notices to people who are in the page now; nothing is queued for those who are not."""

    channel = Channel.WEBCHAT

    def __init__(self, presence: Presence, clock: Clock) -> None:
        self._presence = presence
        self._clock = clock

    def reachable(self) -> frozenset[str]:
        """External ids connected to this process by a socket or a waiting long poll."""
        return self._presence.external_ids()

    async def send(self, external_id: str, reply: Reply) -> None:
        """Show `reply` in every page the person has open; raise NotConnected when it could be written to none."""
        frame = to_json(notice_object((reply,)), self._clock())
        listeners = self._presence.listeners(external_id)
        outcomes = await asyncio.gather(*(listener.deliver(frame) for listener in listeners), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, NotConnected):
                raise outcome
        if all(isinstance(outcome, NotConnected) for outcome in outcomes):  # also true when there was no listener
            raise NotConnected(f"nobody is connected as {external_id[:8]}…")
