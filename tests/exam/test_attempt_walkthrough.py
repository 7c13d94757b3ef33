"""Walkthroughs of an attempt: they read as a story, and every policy has one."""

import pytest

from exam.attempts.rules import Outcome, StepAction, SubmittedBy, Tap
from exam.attempts.service import AttemptNotFound
from exam.wiring import Exam
from question_bank.questions.rules import QuestionType
from question_bank.wiring import QuestionBank
from tests import factories
from tests.fakes import FakeClock


async def test_a_candidate_starts_answers_leaves_returns_and_passes(exam: Exam, bank: QuestionBank, clock: FakeClock) -> None:
    await factories.add_regions(exam)
    school = await factories.add_school(exam, "一小", 1)
    round_id = await factories.open_round(exam, await factories.add_administrator(exam))
    person = school.people[0]

    attempt = await exam.sitting.start(person, round_id)
    assert len(attempt.slots) == 5
    assert attempt.deadline is not None
    assert (attempt.deadline - clock()).total_seconds() == 1800
    assert all(slot.feedback is None for slot in attempt.slots)
    attempt = await factories.answer(exam, bank.questions, attempt, 1, right=True)
    clock.advance(minutes=10)

    resumed = await exam.sitting.start(person, round_id)
    assert resumed == attempt  # the same paper, the same answers, the same deadline

    for position in (2, 3):
        attempt = await factories.answer(exam, bank.questions, attempt, position, right=True)
    attempt = await factories.answer(exam, bank.questions, attempt, 4, right=False)
    attempt = await exam.attempts.submit(person, attempt.id)
    assert (attempt.score, attempt.max_score, attempt.passed) == (3.0, 5.0, True)  # exactly on the mark of 60 %
    assert attempt.submitted_by is SubmittedBy.PERSON
    assert all(slot.feedback is None for slot in attempt.slots), "the window is still open"

    clock.advance(hours=8)
    await exam.tick()
    attempt = await exam.attempts.get(person, attempt.id)
    assert [slot.feedback.fraction for slot in attempt.slots if slot.feedback] == [1.0, 1.0, 1.0, 0.0, 0.0]


async def test_a_repeated_tap_makes_no_new_step(exam: Exam, bank: QuestionBank) -> None:
    await factories.add_regions(exam)
    school = await factories.add_school(exam, "一小", 1)
    round_id = await factories.open_round(exam, await factories.add_administrator(exam))
    attempt = await exam.sitting.start(school.people[0], round_id)
    tap = Tap(StepAction.CHOOSE, 0, 1)

    first, attempt = await exam.attempts.record_tap(attempt.person_id, attempt.id, 1, tap, attempt.started_at)
    again, after = await exam.attempts.record_tap(attempt.person_id, attempt.id, 1, tap, attempt.started_at)

    assert (first, again) == (Outcome.RECORDED, Outcome.UNCHANGED)
    assert after == attempt
    assert after.slots[0].seen == 1


async def test_quick_ticks_of_different_options_all_count(exam: Exam) -> None:
    await factories.add_regions(exam)
    school = await factories.add_school(exam, "一小", 1)
    round_id = await factories.open_round(exam, await factories.add_administrator(exam))
    attempt = await exam.sitting.start(school.people[0], round_id)
    position = next(slot.position for slot in attempt.slots if slot.type is QuestionType.MULTIPLE_CHOICE)
    for index in (2, 0, 1):  # all tapped on the first screen, before any reply
        _, attempt = await exam.attempts.record_tap(
            attempt.person_id, attempt.id, position, Tap(StepAction.ADD, 0, index), attempt.started_at
        )
    assert {option.index for option in attempt.slots[position - 1].options if option.is_chosen} == {0, 1, 2}


async def test_a_tap_after_the_deadline_hands_in_what_was_there(exam: Exam, bank: QuestionBank, clock: FakeClock) -> None:
    await factories.add_regions(exam)
    school = await factories.add_school(exam, "一小", 1)
    round_id = await factories.open_round(exam, await factories.add_administrator(exam))
    attempt = await exam.sitting.start(school.people[0], round_id)
    attempt = await factories.answer(exam, bank.questions, attempt, 1, right=True)
    clock.advance(minutes=30, seconds=1)

    outcome, attempt = await exam.attempts.record_tap(
        attempt.person_id, attempt.id, 2, Tap(StepAction.CHOOSE, 0, 0), attempt.started_at
    )

    assert outcome is Outcome.TOO_LATE
    assert (attempt.score, attempt.passed, attempt.submitted_by) == (1.0, False, SubmittedBy.DEADLINE)
    assert attempt.submitted_at == attempt.deadline
    assert not attempt.slots[1].has_response


async def test_the_sweep_hands_in_overdue_attempts_once_and_tells_the_person(exam: Exam, clock: FakeClock) -> None:
    await factories.add_regions(exam)
    school = await factories.add_school(exam, "一小", 2)
    round_id = await factories.open_round(exam, await factories.add_administrator(exam))
    for person in school.people:
        await exam.sitting.start(person, round_id)
    clock.advance(minutes=31)
    assert await exam.attempts.sweep_deadlines() == 2
    assert await exam.attempts.sweep_deadlines() == 0


async def test_somebody_elses_attempt_is_not_found(exam: Exam) -> None:
    await factories.add_regions(exam)
    school = await factories.add_school(exam, "一小", 2)
    round_id = await factories.open_round(exam, await factories.add_administrator(exam))
    attempt = await exam.sitting.start(school.people[0], round_id)
    with pytest.raises(AttemptNotFound):
        await exam.attempts.record_tap(school.people[1], attempt.id, 1, Tap(StepAction.CHOOSE, 0, 0), attempt.started_at)
