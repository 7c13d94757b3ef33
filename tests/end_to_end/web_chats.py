"""A browser in the web chat, as the page's own scripts behave: by its WebSocket, or by plain HTTP where sockets are refused."""

import asyncio
import html
import json
import re
from abc import abstractmethod
from collections import deque
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.end_to_end.chats import ANSWER_SECONDS, Chat, Screen, Sent


@dataclass
class _Frame:
    fields: dict[str, Any]
    is_answered: bool = False


class WebChat(Chat):
    """What a page does: it shows replies, sends a frame again until its answer has come, and keeps its cookie."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(name)
        self.url = url
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Origin": url})
        self.messages: dict[str, Screen] = {}
        self.notices: list[str] = []
        self._unread: deque[str] = deque()
        self._pending: dict[str, _Frame] = {}
        self._numbers = iter(range(1, 1_000_000))
        self._reader: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Load the page (it sets the cookie the first time), open the way, and send what has no answer yet."""
        async with self.session.get(f"{self.url}/chat/") as page:
            assert page.status == 200
        await self._open()
        for frame in list(self._pending.values()):
            await self._transmit(frame)

    async def leave(self) -> None:
        """Close the page; the cookie stays."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None
        await self._close()

    async def close(self) -> None:
        await self.leave()
        await self.session.close()

    async def say(self, text: str) -> None:
        await self._send({"type": "text", "text": text})

    async def tap_action(self, screen: Screen, action: str) -> Sent:
        frame = await self._send({"type": "tap", "action": action, "message": screen.id})
        return Sent(screen, action, lambda: frame.is_answered)

    async def _send(self, fields: dict[str, Any]) -> _Frame:
        self._unread.clear()
        frame = _Frame({"id": f"frame-{next(self._numbers)}", **fields})
        self._pending[frame.fields["id"]] = frame
        await self._transmit(frame)
        return frame

    async def _receive(self, body: dict[str, Any]) -> None:
        if body["type"] == "notice":
            if body["replies"]:
                self.notices.append(body["id"])
        else:
            assert body["type"] == "response", body
            assert not body["failed"], body
            self._pending.pop(body["id"]).is_answered = True
        for reply in body["replies"]:
            self._show(reply)
        await self.tell()

    def _show(self, reply: dict[str, Any]) -> None:
        shown = reply["replaces"] or f"m{next(self._numbers)}"
        text = html.unescape(re.sub(r"</?(?:b|i|u|blockquote)>", "", reply["text"]))
        buttons = tuple((button["text"], button["action"]) for row in reply["buttons"] for button in row)
        self.messages[shown] = Screen(shown, text, buttons)
        self._unread.append(shown)

    async def _next_screen(self) -> Screen:
        await self.wait_for(lambda _: bool(self._unread), ANSWER_SECONDS)
        return self.messages[self._unread.popleft()]

    @property
    def screens(self) -> list[Screen]:
        return list(self.messages.values())

    @abstractmethod
    async def _open(self) -> None: ...

    @abstractmethod
    async def _close(self) -> None: ...

    @abstractmethod
    async def _transmit(self, frame: _Frame) -> None: ...


class SocketChat(WebChat):
    """The page over its WebSocket."""

    _socket: aiohttp.ClientWebSocketResponse | None = None

    async def _open(self) -> None:
        self._socket = await self.session.ws_connect(f"{self.url}/chat/socket")
        self._reader = asyncio.create_task(self._read(self._socket))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:  # ends when the service does
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            await self._receive(json.loads(message.data))

    async def _close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def _transmit(self, frame: _Frame) -> None:
        assert self._socket is not None
        await self._socket.send_str(json.dumps(frame.fields))


class HttpChat(WebChat):
    """The page where sockets are refused: frames by POST, one at a time and in order, notices by long poll."""

    _poster: asyncio.Task[None] | None = None

    async def _open(self) -> None:
        self._reader = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        try:
            while True:
                async with self.session.get(f"{self.url}/chat/notices") as response:
                    if response.status == 503:  # it stops
                        return
                    await self._receive(await response.json())
        except aiohttp.ClientError:
            return  # the service is gone; `connect` starts anew

    async def _close(self) -> None:
        if self._poster is not None:
            await self._poster

    async def _transmit(self, frame: _Frame) -> None:
        if self._poster is None or self._poster.done():
            self._poster = asyncio.create_task(self._post())

    async def _post(self) -> None:
        try:
            while self._pending:
                frame = next(iter(self._pending.values()))
                async with self.session.post(f"{self.url}/chat/events", json=frame.fields) as response:
                    assert response.status == 200, await response.text()
                    await self._receive(await response.json())
        except aiohttp.ClientError:
            return
