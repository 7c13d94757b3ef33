"""The outbox: every notice is written once, and claimed by one process at a time for an account that can be reached."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import func, select

from exam.notices.rules import NoticeKind, NoticeState
from exam.notices.tables import Notice
from exam.people.tables import Person
from exam.wiring import Exam
from question_bank.database import Database
from tests.exam.notices.outbox import TELEGRAM, WEB, add_person, claim, rows, write
from tests.fakes import START, FakeClock

SECOND = dt.timedelta(seconds=1)


async def test_a_notice_is_claimed_sent_and_done_with(exam: Exam, person: int, database: Database, clock: FakeClock) -> None:
    [notice] = await claim(exam)
    assert (notice.person_id, notice.external_id, notice.subject_id, notice.tries) == (person, "7", 1, 1)
    assert notice.kind is NoticeKind.ASSESSMENT_OPENED
    clock.advance(seconds=1)
    await exam.notices.mark_sent(notice, TELEGRAM)
    clock.advance(days=1)
    assert await claim(exam) == []
    [row] = await rows(database)
    assert (row.state, row.sent_by, row.sent_at, row.leased_until) == (NoticeState.SENT, TELEGRAM, START + SECOND, None)


async def test_the_same_notice_is_written_once(exam: Exam, person: int, database: Database) -> None:
    await write(exam, database, [person, person])
    await write(exam, database, [person], subject=2)
    await write(exam, database, [])
    assert [(row.person_id, row.subject_id) for row in await rows(database)] == [(person, 1), (person, 2)]


async def test_notices_of_a_transaction_that_fails_were_never_written(exam: Exam, person: int, database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as session:
            await exam.notices.write(session, NoticeKind.AUTO_SUBMITTED, 5, [person])
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await fail()
    assert len(await rows(database)) == 1


async def test_hundreds_of_people_are_told_at_once(exam: Exam, database: Database) -> None:
    async with database.transaction() as session:
        people = [Person(name="某人", created_at=START) for _ in range(501)]
        session.add_all(people)
        await session.flush()
        ids = [person.id or 0 for person in people]
        await exam.notices.write(session, NoticeKind.ASSESSMENT_OPENED, 1, ids)
        await exam.notices.write(session, NoticeKind.ASSESSMENT_OPENED, 1, ids)
    async with database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(Notice))).scalar_one() == 501


async def test_two_processes_claim_each_notice_once(exam: Exam, second: Exam, database: Database) -> None:
    people = [await add_person(exam, (TELEGRAM, str(n))) for n in range(20)]
    await write(exam, database, people)
    claims = await asyncio.gather(*(claim(services, limit=3) for _ in range(4) for services in (exam, second)))
    claimed = [notice.person_id for notices in claims for notice in notices]
    assert len(claimed) == len(set(claimed))
    claimed += [notice.person_id for notice in await claim(exam, limit=20)]
    assert sorted(claimed) == people
    assert await claim(second, limit=20) == []


async def test_the_oldest_notices_go_first_and_no_more_than_asked_for(
    exam: Exam, person: int, database: Database, clock: FakeClock
) -> None:
    for subject in (2, 3):
        clock.advance(seconds=1)
        await write(exam, database, [person], subject)
    assert [notice.subject_id for notice in await claim(exam, limit=2)] == [1, 2]
    assert [notice.subject_id for notice in await claim(exam, limit=2)] == [3]


async def test_a_web_chat_that_is_not_open_is_left_for_later(exam: Exam, database: Database) -> None:
    person = await add_person(exam, (WEB, "tab"))
    await write(exam, database, [person])
    for reachable in (set(), {"another"}):
        assert await claim(exam, WEB, reachable) == []
    assert await claim(exam, TELEGRAM) == []
    [notice] = await claim(exam, WEB, {"another", "tab"})
    assert (notice.external_id, notice.tries) == ("tab", 1)


async def test_who_joins_later_is_told_then(exam: Exam, database: Database) -> None:
    person = await add_person(exam)
    await write(exam, database, [person])
    assert await claim(exam) == []
    await exam.people.join(TELEGRAM, "7", await exam.people.issue_join_code(person))
    assert [notice.external_id for notice in await claim(exam)] == ["7"]


async def test_a_person_with_two_accounts_is_told_once(exam: Exam, database: Database, clock: FakeClock) -> None:
    one_channel = await add_person(exam, (TELEGRAM, "7"), (TELEGRAM, "8"))
    two_channels = await add_person(exam, (TELEGRAM, "9"), (WEB, "tab"))
    await write(exam, database, [one_channel, two_channels])
    first, last = await claim(exam)
    assert (first.person_id, first.external_id in ("7", "8"), last.external_id) == (one_channel, True, "9")
    assert await claim(exam) == await claim(exam, WEB, {"tab"}) == []
    await exam.notices.mark_failed(last, "timed_out")
    clock.advance(seconds=2)
    assert [notice.external_id for notice in await claim(exam, WEB, {"tab"})] == ["tab"], "the other channel may try next"
