"""Fixtures: every test that touches a database gets its own, on SQLite and on PostgreSQL, copied from a migrated template."""

import asyncio
import contextlib
import itertools
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from exam.wiring import Exam
from question_bank.database import Clock, Database
from question_bank.schema import upgrade
from question_bank.wiring import QuestionBank
from tests.fakes import START, FakeClock
from tests.postgres import running_postgres

EMPTY, LOADED = "empty", "loaded"
_numbers = itertools.count(1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Migrated SQLite files: one empty, one with the laws and the shipped questions."""
    folder = tmp_path_factory.mktemp("templates")
    paths = {name: folder / f"{name}.db" for name in (EMPTY, LOADED)}
    for name, path in paths.items():
        run_apart(_fill(f"sqlite+aiosqlite:///{path}", load=name == LOADED))
    return paths


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A running PostgreSQL, without a database name."""
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_templates(postgres_url: str) -> dict[str, str]:
    """Names of migrated PostgreSQL databases, as `sqlite_templates`."""
    names = {name: f"yushi_template_{name}" for name in (EMPTY, LOADED)}
    for name, database in names.items():
        run_apart(_postgres(postgres_url, f'DROP DATABASE IF EXISTS "{database}"', f'CREATE DATABASE "{database}"'))
        run_apart(_fill(f"{postgres_url}/{database}", load=name == LOADED))
    return names


def run_apart(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in a thread with a loop of its own: session fixtures are asked for while a test's loop runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _fill(url: str, *, load: bool) -> None:
    database = Database(url)
    await upgrade(database)
    if load:
        await QuestionBank.build(database, lambda: START).load_shipped()
    await database.close()


async def _postgres(url: str, *statements: str) -> None:
    parsed = make_url(url)
    connection = await asyncpg.connect(
        host=parsed.host, port=parsed.port, user=parsed.username, password=parsed.password, database="postgres"
    )
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def fresh_url(request: pytest.FixtureRequest, engine: str, template: str) -> AsyncIterator[str]:
    """The URL of a database of one's own, a copy of a template, on one of the two engines."""
    if engine == "sqlite":
        path = request.getfixturevalue("tmp_path") / "yushi.db"
        shutil.copy(request.getfixturevalue("sqlite_templates")[template], path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    server, source = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_templates")[template]
    name = f"yushi_test_{next(_numbers)}"
    await _postgres(server, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    try:
        yield f"{server}/{name}"
    finally:
        await _postgres(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Everything that uses it runs on both engines."""
    return str(request.param)


@pytest.fixture
async def database_url(request: pytest.FixtureRequest, engine: str) -> AsyncIterator[str]:
    """A database with the laws and the shipped questions in it."""
    async with fresh_url(request, engine, LOADED) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def empty_database(request: pytest.FixtureRequest, engine: str) -> AsyncIterator[Database]:
    """A migrated database with nothing in it."""
    async with fresh_url(request, engine, EMPTY) as url:
        database = Database(url)
        yield database
        await database.close()


@pytest.fixture
def bank(database: Database, clock: Clock) -> QuestionBank:
    return QuestionBank.build(database, clock)


@pytest.fixture
def exam(database: Database, bank: QuestionBank, clock: Clock) -> Exam:
    return Exam.build(database, bank, clock)
