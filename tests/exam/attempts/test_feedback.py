"""What a candidate is shown of the keys: nothing before the policy allows it, then right or wrong, the key, and why."""

import dataclasses

import pytest

from exam.assessments.rules import FeedbackPolicy
from exam.attempts.rules import Outcome, StepAction, Tap
from exam.attempts.views import AttemptView, Feedback
from exam.people.rules import Actor
from exam.wiring import Exam
from question_bank.questions.rules import StoredQuestion
from question_bank.wiring import QuestionBank
from tests import factories
from tests.fakes import FakeClock


@pytest.fixture
async def person(exam: Exam, administrator: Actor) -> int:
    return (await factories.add_school(exam, "一小", 1)).people[0]


async def start(exam: Exam, administrator: Actor, person: int, policy: FeedbackPolicy) -> AttemptView:
    return await exam.sitting.start(person, await factories.open_round(exam, administrator, feedback=policy))


def shown(attempt: AttemptView) -> list[bool]:
    return [slot.feedback is not None for slot in attempt.slots]


async def question_of(bank: QuestionBank, stem: str) -> StoredQuestion:
    return next(stored for stored in await bank.questions.list_questions() if stored.content.stem == stem)


async def test_after_the_window_means_after_it(
    exam: Exam, administrator: Actor, person: int, bank: QuestionBank, clock: FakeClock
) -> None:
    attempt = await start(exam, administrator, person, FeedbackPolicy.AFTER_WINDOW)
    attempt = await factories.answer(exam, bank.questions, attempt, 1, right=True)
    assert shown(attempt) == [False] * 5
    attempt = await exam.attempts.submit(person, attempt.id)
    assert (shown(attempt), attempt.score) == ([False] * 5, 1.0)
    clock.advance(hours=8)
    at_the_end = await exam.attempts.get(person, attempt.id)
    assert (shown(at_the_end), at_the_end.feedback_from) == ([False] * 5, clock())
    clock.advance(seconds=1)
    after = await exam.attempts.get(person, attempt.id)
    assert (shown(after), after.feedback_from) == ([True] * 5, None)


async def test_after_submission_means_at_once(exam: Exam, administrator: Actor, person: int, bank: QuestionBank) -> None:
    attempt = await start(exam, administrator, person, FeedbackPolicy.AFTER_SUBMISSION)
    attempt = await factories.answer(exam, bank.questions, attempt, 1, right=True)
    assert shown(attempt) == [False] * 5
    attempt = await exam.attempts.submit(person, attempt.id)
    assert (shown(attempt), attempt.feedback_from) == ([True] * 5, None)


async def test_immediate_shows_what_is_answered_and_locks_it(
    exam: Exam, administrator: Actor, person: int, bank: QuestionBank
) -> None:
    attempt = await start(exam, administrator, person, FeedbackPolicy.IMMEDIATE)
    attempt = await factories.answer(exam, bank.questions, attempt, 2, right=False)
    assert shown(attempt) == [False, True, False, False, False]
    outcome, after = await exam.attempts.record_tap(person, attempt.id, 2, Tap(StepAction.CHOOSE, 1, 0), attempt.started_at)
    assert (outcome, after) == (Outcome.LOCKED, attempt)


async def test_feedback_names_the_keys_by_the_letters_shown(
    exam: Exam, administrator: Actor, person: int, bank: QuestionBank
) -> None:
    attempt = await start(exam, administrator, person, FeedbackPolicy.AFTER_SUBMISSION)
    for position in range(1, 6):
        attempt = await factories.answer(exam, bank.questions, attempt, position, right=position % 2 == 0)
    attempt = await exam.attempts.submit(person, attempt.id)
    for slot in attempt.slots:
        content = (await question_of(bank, slot.stem)).content
        letters = {option.index: option.letter for option in slot.options}
        assert "".join(option.letter for option in slot.options) == "ABCDEF"[: len(content.options)]
        assert [option.text for option in slot.options] == [content.options[option.index].text for option in slot.options]
        wrong = [option for option in slot.options if option.is_chosen and option.index not in content.keys]
        reasons = tuple((option.letter, content.options[option.index].reason) for option in wrong)
        assert slot.feedback == Feedback(
            fraction=0.0 if slot.position % 2 else 1.0,
            key_letters="".join(sorted(letters[key] for key in content.keys)),
            explanation=content.explanation,
            citations=content.citations,
            reasons=tuple((letter, reason) for letter, reason in reasons if reason),  # type: ignore[misc]
        )


async def test_nothing_that_tells_the_key_is_in_what_a_candidate_is_shown_while_sitting(
    exam: Exam, administrator: Actor, person: int, bank: QuestionBank
) -> None:
    attempt = await start(exam, administrator, person, FeedbackPolicy.AFTER_WINDOW)
    told = repr(dataclasses.asdict(attempt))
    for slot in attempt.slots:
        content = (await question_of(bank, slot.stem)).content
        assert content.explanation not in told
        assert not any(option.reason and option.reason in told for option in content.options)
        assert set(dataclasses.asdict(slot.options[0])) == {"index", "letter", "text", "is_chosen"}
