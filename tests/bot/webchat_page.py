"""A web chat served over a scripted dialogue, and a page that talks to it."""

import asyncio
import datetime as dt
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import ClientResponse, ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.dialogue.events import Button, Event, Reply, Response
from bot.webchat.app import init_app, webchat_sender
from bot.webchat.presence import WebChatSender
from bot.webchat.session import COOKIE

NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
NOW_TEXT = "2026-11-23T08:00:00.000+00:00"
DEADLINE = dt.datetime(2026, 11, 23, 16, 45, tzinfo=dt.timezone(dt.timedelta(hours=8)))

HOME = Reply("<b>豫食学堂</b>\n请选择", buttons=((Button("练习", "p:1"), Button("考核", "e:1")), (Button("帮助", "h"),)))
QUESTION = Reply("第 1 题", buttons=((Button("A", "a:0"),),), replaces=True, deadline=DEADLINE)
SCRIPT = {
    "start": Response((HOME,)),
    "p:1": Response((QUESTION,), toast="开始"),
}

HandleFunction = Callable[[Event], Awaitable[Response]]


class Dialogue:
    """A scripted dialogue: knows SCRIPT, repeats other texts, and keeps what it was handed."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def __call__(self, event: Event) -> Response:
        self.events.append(event)
        return SCRIPT.get(event.name) or Response((Reply(f"收到：{event.text}"),))


class Chat:
    """One browser in front of the web chat mounted at /chat/."""

    def __init__(self, client: TestClient, app: web.Application, dialogue: HandleFunction) -> None:
        self.client = client
        self.app = app
        self.dialogue = dialogue
        self.origin = {"Origin": str(client.make_url("/")).rstrip("/")}

    async def visit(self) -> str:
        """Open the page and return the session's token."""
        response = await self.client.get("/chat/")
        assert response.status == 200
        return response.cookies[COOKIE].value

    async def socket(self, **headers: str) -> ClientWebSocketResponse:
        return await self.client.ws_connect("/chat/socket", headers={**self.origin, **headers})

    async def post(self, body: object, **headers: str) -> ClientResponse:
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        headers = {"Content-Type": "application/json", **self.origin, **headers}
        return await self.client.post("/chat/events", data=data, headers=headers)

    async def ask(self, **frame: str) -> dict:
        response = await self.post(frame)
        assert response.status == 200, await response.text()
        return await response.json()

    @property
    def sender(self) -> WebChatSender:
        return webchat_sender(self.app)

    async def reachable(self, count: int) -> frozenset[str]:
        """Let the server run until `count` people are connected."""
        async with asyncio.timeout(5):
            while len(self.sender.reachable()) != count:
                await self.client.get("/chat/nothing")
        return self.sender.reachable()


@asynccontextmanager
async def serving(handle: HandleFunction, *, poll_seconds: float = 25) -> AsyncIterator[Chat]:
    app = init_app(handle, lambda: NOW, poll_seconds=poll_seconds)
    site = web.Application()
    site.add_subapp("/chat/", app)
    async with TestClient(TestServer(site)) as client:
        yield Chat(client, app, handle)


def external_id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# The session
