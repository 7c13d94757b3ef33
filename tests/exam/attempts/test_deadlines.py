"""The sweep at the deadline: every overdue attempt is handed in once, whoever else is at it, and its person told once."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import func, insert, select

from exam.assessments.rules import FeedbackPolicy
from exam.attempts import storage
from exam.attempts.rules import AttemptMode, Outcome, StepAction, SubmittedBy, Tap
from exam.attempts.service import SWEEP_BATCH, Attempts
from exam.attempts.storage import AttemptRow
from exam.attempts.tables import Attempt
from exam.notices.rules import NoticeKind
from exam.notices.tables import Notice
from exam.people.rules import Actor
from exam.wiring import Exam
from question_bank.database import AsyncSession, Database
from question_bank.wiring import QuestionBank
from tests import factories
from tests.exam.races import until_somebody_waits
from tests.fakes import START, FakeClock

TAP = Tap(StepAction.CHOOSE, 0, 0)


async def test_of_sweeps_taps_and_hands_at_once_exactly_one_submits(
    exam: Exam, second: Exam, administrator: Actor, database: Database, clock: FakeClock
) -> None:
    people = (await factories.add_school(exam, "一小", 6)).people
    round_id = await factories.open_round(exam, administrator)
    attempts = [await exam.sitting.start(person, round_id) for person in people]
    submissions: list[int | None] = []

    async def count(session: AsyncSession, attempt: AttemptRow) -> None:
        submissions.append(attempt.id)

    for services in (exam, second):
        services.attempts.on_submitted(count)
    clock.advance(minutes=30, seconds=1)

    late = [second.attempts.record_tap(a.person_id, a.id, 1, TAP, START) for a in attempts[:3]]
    handed = [exam.attempts.submit(a.person_id, a.id) for a in attempts[2:5]]
    swept = [services.attempts.sweep_deadlines() for services in (exam, second)]
    results = await asyncio.gather(*swept, *late, *handed)

    assert sorted(submissions) == sorted(a.id for a in attempts)
    assert {outcome for outcome, _ in results[2:5]} <= {Outcome.TOO_LATE, Outcome.SUBMITTED}
    for attempt in attempts:
        after = await exam.attempts.get(attempt.person_id, attempt.id)
        assert (after.submitted_by, after.submitted_at, after.score) == (SubmittedBy.DEADLINE, attempt.deadline, 0.0)
    async with database.reading() as session:
        notices = await session.execute(
            select(Notice.subject_id, Notice.person_id).where(Notice.kind == NoticeKind.AUTO_SUBMITTED)
        )
        assert sorted(map(tuple, notices)) == sorted((a.id, a.person_id) for a in attempts)
        assert all([not await storage.list_steps(session, a.id) for a in attempts])


async def test_a_tap_and_handing_in_at_once_agree_on_what_counts(
    exam: Exam, second: Exam, administrator: Actor, bank: QuestionBank
) -> None:
    people = (await factories.add_school(exam, "一小", 8)).people
    round_id = await factories.open_round(exam, administrator)
    for person in people:
        attempt = await exam.sitting.start(person, round_id)
        [key] = await factories.keys_of(bank.questions, attempt.slots[0])
        tap = exam.attempts.record_tap(person, attempt.id, 1, Tap(StepAction.CHOOSE, 0, key), START)
        (outcome, _), _ = await asyncio.gather(tap, second.attempts.submit(person, attempt.id))
        after = await exam.attempts.get(person, attempt.id)
        assert (after.answered_count, after.score) == ((1, 1.0) if outcome is Outcome.RECORDED else (0, 0.0))


async def test_a_tap_that_waits_for_the_sweep_finds_the_paper_handed_in(
    exam: Exam, administrator: Actor, database: Database, bank: QuestionBank, clock: FakeClock
) -> None:
    person = (await factories.add_school(exam, "一小", 1)).people[0]
    attempt = await exam.sitting.start(person, await factories.open_round(exam, administrator))
    reached, let_go = asyncio.Event(), asyncio.Event()

    async def hold(session: AsyncSession, submitted: AttemptRow) -> None:
        reached.set()
        await let_go.wait()

    slow = Attempts(database, bank.questions, clock)
    slow.on_submitted(hold)
    clock.advance(minutes=31)
    sweep = asyncio.create_task(slow.sweep_deadlines())
    await reached.wait()
    tap = asyncio.create_task(exam.attempts.record_tap(person, attempt.id, 1, TAP, START))
    await until_somebody_waits(database)
    let_go.set()
    outcome, after = await tap
    assert await sweep == 1
    assert (outcome, after.is_submitted, after.answered_count) == (Outcome.SUBMITTED, True, 0)


async def test_a_submission_that_fails_half_way_leaves_the_attempt_open(
    exam: Exam, administrator: Actor, database: Database, bank: QuestionBank, clock: FakeClock
) -> None:
    person = (await factories.add_school(exam, "一小", 1)).people[0]
    attempt = await exam.sitting.start(person, await factories.open_round(exam, administrator))

    async def fail(session: AsyncSession, submitted: AttemptRow) -> None:
        raise ConnectionError

    failing = Attempts(database, bank.questions, clock)
    failing.on_submitted(fail)
    clock.advance(minutes=31)
    with pytest.raises(ConnectionError):
        await failing.sweep_deadlines()
    assert await exam.attempts.get(person, attempt.id) == attempt
    assert await exam.attempts.sweep_deadlines() == 1


@pytest.mark.parametrize("engine", ["sqlite"])  # nothing in it depends on the engine, and it takes a second
async def test_one_sweep_hands_in_all_that_is_overdue_however_many(
    exam: Exam, administrator: Actor, database: Database, clock: FakeClock
) -> None:
    person = (await factories.add_school(exam, "一小", 1)).people[0]
    overdue = {
        "person_id": person,
        "mode": AttemptMode.PRACTICE,
        "ordinal": 1,
        "title": "",
        "feedback": FeedbackPolicy.IMMEDIATE,
        "started_at": START,
        "deadline": START + dt.timedelta(minutes=1),
        "max_score": 0.0,
    }
    async with database.transaction() as session:
        await session.execute(insert(Attempt), [overdue] * (SWEEP_BATCH + 1))
    clock.advance(minutes=2)
    assert await exam.attempts.sweep_deadlines() == SWEEP_BATCH + 1
    async with database.reading() as session:
        left = select(func.count()).select_from(Attempt).where(Attempt.submitted_at.is_(None))
        assert (await session.execute(left)).scalar_one() == 0
