"""The demonstration municipality: invented, marked as such, written once, with one assessment to look at."""

import pytest
from sqlalchemy import func, select

from exam.assessments.rules import RoundState
from exam.assessments.tables import AssessmentRound, Candidate
from exam.attempts.tables import Attempt
from exam.demo import SAMPLE_TITLE, hold_sample_assessment, load_demo
from exam.notices.rules import NoticeState
from exam.notices.tables import Notice
from exam.people.rules import Actor, JobRole, OrganisationKind, Role
from exam.people.tables import Organisation, Person, RoleGrant
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.wiring import QuestionBank
from tests import factories
from tests.fakes import FakeClock

TABLES = (Organisation, Person, RoleGrant, AssessmentRound, Candidate, Attempt, Notice)


async def counts(database: Database) -> list[int]:
    async with database.reading() as session:
        return [(await session.execute(select(func.count()).select_from(table))).scalar_one() for table in TABLES]


async def test_the_municipality_is_marked_as_invented_and_loaded_once(
    exam: Exam, administrator: Actor, database: Database
) -> None:
    holders = await load_demo(exam)
    before = await counts(database)
    assert await load_demo(exam) == holders
    assert await counts(database) == before
    async with database.reading() as session:
        names = [*await session.scalars(select(Organisation.name).where(Organisation.is_demo))]
        names += await session.scalars(select(Person.name).where(Person.is_demo))
    assert len(names) == before[0] + before[1] - 1, "all but the administrator"
    assert all("示例" in name for name in names)
    assert [role for role, _, _ in holders] == [Role.REGULATOR, Role.TRAINER, Role.ORGANISATION_MANAGER] + [Role.STAFF] * 3
    for role, _, person_id in holders:
        assert (await exam.people.get_actor(person_id)).has_role(role)


@pytest.mark.parametrize("engine", ["sqlite"])  # 48 people's answers take a while; the next test runs on both
async def test_the_sample_assessment_has_rates_and_is_over(
    exam: Exam, administrator: Actor, database: Database, bank: QuestionBank, clock: FakeClock
) -> None:
    await load_demo(exam)
    everybody = {"organisation_kinds": tuple(OrganisationKind), "job_roles": tuple(JobRole)}
    await exam.assessments.create(administrator, factories.plan(title=SAMPLE_TITLE, **everybody))
    await hold_sample_assessment(database, bank, clock, administrator.person_id)
    view, real = await exam.assessments.list_assessments(administrator)
    assert [summary.state for summary in real.rounds] == [RoundState.PLANNED], "a real one of that title is left alone"
    [summary] = view.rounds
    assert (view.title, view.is_demo, summary.state, summary.drawn) == (SAMPLE_TITLE, True, RoundState.CLOSED, 48)
    assert summary.closes_at is not None
    assert summary.closes_at < clock()
    assert await exam.assessments.verify(administrator, view.id) == {summary.id: []}

    rates = await exam.results.pass_rates(administrator)
    assert len(rates.lines) == 9
    assert rates.total.sat + rates.total.absent == 48
    assert 0 < rates.total.passed < rates.total.sat
    assert sum(line.rate is not None for line in rates.lines) >= 5
    async with database.reading() as session:
        assert (await session.scalars(select(Notice).where(Notice.state == NoticeState.PENDING))).all() == []
        assert (await session.scalars(select(Attempt).where(Attempt.submitted_at.is_(None)))).all() == []

    before = await counts(database)
    await hold_sample_assessment(database, bank, clock, administrator.person_id)
    assert await counts(database) == before


async def test_a_sample_assessment_that_was_killed_half_way_goes_on(
    exam: Exam, administrator: Actor, database: Database, bank: QuestionBank, clock: FakeClock
) -> None:
    people = (await factories.add_school(exam, "示例小学", 12)).people
    clock.advance(days=-2)
    plan = factories.plan(title=SAMPLE_TITLE)
    await exam.assessments.create(administrator, plan, is_demo=True)
    await exam.rounds.open_due()
    [view] = await exam.assessments.list_assessments(administrator)
    await factories.sit(exam, bank.questions, people[0], view.rounds[0].id, right=5)
    begun = await exam.sitting.start(people[1], view.rounds[0].id)
    await factories.answer(exam, bank.questions, begun, 1, right=True)
    clock.advance(days=2)

    await hold_sample_assessment(database, bank, clock, administrator.person_id)
    rates = await exam.results.pass_rates(administrator)
    assert rates.total.drawn == rates.total.sat + rates.total.absent == 12
    assert rates.total.sat > 6
    assert (await exam.attempts.get(people[1], begun.id)).is_submitted
    [view] = await exam.assessments.list_assessments(administrator)
    assert [summary.state for summary in view.rounds] == [RoundState.CLOSED]
