"""A browser as far as the panel's tests need one: cookies, forms with their tokens, and redirects not followed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape

from aiohttp import web
from aiohttp.test_utils import TestClient
from multidict import CIMultiDictProxy, MultiDict

from tests.admin.world import PASSWORD

_TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
_TAGS = re.compile(r"<[^>]+>")

Fields = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def words(self) -> str:
        """What a person reads: the text without tags, white space collapsed."""
        return " ".join(unescape(_TAGS.sub(" ", self.text)).split())


class Browser:
    def __init__(self, client: TestClient[web.Request, web.Application]) -> None:
        self.client = client

    async def get(self, path: str, **headers: str) -> Reply:
        async with self.client.get(path, allow_redirects=False, headers=headers) as response:
            return await self._reply(response)

    async def post(self, path: str, fields: Fields, **headers: str) -> Reply:
        """Post exactly these fields: a token only if it is among them."""
        async with self.client.post(path, data=MultiDict(fields), allow_redirects=False, headers=headers) as response:
            return await self._reply(response)

    async def token(self, path: str) -> str:
        """The token of the form on a page."""
        found = _TOKEN.search((await self.get(path)).text)
        assert found, f"no form on {path}"
        return found[1]

    async def submit(self, path: str, fields: Fields = (), *, page: str | None = None) -> Reply:
        """Fill in the form on `page` (default: the same address) and send it."""
        form = MultiDict(fields)
        form["csrf_token"] = await self.token(page or path)
        return await self.post(path, form)

    async def sign_in(self, login: str) -> None:
        reply = await self.submit("/admin/sign-in", {"login": login, "password": PASSWORD})
        assert reply.status == 303, reply.words

    def cookie(self, name: str) -> str | None:
        return next((morsel.value for morsel in self.client.session.cookie_jar if morsel.key == name), None)

    @staticmethod
    async def _reply(response: object) -> Reply:
        body = await response.read()  # type: ignore[attr-defined]
        text = body.decode("utf-8", "replace")
        return Reply(response.status, text, response.headers, body)  # type: ignore[attr-defined]
