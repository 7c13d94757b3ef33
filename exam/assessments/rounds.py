"""What happens by the clock: a due round draws its people once, a finished window closes, a recurring one is planned on.

Every process may run this as often as it likes: the truth is the round's row, claimed inside one transaction together with
the roster, the notices and the next round, so that a kill at any instant leaves all of it or nothing.
"""

import datetime as dt
import secrets
from collections.abc import Callable

from exam.assessments import storage
from exam.assessments.recurrence import next_occurrence
from exam.assessments.rules import (
    AssessmentState,
    RoundFailure,
    RoundState,
    ScheduleKind,
    close_of,
    draw_roster,
    frame_hash,
    write_frame,
)
from exam.assessments.service import planned_round
from exam.assessments.tables import Assessment, AssessmentRound
from exam.notices.rules import NoticeKind
from exam.notices.service import Notices
from exam.papers.rules import Blueprint, find_shortfalls
from exam.people.rules import JobRole, OrganisationKind
from question_bank.database import AsyncSession, Clock, Database
from question_bank.questions.service import Questions


class Rounds:
    def __init__(
        self,
        database: Database,
        questions: Questions,
        notices: Notices,
        clock: Clock,
        new_seed: Callable[[], str] = lambda: secrets.token_hex(32),
    ) -> None:
        self._database = database
        self._questions = questions
        self._notices = notices
        self._clock = clock
        self._new_seed = new_seed

    async def open_due(self) -> int:
        """Open every round that is due; returns how many this call opened."""
        async with self._database.reading() as session:
            due = await storage.list_due_rounds(session, self._clock())
        if not due:
            return 0
        pool = await self._questions.pool()
        opened = 0
        for round_id in due:
            async with self._database.transaction() as session:
                row = await storage.claim_round(session, round_id, self._clock())
                if row is None:  # another process has it
                    continue
                await self._open(session, *row, bank_is_short=bool(find_shortfalls(Blueprint.from_json(row[1].blueprint), pool)))
                opened += 1
        return opened

    async def _open(self, session: AsyncSession, due: AssessmentRound, assessment: Assessment, *, bank_is_short: bool) -> None:
        now = self._clock()
        await self._plan_next(session, due, assessment, now)
        frame = await storage.list_frame(
            session,
            assessment.region_code,
            [OrganisationKind(kind) for kind in assessment.organisation_kinds],
            [JobRole(role) for role in assessment.job_roles],
        )
        if not frame or bank_is_short:
            due.state = RoundState.FAILED
            due.failure = RoundFailure.BANK_TOO_SMALL if frame else RoundFailure.FRAME_EMPTY
            return
        due.frame = write_frame(frame)
        due.frame_hash = frame_hash(due.frame)
        due.state, due.opened_at = RoundState.OPEN, now
        due.closes_at = close_of(now, dt.timedelta(seconds=assessment.window_seconds))
        by_person = {entry.person_id: entry for entry in frame}
        drawn = [by_person[person_id] for person_id in draw_roster(due.frame, assessment.quota, due.seed)]
        assert due.id is not None
        await storage.insert_candidates(session, due.id, drawn)
        await self._notices.write(
            session, NoticeKind.ASSESSMENT_OPENED, due.id, [entry.person_id for entry in drawn], not_after=due.closes_at
        )

    async def _plan_next(self, session: AsyncSession, due: AssessmentRound, assessment: Assessment, now: dt.datetime) -> None:
        """Plan a recurring assessment's next round. Occurrences missed while no process ran are not made up for."""
        if assessment.schedule is ScheduleKind.CRON and assessment.cron and assessment.state is AssessmentState.ACTIVE:
            assert assessment.id is not None
            after = max(now, due.scheduled_for)
            session.add(planned_round(assessment.id, next_occurrence(assessment.cron, after), self._new_seed()))
            await session.flush()

    async def close_over(self) -> int:
        """Close every round whose window is over; returns how many this call closed."""
        async with self._database.transaction() as session:
            return await storage.close_rounds(session, self._clock())
