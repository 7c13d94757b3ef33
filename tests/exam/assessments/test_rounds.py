"""Rounds open exactly once, draw what can be checked, plan the next, and close."""

import asyncio
import datetime as dt

from sqlalchemy import select, update

from exam.assessments.rules import (
    DrawFault,
    RoundFailure,
    RoundState,
    ScheduleKind,
    draw_roster,
    frame_hash,
    seed_commitment,
)
from exam.assessments.service import RoundSummary
from exam.assessments.tables import AssessmentRound, Candidate
from exam.notices.rules import NoticeKind
from exam.notices.tables import Notice
from exam.people.rules import Actor, JobRole, OrganisationKind
from exam.people.tables import Person
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import QuestionState
from question_bank.questions.tables import Question
from question_bank.wiring import QuestionBank
from tests import factories
from tests.conftest import LOADED, fresh_url
from tests.factories import DISTRICT, plan
from tests.fakes import START, FakeClock

WEEKLY = {"schedule": ScheduleKind.CRON, "cron": "0 9 * * 1", "window": dt.timedelta(hours=8)}
MONDAY = dt.datetime(2026, 11, 30, 1, 0, tzinfo=dt.UTC)
WEEK = dt.timedelta(weeks=1)


async def rows(database: Database, table: type) -> list:  # type: ignore[type-arg]
    async with database.reading() as session:
        return list((await session.scalars(select(table).order_by(table.id))).all())  # type: ignore[attr-defined]


async def latest(exam: Exam, actor: Actor) -> RoundSummary:
    return (await exam.assessments.list_assessments(actor))[0].rounds[0]


async def test_a_round_opens_at_its_time_and_not_before(exam: Exam, administrator: Actor, clock: FakeClock) -> None:
    await factories.add_school(exam, "一小", 1)
    starts_at = START + dt.timedelta(hours=2)
    await exam.assessments.create(administrator, plan(schedule=ScheduleKind.AT, starts_at=starts_at))
    clock.now = starts_at - dt.timedelta(seconds=1)
    assert await exam.rounds.open_due() == 0
    clock.now = starts_at
    assert await exam.rounds.open_due() == 1
    assert await exam.rounds.open_due() == 0
    summary = await latest(exam, administrator)
    assert (summary.state, summary.drawn) == (RoundState.OPEN, 1)
    assert (summary.opened_at, summary.closes_at) == (starts_at, starts_at + dt.timedelta(hours=8))


async def test_the_draw_is_the_one_that_the_published_data_give(exam: Exam, administrator: Actor, database: Database) -> None:
    one = await factories.add_school(exam, "一小", 5)
    two = await factories.add_school(exam, "二小", 2)
    await factories.add_school(exam, "药店", 3, kind=OrganisationKind.PHARMACY)
    await factories.add_school(exam, "三小", 3, job_role=JobRole.FOOD_HANDLER)
    round_id = await factories.open_round(exam, administrator, quota=3)

    [row] = await rows(database, AssessmentRound)
    people = [(one.organisation_id, person) for person in one.people] + [(two.organisation_id, person) for person in two.people]
    assert row.frame == "".join(f"{organisation} {person}\n" for organisation, person in sorted(people))
    assert row.frame_hash == frame_hash(row.frame)
    drawn = await exam.assessments.list_drawn(administrator, round_id)
    assert drawn == draw_roster(row.frame, 3, row.seed)
    assert len(set(drawn) & set(one.people)) == 3
    assert set(two.people) <= set(drawn)
    assert len(drawn) == 5
    candidates = await rows(database, Candidate)
    assert [c.draw_position for c in sorted(candidates, key=lambda c: drawn.index(c.person_id))] == [1, 2, 3, 4, 5]
    assert {(c.region_code, c.organisation_kind, c.job_role) for c in candidates} == {
        (DISTRICT, OrganisationKind.SCHOOL_CANTEEN, JobRole.SAFETY_OFFICER)
    }


async def test_everybody_drawn_is_told_once(exam: Exam, administrator: Actor, database: Database) -> None:
    await factories.add_school(exam, "一小", 4)
    round_id = await factories.open_round(exam, administrator, quota=3)
    await exam.tick()
    notices = await rows(database, Notice)
    assert sorted(n.person_id for n in notices) == sorted(await exam.assessments.list_drawn(administrator, round_id))
    assert {(n.kind, n.subject_id, n.not_after) for n in notices} == {
        (NoticeKind.ASSESSMENT_OPENED, round_id, START + dt.timedelta(hours=8))
    }


async def test_of_two_processes_exactly_one_opens_a_round(
    exam: Exam, second: Exam, administrator: Actor, clock: FakeClock, database: Database
) -> None:
    await factories.add_school(exam, "一小", 3)
    for race in range(1, 6):
        await exam.assessments.create(administrator, plan())
        opened = await asyncio.gather(*(e.rounds.open_due() for e in (exam, second, exam, second)))
        assert sum(opened) == 1
        clock.advance(seconds=1)
        assert len(await rows(database, Candidate)) == len(await rows(database, Notice)) == 3 * race
    assert len(await rows(database, AssessmentRound)) == 5


