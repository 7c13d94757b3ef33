"""Use cases of regulators: plan an assessment, see its rounds live, cancel it, check a draw."""

import datetime as dt
import enum
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from exam.assessments import storage
from exam.assessments.recurrence import CronInvalid, next_occurrence
from exam.assessments.rules import (
    AssessmentPlan,
    AssessmentState,
    DrawFault,
    FeedbackPolicy,
    PlanProblem,
    RoundFailure,
    RoundState,
    ScheduleKind,
    find_plan_problems,
    seed_commitment,
    verify_draw,
)
from exam.assessments.tables import Assessment, AssessmentRound, Candidate
from exam.attempts.tables import Attempt
from exam.papers.rules import Blueprint, Shortfall, find_shortfalls
from exam.people.rules import Actor, JobRole, OrganisationKind, Role
from question_bank.database import Clock, Database
from question_bank.questions.service import Questions


class AssessmentNotFound(LookupError):
    """No such assessment or round, or it lies outside the actor's scope: the two are not told apart."""


class PlanRefused(Exception):
    """An assessment cannot be published as planned. `shortfalls` goes with BANK_TOO_SMALL."""

    def __init__(self, problems: Sequence[PlanProblem], shortfalls: Sequence[Shortfall] = ()) -> None:
        super().__init__(", ".join(problems))
        self.problems = tuple(problems)
        self.shortfalls = tuple(shortfalls)


@dataclass(frozen=True)
class RoundSummary:
    """One round. The seed is there only once the round is closed."""

    id: int
    state: RoundState
    scheduled_for: dt.datetime
    opened_at: dt.datetime | None
    closes_at: dt.datetime | None
    failure: RoundFailure | None
    drawn: int
    frame_hash: str | None
    seed_commitment: str
    seed: str | None


@dataclass(frozen=True)
class AssessmentView:
    id: int
    title: str
    state: AssessmentState
    region_code: str
    region_name: str
    organisation_kinds: tuple[OrganisationKind, ...]
    job_roles: tuple[JobRole, ...]
    quota: int
    blueprint: Blueprint
    time_limit: dt.timedelta
    window: dt.timedelta
    pass_mark: int
    max_resits: int
    feedback: FeedbackPolicy
    schedule: ScheduleKind
    cron: str | None
    is_demo: bool
    rounds: tuple[RoundSummary, ...]


class CandidateStatus(enum.StrEnum):
    """Where a candidate stands; the values are stable names for the front ends."""

    WAITING = "waiting"
    SITTING = "sitting"
    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True)
class CandidateLine:
    """One drawn person in the live view. `score` is that of the best submitted attempt."""

    draw_position: int
    person_name: str
    organisation_name: str
    job_role: JobRole
    is_notified: bool
    status: CandidateStatus
    attempts: int
    score: float | None
    max_score: float | None


@dataclass(frozen=True)
class RoundProgress:
    """A round as it stands now: counts, and a line a candidate."""

    assessment: AssessmentView
    round: RoundSummary
    notified: int
    by_status: dict[CandidateStatus, int]
    lines: tuple[CandidateLine, ...]


