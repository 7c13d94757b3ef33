"""What is wrong with a database is told apart, so that a person hears what to mend. Every failure here is a real one."""

import asyncio
import datetime as dt
import gc
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from question_bank.database import Database, DatabaseFailure, DatabaseUnavailable, classify_failure, is_busy
from question_bank.schema import upgrade
from tests.question_bank.test_database import entry, other_process

Opening = Callable[..., Database]


@pytest.fixture
async def opening() -> AsyncIterator[Opening]:
    """Opens databases by URL and closes them when the test is over."""
    opened: list[Database] = []

    def open_database(url: str, **options: object) -> Database:
        opened.append(Database(url, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_database
    for database in opened:
        await database.close()


async def failure_of(database: Database) -> DatabaseFailure:
    """How the check at the start sees it, which must be how migrating sees it too."""
    with pytest.raises(DatabaseUnavailable) as checked:
        await database.check_reachable()
    assert checked.value.place == database.place
    return checked.value.failure


async def test_a_database_in_order_is_reachable(database: Database) -> None:
    await database.check_reachable()


async def test_a_lock_held_longer_than_the_busy_timeout(sqlite_path: Path, opening: Opening) -> None:
    url = f"sqlite+aiosqlite:///{sqlite_path}"
    impatient = opening(url, busy_timeout=dt.timedelta(milliseconds=50))
    with other_process(sqlite_path, "BEGIN IMMEDIATE"):
        assert await failure_of(impatient) is DatabaseFailure.LOCKED
        with pytest.raises(DBAPIError) as refused:
            async with impatient.transaction():
                pass
        assert is_busy(refused.value), "the person is asked to try again"
    await impatient.check_reachable()  # the next try, after the other process ended


@pytest.mark.parametrize("options", ["mode=ro", "immutable=1"])
async def test_a_read_only_file(sqlite_path: Path, opening: Opening, options: str) -> None:
    # By URI and not by permissions: those do not bind root, as whom containers run tests.
    with other_process(sqlite_path, "SELECT 1 FROM alembic_version"):  # mode=ro needs somebody's shared memory file
        database = opening(f"sqlite+aiosqlite:///file:{sqlite_path}?{options}&uri=true")
        assert await failure_of(database) is DatabaseFailure.READ_ONLY
        assert await upgrade(database) is False, "there is nothing to migrate, so nothing to refuse"


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"this is not a database at all, but long enough to look at " * 20,
        lambda whole: whole[:100] + b"\xff" * 4000,
    ],
    ids=["text", "damaged-pages"],
)
def test_a_damaged_file(sqlite_path: Path, damage: Callable[[bytes], bytes]) -> None:
    async def migrate() -> None:
        database = Database(f"sqlite+aiosqlite:///{sqlite_path}")
        try:
            await upgrade(database)
        finally:
            await database.close()

    sqlite_path.write_bytes(damage(sqlite_path.read_bytes()))
    before = sqlite_path.read_bytes()
    with pytest.raises(DatabaseUnavailable) as refused:
        asyncio.run(migrate())
    gc.collect()  # a connection that was not closed is complained of here
    assert refused.value.failure is DatabaseFailure.DAMAGED
    assert refused.value.place == str(sqlite_path)
    assert sqlite_path.read_bytes() == before


async def test_a_missing_folder_and_a_folder_in_place_of_a_file(tmp_path: Path, opening: Opening) -> None:
    for path in (tmp_path / "missing" / "yushi.db", tmp_path):
        database = opening(f"sqlite+aiosqlite:///{path}")
        assert await failure_of(database) is DatabaseFailure.CANNOT_OPEN
        workers = [thread.name for thread in threading.enumerate() if "connection_worker" in thread.name]
        assert workers == [], "a thread left behind prints a traceback when the loop is closed"
        with pytest.raises(DatabaseUnavailable) as refused:
            await upgrade(database)
        assert refused.value.failure is DatabaseFailure.CANNOT_OPEN
    assert not (tmp_path / "missing").exists()


async def test_a_full_disk(sqlite_path: Path, opening: Opening) -> None:
    database = opening(f"sqlite+aiosqlite:///{sqlite_path}")

    async def fill() -> None:
        async with database.transaction() as session:
            await session.execute(text("PRAGMA max_page_count = 1"))  # SQLite keeps the present size as the limit
            session.add(entry("长" * 1_000_000))

    with pytest.raises(DBAPIError) as refused:
        await fill()
    assert classify_failure(refused.value) is DatabaseFailure.DISK_FULL


async def test_a_server_that_is_not_there_is_named_without_its_password(opening: Opening) -> None:
    database = opening("postgresql+asyncpg://yushi:s3cret@127.0.0.1:1/yushi")
    assert await failure_of(database) is DatabaseFailure.UNREACHABLE
    assert database.place == "postgresql+asyncpg://yushi:***@127.0.0.1:1/yushi"
    with pytest.raises(DatabaseUnavailable) as refused:
        await upgrade(database)
    assert "s3cret" not in str(refused.value)


async def test_a_server_without_our_database_and_one_that_only_reads(postgres_url: str, opening: Opening) -> None:
    assert await failure_of(opening(f"{postgres_url}/no_such_database")) is DatabaseFailure.UNREACHABLE
    reader = opening(f"{postgres_url}/postgres")

    async def write() -> None:
        async with reader.transaction() as session:
            await session.execute(text("SET TRANSACTION READ ONLY"))
            await session.execute(text("CREATE TABLE anything (id integer)"))

    with pytest.raises(DBAPIError) as refused:
        await write()
    assert classify_failure(refused.value) is DatabaseFailure.READ_ONLY
    assert not is_busy(refused.value)
