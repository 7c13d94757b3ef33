"""Notices go out once, whatever number of processes deliver them and whenever one of them dies."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from bot.delivery.outbox import BATCH, Outbox
from bot.delivery.senders import DeliveryFailed
from bot.dialogue.dialogue import Dialogue
from bot.webchat.presence import NotConnected
from exam.attempts.service import AttemptNotFound
from exam.notices.rules import LEASE, MAX_TRIES, NoticeState
from exam.notices.tables import Notice
from exam.people.rules import Channel
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.wiring import QuestionBank
from tests import factories
from tests.bot.conftest import build_dialogue
from tests.bot.fakes import KeepingSender
from tests.factories import School
from tests.fakes import FakeClock

SECOND = dt.timedelta(seconds=1)
on_one_engine = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For what happens outside of the database."""


@pytest.fixture
async def drawn(exam: Exam, school: School, member: Callable[..., Any]) -> list[str]:
    """Three people of a school who have joined by Telegram and were just drawn; their external ids."""
    talkers = [await member(number) for number in range(3)]
    await factories.open_round(exam, await factories.add_administrator(exam))
    return [talker.identity.external_id for talker in talkers]


@pytest.fixture
def outbox(exam: Exam, dialogue: Dialogue) -> Outbox:
    return Outbox(exam.notices, dialogue.word_notice)


@pytest.fixture
async def other_outbox(database_url: str, clock: FakeClock) -> AsyncIterator[Outbox]:
    """The outbox of another process."""
    database = Database(database_url)
    bank = QuestionBank.build(database, clock)
    exam = Exam.build(database, bank, clock)
    yield Outbox(exam.notices, build_dialogue(exam, bank, clock).word_notice)
    await database.close()


async def notices(database: Database) -> list[Notice]:
    async with database.reading() as session:
        return list((await session.scalars(select(Notice).order_by(Notice.person_id))).all())


def told(*senders: KeepingSender) -> list[str]:
    return sorted(external_id for sender in senders for external_id, _ in sender.sent)


async def test_two_processes_deliver_each_notice_once(
    exam: Exam, school: School, outbox: Outbox, other_outbox: Outbox, database: Database, clock: FakeClock
) -> None:
    crowd = await factories.add_school(exam, "大校", 40)
    for person_id in crowd.people:
        await exam.people.join(Channel.TELEGRAM, f"c{person_id}", await exam.people.issue_join_code(person_id))
    await factories.open_round(exam, await factories.add_administrator(exam))
    here, there = KeepingSender(Channel.TELEGRAM), KeepingSender(Channel.TELEGRAM)
    for _ in range(3):
        await asyncio.gather(outbox.deliver([here]), other_outbox.deliver([there]))
    assert told(here, there) == sorted(f"c{person_id}" for person_id in crowd.people)
    sent = [notice for notice in await notices(database) if notice.state is NoticeState.SENT]
    assert [(notice.person_id, notice.tries, notice.sent_at) for notice in sent] == [(p, 1, clock()) for p in crowd.people]


@on_one_engine
async def test_a_turn_takes_no_more_than_its_batch(drawn: list[str], outbox: Outbox) -> None:
    sender = KeepingSender(Channel.TELEGRAM)
    assert [await outbox.deliver([sender], limit=2) for _ in range(3)] == [2, 1, 0]
    assert told(sender) == drawn
    assert BATCH <= 30, "the platform's limit a second"


@pytest.mark.parametrize("death", [asyncio.CancelledError(), None], ids=["while sending", "between sending and marking"])
async def test_a_process_that_dies_costs_at_most_one_doubtful_message(
    drawn: list[str], outbox: Outbox, other_outbox: Outbox, database: Database, clock: FakeClock, death: BaseException | None
) -> None:
    dying = DyingSender(death)
    process = asyncio.create_task(outbox.deliver([dying], limit=1))
    await dying.reached_telegram.wait()
    process.cancel()
    with pytest.raises(asyncio.CancelledError):
        await process
    assert [notice.state for notice in await notices(database)] == [NoticeState.PENDING] * 3

    living = KeepingSender(Channel.TELEGRAM)
    assert await other_outbox.deliver([living]) == 2, "the third is leased to the process that died"
    clock.now += LEASE - SECOND
    assert await other_outbox.deliver([living]) == 0
    clock.now += SECOND
    assert await other_outbox.deliver([living]) == 1
    assert told(living) == drawn
    assert len(told(living, dying)) <= len(drawn) + 1
    assert [(notice.state, notice.tries) for notice in await notices(database)] == [
        (NoticeState.SENT, 2 if external_id == dying.claimed else 1) for external_id in drawn
    ]
    clock.advance(hours=1)
    assert await outbox.deliver([living]) == 0