class Assessments:
    def __init__(
        self, database: Database, questions: Questions, clock: Clock, new_seed: Callable[[], str] = lambda: secrets.token_hex(32)
    ) -> None:
        self._database = database
        self._questions = questions
        self._clock = clock
        self._new_seed = new_seed

    async def create(self, actor: Actor, plan: AssessmentPlan, *, is_demo: bool = False) -> int:
        """Publish an assessment and plan its first round; returns the assessment's id.

        The round's seed is fixed now and its commitment can be read at once, before anybody is drawn. Raises
        NotPermitted outside the actor's region, PlanRefused with every problem found.
        """
        actor.require_role(Role.ADMINISTRATOR, Role.REGULATOR)
        actor.require_region(plan.region_code)
        now = self._clock()
        problems = find_plan_problems(plan, now)
        scheduled_for = now
        if plan.schedule is ScheduleKind.AT and plan.starts_at:
            scheduled_for = plan.starts_at
        elif plan.schedule is ScheduleKind.CRON and plan.cron:
            try:
                scheduled_for = next_occurrence(plan.cron, now)
            except CronInvalid:
                problems.append(PlanProblem.CRON_INVALID)
        shortfalls = find_shortfalls(plan.blueprint, await self._questions.pool())
        if shortfalls:
            problems.append(PlanProblem.BANK_TOO_SMALL)
        async with self._database.transaction() as session:
            if not await storage.region_exists(session, plan.region_code):
                problems.append(PlanProblem.REGION_UNKNOWN)
            elif (plan.organisation_kinds and plan.job_roles) and not await storage.list_frame(
                session, plan.region_code, plan.organisation_kinds, plan.job_roles
            ):
                problems.append(PlanProblem.FRAME_EMPTY)
            if problems:
                raise PlanRefused(problems, shortfalls)
            assessment = _assessment_row(plan, actor.person_id, now, is_demo)
            session.add(assessment)
            await session.flush()
            assert assessment.id is not None
            session.add(planned_round(assessment.id, scheduled_for, self._new_seed()))
            return assessment.id

    async def preview(self, actor: Actor, plan: AssessmentPlan) -> dict[int, int]:
        """How many people of each organisation (by id) would be in the frame. Raises NotPermitted."""
        actor.require_region(plan.region_code)
        async with self._database.reading() as session:
            frame = await storage.list_frame(session, plan.region_code, plan.organisation_kinds, plan.job_roles)
        return dict(Counter(entry.organisation_id for entry in frame))

    async def list_assessments(self, actor: Actor) -> list[AssessmentView]:
        """Assessments inside the actor's scope, newest first, each with its rounds, latest first."""
        actor.require_role(Role.ADMINISTRATOR, Role.REGULATOR)
        return await self._list_views(actor)

    async def get_assessment(self, actor: Actor, assessment_id: int) -> AssessmentView:
        """Raises AssessmentNotFound, also outside the actor's scope."""
        actor.require_role(Role.ADMINISTRATOR, Role.REGULATOR)
        for view in await self._list_views(actor, assessment_id):
            return view
        raise AssessmentNotFound(assessment_id)

    async def _list_views(self, actor: Actor, assessment_id: int | None = None) -> list[AssessmentView]:
        async with self._database.reading() as session:
            rows = await storage.list_assessments(session, actor.regions(), assessment_id)
            counted = await storage.list_rounds(session, actor.regions(), assessment_id) if rows else []
        rounds: defaultdict[int, list[RoundSummary]] = defaultdict(list)
        for current, drawn in counted:
            rounds[current.assessment_id].append(_summary(current, drawn))
        return [_view(row, region_name, rounds[row.id or 0]) for row, region_name in rows]

    async def get_progress(self, actor: Actor, round_id: int) -> RoundProgress:
        """A round as it stands now. Raises AssessmentNotFound, also outside the actor's scope."""
        assessment = await self._get_assessment_of(actor, round_id)
        summary = next(summary for summary in assessment.rounds if summary.id == round_id)
        async with self._database.reading() as session:
            roster = await storage.list_roster(session, round_id)
            notified = await storage.list_notified(session, round_id)
            attempts: defaultdict[int | None, list[Attempt]] = defaultdict(list)
            for attempt in await storage.list_round_attempts(session, round_id):
                attempts[attempt.candidate_id].append(attempt)
        lines = tuple(
            _line(candidate, person, organisation, attempts[candidate.id], candidate.person_id in notified, summary.state)
            for candidate, person, organisation in roster
        )
        counts = Counter(line.status for line in lines)
        return RoundProgress(assessment, summary, sum(line.is_notified for line in lines), dict(counts), lines)

    async def list_drawn(self, actor: Actor, round_id: int) -> list[int]:
        """Ids of the people drawn in a round, in the order of the draw. Raises AssessmentNotFound."""
        await self._get_assessment_of(actor, round_id)
        async with self._database.reading() as session:
            return [candidate.person_id for candidate, _, _ in await storage.list_roster(session, round_id)]

    async def _get_assessment_of(self, actor: Actor, round_id: int) -> AssessmentView:
        async with self._database.reading() as session:
            row = await storage.get_round(session, round_id)
        if row is None:
            raise AssessmentNotFound(round_id)
        return await self.get_assessment(actor, row[0].assessment_id)

    async def cancel(self, actor: Actor, assessment_id: int) -> None:
        """Cancel rounds that have not begun; whoever is sitting may finish. Raises AssessmentNotFound."""
        await self.get_assessment(actor, assessment_id)
        async with self._database.transaction() as session:
            await storage.cancel(session, assessment_id)

    async def verify(self, actor: Actor, assessment_id: int) -> dict[int, list[DrawFault]]:
        """Recompute the draw of every closed round from what is published; faults by round id, empty lists when right."""
        view = await self.get_assessment(actor, assessment_id)
        checked = {}
        async with self._database.reading() as session:
            for summary in view.rounds:
                if summary.seed is None or summary.frame_hash is None:
                    continue
                row = await storage.get_round(session, summary.id)
                assert row is not None
                roster = [candidate.person_id for candidate, _, _ in await storage.list_roster(session, summary.id)]
                checked[summary.id] = verify_draw(
                    row[0].frame or "", summary.frame_hash, summary.seed, summary.seed_commitment, view.quota, roster
                )
        return checked


