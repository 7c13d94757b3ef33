"""Practice: new questions first, feedback at once, and never a trace in the results."""

import asyncio

import pytest
from sqlalchemy import select

from exam.attempts.rules import AttemptMode, Outcome, StepAction, SubmittedBy, Tap
from exam.attempts.tables import Attempt, Slot
from exam.attempts.views import AttemptView
from exam.people.rules import Actor
from exam.practice.service import QUESTIONS_PER_SET, NothingToPractise, law_of_set
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import QuestionType
from question_bank.regulations.rules import ArticleNumber
from question_bank.wiring import QuestionBank
from tests import factories
from tests.factories import VACCINE_LAW
from tests.fakes import FakeClock


@pytest.fixture
async def person(exam: Exam, administrator: Actor) -> int:
    return (await factories.add_school(exam, "一小", 1)).people[0]


async def answer_all(exam: Exam, attempt: AttemptView) -> AttemptView:
    """Tap the first option of every question."""
    for slot in attempt.slots:
        is_multiple = slot.type is QuestionType.MULTIPLE_CHOICE
        taps = [Tap(StepAction.ADD, 0, 0), Tap(StepAction.CONFIRM, 1)] if is_multiple else [Tap(StepAction.CHOOSE, 0, 0)]
        for tap in taps:
            _, attempt = await exam.attempts.record_tap(attempt.person_id, attempt.id, slot.position, tap, attempt.started_at)
    return attempt


async def rows(database: Database) -> list[Attempt]:
    async with database.reading() as session:
        return list((await session.scalars(select(Attempt).order_by(Attempt.id))).all())


async def versions(database: Database, attempt_id: int) -> set[int]:
    async with database.reading() as session:
        return set((await session.scalars(select(Slot.question_version_id).where(Slot.attempt_id == attempt_id))).all())


async def test_a_set_has_ten_questions_no_clock_and_no_pass_mark(exam: Exam, person: int, bank: QuestionBank) -> None:
    attempt = await exam.practice.start(person, None)
    assert (attempt.mode, len(attempt.slots), attempt.title) == (AttemptMode.PRACTICE, 10, "")
    assert (attempt.deadline, attempt.pass_mark, attempt.candidate_id) == (None, None, None)
    assert await exam.attempts.find_open(person, AttemptMode.PRACTICE) == attempt
    assert await exam.attempts.find_open(person, AttemptMode.ASSESSMENT) is None
    assert dict(await exam.practice.list_laws())[VACCINE_LAW] == sum(e.law == VACCINE_LAW for e in await bank.questions.pool())


async def test_practice_of_one_law_asks_about_that_law_only(
    exam: Exam, person: int, bank: QuestionBank, database: Database
) -> None:
    attempt = await exam.practice.start(person, VACCINE_LAW)
    laws = {entry.version_id: entry.law for entry in await bank.questions.pool()}
    assert {laws[version] for version in await versions(database, attempt.id)} == {VACCINE_LAW}
    assert attempt.title == VACCINE_LAW
    with pytest.raises(NothingToPractise):
        await exam.practice.start(person, "没有的法")
    assert await exam.attempts.find_open(person, AttemptMode.PRACTICE) == attempt, "and the set goes on"


async def test_practice_on_an_article_asks_all_that_cites_it_and_nothing_else(
    exam: Exam, person: int, bank: QuestionBank, database: Database
) -> None:
    article = ArticleNumber(39)
    attempt = await exam.practice.start_on_article(person, VACCINE_LAW, article)
    citing = {
        stored.version_id
        for stored in await bank.questions.list_questions()
        if any((c.law, c.article) == (VACCINE_LAW, article) for c in stored.content.citations)
    }
    assert await versions(database, attempt.id) == citing
    assert 1 < len(citing) < QUESTIONS_PER_SET
    assert attempt.title == "疫苗管理法 第三十九条"
    assert [law_of_set(title) for title in (attempt.title, VACCINE_LAW, "")] == [VACCINE_LAW, VACCINE_LAW, ""]
    for law, number in (("农产品质量安全法", ArticleNumber(20)), ("刑法", article), ("没有的法", article)):
        with pytest.raises(NothingToPractise):
            await exam.practice.start_on_article(person, law, number)
    assert await exam.attempts.find_open(person, AttemptMode.PRACTICE) == attempt, "and the set goes on"


