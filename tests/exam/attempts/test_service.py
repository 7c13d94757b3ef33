"""Recording taps: durable, each once, in any number of processes, and only while the clock runs."""

import asyncio
import datetime as dt

import pytest

from exam.attempts import storage
from exam.attempts.rules import Outcome, StepAction, SubmittedBy, Tap
from exam.attempts.service import AttemptNotFound
from exam.attempts.views import AttemptView
from exam.people.rules import Actor
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import QuestionType
from question_bank.wiring import QuestionBank
from tests import factories
from tests.fakes import START, FakeClock

CHOOSE, ADD, REMOVE, CONFIRM = StepAction
MULTIPLE = 3  # the first of the plan's two multiple choice questions, after two single choice ones


@pytest.fixture
async def attempt(exam: Exam, administrator: Actor) -> AttemptView:
    """Just started: thirty minutes for five questions."""
    person = (await factories.add_school(exam, "一小", 1)).people[0]
    return await exam.sitting.start(person, await factories.open_round(exam, administrator))


async def tap(exam: Exam, attempt: AttemptView, position: int, *what: object, at: dt.datetime = START) -> Outcome:
    outcome, _ = await exam.attempts.record_tap(attempt.person_id, attempt.id, position, Tap(*what), at)  # type: ignore[arg-type]
    return outcome


def chosen(attempt: AttemptView, position: int) -> set[int]:
    return {option.index for option in attempt.slots[position - 1].options if option.is_chosen}


async def test_a_tap_at_the_very_deadline_counts_and_a_second_later_not(
    exam: Exam, attempt: AttemptView, clock: FakeClock
) -> None:
    clock.advance(minutes=30)
    assert await exam.attempts.sweep_deadlines() == 0
    assert await tap(exam, attempt, 1, CHOOSE, 0, 0) is Outcome.RECORDED
    clock.advance(seconds=1)
    assert await tap(exam, attempt, 2, CHOOSE, 0, 0) is Outcome.TOO_LATE
    assert await tap(exam, attempt, 2, CHOOSE, 0, 0) is Outcome.SUBMITTED
    after = await exam.attempts.get(attempt.person_id, attempt.id)
    assert (chosen(after, 1), chosen(after, 2)) == ({0}, set())
    assert (after.submitted_by, after.submitted_at) == (SubmittedBy.DEADLINE, attempt.deadline)


async def test_ticks_without_confirmation_count_when_the_time_is_over(
    exam: Exam, attempt: AttemptView, bank: QuestionBank, clock: FakeClock
) -> None:
    for key in await factories.keys_of(bank.questions, attempt.slots[MULTIPLE - 1]):
        assert await tap(exam, attempt, MULTIPLE, ADD, 0, key) is Outcome.RECORDED
    clock.advance(minutes=31)
    assert await exam.attempts.sweep_deadlines() == 1
    after = await exam.attempts.get(attempt.person_id, attempt.id)
    assert (after.score, after.passed) == (1.0, False)


async def test_handing_in_twice_changes_nothing(exam: Exam, attempt: AttemptView, bank: QuestionBank, clock: FakeClock) -> None:
    await factories.answer(exam, bank.questions, attempt, 1, right=True)
    clock.advance(minutes=10)
    first = await exam.attempts.submit(attempt.person_id, attempt.id)
    assert (first.score, first.submitted_by, first.submitted_at) == (1.0, SubmittedBy.PERSON, clock())
    clock.advance(minutes=10)
    assert await exam.attempts.submit(attempt.person_id, attempt.id) == first
    assert await tap(exam, attempt, 2, CHOOSE, 0, 0) is Outcome.SUBMITTED
    clock.advance(minutes=30)
    assert await exam.attempts.sweep_deadlines() == 0
    assert await exam.attempts.get(attempt.person_id, attempt.id) == first


async def test_handing_in_at_the_deadline_is_the_persons_and_later_the_clocks(
    exam: Exam, administrator: Actor, clock: FakeClock
) -> None:
    one, other = (await factories.add_school(exam, "一小", 2)).people
    round_id = await factories.open_round(exam, administrator)
    ids = {person: (await exam.sitting.start(person, round_id)).id for person in (one, other)}
    clock.advance(minutes=30)
    assert (await exam.attempts.submit(one, ids[one])).submitted_by is SubmittedBy.PERSON
    clock.advance(seconds=1)
    late = await exam.attempts.submit(other, ids[other])
    assert (late.submitted_by, late.submitted_at) == (SubmittedBy.DEADLINE, late.deadline)


