"""Fixtures of the panel's tests: a filled database made once and copied for each test, and a browser on the mounted panel."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from admin.app import init_app
from question_bank.database import Database
from question_bank.regulations.rules import ArticleNumber
from question_bank.search.evaluation import Case
from question_bank.search.teaching import Teaching
from tests.admin.browser import Browser
from tests.admin.world import World
from tests.conftest import EMPTY, LOADED, run_apart
from tests.question_bank.samples import SAMPLE_LAW, articles, write_law

SMALL_LAW = (
    "食堂的冷藏柜应当张贴温度记录。",
    "成品应当留样，留样不少于四十八小时。",
    "操场跑道每年检修一次。",
    "冷藏柜应当定期除霜清洗。",
)


def _open(path: Path) -> Database:
    return Database(f"sqlite+aiosqlite:///{path}")


def panel_app(world: World, **settings: bool) -> web.Application:
    """The panel mounted at /admin/, as main.py mounts it."""
    root = web.Application()
    panel = init_app(
        accounts=world.accounts,
        people=world.people,
        staff=world.staff,
        assessments=world.assessments,
        results=world.results,
        questions=world.questions,
        regulations=world.regulations,
        reviews=world.bank.reviews,
        teaching=world.bank.teaching,
        clock=world.clock,
        **settings,
    )
    root.add_subapp("/admin/", panel)
    return root


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, sqlite_templates: dict[str, Path]) -> tuple[Path, World]:
    """A database with everything that most tests need, and the world that holds its ids. Never written to again."""
    path = tmp_path_factory.mktemp("panel") / "filled.db"
    shutil.copy(sqlite_templates[LOADED], path)
    world = World(_open(path))

    async def fill() -> None:
        await world.fill()
        await world.database.close()

    run_apart(fill())
    return path, world


@pytest_asyncio.fixture
async def world(filled: tuple[Path, World], tmp_path: Path) -> AsyncIterator[World]:
    source, known = filled
    shutil.copy(source, tmp_path / "panel.db")
    database = _open(tmp_path / "panel.db")
    yield World(database, schools=dict(known.schools), people_ids=dict(known.people_ids))
    await database.close()


@pytest_asyncio.fixture
async def small_world(sqlite_templates: dict[str, Path], tmp_path: Path) -> AsyncIterator[World]:
    """The same people, but one made-up law in place of the real ones, and lessons judged by two questions."""
    shutil.copy(sqlite_templates[EMPTY], tmp_path / "small.db")
    world = World(_open(tmp_path / "small.db"))
    await world.fill()
    await write_law(world.database, articles(*SMALL_LAW))
    cases = [Case("s1", "冷藏柜贴温度", frozenset({(SAMPLE_LAW, ArticleNumber(1))})), Case("s2", "火箭发射", frozenset())]
    cases += [Case("s3", "冷藏柜清洗除霜", frozenset({(SAMPLE_LAW, ArticleNumber(4))}))]
    teaching = Teaching(world.database, world.bank.search, world.clock, lambda: cases)
    world.bank = replace(world.bank, teaching=teaching)
    yield world
    await world.database.close()


@pytest_asyncio.fixture
async def small_browser(small_world: World) -> AsyncIterator[Browser]:
    """A trainer's browser on the small world."""
    async with TestClient(TestServer(panel_app(small_world))) as client:
        browser = Browser(client)
        await browser.sign_in("trainer")
        yield browser


@pytest_asyncio.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    """A browser that is not signed in."""
    async with TestClient(TestServer(panel_app(world))) as client:
        yield Browser(client)
