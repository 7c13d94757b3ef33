"""Use cases of sitting a paper: read it, record a tap, submit, auto-submit at the deadline.

Each is one transaction that holds the attempt, so that a tap and the deadline's sweep can never both win.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from exam.assessments.rules import FeedbackPolicy
from exam.attempts import policy, storage
from exam.attempts.rules import (
    AttemptMode,
    Outcome,
    SlotState,
    SubmittedBy,
    Tap,
    apply_tap,
    fraction_right,
    is_over,
    is_pass,
)
from exam.attempts.storage import AttemptRow, Paper, SlotRow
from exam.attempts.views import AttemptView, Feedback, OptionView, SlotView
from question_bank.database import AsyncSession, Clock, Database
from question_bank.questions.rules import QuestionContent, StoredQuestion
from question_bank.questions.service import Questions

LETTERS = "ABCDEF"
SWEEP_BATCH = 200

SubmittedHook = Callable[[AsyncSession, AttemptRow], Awaitable[None]]
"""Called inside the transaction that submits an attempt, for what must happen with it (a notice, say)."""


class AttemptNotFound(LookupError):
    """No such attempt, or it is somebody else's: the two are not told apart."""


class Attempts:
    def __init__(self, database: Database, questions: Questions, clock: Clock) -> None:
        self._database = database
        self._questions = questions
        self._clock = clock
        self._submitted_hooks: list[SubmittedHook] = []

    def on_submitted(self, hook: SubmittedHook) -> None:
        """Have `hook` run in the same transaction as every submission."""
        self._submitted_hooks.append(hook)

    async def get(self, person_id: int, attempt_id: int) -> AttemptView:
        """The person's own attempt as it stands. Raises AttemptNotFound."""
        async with self._database.reading() as session:
            paper = await storage.find_paper(session, attempt_id)
        return await self._view(_own(paper, person_id))

    async def find_open(self, person_id: int, mode: AttemptMode) -> AttemptView | None:
        """The person's newest attempt in this mode that is not submitted."""
        async with self._database.reading() as session:
            paper = await storage.find_open(session, person_id, mode)
        return None if paper is None else await self._view(paper)

    async def record_tap(
        self, person_id: int, attempt_id: int, position: int, tap: Tap, occurred_at: dt.datetime
    ) -> tuple[Outcome, AttemptView]:
        """Judge a tap and, if it changes something, record it durably before returning.

        Raises AttemptNotFound for somebody else's attempt or a position that is not on the paper. A tap after the
        deadline submits what was there and changes nothing else; the last answer of a practice set hands it in.
        """
        now = self._clock()

        def record(connection: Connection) -> tuple[Outcome, Paper]:
            paper = _own(storage.read_paper(connection, attempt_id, lock=True), person_id)
            if not 1 <= position <= len(paper.slots):
                raise AttemptNotFound(attempt_id)
            return _record(connection, paper, paper.slots[position - 1], tap, occurred_at, now)

        outcome, paper = await self._database.run(record)
        is_done = paper.attempt.mode is AttemptMode.PRACTICE and all(slot.is_answered for slot in paper.slots)
        if paper.attempt.submitted_at is None and (outcome is Outcome.TOO_LATE or is_done):
            return outcome, await self.submit(person_id, attempt_id)
        return outcome, await self._view(paper)

    async def submit(self, person_id: int, attempt_id: int) -> AttemptView:
        """Hand the paper in and mark it. Submitting twice changes nothing. Raises AttemptNotFound."""
        async with self._database.transaction() as session:
            paper = _own(await storage.find_paper(session, attempt_id, lock=True), person_id)
            if paper.attempt.submitted_at is None:
                paper = await self._submit(session, paper)
        return await self._view(paper)

    async def end_unfinished(self, session: AsyncSession, paper: Paper) -> None:
        """Inside a transaction that holds it: hand in what a person has left lying, as it is."""
        await self._submit(session, paper)

    async def sweep_deadlines(self) -> int:
        """Submit every attempt whose deadline is past; returns how many. Safe in any number of processes."""
        count = 0
        while overdue := await self._list_overdue():
            submitted = sum([await self._submit_overdue(attempt_id) for attempt_id in overdue])
            if not submitted:  # others are at the same ones, or none can be: the next tick looks again
                break
            count += submitted
        return count

    async def _list_overdue(self) -> Sequence[int]:
        async with self._database.reading() as session:
            return await storage.list_overdue(session, self._clock(), SWEEP_BATCH)

    async def _submit_overdue(self, attempt_id: int) -> bool:
        """False when it was handed in meanwhile."""
        async with self._database.transaction() as session:
            paper = await storage.find_paper(session, attempt_id, lock=True)
            if paper is None or paper.attempt.submitted_at is not None:
                return False
            await self._submit(session, paper)
        return True

    async def _submit(self, session: AsyncSession, paper: Paper) -> Paper:
        """Mark every slot and the whole. Past the deadline what was ticked counts, and the deadline is the time handed in."""
        attempt, now = paper.attempt, self._clock()
        questions = await self._questions.get_versions((slot.question_version_id for slot in paper.slots), session)
        fractions = [fraction_right(slot.response, questions[slot.question_version_id].content.keys) for slot in paper.slots]
        marks = [(slot.id, fraction, fraction * slot.max_mark) for slot, fraction in zip(paper.slots, fractions, strict=True)]
        score, max_score = sum(mark for _, _, mark in marks), sum(slot.max_mark for slot in paper.slots)
        late = is_over(attempt.deadline, now)
        submitted = replace(
            attempt,
            submitted_at=attempt.deadline if late else now,
            submitted_by=SubmittedBy.DEADLINE if late else SubmittedBy.PERSON,
            score=score,
            max_score=max_score,
            passed=None if attempt.pass_mark is None else is_pass(score, max_score, attempt.pass_mark),
        )
        await storage.write_submission(session, submitted, marks)
        for hook in self._submitted_hooks:
            await hook(session, submitted)
        return replace(paper, attempt=submitted)

    async def _view(self, paper: Paper) -> AttemptView:
        attempt = paper.attempt
        questions = await self._questions.get_versions(slot.question_version_id for slot in paper.slots)
        now = self._clock()
        return AttemptView(
            id=attempt.id,
            person_id=attempt.person_id,
            mode=attempt.mode,
            candidate_id=attempt.candidate_id,
            ordinal=attempt.ordinal,
            title=attempt.title,
            started_at=attempt.started_at,
            deadline=attempt.deadline,
            submitted_at=attempt.submitted_at,
            submitted_by=attempt.submitted_by,
            pass_mark=attempt.pass_mark,
            score=attempt.score,
            max_score=attempt.max_score,
            passed=attempt.passed,
            slots=tuple(_slot_view(attempt, slot, questions[slot.question_version_id], now) for slot in paper.slots),
            feedback_from=policy.feedback_from(attempt.feedback, attempt.submitted_at, attempt.window_closes_at, now),
        )


