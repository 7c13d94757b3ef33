"""A browser without scripts before the panel: it follows links, fills in forms as they stand, and reads tables."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

import aiohttp
from yarl import URL

Fields = list[tuple[str, str]]


@dataclass
class Page:
    """A page that was read. A row of a table is a dict: the cell's label (data-label) to its text; "" is the row's heading."""

    url: URL
    status: int
    text: str = ""
    fields: Fields = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)

    def row(self, heading: str) -> dict[str, str]:
        """The row of this heading."""
        found = [row for row in self.rows if row.get("") == heading]
        assert len(found) == 1, f"{len(found)} rows {heading!r} on {self.url}"
        return found[0]


class _Reader(HTMLParser):
    """What would be sent with the page's last form, its text, and its tables' rows."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self._select: str | None = None
        self._cell: str | None = None
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        match tag:
            case "form":
                self.page.fields.clear()
            case "input" if name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
                self.page.fields.append((name, given.get("value") or ""))
            case "select":
                self._select = name
            case "option" if self._select and "selected" in given:
                self.page.fields.append((self._select, given.get("value") or ""))
            case "tr":
                self.page.rows.append({})
            case "td" | "th" if self.page.rows:
                self._cell = given.get("data-label") or ("" if given.get("scope") == "row" else None)
                if self._cell is not None:
                    self.page.rows[-1][self._cell] = ""
            case "style" | "script" | "svg":
                self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "select":
                self._select = None
            case "td" | "th":
                self._cell = None
            case "style" | "script" | "svg":
                self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self.page.text += data
        if self._cell is not None and self.page.rows:
            row = self.page.rows[-1]
            row[self._cell] = " ".join(f"{row[self._cell]} {data}".split())


class Panel:
    """One browser with its cookies. `page` is the page it stands on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.page = Page(URL(url), 0)
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def open(self, path: str, **query: str) -> Page:
        """Go to a page of the panel, such as "pass-rates"."""
        return await self._take(self._session.get(f"{self.url}/admin/{path}", params=query))

    async def download(self, path: str, **query: str) -> bytes:
        async with self._session.get(f"{self.url}/admin/{path}", params=query) as response:
            assert response.status == 200
            assert response.headers["Content-Disposition"].startswith("attachment")
            return await response.read()

    def filled_in(self, changes: Mapping[str, str | Sequence[str]], *, emptied: str = "$") -> Fields:
        """The page's last form with some fields filled in anew (a list ticks several); names that begin with the
        pattern `emptied` are emptied first."""
        kept = [(name, value) for name, value in self.page.fields if name not in changes]
        fields = [(name, "" if re.match(emptied, name) else value) for name, value in kept]
        for name, value in changes.items():
            fields += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        return fields

    async def send(self, fields: Fields) -> Page:
        """Send the page's form."""
        return await self._take(self._session.post(self.page.url.with_query(None), data=fields))

    async def sign_in(self, login: str, password: str) -> None:
        await self.open("sign-in")
        page = await self.send(self.filled_in({"login": login, "password": password}))
        assert page.status == 200, page.text
        assert page.url.path == "/admin/"

    async def _take(self, request: "aiohttp.client._RequestContextManager") -> Page:
        async with request as response:
            self.page = Page(response.url, response.status)
            _Reader(self.page).feed(await response.text())
        return self.page
