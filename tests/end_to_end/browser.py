"""A real Chromium before the service: it notes whatever a console, a failed request or a foreign host would betray."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Request, ViewportSize, async_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir><cachedir>{cache}</cachedir>
  <alias binding="same"><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <match target="pattern"><edit name="family" mode="append_last"><string>Noto Sans SC</string></edit></match>
</fontconfig>
"""


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def write_font_settings(folder: Path) -> Path:
    """Settings under which the fonts of the package pylopdf-fonts-zh-cn are the only ones: the same pictures everywhere."""
    spec = find_spec("pylopdf_fonts_zh_cn")
    assert spec is not None
    assert spec.submodule_search_locations
    settings = folder / "fonts.conf"
    settings.write_text(_FONTS.format(fonts=spec.submodule_search_locations[0], cache=folder / "font-cache"))
    return settings


@asynccontextmanager
async def running_browser(executable: str, folder: Path) -> AsyncIterator[Browser]:
    """A Chromium with Chinese fonts; `folder` is for its settings."""
    environment = {**os.environ, "FONTCONFIG_FILE": str(write_font_settings(folder))}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS, env=environment)
        yield browser
        await browser.close()


class Watch:
    """What went wrong on the pages it watches: console errors and warnings, exceptions, failed or foreign requests."""

    def __init__(self, url: str) -> None:
        self.trouble: list[str] = []
        self._place = urlsplit(url).netloc

    def over(self, page: Page) -> Page:
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.trouble.append(f"exception: {error}"))
        page.on("request", lambda request: self._note_place(request.url))
        page.on("websocket", lambda socket: self._note_place(socket.url))
        page.on("requestfailed", self._note_failure)
        return page

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.trouble.append(f"console: {message.text}")

    def _note_place(self, url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).netloc != self._place:
            self.trouble.append(f"foreign: {url}")

    def _note_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a download, or a page left while it was asking
            self.trouble.append(f"failed: {request.url} {request.failure}")


class PhonePage:
    """The web chat on a phone, as a finger and an eye use it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def say(self, text: str) -> None:
        await self.page.get_by_label("输入消息").fill(text)
        await self.page.get_by_role("button", name="发送").click()

    async def see(self, words: str) -> str:
        """Wait for a message with these words; returns the newest such message's text."""
        message = self.page.locator(".message.theirs", has_text=words).last
        await message.wait_for()
        return await message.locator(".bubble").inner_text()

    async def tap(self, words: str) -> None:
        """Tap the newest button that begins with these words."""
        button = self.page.locator(".message.theirs .choice").filter(has_text=_beginning(words)).last
        await button.click()


def _beginning(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(words)}")
