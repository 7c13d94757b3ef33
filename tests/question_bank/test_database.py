"""Transactions, instants and SQLite's settings, on real databases."""

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from question_bank.database import Database, require_aware
from question_bank.regulations.tables import Article
from question_bank.search.storage import note_unanswered
from question_bank.search.tables import UnansweredQuestion
from tests.fakes import START

LOCK_HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement)
print("ready", flush=True)
sys.stdin.read()
"""
INSERT = (
    "INSERT INTO unanswered_question (question, times, first_asked_at, last_asked_at)"
    " VALUES ('{}', 1, '2026-01-01', '2026-01-01')"
)


@contextmanager
def other_process(path: Path, *statements: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that has run these statements on an SQLite file and keeps its connection until stdin closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", LOCK_HOLDER, path, *statements], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process


def entry(question: str, at: dt.datetime = START) -> UnansweredQuestion:
    return UnansweredQuestion(question=question, times=1, first_asked_at=at, last_asked_at=at)


async def questions_in(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(select(UnansweredQuestion.question).order_by(UnansweredQuestion.question)))


async def test_a_transaction_commits_what_was_only_added(empty_database: Database) -> None:
    async with empty_database.transaction() as session:
        session.add(entry("甲"))
    assert await questions_in(empty_database) == ["甲"]


async def test_a_transaction_that_raises_leaves_nothing(empty_database: Database) -> None:
    async def write_and_fail() -> None:
        async with empty_database.transaction() as session:
            session.add(entry("甲"))
            await session.flush()
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        await write_and_fail()
    assert await questions_in(empty_database) == []


async def test_plain_work_is_committed_or_wholly_undone_too(empty_database: Database) -> None:
    def write(connection: Connection, question: str) -> str:
        connection.execute(text(INSERT.format(question)))
        return f"wrote {question}"

    def write_and_fail(connection: Connection) -> None:
        write(connection, "乙")
        raise RuntimeError("half-way")

    assert await empty_database.run(lambda connection: write(connection, "甲")) == "wrote 甲"
    with pytest.raises(RuntimeError, match="half-way"):
        await empty_database.run(write_and_fail)
    assert await questions_in(empty_database) == ["甲"]
    async with empty_database.transaction() as session:  # the connection came back in order
        session.add(entry("丙"))
    assert await questions_in(empty_database) == ["丙", "甲"]


async def test_what_a_reading_session_writes_is_not_kept(empty_database: Database) -> None:
    async with empty_database.reading() as session:
        session.add(entry("甲"))
        await session.flush()
    assert await questions_in(empty_database) == []


async def test_a_naive_datetime_is_refused_and_nothing_is_written(empty_database: Database) -> None:
    with pytest.raises(StatementError, match="naive datetime refused"):
        async with empty_database.transaction() as session:
            session.add(entry("甲", START.replace(tzinfo=None)))
    assert await questions_in(empty_database) == []


async def test_an_instant_of_any_zone_comes_back_in_utc(empty_database: Database) -> None:
    in_china = dt.datetime(2026, 11, 25, 0, 30, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    async with empty_database.transaction() as session:
        session.add(entry("甲", in_china))
    async with empty_database.reading() as session:
        found = (await session.scalars(select(UnansweredQuestion.first_asked_at))).one()
    assert found.isoformat() == "2026-11-24T16:30:00.123456+00:00"


def test_an_instant_without_an_offset_is_naive_whatever_its_zone_is_called() -> None:
    class Nowhere(dt.tzinfo):
        def utcoffset(self, moment: dt.datetime | None) -> None:
            return None

    for naive in (dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=Nowhere())):  # noqa: DTZ001
        with pytest.raises(ValueError, match="naive datetime refused"):
            require_aware(naive)
    assert require_aware(START) == START


async def test_foreign_keys_are_enforced(empty_database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with empty_database.transaction() as session:
            session.add(Article(version_id=1, number=1, suffix=0, label="第一条", chapter=None, section=None, paragraphs=[]))


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_sqlite_survives_power_loss_and_checks_references(empty_database: Database) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    async with empty_database.reading() as one, empty_database.reading() as two, empty_database.transaction() as three:
        for session in (one, two, three):  # three connections of the pool
            settings = {name: (await session.execute(text(f"PRAGMA {name}"))).scalar_one() for name in expected}
            assert settings == expected


async def test_concurrent_writers_queue_and_none_is_lost(empty_database: Database) -> None:
    async def ask() -> None:
        async with empty_database.transaction() as session:
            await note_unanswered(session, "甲", START)

    def ask_plainly(connection: Connection) -> None:
        connection.execute(text("UPDATE unanswered_question SET times = times + 1"))

    await ask()
    await asyncio.gather(*(ask() for _ in range(14)), *(empty_database.run(ask_plainly) for _ in range(15)))
    async with empty_database.reading() as session:
        assert (await session.scalars(select(UnansweredQuestion.times))).all() == [30]


async def test_two_sqlite_processes_that_read_and_then_write_do_not_collide(sqlite_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{sqlite_path}"
    databases = [Database(url), Database(url)]  # as two processes: neither knows of the other's queue
    async with databases[0].transaction() as session:
        session.add(entry("甲"))

    async def count_up(database: Database) -> None:
        async with database.transaction() as session:
            times = (await session.scalars(select(UnansweredQuestion.times))).one()
            await session.execute(update(UnansweredQuestion).values(times=times + 1))

    def count_up_plainly(connection: Connection) -> None:
        times = connection.execute(select(UnansweredQuestion.times)).scalar_one()
        connection.execute(update(UnansweredQuestion).values(times=times + 1))

    work = [*(count_up(database) for database in databases * 5), *(database.run(count_up_plainly) for database in databases * 5)]
    await asyncio.gather(*work)
    async with databases[0].reading() as session:
        assert (await session.scalars(select(UnansweredQuestion.times))).one() == 21
    for database in databases:
        await database.close()


async def test_a_writer_waits_while_another_process_writes_and_readers_do_not(sqlite_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{sqlite_path}")

    async def write() -> None:
        async with database.transaction() as session:
            session.add(entry("乙"))

    with other_process(sqlite_path, "BEGIN IMMEDIATE", INSERT.format("甲"), "SAVEPOINT later") as holder:
        writing = asyncio.create_task(write())
        assert await questions_in(database) == [], "a reader sees what is committed, at once"
        done, _ = await asyncio.wait({writing}, timeout=0.1)
        assert not done
        holder.kill()
    await writing
    assert await questions_in(database) == ["乙"]
    await database.close()


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is not known on Windows")
async def test_a_killed_process_keeps_what_it_committed_and_nothing_else(sqlite_path: Path) -> None:
    with other_process(sqlite_path, INSERT.format("甲"), "BEGIN IMMEDIATE", INSERT.format("乙")) as process:
        process.send_signal(signal.SIGKILL)
    database = Database(f"sqlite+aiosqlite:///{sqlite_path}")
    assert await questions_in(database) == ["甲"]
    async with database.reading() as session:
        assert (await session.execute(text("PRAGMA integrity_check"))).scalar_one() == "ok"
        assert (await session.execute(select(func.count()).select_from(UnansweredQuestion))).scalar_one() == 1
    await database.close()