class DyingSender(KeepingSender):
    """Its process is killed after the message went out (`death` None), or while it is on its way."""

    def __init__(self, death: BaseException | None) -> None:
        super().__init__(Channel.TELEGRAM)
        self.reached_telegram = asyncio.Event()
        self.claimed = ""
        self._death = death

    async def send(self, external_id: str, reply: Any) -> None:
        self.claimed = external_id
        if self._death is None:
            await super().send(external_id, reply)
        self.reached_telegram.set()
        await asyncio.Event().wait()


@on_one_engine
async def test_a_cancelled_send_leaves_the_others_sent(
    drawn: list[str], outbox: Outbox, database: Database, clock: FakeClock
) -> None:
    sender = KeepingSender(Channel.TELEGRAM, asyncio.CancelledError())
    with capture_logs() as logs:
        assert await outbox.deliver([sender]) == 2
    assert [entry["event"] for entry in logs] == ["notice_not_settled"]
    clock.now += LEASE
    assert await outbox.deliver([sender]) == 1
    assert told(sender) == drawn


@on_one_engine
async def test_the_wait_that_telegram_asks_for_is_respected(
    drawn: list[str], outbox: Outbox, database: Database, clock: FakeClock
) -> None:
    sender = KeepingSender(Channel.TELEGRAM, DeliveryFailed("retry_after", wait=dt.timedelta(seconds=90)))
    assert await outbox.deliver([sender]) == 2
    clock.now += 89 * SECOND
    assert await outbox.deliver([sender]) == 0
    clock.now += SECOND
    assert await outbox.deliver([sender]) == 1
    assert told(sender) == drawn


@on_one_engine
async def test_a_passing_failure_is_tried_again_later_and_later_and_then_given_up(
    exam: Exam, school: School, member: Callable[..., Any], outbox: Outbox, database: Database, clock: FakeClock
) -> None:
    await member()
    await factories.open_round(exam, await factories.add_administrator(exam))
    sender = KeepingSender(Channel.TELEGRAM, *[RuntimeError("张三13800000000")] * 6)
    with capture_logs() as logs:
        assert await outbox.deliver([sender]) == 0
        for left, wait in ((4, 2), (3, 4), (2, 8)):
            clock.now += (wait - 1) * SECOND
            await outbox.deliver([sender])
            assert len(sender.failures) == left + 1, f"not before {wait} seconds"
            clock.now += SECOND
            await outbox.deliver([sender])
            assert len(sender.failures) == left
        for tries, state in ((MAX_TRIES - 2, NoticeState.PENDING), (MAX_TRIES - 1, NoticeState.FAILED)):
            async with database.transaction() as session:
                await session.execute(update(Notice).values(tries=tries))
            clock.advance(minutes=5)
            await outbox.deliver([sender])
            assert (await notices(database))[0].state is state
    assert (sender.failures, sender.sent) == ([], [])
    mine = (await notices(database))[0]
    assert (mine.tries, mine.failure) == (MAX_TRIES, "runtimeerror")
    assert "张三" not in str(logs)


@on_one_engine
async def test_a_notice_about_what_is_gone_is_given_up_at_once(
    drawn: list[str], exam: Exam, dialogue: Dialogue, database: Database
) -> None:
    async def word(notice: Any) -> Any:
        raise AttemptNotFound(notice.subject_id)

    assert await Outbox(exam.notices, word).deliver([KeepingSender(Channel.TELEGRAM)]) == 0
    assert {(notice.state, notice.failure) for notice in await notices(database)} == {(NoticeState.FAILED, "attemptnotfound")}