async def test_nobody_reads_taps_or_hands_in_what_is_not_theirs(exam: Exam, attempt: AttemptView) -> None:
    for person_id, attempt_id in ((attempt.person_id + 1, attempt.id), (attempt.person_id, attempt.id + 1), (0, 0)):
        with pytest.raises(AttemptNotFound):
            await exam.attempts.get(person_id, attempt_id)
        with pytest.raises(AttemptNotFound):
            await exam.attempts.submit(person_id, attempt_id)
        with pytest.raises(AttemptNotFound):
            await exam.attempts.record_tap(person_id, attempt_id, 1, Tap(CHOOSE, 0, 0), START)
    for position in (0, -1, 6):
        with pytest.raises(AttemptNotFound):
            await tap(exam, attempt, position, CHOOSE, 0, 0)
    assert await exam.attempts.get(attempt.person_id, attempt.id) == attempt


async def test_history_is_added_to_and_never_rewritten(
    exam: Exam, attempt: AttemptView, database: Database, clock: FakeClock
) -> None:
    occurred = START - dt.timedelta(seconds=3)
    taps = [(MULTIPLE, ADD, 0, 2), (1, CHOOSE, 0, 1), (MULTIPLE, ADD, 0, 0), (MULTIPLE, REMOVE, 2, 2), (MULTIPLE, CONFIRM, 3)]
    for what in (*taps, (1, CHOOSE, 1, 0)):
        clock.advance(seconds=1)
        assert await tap(exam, attempt, *what, at=occurred) is Outcome.RECORDED  # type: ignore[arg-type]
        assert await tap(exam, attempt, *what, at=occurred) is Outcome.UNCHANGED  # type: ignore[arg-type]
    await exam.attempts.submit(attempt.person_id, attempt.id)
    async with database.reading() as session:
        steps = await storage.list_steps(session, attempt.id)
    assert [(position, step.sequence, step.action, step.option, step.response) for position, step in steps] == [
        (MULTIPLE, 1, ADD, 2, [2]),
        (1, 1, CHOOSE, 1, [1]),
        (MULTIPLE, 2, ADD, 0, [0, 2]),
        (MULTIPLE, 3, REMOVE, 2, [0]),
        (MULTIPLE, 4, CONFIRM, None, [0]),
        (1, 2, CHOOSE, 0, [0]),
    ]
    assert [step.recorded_at for _, step in steps] == [START + dt.timedelta(seconds=n) for n in range(1, 7)]
    assert {step.occurred_at for _, step in steps} == {occurred}


async def test_taps_in_two_processes_at_once_all_count_and_the_same_tap_once(
    exam: Exam, second: Exam, attempt: AttemptView, database: Database
) -> None:
    assert attempt.slots[MULTIPLE - 1].type is QuestionType.MULTIPLE_CHOICE
    for position in (MULTIPLE, MULTIPLE + 1):
        ticks = [tap(e, attempt, position, ADD, 0, option) for option in (0, 1, 2) for e in (exam, second)]
        outcomes = await asyncio.gather(*ticks)
        assert sorted(outcomes) == [Outcome.RECORDED] * 3 + [Outcome.UNCHANGED] * 3
    choices = [tap(e, attempt, 1, CHOOSE, 0, option) for option, e in ((0, exam), (1, second), (2, exam), (3, second))]
    assert sorted(await asyncio.gather(*choices)) == [Outcome.RECORDED] + [Outcome.UNCHANGED] * 3
    after = await exam.attempts.get(attempt.person_id, attempt.id)
    assert chosen(after, MULTIPLE) == chosen(after, MULTIPLE + 1) == {0, 1, 2}
    async with database.reading() as session:
        assert len(await storage.list_steps(session, attempt.id)) == 7


async def test_confirming_nothing_leaves_a_trace_but_no_answer(exam: Exam, attempt: AttemptView) -> None:
    outcome, after = await exam.attempts.record_tap(attempt.person_id, attempt.id, MULTIPLE, Tap(CONFIRM, 0), START)
    slot = after.slots[MULTIPLE - 1]
    assert (outcome, slot.seen, slot.is_answered, slot.has_response) == (Outcome.NOTHING_CHOSEN, 1, False, False)
    assert await tap(exam, attempt, MULTIPLE, ADD, 0, 1) is Outcome.RECORDED
    assert await tap(exam, attempt, MULTIPLE, CONFIRM, 0) is Outcome.UNCHANGED