def planned_round(assessment_id: int, scheduled_for: dt.datetime, seed: str) -> AssessmentRound:
    return AssessmentRound(
        assessment_id=assessment_id,
        scheduled_for=scheduled_for,
        state=RoundState.PLANNED,
        seed=seed,
        seed_commitment=seed_commitment(seed),
    )


def _assessment_row(plan: AssessmentPlan, created_by: int, now: dt.datetime, is_demo: bool) -> Assessment:
    return Assessment(
        title=plan.title.strip(),
        state=AssessmentState.ACTIVE,
        region_code=plan.region_code,
        organisation_kinds=list(plan.organisation_kinds),
        job_roles=list(plan.job_roles),
        quota=plan.quota,
        blueprint=plan.blueprint.to_json(),
        time_limit_seconds=int(plan.time_limit.total_seconds()),
        window_seconds=int(plan.window.total_seconds()),
        pass_mark=plan.pass_mark,
        max_resits=plan.max_resits,
        feedback=plan.feedback,
        schedule=plan.schedule,
        cron=plan.cron if plan.schedule is ScheduleKind.CRON else None,
        is_demo=is_demo,
        created_by=created_by,
        created_at=now,
    )


def _summary(row: AssessmentRound, drawn: int) -> RoundSummary:
    assert row.id is not None
    return RoundSummary(
        id=row.id,
        state=row.state,
        scheduled_for=row.scheduled_for,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        failure=row.failure,
        drawn=drawn,
        frame_hash=row.frame_hash,
        seed_commitment=row.seed_commitment,
        seed=row.seed if row.state is RoundState.CLOSED else None,
    )


def _view(row: Assessment, region_name: str, rounds: Sequence[RoundSummary]) -> AssessmentView:
    assert row.id is not None
    return AssessmentView(
        id=row.id,
        title=row.title,
        state=row.state,
        region_code=row.region_code,
        region_name=region_name,
        organisation_kinds=tuple(OrganisationKind(kind) for kind in row.organisation_kinds),
        job_roles=tuple(JobRole(role) for role in row.job_roles),
        quota=row.quota,
        blueprint=Blueprint.from_json(row.blueprint),
        time_limit=dt.timedelta(seconds=row.time_limit_seconds),
        window=dt.timedelta(seconds=row.window_seconds),
        pass_mark=row.pass_mark,
        max_resits=row.max_resits,
        feedback=row.feedback,
        schedule=row.schedule,
        cron=row.cron,
        is_demo=row.is_demo,
        rounds=tuple(rounds),
    )


def _line(
    candidate: Candidate, person: str, organisation: str, attempts: Sequence[Attempt], is_notified: bool, state: RoundState
) -> CandidateLine:
    """A candidate's line from their own attempts."""
    submitted = [attempt for attempt in attempts if attempt.submitted_at is not None]
    best = max(submitted, key=lambda attempt: attempt.score or 0.0, default=None)
    if len(submitted) < len(attempts):
        status = CandidateStatus.SITTING
    elif best is not None:
        status = CandidateStatus.PASSED if any(attempt.passed for attempt in submitted) else CandidateStatus.FAILED
    else:
        status = CandidateStatus.ABSENT if state is RoundState.CLOSED else CandidateStatus.WAITING
    return CandidateLine(
        draw_position=candidate.draw_position,
        person_name=person,
        organisation_name=organisation,
        job_role=candidate.job_role,
        is_notified=is_notified,
        status=status,
        attempts=len(attempts),
        score=best.score if best else None,
        max_score=best.max_score if best else None,
    )
