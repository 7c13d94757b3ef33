import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog.testing import capture_logs

from admin.errors import errors_middleware
from question_bank.database import DatabaseFailure, DatabaseUnavailable
from tests.admin.browser import Browser
from tests.admin.conftest import panel_app
from tests.admin.world import World

SECRET = "张三的秘密"
BUSY = OperationalError("SELECT 1", {"name": SECRET}, Exception("database is locked"))


def _fail(world: World, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    async def fail(*args: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(world.people, "list_organisations", fail)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "error",
    [
        BUSY,
        DBAPIError("SELECT 1", {"name": SECRET}, Exception("disk I/O error")),
        PoolTimeout(SECRET),
        DatabaseUnavailable(DatabaseFailure.LOCKED, SECRET),
        ConnectionRefusedError(SECRET),
    ],
)
async def test_trouble_with_the_database_asks_to_try_again(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    await browser.sign_in("admin")
    _fail(world, monkeypatch, error)
    with capture_logs() as logs:
        reply = await browser.get("/admin/people")
    assert reply.status == 503
    assert "系统正忙，请稍后再试，已填的内容没有保存" in reply.words
    assert reply.headers["Retry-After"] == "5"
    assert SECRET not in reply.text
    assert SECRET not in str(logs)
    assert logs[0]["error"] == type(error).__name__


@pytest.mark.asyncio
async def test_trouble_while_finding_the_session_is_calm_too(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.sign_in("admin")

    async def fail(token: str) -> None:
        raise BUSY

    monkeypatch.setattr(world.accounts, "find_session", fail)
    for path in ("/admin/", "/admin/sign-in"):
        reply = await browser.get(path)
        assert reply.status == 503
        assert "系统正忙" in reply.words


@pytest.mark.asyncio
async def test_the_unexpected_shows_no_traceback_and_logs_nothing_personal(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.sign_in("admin")
    _fail(world, monkeypatch, RuntimeError(SECRET))
    with capture_logs() as logs:
        reply = await browser.get("/admin/people")
    assert reply.status == 500
    assert "出了点问题" in reply.words
    for text in (reply.text, str(logs)):
        assert SECRET not in text
    assert "Traceback" not in reply.text
    (log,) = logs
    assert (log["event"], log["route"], log["error"]) == ("panel_failed", "people", "RuntimeError")
    assert any("people.py" in place for place in log["where"])


@pytest.mark.asyncio
async def test_cancelling_is_not_swallowed(browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await errors_middleware(None, handler)  # type: ignore[arg-type]


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/admin/nothing", "/admin/static/../app.py", "/admin/%00"])
async def test_an_unknown_page_is_not_found_for_strangers_and_for_people_signed_in(
    browser: Browser, world: World, path: str
) -> None:
    stranger = await browser.get(path)
    assert stranger.status == 404
    assert "没有找到" in stranger.words
    assert "去登录" in stranger.words
    await browser.sign_in("trainer")
    assert "没有找到" in (await browser.get(path)).words
    assert (await browser.get("/admin/static/nothing.js")).status == 404


@pytest.mark.asyncio
async def test_a_wrong_method_is_refused_in_words(browser: Browser, world: World) -> None:
    await browser.sign_in("admin")
    reply = await browser.get("/admin/sign-out")
    assert reply.status == 405
    assert reply.headers["Allow"] == "POST"
    async with browser.client.delete("/admin/people") as response:
        assert response.status == 405


@pytest.mark.asyncio
async def test_the_body_limit_is_the_panels_own_whatever_the_application_around_it_allows(world: World) -> None:
    root = web.Application(client_max_size=10)
    panel = panel_app(world)
    root.add_subapp("/outer/", panel)
    async with TestClient(TestServer(root)) as client:
        async with client.get("/outer/admin/sign-in") as response:
            text = await response.text()
        token = text.split('name="csrf_token" value="')[1].split('"')[0]
        assert 'action="/outer/admin/sign-in"' in text, "addresses follow wherever the panel is mounted"
        fields = {"login": "admin", "password": "x" * 40_000, "csrf_token": token}
        async with client.post("/outer/admin/sign-in", data=fields) as response:
            assert response.status == 422
        async with client.post("/outer/admin/sign-in", data=fields | {"password": "x" * 70_000}) as response:
            assert response.status == 413
