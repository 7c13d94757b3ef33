"""The database foundation: one engine for SQLite and PostgreSQL, transactions, and the column types all tables share.

SQLite runs in WAL mode with synchronous=FULL, so a committed answer survives power loss; writers take the write
lock at the start (BEGIN IMMEDIATE), so that a read followed by a write never fails half-way with "database is locked".
"""

import asyncio
import datetime as dt
import enum
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import URL, Connection, DateTime, Dialect, Enum, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.types import TypeDecorator

Clock = Callable[[], dt.datetime]
"""Returns the present instant, aware, in UTC. Services are given one; rules are given the instant itself."""

BUSY_TIMEOUT = dt.timedelta(seconds=10)
"""How long an SQLite writer waits for another process's transaction before the person is asked to try again."""

_Result = TypeVar("_Result")


class Turn(enum.IntEnum):
    """Work that processes do one after the other: keys of PostgreSQL's advisory locks."""

    MIGRATE = 7_034_001
    LOAD = 7_034_002


class DatabaseFailure(enum.StrEnum):
    READ_ONLY = "read_only"
    CANNOT_OPEN = "cannot_open"
    LOCKED = "locked"
    DAMAGED = "damaged"
    DISK_FULL = "disk_full"
    NEWER_SCHEMA = "newer_schema"
    UNREACHABLE = "unreachable"
    ADDRESS_INVALID = "address_invalid"


class DatabaseUnavailable(Exception):
    """The database cannot be used; `failure` says why and `place` which one, without its password."""

    def __init__(self, failure: DatabaseFailure, place: str) -> None:
        super().__init__(f"{failure}: {place}")
        self.failure = failure
        self.place = place


def require_aware(moment: dt.datetime) -> dt.datetime:
    """Return `moment` in UTC; raise ValueError for a naive datetime, which would mean a guess about its zone."""
    if moment.utcoffset() is None:
        raise ValueError(f"naive datetime refused: {moment!r}")
    return moment.astimezone(dt.UTC)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An instant: aware datetimes in, aware UTC datetimes out, on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else require_aware(value)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def enum_type(members: type[enum.StrEnum]) -> Enum:
    """A column type that stores an enum's value as short text, so that adding a member needs no migration."""
    return Enum(members, native_enum=False, create_constraint=False, length=32, values_callable=lambda e: [m.value for m in e])


DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def parse_address(url: str) -> URL:
    """Read a database's address; `postgresql://…` and `sqlite://…` get our drivers.

    Raises DatabaseUnavailable(ADDRESS_INVALID), which never repeats an address that may hold a password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseUnavailable(DatabaseFailure.ADDRESS_INVALID, "?") from error
    driver = DRIVERS.get(parsed.drivername, parsed.drivername)
    if driver not in DRIVERS.values():
        raise DatabaseUnavailable(DatabaseFailure.ADDRESS_INVALID, parsed.render_as_string(hide_password=True))
    return parsed.set(drivername=driver)


class Database:
    """Transactions on one database. `reading()` for queries, `transaction()` for anything that writes.

    Raises DatabaseUnavailable(ADDRESS_INVALID) for an address of another kind of database, or none at all.
    """

    def __init__(self, url: str, *, pool_size: int = 8, busy_timeout: dt.timedelta = BUSY_TIMEOUT) -> None:
        self.url = parse_address(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        # In one process writers queue here, in order of arrival; the busy timeout is for other processes.
        self._writers: asyncio.Lock | None = asyncio.Lock() if self.is_sqlite else None
        self.engine = self._create_engine(pool_size, busy_timeout)
        self._writing_engine = self.engine.execution_options(yushi_write=True)

    def _create_engine(self, pool_size: int, busy_timeout: dt.timedelta) -> AsyncEngine:
        if not self.is_sqlite:
            return create_async_engine(self.url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)
        arguments = {"timeout": busy_timeout.total_seconds(), "async_creator_fn": _open_sqlite}
        engine = create_async_engine(self.url, pool_size=pool_size, max_overflow=0, connect_args=arguments)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None for PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @property
    def place(self) -> str:
        """What to call this database in a message: its file, or its address without the password."""
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for queries; nothing it does is kept."""
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed, durably, when the block ends, or wholly undone when it raises."""
        async with (
            self._writers or nullcontext(),
            self._writing_engine.begin() as connection,
            AsyncSession(bind=connection, expire_on_commit=False) as session,
        ):
            yield session
            await session.flush()

    async def run(self, work: Callable[[Connection], _Result]) -> _Result:
        """A transaction for a hot path: `work` runs plain statements one after the other, at half the cost of a session.

        It is committed, durably, when `work` returns, and wholly undone when it raises.
        """

        def whole(connection: Connection) -> _Result:
            with connection.begin():
                return work(connection)

        async with self._writers or nullcontext(), self._writing_engine.connect() as connection:
            return await connection.run_sync(whole)

    async def take_turn(self, session: AsyncSession, turn: Turn) -> None:
        """Wait until no other process does the same work, and keep it to this one until its transaction ends.

        What others committed before is seen afterwards. SQLite's transactions take turns from their beginning anyway.
        """
        if not self.is_sqlite:
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": turn.value})

    async def check_reachable(self) -> None:
        """Raise DatabaseUnavailable with one clear line when the database cannot be opened for writing."""
        try:
            async with self.transaction() as session:
                if self.is_sqlite:  # a header write that changes nothing shows a read-only file or disk at once
                    version = (await session.execute(text("PRAGMA user_version"))).scalar_one()
                    await session.execute(text(f"PRAGMA user_version = {int(version)}"))
                else:
                    await session.execute(text("SELECT 1"))
        except (DBAPIError, OSError) as error:
            raise DatabaseUnavailable(classify_failure(error), self.place) from error

    async def close(self) -> None:
        await self.engine.dispose()


def classify_failure(error: BaseException) -> DatabaseFailure:
    """Read from a driver's error what a person must mend."""
    reason = str(getattr(error, "orig", None) or error).lower()
    for words, failure in _FAILURE_WORDS:
        if any(word in reason for word in words):
            return failure
    return DatabaseFailure.UNREACHABLE


_FAILURE_WORDS = (
    (("readonly", "read-only", "permission denied"), DatabaseFailure.READ_ONLY),
    (("unable to open",), DatabaseFailure.CANNOT_OPEN),
    (("locked", "busy"), DatabaseFailure.LOCKED),
    (("not a database", "malformed"), DatabaseFailure.DAMAGED),
    (("disk is full", "no space left"), DatabaseFailure.DISK_FULL),
)


def is_busy(error: BaseException) -> bool:
    """Whether a database error is a passing one: locked, too many connections, connection lost."""
    if not isinstance(error, DBAPIError):
        return False
    reason = str(error.orig).lower()
    return error.connection_invalidated or any(word in reason for word in ("locked", "busy", "deadlock", "too many"))


async def _open_sqlite(*arguments: Any, **options: Any) -> aiosqlite.Connection:
    """Open a connection and set it up. `options["timeout"]` is its busy timeout in seconds.

    Where that fails, see the connection's thread end, which aiosqlite leaves to print a traceback on a closed loop.
    """
    connection = aiosqlite.connect(*arguments, **options)
    thread = connection._thread
    thread.daemon = True  # as SQLAlchemy would set it
    try:
        await connection
        try:
            await _prepare_sqlite(connection, give_up=asyncio.get_running_loop().time() + options["timeout"])
        except BaseException:
            await connection.close()
            raise
    except BaseException:
        await asyncio.to_thread(thread.join)
        raise
    return connection


async def _prepare_sqlite(connection: aiosqlite.Connection, give_up: float) -> None:
    """Set a new connection up, waiting for others until the event loop's clock says `give_up`."""
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not by the driver
    while True:
        try:
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                await connection.execute(f"PRAGMA {pragma}")
            return
        except sqlite3.OperationalError as error:
            # Turning a new file to WAL answers "locked" at once when another process is at it: SQLite does not wait there.
            if "locked" not in str(error) or asyncio.get_running_loop().time() > give_up:
                raise
            await asyncio.sleep(0.02)


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("yushi_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


__all__ = [
    "AsyncSession",
    "Clock",
    "Database",
    "DatabaseFailure",
    "DatabaseUnavailable",
    "Turn",
    "UtcDateTime",
    "classify_failure",
    "enum_type",
    "is_busy",
    "require_aware",
]
