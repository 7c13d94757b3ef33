"""Fixtures of the exam's tests: a second process on the same database, and on PostgreSQL one database that is emptied before each
test (a copy of the template takes 0.2 s, emptying a few milliseconds; laws and questions are only read here)."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import hypothesis
import pytest
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

from exam.people.rules import Actor
from exam.wiring import Exam
from question_bank.database import Clock, Database
from question_bank.wiring import QuestionBank
from tests import factories
from tests.conftest import LOADED, fresh_url, run_apart

_OURS = "yushi_test_exam"

hypothesis.settings.register_profile(
    "yushi", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)  # a busy machine is no fault
hypothesis.settings.load_profile("yushi")


@pytest.fixture(scope="session")
def shared_postgres_url(postgres_url: str, postgres_templates: dict[str, str]) -> Iterator[str]:
    """A database with the laws and the shipped questions that the tests of this package use one after the other."""
    run_apart(_run(f"{postgres_url}/postgres", f'DROP DATABASE IF EXISTS "{_OURS}" WITH (FORCE)'))
    run_apart(_run(f"{postgres_url}/postgres", f'CREATE DATABASE "{_OURS}" TEMPLATE "{postgres_templates[LOADED]}"'))
    yield f"{postgres_url}/{_OURS}"
    run_apart(_run(f"{postgres_url}/postgres", f'DROP DATABASE "{_OURS}" WITH (FORCE)'))


@pytest.fixture
async def database_url(request: pytest.FixtureRequest, engine: str) -> AsyncIterator[str]:
    if engine == "sqlite":
        async with fresh_url(request, engine, LOADED) as url:
            yield url
        return
    url = request.getfixturevalue("shared_postgres_url")
    ours = {str(model.__tablename__) for model in SQLModel.__subclasses__() if model.__module__.startswith("exam.")}
    emptied = [f'DELETE FROM "{table.name}";' for table in reversed(SQLModel.metadata.sorted_tables) if table.name in ours]
    await _run(url, "SET lock_timeout = '5s';" + "".join(emptied))
    yield url


async def _run(url: str, statements: str) -> None:
    parsed = make_url(url)
    connection = await asyncpg.connect(
        host=parsed.host, port=parsed.port, user=parsed.username, password=parsed.password, database=parsed.database
    )
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def kept() -> dict[str, Database]:
    """PostgreSQL's Database objects: kept, each with new connections in each test, so that a statement is compiled once."""
    return {}


@pytest.fixture
async def database(database_url: str, engine: str, kept: dict[str, Database]) -> AsyncIterator[Database]:
    database = Database(database_url) if engine == "sqlite" else kept.setdefault("first", Database(database_url))
    yield database
    await database.close()


@pytest.fixture
async def second(database_url: str, engine: str, kept: dict[str, Database], clock: Clock) -> AsyncIterator[Exam]:
    """The services as another process has them: connections and caches of its own, on the same database."""
    database = Database(database_url) if engine == "sqlite" else kept.setdefault("second", Database(database_url))
    yield Exam.build(database, QuestionBank.build(database, clock), clock)
    await database.close()


@pytest.fixture
async def administrator(exam: Exam) -> Actor:
    """Somebody who may do everything, in Zhengzhou."""
    await factories.add_regions(exam)
    return await factories.add_administrator(exam)