async def test_questions_not_practised_yet_come_first(exam: Exam, person: int, bank: QuestionBank, database: Database) -> None:
    pool = {entry.version_id for entry in await bank.questions.pool() if entry.law == VACCINE_LAW}
    seen: set[int] = set()
    while len(pool - seen) >= 10:
        attempt = await answer_all(exam, await exam.practice.start(person, VACCINE_LAW))
        fresh = await versions(database, attempt.id)
        assert not fresh & seen
        seen |= fresh
    last = await versions(database, (await exam.practice.start(person, VACCINE_LAW)).id)
    assert pool - seen <= last
    assert len(last) == 10


async def test_what_was_shown_but_not_answered_stays_new(exam: Exam, person: int, database: Database) -> None:
    first = await exam.practice.start(person, VACCINE_LAW)
    await exam.attempts.submit(person, first.id)
    shown = await versions(database, first.id)
    seen: set[int] = set()
    while not shown <= seen:
        attempt = await exam.practice.start(person, VACCINE_LAW)
        fresh = await versions(database, attempt.id)
        assert not fresh <= seen, "until all were answered there is always something new"
        seen |= fresh
        await answer_all(exam, attempt)


async def test_the_last_answer_marks_the_set(exam: Exam, person: int, bank: QuestionBank) -> None:
    attempt = await exam.practice.start(person, None)
    for position in range(1, 10):
        attempt = await factories.answer(exam, bank.questions, attempt, position, right=position <= 6)
        assert (attempt.is_submitted, attempt.slots[position - 1].feedback is not None) == (False, True)
    attempt = await factories.answer(exam, bank.questions, attempt, 10, right=False)
    assert (attempt.score, attempt.max_score, attempt.passed) == (6.0, 10.0, None)
    assert attempt.submitted_by is SubmittedBy.PERSON
    assert await exam.attempts.find_open(person, AttemptMode.PRACTICE) is None


async def test_an_answer_shown_is_an_answer_given(exam: Exam, person: int, bank: QuestionBank) -> None:
    attempt = await factories.answer(exam, bank.questions, await exam.practice.start(person, None), 1, right=False)
    slot = attempt.slots[0]
    action = StepAction.ADD if slot.type is QuestionType.MULTIPLE_CHOICE else StepAction.CHOOSE
    for option in slot.options:
        tap = Tap(action, slot.seen, option.index)
        outcome, after = await exam.attempts.record_tap(person, attempt.id, 1, tap, attempt.started_at)
        assert (outcome, after) == (Outcome.LOCKED, attempt)


async def test_a_new_set_ends_the_one_left_lying(exam: Exam, person: int, database: Database, clock: FakeClock) -> None:
    first = await exam.practice.start(person, None)
    clock.advance(days=40)
    assert await exam.attempts.sweep_deadlines() == 0
    second = await exam.practice.start(person, None)
    assert [(row.id, row.submitted_at, row.submitted_by) for row in await rows(database)] == [
        (first.id, clock(), SubmittedBy.PERSON),
        (second.id, None, None),
    ]


async def test_starting_twice_at_once_leaves_one_set_open(exam: Exam, second: Exam, person: int, database: Database) -> None:
    for _ in range(4):
        await asyncio.gather(*(services.practice.start(person, None) for services in (exam, second, exam)))
        assert sum(row.submitted_at is None for row in await rows(database)) == 1


async def test_practice_never_counts(exam: Exam, administrator: Actor, person: int, database: Database) -> None:
    attempt = await answer_all(exam, await exam.practice.start(person, None))
    assert attempt.is_submitted
    assert (await exam.results.pass_rates(administrator)).lines == ()
    round_id = await factories.open_round(exam, administrator)
    [line] = (await exam.results.pass_rates(administrator)).lines
    assert (line.tally.drawn, line.tally.sat) == (1, 0)
    assert (await exam.assessments.get_progress(administrator, round_id)).by_status == {"waiting": 1}
    assert (await exam.sitting.start(person, round_id)).ordinal == 1
