"""Planning an assessment: what is refused, what is stored, who sees it, and cancelling."""

import asyncio
import dataclasses
import datetime as dt

import pytest
from sqlalchemy import select

from exam.assessments.rounds import Rounds
from exam.assessments.rules import AssessmentState, PlanProblem, RoundState, ScheduleKind, seed_commitment
from exam.assessments.service import AssessmentNotFound, PlanRefused
from exam.assessments.tables import Assessment, AssessmentRound
from exam.papers.rules import Blueprint, BlueprintPart, Shortfall
from exam.people.rules import Actor, Grant, JobRole, NotPermitted, OrganisationKind, Role
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import QuestionType
from question_bank.wiring import QuestionBank
from tests import factories
from tests.exam.races import GatedNotices, until_somebody_waits
from tests.factories import CITY, DISTRICT, OTHER_DISTRICT, VACCINE_LAW, plan
from tests.fakes import START, FakeClock

MONDAYS = "0 9 * * 1"
NEXT_MONDAY = dt.datetime(2026, 11, 30, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
async def school(exam: Exam, administrator: Actor) -> factories.School:
    return await factories.add_school(exam, "一小", 3)


async def refusal(exam: Exam, actor: Actor, **changes: object) -> PlanRefused:
    with pytest.raises(PlanRefused) as caught:
        await exam.assessments.create(actor, plan(**changes))
    return caught.value


async def rounds(database: Database) -> list[AssessmentRound]:
    async with database.reading() as session:
        return list((await session.scalars(select(AssessmentRound).order_by(AssessmentRound.id))).all())


async def test_an_assessment_is_read_back_as_it_was_planned(exam: Exam, administrator: Actor, school: factories.School) -> None:
    planned = plan(title="  秋季抽查 ", quota=2, max_resits=2)
    assessment_id = await exam.assessments.create(administrator, planned)
    view = await exam.assessments.get_assessment(administrator, assessment_id)
    assert (view.id, view.title, view.state, view.is_demo) == (assessment_id, "秋季抽查", AssessmentState.ACTIVE, False)
    assert (view.region_code, view.region_name) == (CITY, "郑州市")
    for field in dataclasses.fields(planned):
        if field.name not in ("title", "starts_at"):
            assert getattr(view, field.name) == getattr(planned, field.name), field.name
    assert await exam.assessments.list_assessments(administrator) == [view]


@pytest.mark.parametrize(
    ("changes", "due", "cron"),
    [
        ({}, START, None),
        ({"cron": MONDAYS}, START, None),
        ({"schedule": ScheduleKind.AT, "starts_at": START + dt.timedelta(days=3)}, START + dt.timedelta(days=3), None),
        ({"schedule": ScheduleKind.CRON, "cron": MONDAYS}, NEXT_MONDAY, MONDAYS),
    ],
    ids=["now", "now, with a stray cron", "at", "cron"],
)
async def test_the_first_round_is_planned_with_its_seed_committed(
    exam: Exam,
    administrator: Actor,
    school: factories.School,
    database: Database,
    changes: dict[str, object],
    due: dt.datetime,
    cron: str | None,
) -> None:
    view = await exam.assessments.get_assessment(administrator, await exam.assessments.create(administrator, plan(**changes)))
    assert view.cron == cron
    [summary], [row] = view.rounds, await rounds(database)
    assert (summary.state, summary.scheduled_for, summary.drawn) == (RoundState.PLANNED, due, 0)
    assert (summary.seed, summary.frame_hash, summary.opened_at, summary.closes_at) == (None, None, None, None)
    assert summary.seed_commitment == seed_commitment(row.seed)
    assert len(row.seed) == 64


async def test_nothing_is_stored_of_a_plan_that_is_refused(exam: Exam, administrator: Actor, database: Database) -> None:
    refused = await refusal(exam, administrator, title="", schedule=ScheduleKind.CRON, cron="每周一")
    assert refused.problems == (PlanProblem.TITLE_EMPTY, PlanProblem.CRON_INVALID, PlanProblem.FRAME_EMPTY)
    async with database.reading() as session:
        assert (await session.scalars(select(Assessment))).all() == []
    assert await rounds(database) == []


async def test_a_frame_without_anybody_is_refused(exam: Exam, administrator: Actor, school: factories.School) -> None:
    for changes in (
        {"region_code": OTHER_DISTRICT},
        {"organisation_kinds": (OrganisationKind.PHARMACY,)},
        {"job_roles": (JobRole.PRINCIPAL,)},
    ):
        assert (await refusal(exam, administrator, **changes)).problems == (PlanProblem.FRAME_EMPTY,)
    nobody_chosen = await refusal(exam, administrator, organisation_kinds=())
    assert nobody_chosen.problems == (PlanProblem.NO_KINDS,), "once is enough"


async def test_an_unknown_region_is_refused(exam: Exam, administrator: Actor, school: factories.School) -> None:
    for code in ("419999", "", "4101%", "x" * 500):
        assert (await refusal(exam, administrator, region_code=code)).problems == (PlanProblem.REGION_UNKNOWN,)


async def test_a_bank_too_small_is_told_with_numbers(
    exam: Exam, administrator: Actor, school: factories.School, bank: QuestionBank
) -> None:
    pool = await bank.questions.pool()
    available = sum(1 for entry in pool if (entry.law, entry.type) == (VACCINE_LAW, QuestionType.TRUE_FALSE))
    part = BlueprintPart(VACCINE_LAW, QuestionType.TRUE_FALSE, available + 1)
    unknown = BlueprintPart("没有的法", QuestionType.SINGLE_CHOICE, 1)
    refused = await refusal(exam, administrator, blueprint=Blueprint((part, unknown)))
    assert refused.problems == (PlanProblem.BANK_TOO_SMALL,)
    assert refused.shortfalls == (Shortfall(part, available), Shortfall(unknown, 0))


async def test_nobody_plans_outside_the_region_or_without_the_role(
    exam: Exam, administrator: Actor, school: factories.School, database: Database
) -> None:
    district = await factories.add_regulator(exam, DISTRICT)
    for code in (OTHER_DISTRICT, CITY, "410000", "41010500"):
        with pytest.raises(NotPermitted):
            await exam.assessments.create(district, plan(region_code=code))
        with pytest.raises(NotPermitted):
            await exam.assessments.preview(district, plan(region_code=code))
    for role in (Role.TRAINER, Role.ORGANISATION_MANAGER, Role.STAFF):
        person_id = await exam.people.add_person(role, [Grant(role, CITY, school.organisation_id)])
        with pytest.raises(NotPermitted):
            await exam.assessments.create(await exam.people.get_actor(person_id), plan())
        with pytest.raises(NotPermitted):
            await exam.assessments.list_assessments(await exam.people.get_actor(person_id))
    assert await rounds(database) == []
    assert await exam.assessments.create(district, plan(region_code=DISTRICT)) > 0


async def test_a_preview_counts_the_people_of_each_organisation(
    exam: Exam, administrator: Actor, school: factories.School
) -> None:
    other = await factories.add_school(exam, "二小", 2, OTHER_DISTRICT)
    await factories.add_school(exam, "药房", 5, kind=OrganisationKind.PHARMACY)
    await factories.add_school(exam, "三小", 4, job_role=JobRole.FOOD_HANDLER)
    assert await exam.assessments.preview(administrator, plan()) == {school.organisation_id: 3, other.organisation_id: 2}
    assert await exam.assessments.preview(administrator, plan(region_code=DISTRICT)) == {school.organisation_id: 3}


async def test_an_assessment_outside_the_scope_is_not_found(exam: Exam, administrator: Actor, school: factories.School) -> None:
    round_id = await factories.open_round(exam, administrator, region_code=DISTRICT)
    [view] = await exam.assessments.list_assessments(administrator)
    other, city = await factories.add_regulator(exam, OTHER_DISTRICT), await factories.add_regulator(exam, CITY)
    assert await exam.assessments.list_assessments(other) == []
    for act in (exam.assessments.get_assessment, exam.assessments.cancel, exam.assessments.verify):
        with pytest.raises(AssessmentNotFound):
            await act(other, view.id)
    for look in (exam.assessments.get_progress, exam.assessments.list_drawn):
        with pytest.raises(AssessmentNotFound):
            await look(other, round_id)
    assert await exam.assessments.get_assessment(city, view.id) == view


async def test_a_number_that_is_no_assessments_is_not_found(exam: Exam, administrator: Actor) -> None:
    for number in (0, -1, 1, 2**31, 10**20):
        with pytest.raises(AssessmentNotFound):
            await exam.assessments.get_assessment(administrator, number)
    with pytest.raises(AssessmentNotFound):
        await exam.assessments.get_progress(administrator, 1)


async def test_a_cancelled_assessment_never_opens(
    exam: Exam, administrator: Actor, school: factories.School, clock: FakeClock
) -> None:
    assessment_id = await exam.assessments.create(administrator, plan(schedule=ScheduleKind.CRON, cron=MONDAYS))
    for _ in range(2):
        await exam.assessments.cancel(administrator, assessment_id)
    clock.advance(days=30)
    assert await exam.rounds.open_due() == 0
    view = await exam.assessments.get_assessment(administrator, assessment_id)
    assert (view.state, [summary.state for summary in view.rounds]) == (AssessmentState.CANCELLED, [RoundState.CANCELLED])


async def test_cancelling_lets_the_open_round_run_to_its_end(
    exam: Exam, administrator: Actor, school: factories.School, clock: FakeClock
) -> None:
    assessment_id = await exam.assessments.create(administrator, plan(schedule=ScheduleKind.CRON, cron=MONDAYS))
    clock.now = NEXT_MONDAY
    await exam.rounds.open_due()
    await exam.assessments.cancel(administrator, assessment_id)
    view = await exam.assessments.get_assessment(administrator, assessment_id)
    assert [summary.state for summary in view.rounds] == [RoundState.CANCELLED, RoundState.OPEN]
    attempt = await exam.sitting.start(school.people[0], view.rounds[1].id)
    assert (await exam.attempts.submit(attempt.person_id, attempt.id)).passed is False


async def test_cancelling_while_a_round_opens_leaves_no_round_planned(
    exam: Exam,
    second: Exam,
    administrator: Actor,
    school: factories.School,
    database: Database,
    bank: QuestionBank,
    clock: FakeClock,
) -> None:
    assessment_id = await exam.assessments.create(administrator, plan(schedule=ScheduleKind.CRON, cron=MONDAYS))
    clock.now = NEXT_MONDAY
    gate = GatedNotices(database, clock)
    opening = asyncio.create_task(Rounds(database, bank.questions, gate, clock).open_due())
    await gate.reached.wait()  # the round is claimed and the next one planned, but nothing is committed
    cancelling = asyncio.create_task(second.assessments.cancel(administrator, assessment_id))
    await until_somebody_waits(database)
    gate.let_go.set()
    assert await opening == 1
    await cancelling
    view = await exam.assessments.get_assessment(administrator, assessment_id)
    assert [summary.state for summary in view.rounds] == [RoundState.CANCELLED, RoundState.OPEN]
