"""The two channels as a person sees them, with the same few verbs as Talker: what they say, tap and read."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.telegram.application import TelegramApplication, build_application, run_polling
from bot.webchat.app import init_app
from tests.bot.checking import read_html
from tests.bot_api import BotApiServer, Message, Person
from tests.fakes import FakeClock


@asynccontextmanager
async def telegram(server: BotApiServer, dialogue: Any, clock: FakeClock) -> AsyncIterator[TelegramApplication]:
    """The real bot, polling the server until the block ends."""
    application = build_application(server.token, dialogue, clock, server.base_url.removesuffix("/bot"))
    stop = asyncio.Event()
    running = asyncio.create_task(run_polling(application, stop, retry_seconds=0.01))
    try:
        yield application
    finally:
        stop.set()
        async with asyncio.timeout(10):  # a test whose dialogue hangs fails, and does not hang too
            await running


@dataclass(frozen=True)
class Seen:
    """One message as a channel shows it: the HTML that was sent, and the buttons as rows of (text, action)."""

    html: str
    buttons: tuple[tuple[tuple[str, str], ...], ...]

    @property
    def text(self) -> str:
        return read_html(self.html)

    @property
    def labels(self) -> list[str]:
        return [label for row in self.buttons for label, _ in row]

    def action(self, label: str) -> str:
        found = [action for row in self.buttons for text, action in row if text == label or text.startswith(label)]
        assert found, f"no {label!r} in {self.labels}"
        return found[0]


class TelegramTalker:
    """Somebody in Telegram, in front of the test server."""

    def __init__(self, person: Person) -> None:
        self.person = person

    @property
    def screen(self) -> list[Seen]:
        return [_seen(message) for message in self.person.messages]

    @property
    def text(self) -> str:
        return self.screen[-1].text

    @property
    def labels(self) -> list[str]:
        return self.screen[-1].labels

    async def say(self, text: str) -> str:
        """Say something, wait for the answer; commands begin with / ."""
        await self.person.say(text)
        await self.person.next_message()
        return self.text

    async def command(self, name: str, text: str = "") -> str:
        return await self.say(f"/{name} {text}".rstrip())

    async def tap(self, label: str) -> str:
        """Tap a button of the last message; wait until it was answered and the screen changed."""
        message, answered = self.person.messages[-1], len(self.person.alerts)
        await self.person.tap(callback_data=_seen(message).action(label), message=message)
        await self.person.next_message()
        await self.person.wait_for(lambda person: len(person.alerts) > answered)
        return self.text


def _seen(message: Message) -> Seen:
    rows = (tuple((button.text, button.callback_data or "") for button in row) for row in message.buttons)
    return Seen(message.raw_text, tuple(rows))


@asynccontextmanager
async def web_chat(handle: Callable[..., Awaitable[Any]], clock: FakeClock) -> AsyncIterator["WebTalker"]:
    """Somebody in the web chat, by the plain HTTP fallback."""
    site = web.Application()
    site.add_subapp("/chat/", init_app(handle, clock))
    async with TestClient(TestServer(site)) as client:
        await client.get("/chat/")
        yield WebTalker(client)


class WebTalker:
    def __init__(self, client: TestClient) -> None:
        self._client = client
        self._origin = str(client.make_url("/")).rstrip("/")
        self._ids = itertools.count(1)
        self._messages: dict[str, Seen] = {}
        self.toast: str | None = None

    @property
    def screen(self) -> list[Seen]:
        return list(self._messages.values())

    @property
    def text(self) -> str:
        return self.screen[-1].text

    @property
    def labels(self) -> list[str]:
        return self.screen[-1].labels

    async def say(self, text: str) -> str:
        return await self._post(type="text", text=text)

    async def command(self, name: str, text: str = "") -> str:
        return await self._post(type="command", name=name, text=text)

    async def tap(self, label: str) -> str:
        key, shown = list(self._messages.items())[-1]
        return await self._post(type="tap", action=shown.action(label), message=key)

    async def _post(self, **frame: str) -> str:
        body = {"id": str(next(self._ids)), **frame}
        response = await self._client.post("/chat/events", json=body, headers={"Origin": self._origin})
        answer = await response.json()
        assert response.status == 200, answer
        assert answer["failed"] is False
        self.toast = answer["toast"]
        if answer["row"] is not None:
            shown = self._messages[frame["message"]]
            row = tuple((button["text"], button["action"]) for button in answer["row"])
            rows = tuple(row if any(a == frame["action"] for _, a in old) else old for old in shown.buttons)
            self._messages[frame["message"]] = Seen(shown.html, rows)
        for reply in answer["replies"]:
            rows = (tuple((button["text"], button["action"]) for button in row) for row in reply["buttons"])
            key = reply["replaces"] or f"m{next(self._ids)}"
            self._messages[key] = Seen(reply["text"], tuple(rows))
        return self.text