async def test_of_two_processes_exactly_one_plans_the_next_round(
    exam: Exam, second: Exam, administrator: Actor, clock: FakeClock, database: Database
) -> None:
    await factories.add_school(exam, "一小", 1)
    await exam.assessments.create(administrator, plan(**WEEKLY))
    for week in range(4):
        clock.now = MONDAY + week * WEEK
        assert sum(await asyncio.gather(exam.rounds.open_due(), second.rounds.open_due())) == 1
    found = [(row.scheduled_for, row.state) for row in await rows(database, AssessmentRound)]
    assert found == [(MONDAY + week * WEEK, RoundState.OPEN) for week in range(4)] + [(MONDAY + 4 * WEEK, RoundState.PLANNED)]


async def test_each_round_has_a_seed_of_its_own_which_stays_hidden_until_it_is_closed(
    exam: Exam, administrator: Actor, clock: FakeClock, database: Database
) -> None:
    await factories.add_school(exam, "一小", 1)
    assessment_id = await exam.assessments.create(administrator, plan(**WEEKLY))
    clock.now = MONDAY
    await exam.tick()
    assert await exam.assessments.verify(administrator, assessment_id) == {}
    clock.advance(hours=8)
    await exam.tick()
    assert (await exam.assessments.get_assessment(administrator, assessment_id)).rounds[1].state is RoundState.OPEN
    clock.advance(seconds=1)
    await exam.tick()

    planned, closed = (await exam.assessments.get_assessment(administrator, assessment_id)).rounds
    assert (planned.state, planned.seed) == (RoundState.PLANNED, None)
    assert closed.state is RoundState.CLOSED
    assert closed.seed is not None
    assert seed_commitment(closed.seed) == closed.seed_commitment
    assert planned.seed_commitment != closed.seed_commitment
    assert await exam.assessments.verify(administrator, assessment_id) == {closed.id: []}


async def test_checking_a_draw_finds_a_roster_changed_in_the_database(
    exam: Exam, administrator: Actor, clock: FakeClock, database: Database
) -> None:
    await factories.add_school(exam, "一小", 3)
    round_id = await factories.open_round(exam, administrator)
    clock.advance(hours=9)
    await exam.tick()
    [view] = await exam.assessments.list_assessments(administrator)
    async with database.transaction() as session:
        await session.execute(update(Candidate).values(draw_position=-Candidate.draw_position))
        await session.execute(update(AssessmentRound).values(frame=AssessmentRound.frame + "\n"))
    faults = await exam.assessments.verify(administrator, view.id)
    assert faults == {round_id: [DrawFault.FRAME_CHANGED, DrawFault.ROSTER_DIFFERS]}


async def test_missed_occurrences_are_not_made_up_for(
    exam: Exam, administrator: Actor, clock: FakeClock, database: Database
) -> None:
    await factories.add_school(exam, "一小", 1)
    await exam.assessments.create(administrator, plan(**WEEKLY))
    clock.now = MONDAY + 3 * WEEK + dt.timedelta(hours=1)  # no process ran for three weeks
    assert await exam.rounds.open_due() == 1
    assert await exam.rounds.open_due() == 0
    late, following = await rows(database, AssessmentRound)
    assert (late.scheduled_for, late.opened_at, late.closes_at) == (MONDAY, clock(), clock() + dt.timedelta(hours=8))
    assert following.scheduled_for == MONDAY + 4 * WEEK


async def test_a_round_whose_frame_became_empty_fails_and_the_next_is_planned(
    exam: Exam, administrator: Actor, clock: FakeClock, database: Database
) -> None:
    await factories.add_school(exam, "一小", 1)
    await exam.assessments.create(administrator, plan(**WEEKLY))
    async with database.transaction() as session:
        await session.execute(update(Person).values(job_role=JobRole.FOOD_HANDLER))
    clock.now = MONDAY
    await exam.tick()
    failed, following = await rows(database, AssessmentRound)
    assert (failed.state, failed.failure, failed.frame_hash) == (RoundState.FAILED, RoundFailure.FRAME_EMPTY, None)
    assert (following.state, following.scheduled_for) == (RoundState.PLANNED, MONDAY + WEEK)
    assert await rows(database, Candidate) == await rows(database, Notice) == []


async def test_a_round_fails_when_the_bank_became_too_small(request, engine: str, clock: FakeClock) -> None:  # type: ignore[no-untyped-def]
    async with fresh_url(request, engine, LOADED) as url:  # of its own: the bank is changed
        database = Database(url)
        exam = Exam.build(database, QuestionBank.build(database, clock), clock)
        await factories.add_regions(exam)
        administrator = await factories.add_administrator(exam)
        await factories.add_school(exam, "一小", 1)
        await exam.assessments.create(administrator, plan())
        async with database.transaction() as session:
            await session.execute(update(Question).values(state=QuestionState.RETIRED))
        assert await exam.rounds.open_due() == 1
        summary = await latest(exam, administrator)
        assert (summary.state, summary.failure, summary.drawn) == (RoundState.FAILED, RoundFailure.BANK_TOO_SMALL, 0)
        assert await rows(database, Notice) == []
        await database.close()
