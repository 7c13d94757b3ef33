"""Use cases of candidates: which assessments wait for me, and starting one (or its resit)."""

import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from exam.assessments import storage
from exam.assessments.rules import RoundState, deadline_of
from exam.assessments.tables import Assessment, AssessmentRound, Candidate
from exam.attempts import storage as attempt_storage
from exam.attempts.rules import AttemptMode
from exam.attempts.service import Attempts
from exam.attempts.storage import NewAttempt
from exam.attempts.tables import Attempt
from exam.attempts.views import AttemptView
from exam.papers.rules import Blueprint, assemble_paper
from question_bank.database import AsyncSession, Clock, Database
from question_bank.questions.service import Questions

INVITATIONS_SHOWN = 10


class InvitationState(enum.StrEnum):
    """What a drawn person can do: start, go on, sit again, or read the result."""

    CAN_START = "can_start"
    SITTING = "sitting"
    CAN_RESIT = "can_resit"
    PASSED = "passed"
    FAILED = "failed"
    MISSED = "missed"


@dataclass(frozen=True)
class Invitation:
    """One round in which a person was drawn. `attempt_id` is their latest attempt, if any."""

    round_id: int
    title: str
    state: InvitationState
    question_count: int
    time_limit: dt.timedelta
    pass_mark: int
    closes_at: dt.datetime
    resits_left: int
    attempt_id: int | None


class StartRefusal(enum.StrEnum):
    NOT_DRAWN = "not_drawn"
    WINDOW_CLOSED = "window_closed"
    ALREADY_PASSED = "already_passed"
    NO_RESIT_LEFT = "no_resit_left"


class StartRefused(Exception):
    """An attempt cannot be started; `reason` says why."""

    def __init__(self, reason: StartRefusal) -> None:
        super().__init__(reason)
        self.reason = reason


class Sitting:
    def __init__(self, database: Database, questions: Questions, attempts: Attempts, clock: Clock) -> None:
        self._database = database
        self._questions = questions
        self._attempts = attempts
        self._clock = clock

    async def list_invitations(self, person_id: int) -> list[Invitation]:
        """The rounds in which the person was drawn, newest first."""
        return await self._list(person_id)

    async def get_invitation(self, person_id: int, round_id: int) -> Invitation:
        """Raises StartRefused(NOT_DRAWN) when the person is not on that round's roster."""
        for invitation in await self._list(person_id, round_id):
            return invitation
        raise StartRefused(StartRefusal.NOT_DRAWN)

    async def _list(self, person_id: int, round_id: int | None = None) -> list[Invitation]:
        now = self._clock()
        async with self._database.reading() as session:
            rows = await storage.list_invitations(session, person_id, INVITATIONS_SHOWN, round_id)
            attempts: defaultdict[int | None, list[Attempt]] = defaultdict(list)
            for attempt in await attempt_storage.list_attempts_of_candidates(session, [row[0].id for row in rows]):
                attempts[attempt.candidate_id].append(attempt)
        return [_invitation(current, assessment, attempts[candidate.id], now) for candidate, current, assessment in rows]

    async def start(self, person_id: int, round_id: int) -> AttemptView:
        """Start the person's attempt: the paper is drawn and frozen, and the clock starts, now. Going on resumes it.

        A resit gets questions that no earlier attempt had, as far as the bank goes. Raises StartRefused.
        """
        now = self._clock()
        async with self._database.transaction() as session:
            candidate = await storage.find_candidate(session, round_id, person_id, lock=True)
            row = await storage.get_round(session, round_id)
            if candidate is None or row is None or candidate.id is None:
                raise StartRefused(StartRefusal.NOT_DRAWN)
            current, assessment = row
            attempts = await attempt_storage.list_attempts_of_candidates(session, [candidate.id])
            attempt_id = attempts[-1].id if attempts else None
            state = _state(attempts, assessment.max_resits, _is_open(current, now))
            if state in (InvitationState.CAN_START, InvitationState.CAN_RESIT):
                attempt_id = await self._begin(session, candidate, current, assessment, len(attempts) + 1, now)
            elif state is InvitationState.PASSED:
                raise StartRefused(StartRefusal.ALREADY_PASSED)
            elif state is not InvitationState.SITTING:
                spent = len(attempts) > assessment.max_resits
                raise StartRefused(StartRefusal.NO_RESIT_LEFT if spent else StartRefusal.WINDOW_CLOSED)
        assert attempt_id is not None
        return await self._attempts.get(person_id, attempt_id)

    async def _begin(
        self,
        session: AsyncSession,
        candidate: Candidate,
        current: AssessmentRound,
        assessment: Assessment,
        ordinal: int,
        now: dt.datetime,
    ) -> int:
        assert candidate.id is not None
        assert current.closes_at is not None
        used = await attempt_storage.list_versions_of_candidate(session, candidate.id)
        pool = await self._questions.pool(session)
        paper_seed = f"{current.seed}/paper/{candidate.person_id}/{ordinal}"
        paper = assemble_paper(Blueprint.from_json(assessment.blueprint), pool, paper_seed, exclude=used)
        new = NewAttempt(
            person_id=candidate.person_id,
            mode=AttemptMode.ASSESSMENT,
            title=assessment.title,
            feedback=assessment.feedback,
            paper=tuple(paper),
            candidate_id=candidate.id,
            ordinal=ordinal,
            pass_mark=assessment.pass_mark,
            deadline=deadline_of(now, dt.timedelta(seconds=assessment.time_limit_seconds), current.closes_at),
            window_closes_at=current.closes_at,
        )
        return await attempt_storage.insert_attempt(session, new, now)


def _is_open(current: AssessmentRound, now: dt.datetime) -> bool:
    return current.state is RoundState.OPEN and current.closes_at is not None and now < current.closes_at


def _invitation(current: AssessmentRound, assessment: Assessment, attempts: Sequence[Attempt], now: dt.datetime) -> Invitation:
    assert current.id is not None
    assert current.closes_at is not None
    return Invitation(
        round_id=current.id,
        title=assessment.title,
        state=_state(attempts, assessment.max_resits, _is_open(current, now)),
        question_count=Blueprint.from_json(assessment.blueprint).question_count,
        time_limit=dt.timedelta(seconds=assessment.time_limit_seconds),
        pass_mark=assessment.pass_mark,
        closes_at=current.closes_at,
        resits_left=max(0, assessment.max_resits + 1 - max(1, len(attempts))),
        attempt_id=attempts[-1].id if attempts else None,
    )


def _state(attempts: Sequence[Attempt], max_resits: int, is_open: bool) -> InvitationState:
    if not attempts:
        return InvitationState.CAN_START if is_open else InvitationState.MISSED
    if attempts[-1].submitted_at is None:
        return InvitationState.SITTING
    if any(attempt.passed for attempt in attempts):
        return InvitationState.PASSED
    can_resit = is_open and len(attempts) <= max_resits
    return InvitationState.CAN_RESIT if can_resit else InvitationState.FAILED
