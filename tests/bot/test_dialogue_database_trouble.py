"""When the database is locked, gone or refuses: the person is told that nothing was saved, and no traceback tells about them."""

import datetime as dt
import sqlite3
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from structlog.testing import capture_logs

from bot.dialogue.dialogue import Dialogue
from exam.people.rules import Channel
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.wiring import QuestionBank
from tests import factories
from tests.bot.conftest import build_dialogue
from tests.bot.talk import Talker
from tests.factories import School
from tests.fakes import FakeClock

BUSY = "系统正忙，刚才这一步没有保存。请稍等几秒再试一次。"
FAILED = "抱歉，系统出了点问题，刚才这一步没有保存。请再试一次；如果还不行，请告诉管理员。"
SECRET = "张三13800000000"


async def everything(talker: Talker) -> list[str]:
    """What a person hears who says and taps all kinds of things."""
    return [
        await talker.command("start"),
        await talker.command("start", "K7QM-2XRD"),
        await talker.command("practice"),
        await talker.command("exam"),
        await talker.say(SECRET),
        await talker.forge("t:1:1:c:0:0"),
        await talker.forge("go:1:0"),
        await talker.sticker(),
    ]


@pytest.fixture
async def impatient(database: Database) -> AsyncIterator[Database]:
    """The same database for a program that does not wait for others."""
    other = Database(database.url.render_as_string(hide_password=False), busy_timeout=dt.timedelta(0))
    yield other
    await other.close()


async def sit(exam: Exam, talker: Talker) -> None:
    await factories.open_round(exam, await factories.add_administrator(exam))
    await talker.command("exam")
    await talker.tap("现在开始")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_an_answer_on_a_locked_database_is_said_not_to_be_saved_and_counts_when_tapped_again(
    exam: Exam, database: Database, impatient: Database, member: Callable[..., Any], clock: FakeClock
) -> None:
    talker = await member()
    await sit(exam, talker)
    question = talker.last
    bank = QuestionBank.build(impatient, clock)
    hurried = Talker(build_dialogue(Exam.build(impatient, bank, clock), bank, clock), clock)
    other_program = sqlite3.connect(str(database.path), isolation_level=None)
    other_program.execute("BEGIN IMMEDIATE")
    try:
        with capture_logs() as logs:
            assert await hurried.tap("A", on=question) == BUSY
        assert hurried.last.reply.replaces is False, "the question stays on the screen to be tapped again"
        assert "第 1/5 题" in await hurried.forge("q:1:1"), "reading goes on"
    finally:
        other_program.execute("ROLLBACK")
        other_program.close()
    assert [(entry["event"], entry["passing"]) for entry in logs] == [("dialogue_failed", True)]
    assert "第 2/5 题" in await talker.tap("A", on=question)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_database_that_went_away_is_told_kindly_and_logged_without_what_was_said(
    database: Database, dialogue: Dialogue, school: School, member: Callable[..., Any]
) -> None:
    talker = await member()
    await database.close()
    assert database.path is not None
    for path in database.path.parent.glob("yushi.db*"):
        path.unlink()
    with capture_logs() as logs:
        assert await everything(talker) == [FAILED] * 8
    assert {entry["event"] for entry in logs} == {"dialogue_failed"}
    assert all(SECRET not in str(entry) and "K7QM" not in str(entry) for entry in logs)
    assert all("exc_info" not in entry for entry in logs)


async def test_a_server_out_of_reach_is_told_kindly(clock: FakeClock) -> None:
    gone = Database("postgresql+asyncpg://nobody@127.0.0.1:1/yushi")
    bank = QuestionBank.build(gone, clock)
    talker = Talker(build_dialogue(Exam.build(gone, bank, clock), bank, clock), clock, Channel.WEBCHAT)
    with capture_logs() as logs:
        assert await everything(talker) == [BUSY] * 8
    assert len(logs) == 8
    assert SECRET not in str(logs)
    await gone.close()


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_a_server_that_refuses_is_told_kindly_and_serves_again_when_it_is_back(
    exam: Exam, database: Database, member: Callable[..., Any], postgres_url: str
) -> None:
    talker = await member()
    await sit(exam, talker)
    question, name = talker.last, database.url.database
    server = create_async_engine(f"{postgres_url}/postgres", isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        await connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        await connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"))
        with capture_logs() as logs:
            assert set(await everything(talker)) <= {BUSY, FAILED}
        assert "第 1/5 题" not in await talker.tap("A", on=question)
        await connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
    await server.dispose()
    assert SECRET not in str(logs)
    assert "第 2/5 题" in await talker.tap("A", on=question)
