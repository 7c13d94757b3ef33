"""Fixtures of the panel's tests: a filled database made once and copied for each test, and a browser on the mounted panel."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from admin.app import init_app
from question_bank.database import Database
from tests.admin.browser import Browser
from tests.admin.world import World
from tests.conftest import LOADED, run_apart


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
async def browser(world: World) -> AsyncIterator[Browser]:
    """A browser that is not signed in."""
    async with TestClient(TestServer(panel_app(world))) as client:
        yield Browser(client)