@on_one_engine
async def test_a_final_failure_is_not_tried_again_and_the_rest_is_delivered(
    drawn: list[str], outbox: Outbox, database: Database, clock: FakeClock
) -> None:
    sender = KeepingSender(Channel.TELEGRAM, DeliveryFailed("forbidden", final=True))
    assert await outbox.deliver([sender]) == 2
    clock.advance(hours=1)
    assert await outbox.deliver([sender]) == 0
    states = sorted((notice.state, notice.failure) for notice in await notices(database) if notice.failure)
    assert states == [(NoticeState.FAILED, "forbidden")]


async def test_a_notice_waits_for_the_web_chat_to_open(
    exam: Exam, school: School, outbox: Outbox, database: Database, member: Callable[..., Any], clock: FakeClock
) -> None:
    talker = await member(0, Channel.WEBCHAT)
    await factories.open_round(exam, await factories.add_administrator(exam))
    page = KeepingSender(Channel.WEBCHAT, reached=[])
    for _ in range(20):  # nobody is in the page: no try is counted
        assert await outbox.deliver([page]) == 0
        clock.now += SECOND
    assert [notice.tries for notice in await notices(database)] == [0, 0, 0]

    page.reached = [talker.identity.external_id]
    page.failures = [NotConnected("left at that moment")]
    assert await outbox.deliver([page]) == 0
    clock.now += 2 * SECOND
    assert await outbox.deliver([page]) == 1
    assert told(page) == [talker.identity.external_id]
    mine = (await notices(database))[0]
    assert (mine.state, mine.sent_by) == (NoticeState.SENT, Channel.WEBCHAT)


async def test_a_person_with_two_accounts_is_told_once(
    exam: Exam, school: School, outbox: Outbox, member: Callable[..., Any]
) -> None:
    await member(0, Channel.WEBCHAT)
    await member(0, Channel.TELEGRAM)
    await factories.open_round(exam, await factories.add_administrator(exam))
    page, chat = KeepingSender(Channel.WEBCHAT, reached=["1"]), KeepingSender(Channel.TELEGRAM)
    assert await outbox.deliver([page, chat]) == 1
    assert (told(page), told(chat)) == (["1"], [])


@on_one_engine
async def test_a_notice_that_cannot_be_worded_now_is_worded_later(
    drawn: list[str], exam: Exam, dialogue: Dialogue, database: Database, clock: FakeClock
) -> None:
    """A database that is busy for a moment must not cost a person the notice of an assessment."""
    trouble = [ConnectionError("busy")]

    async def word(notice: Any) -> Any:
        if trouble:
            raise trouble.pop()
        return await dialogue.word_notice(notice)

    sender = KeepingSender(Channel.TELEGRAM)
    outbox = Outbox(exam.notices, word)
    assert await outbox.deliver([sender]) == 2
    clock.now += 2 * SECOND
    assert await outbox.deliver([sender]) == 1
    assert told(sender) == drawn


@on_one_engine
async def test_a_channel_that_fails_altogether_does_not_keep_the_other_from_its_notices(
    exam: Exam, school: School, outbox: Outbox, member: Callable[..., Any]
) -> None:
    await member(0, Channel.WEBCHAT)
    await member(1, Channel.TELEGRAM)
    await factories.open_round(exam, await factories.add_administrator(exam))
    page = KeepingSender(Channel.WEBCHAT, RuntimeError("broken"), reached=["1"])
    chat = KeepingSender(Channel.TELEGRAM)
    assert await outbox.deliver([page, chat]) == 1
    assert told(chat) == ["2"]


@on_one_engine
async def test_a_notice_past_its_use_is_not_sent(
    drawn: list[str], exam: Exam, outbox: Outbox, database: Database, clock: FakeClock
) -> None:
    clock.advance(hours=8, seconds=1)
    await exam.tick()
    sender = KeepingSender(Channel.TELEGRAM)
    assert await outbox.deliver([sender]) == 0
    assert {(notice.state, notice.failure) for notice in await notices(database)} == {(NoticeState.FAILED, "expired")}
