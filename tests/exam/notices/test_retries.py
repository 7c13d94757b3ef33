"""A notice that did not go out is tried again, by whoever is there, and given up in the end."""

import datetime as dt

from sqlalchemy import select

from exam.notices.rules import LEASE, MAX_TRIES, NoticeState
from exam.notices.tables import Notice
from exam.wiring import Exam
from question_bank.database import Database
from tests.exam.notices.outbox import TELEGRAM, add_person, claim, rows, write
from tests.fakes import START, FakeClock

SECOND = dt.timedelta(seconds=1)


async def test_a_lease_runs_out_after_a_crash(exam: Exam, second: Exam, person: int, clock: FakeClock) -> None:
    await claim(exam)
    clock.now = START + LEASE - SECOND
    assert await claim(second) == []
    clock.advance(seconds=1)
    [again] = await claim(second)
    assert again.tries == 2


async def test_a_failed_try_waits_twice_as_long_each_time(exam: Exam, person: int, clock: FakeClock) -> None:
    for tries in range(1, 5):
        [notice] = await claim(exam)
        assert notice.tries == tries
        await exam.notices.mark_failed(notice, "timed_out")
        clock.advance(seconds=2**tries - 1)
        assert await claim(exam) == []
        clock.advance(seconds=1)


async def test_the_platform_may_ask_for_a_longer_wait(exam: Exam, person: int, clock: FakeClock) -> None:
    [notice] = await claim(exam)
    await exam.notices.mark_failed(notice, "retry_after", wait=dt.timedelta(seconds=35))
    clock.advance(seconds=34)
    assert await claim(exam) == []
    clock.advance(seconds=1)
    assert len(await claim(exam)) == 1


async def test_a_final_failure_is_not_tried_again(exam: Exam, person: int, database: Database, clock: FakeClock) -> None:
    [notice] = await claim(exam)
    await exam.notices.mark_failed(notice, "forbidden", final=True)
    clock.advance(days=1)
    assert await claim(exam) == []
    [row] = await rows(database)
    assert (row.state, row.failure, row.leased_until) == (NoticeState.FAILED, "forbidden", None)


async def test_the_hundredth_failure_is_the_last(exam: Exam, person: int, database: Database, clock: FakeClock) -> None:
    async with database.transaction() as session:
        row = (await session.scalars(select(Notice))).one()
        row.tries = MAX_TRIES - 2
    for state in (NoticeState.PENDING, NoticeState.FAILED):
        [notice] = await claim(exam)
        await exam.notices.mark_failed(notice, "timed_out")
        assert [row.state for row in await rows(database)] == [state]
        clock.advance(minutes=5)
    assert await claim(exam) == []


async def test_a_late_failure_does_not_take_the_notice_from_who_has_it_now(
    exam: Exam, second: Exam, person: int, database: Database, clock: FakeClock
) -> None:
    [slow] = await claim(exam)
    clock.now = START + LEASE
    [now] = await claim(second)
    await exam.notices.mark_failed(slow, "timed_out")
    await exam.notices.mark_failed(slow, "forbidden", final=True)
    assert await claim(exam) == [], "it is still the second one's"
    await second.notices.mark_sent(now, TELEGRAM)
    await exam.notices.mark_failed(now, "timed_out", final=True)
    assert [row.state for row in await rows(database)] == [NoticeState.SENT]


async def test_a_late_success_is_a_success(exam: Exam, second: Exam, person: int, database: Database, clock: FakeClock) -> None:
    [slow] = await claim(exam)
    clock.now = START + LEASE
    [now] = await claim(second)
    await exam.notices.mark_sent(slow, TELEGRAM)
    await second.notices.mark_failed(now, "timed_out")
    assert [(row.state, row.sent_at) for row in await rows(database)] == [(NoticeState.SENT, clock())]


async def test_a_notice_expires_when_it_would_be_of_no_use(exam: Exam, database: Database, clock: FakeClock) -> None:
    person = await add_person(exam, (TELEGRAM, "7"))
    await write(exam, database, [person], 1, not_after=START + dt.timedelta(hours=8))
    await write(exam, database, [person], 2)
    clock.advance(hours=8)
    await exam.notices.expire()
    assert [row.state for row in await rows(database)] == [NoticeState.PENDING] * 2
    clock.advance(seconds=1)
    await exam.notices.expire()
    assert [(row.state, row.failure) for row in await rows(database)] == [
        (NoticeState.FAILED, "expired"),
        (NoticeState.PENDING, None),
    ]
