"""Starting an attempt: who may, when, how often, with which paper and until when."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import select

from exam.assessments.rules import ScheduleKind
from exam.assessments.sitting import InvitationState, StartRefusal, StartRefused
from exam.assessments.tables import AssessmentRound
from exam.attempts.tables import Attempt, Slot
from exam.attempts.views import AttemptView
from exam.papers.rules import Blueprint, BlueprintPart, assemble_paper
from exam.people.rules import Actor
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import QuestionType
from question_bank.wiring import QuestionBank
from tests import factories
from tests.factories import VACCINE_LAW, plan
from tests.fakes import START, FakeClock

HOURS_8, MINUTES_30 = dt.timedelta(hours=8), dt.timedelta(minutes=30)


@pytest.fixture
async def person(exam: Exam, administrator: Actor) -> int:
    return (await factories.add_school(exam, "一小", 1)).people[0]


async def refusal(exam: Exam, person: int, round_id: int) -> StartRefusal:
    with pytest.raises(StartRefused) as caught:
        await exam.sitting.start(person, round_id)
    return caught.value.reason


async def state(exam: Exam, person: int, round_id: int) -> tuple[InvitationState, int]:
    invitation = await exam.sitting.get_invitation(person, round_id)
    return invitation.state, invitation.resits_left


async def fail(exam: Exam, person: int, round_id: int) -> AttemptView:
    """Sit a paper and hand it in empty."""
    return await exam.attempts.submit(person, (await exam.sitting.start(person, round_id)).id)


async def versions(database: Database, attempt_id: int) -> set[int]:
    async with database.reading() as session:
        return set((await session.scalars(select(Slot.question_version_id).where(Slot.attempt_id == attempt_id))).all())


async def test_an_invitation_says_what_waits(exam: Exam, administrator: Actor, person: int) -> None:
    round_id = await factories.open_round(exam, administrator, max_resits=2)
    [invitation] = await exam.sitting.list_invitations(person)
    assert invitation == await exam.sitting.get_invitation(person, round_id)
    assert (invitation.title, invitation.state, invitation.attempt_id) == ("秋季抽查考核", InvitationState.CAN_START, None)
    assert (invitation.question_count, invitation.pass_mark, invitation.resits_left) == (5, 60, 2)
    assert (invitation.time_limit, invitation.closes_at) == (MINUTES_30, START + HOURS_8)


async def test_who_was_not_drawn_cannot_start(exam: Exam, administrator: Actor, person: int) -> None:
    stranger = (await factories.add_school(exam, "二小", 1, factories.OTHER_DISTRICT)).people[0]
    round_id = await factories.open_round(exam, administrator, region_code=factories.DISTRICT)
    for who, what in ((stranger, round_id), (person, round_id + 1), (0, 0)):
        assert await refusal(exam, who, what) is StartRefusal.NOT_DRAWN
        with pytest.raises(StartRefused):
            await exam.sitting.get_invitation(who, what)
    assert await exam.sitting.list_invitations(stranger) == []


async def test_a_planned_round_invites_nobody(exam: Exam, administrator: Actor, person: int, database: Database) -> None:
    await exam.assessments.create(administrator, plan(schedule=ScheduleKind.AT, starts_at=START + HOURS_8))
    assert await exam.sitting.list_invitations(person) == []
    async with database.reading() as session:
        round_id = (await session.scalars(select(AssessmentRound.id))).one()
    assert await refusal(exam, person, round_id or 0) is StartRefusal.NOT_DRAWN


async def test_a_window_is_closed_from_its_last_instant_on(
    exam: Exam, administrator: Actor, person: int, clock: FakeClock
) -> None:
    round_id = await factories.open_round(exam, administrator)
    clock.advance(hours=8)
    assert await refusal(exam, person, round_id) is StartRefusal.WINDOW_CLOSED
    assert await state(exam, person, round_id) == (InvitationState.MISSED, 1)
    clock.advance(seconds=-1)
    attempt = await exam.sitting.start(person, round_id)
    assert attempt.deadline == START + HOURS_8, "never past the window"


async def test_a_deadline_is_the_time_limit_from_ones_own_start(
    exam: Exam, administrator: Actor, person: int, clock: FakeClock
) -> None:
    round_id = await factories.open_round(exam, administrator)
    clock.advance(hours=7, minutes=30)
    attempt = await exam.sitting.start(person, round_id)
    assert (attempt.started_at, attempt.deadline) == (clock(), START + HOURS_8)


async def test_going_on_keeps_paper_answers_and_deadline_on_another_device(
    exam: Exam, second: Exam, administrator: Actor, person: int, bank: QuestionBank, clock: FakeClock
) -> None:
    round_id = await factories.open_round(exam, administrator)
    attempt = await factories.answer(exam, bank.questions, await exam.sitting.start(person, round_id), 1, right=True)
    clock.advance(minutes=29, seconds=59)
    assert await second.sitting.start(person, round_id) == attempt
    assert await state(second, person, round_id) == (InvitationState.SITTING, 1)


async def test_starting_on_two_devices_at_once_gives_one_attempt(
    exam: Exam, second: Exam, administrator: Actor, database: Database
) -> None:
    people = (await factories.add_school(exam, "一小", 6)).people
    round_id = await factories.open_round(exam, administrator)
    for person in people:
        attempts = await asyncio.gather(*(e.sitting.start(person, round_id) for e in (exam, second, exam, second)))
        assert {attempt.id for attempt in attempts} == {attempts[0].id}
        assert all(attempt == attempts[0] for attempt in attempts)
    async with database.reading() as session:
        assert len((await session.scalars(select(Attempt))).all()) == len(people)
        assert len((await session.scalars(select(Slot))).all()) == 5 * len(people)


async def test_the_paper_is_the_one_that_the_rounds_seed_gives(
    exam: Exam, administrator: Actor, person: int, bank: QuestionBank, database: Database
) -> None:
    attempt = await exam.sitting.start(person, await factories.open_round(exam, administrator))
    async with database.reading() as session:
        seed = (await session.scalars(select(AssessmentRound.seed))).one()
        slots = (await session.scalars(select(Slot).order_by(Slot.position))).all()
    paper = assemble_paper(plan().blueprint, await bank.questions.pool(), f"{seed}/paper/{person}/1")
    assert [(slot.question_version_id, tuple(slot.option_order)) for slot in slots] == [
        (slot.version_id, slot.option_order) for slot in paper
    ]
    assert [tuple(option.index for option in slot.options) for slot in attempt.slots] == [slot.option_order for slot in paper]


async def test_who_passed_sits_no_more(exam: Exam, administrator: Actor, person: int, bank: QuestionBank) -> None:
    round_id = await factories.open_round(exam, administrator)
    await factories.sit(exam, bank.questions, person, round_id, right=3)
    assert await refusal(exam, person, round_id) is StartRefusal.ALREADY_PASSED
    assert await state(exam, person, round_id) == (InvitationState.PASSED, 1)


async def test_resits_are_limited(exam: Exam, administrator: Actor, person: int) -> None:
    round_id = await factories.open_round(exam, administrator, max_resits=2)
    for resits_left in (2, 1):
        await fail(exam, person, round_id)
        assert await state(exam, person, round_id) == (InvitationState.CAN_RESIT, resits_left)
    last = await fail(exam, person, round_id)
    assert last.ordinal == 3
    assert await state(exam, person, round_id) == (InvitationState.FAILED, 0)
    assert await refusal(exam, person, round_id) is StartRefusal.NO_RESIT_LEFT


async def test_without_resits_the_first_failure_is_the_last(exam: Exam, administrator: Actor, person: int) -> None:
    round_id = await factories.open_round(exam, administrator, max_resits=0)
    await fail(exam, person, round_id)
    assert await refusal(exam, person, round_id) is StartRefusal.NO_RESIT_LEFT


async def test_a_resit_left_over_ends_with_the_window(exam: Exam, administrator: Actor, person: int, clock: FakeClock) -> None:
    round_id = await factories.open_round(exam, administrator)
    await fail(exam, person, round_id)
    clock.advance(hours=8)
    assert await state(exam, person, round_id) == (InvitationState.FAILED, 1)
    assert await refusal(exam, person, round_id) is StartRefusal.WINDOW_CLOSED


async def test_a_resit_has_unseen_questions_as_far_as_the_bank_goes(
    exam: Exam, administrator: Actor, person: int, bank: QuestionBank, database: Database
) -> None:
    kind = (VACCINE_LAW, QuestionType.SINGLE_CHOICE)
    pool = {entry.version_id for entry in await bank.questions.pool() if (entry.law, entry.type) == kind}
    count = len(pool) * 2 // 5  # twice it leaves a fifth that nobody has seen
    blueprint = Blueprint((BlueprintPart(*kind, count),))
    round_id = await factories.open_round(exam, administrator, blueprint=blueprint, max_resits=2)
    papers = []
    for _ in range(3):
        attempt = await fail(exam, person, round_id)
        papers.append(await versions(database, attempt.id))
    first, resit, last = papers
    assert not first & resit
    assert pool - first - resit <= last, "what neither attempt had comes first"
    assert [len(paper) for paper in papers] == [count] * 3