def _own(paper: Paper | None, person_id: int) -> Paper:
    if paper is None or paper.attempt.person_id != person_id:
        raise AttemptNotFound
    return paper


def _record(
    connection: Connection, paper: Paper, slot: SlotRow, tap: Tap, occurred_at: dt.datetime, now: dt.datetime
) -> tuple[Outcome, Paper]:
    """Judge a tap on a paper that this transaction holds, and record it; returns the paper as it is then."""
    attempt = paper.attempt
    if attempt.submitted_at is not None:
        return Outcome.SUBMITTED, paper
    if is_over(attempt.deadline, now):
        return Outcome.TOO_LATE, paper
    state = SlotState(
        type=slot.type,
        option_count=len(slot.option_order),
        response=tuple(slot.response),
        is_answered=slot.is_answered,
        step_count=slot.step_count,
        locks_when_answered=attempt.feedback is FeedbackPolicy.IMMEDIATE,
    )
    since = storage.list_steps_since(connection, slot.id, tap.seen) if slot.step_count > tap.seen else []
    outcome, changed = apply_tap(state, tap, since)
    if changed != state:
        paper = paper.with_slot(storage.append_step(connection, slot, tap, changed, occurred_at, now))
    return outcome, paper


def _slot_view(attempt: AttemptRow, slot: SlotRow, question: StoredQuestion, now: dt.datetime) -> SlotView:
    content, chosen = question.content, set(slot.response)
    view = SlotView(
        position=slot.position,
        type=content.type,
        stem=content.stem,
        options=tuple(
            OptionView(index, LETTERS[shown], content.options[index].text, index in chosen)
            for shown, index in enumerate(slot.option_order)
        ),
        is_answered=slot.is_answered,
        seen=slot.step_count,
    )
    if policy.may_show_slot(attempt.feedback, slot.is_answered, attempt.submitted_at, attempt.window_closes_at, now):
        return replace(view, feedback=_feedback(content, slot))
    return view


def _feedback(content: QuestionContent, slot: SlotRow) -> Feedback:
    letters = {index: LETTERS[shown] for shown, index in enumerate(slot.option_order)}
    wrong = sorted((letters[i], content.options[i].reason or "") for i in slot.response if i not in content.keys)
    return Feedback(
        fraction=fraction_right(slot.response, content.keys),
        key_letters="".join(sorted(letters[index] for index in content.keys)),
        explanation=content.explanation,
        citations=content.citations,
        reasons=tuple((letter, reason) for letter, reason in wrong if reason),
    )
