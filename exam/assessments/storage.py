"""SQL of the assessments subject. Every function works inside the session it is given."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from exam.assessments.rules import AssessmentState, FrameEntry, RoundState
from exam.assessments.tables import Assessment, AssessmentRound, Candidate
from exam.attempts.tables import Attempt
from exam.notices.rules import NoticeKind, NoticeState
from exam.notices.tables import Notice
from exam.people.rules import JobRole, OrganisationKind
from exam.people.storage import MAX_ID, in_regions
from exam.people.tables import Organisation, Person, Region


async def list_frame(
    session: AsyncSession, region_code: str, kinds: Iterable[OrganisationKind], job_roles: Iterable[JobRole]
) -> list[FrameEntry]:
    """Everybody who may be drawn: of these kinds of organisation in the region, in these jobs."""
    query = (
        select(Person.id, Organisation.id, Organisation.region_code, Organisation.kind, Person.job_role)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(
            in_regions(Organisation.region_code, [region_code]),
            Organisation.kind.in_(list(kinds)),
            Person.job_role.in_(list(job_roles)),
        )
        .order_by(Organisation.id, Person.id)
    )
    return [FrameEntry(*row) for row in await session.execute(query)]


async def region_exists(session: AsyncSession, code: str) -> bool:
    return await session.get(Region, code) is not None


async def list_due_rounds(session: AsyncSession, now: dt.datetime) -> Sequence[int]:
    query = (
        select(AssessmentRound.id)
        .where(AssessmentRound.state == RoundState.PLANNED, AssessmentRound.scheduled_for <= now)
        .order_by(AssessmentRound.scheduled_for, AssessmentRound.id)
    )
    return [round_id for round_id in (await session.scalars(query)).all() if round_id is not None]


async def claim_round(session: AsyncSession, round_id: int, now: dt.datetime) -> Row[Any] | None:
    """(AssessmentRound, Assessment) of a due round held by this transaction, or None when another process has it.

    The assessment is held too, so that cancelling it waits and then also finds the round that is planned on from here.
    """
    query = (
        select(AssessmentRound, Assessment)
        .join(Assessment, Assessment.id == AssessmentRound.assessment_id)
        .where(AssessmentRound.id == round_id, AssessmentRound.state == RoundState.PLANNED, AssessmentRound.scheduled_for <= now)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(query)).one_or_none()


async def insert_candidates(session: AsyncSession, round_id: int, drawn: Sequence[FrameEntry]) -> None:
    rows = [
        {
            "round_id": round_id,
            "person_id": entry.person_id,
            "organisation_id": entry.organisation_id,
            "region_code": entry.region_code,
            "organisation_kind": entry.organisation_kind,
            "job_role": entry.job_role,
            "draw_position": position,
        }
        for position, entry in enumerate(drawn, start=1)
    ]
    await session.execute(insert(Candidate), rows)


async def close_rounds(session: AsyncSession, now: dt.datetime) -> int:
    """Close rounds whose window is over; returns how many this call closed."""
    result = await session.execute(
        update(AssessmentRound)
        .where(AssessmentRound.state == RoundState.OPEN, AssessmentRound.closes_at < now)
        .values(state=RoundState.CLOSED)
        .execution_options(synchronize_session=False)
    )
    return result.rowcount


async def list_assessments(
    session: AsyncSession, regions: Iterable[str] | None, assessment_id: int | None = None
) -> Sequence[tuple[Assessment, str]]:
    """(Assessment, name of its region) inside the regions, newest first; or the one named, if it lies inside them."""
    query = (
        select(Assessment, Region.name)
        .join(Region, Region.code == Assessment.region_code)
        .where(in_regions(Assessment.region_code, regions))
        .order_by(Assessment.id.desc())
    )
    if assessment_id is not None:
        if assessment_id > MAX_ID:
            return []
        query = query.where(Assessment.id == assessment_id)
    return [(assessment, name) for assessment, name in await session.execute(query)]


async def list_rounds(
    session: AsyncSession, regions: Iterable[str] | None, assessment_id: int | None = None
) -> Sequence[tuple[AssessmentRound, int]]:
    """(AssessmentRound, number of people drawn), latest first, of the assessments that `list_assessments` gives."""
    drawn = select(func.count()).where(Candidate.round_id == AssessmentRound.id).scalar_subquery()
    query = (
        select(AssessmentRound, drawn)
        .join(Assessment, Assessment.id == AssessmentRound.assessment_id)
        .where(in_regions(Assessment.region_code, regions))
        .order_by(AssessmentRound.scheduled_for.desc(), AssessmentRound.id.desc())
    )
    if assessment_id is not None:
        query = query.where(AssessmentRound.assessment_id == assessment_id)
    return [(current, n) for current, n in await session.execute(query)]


async def get_round(session: AsyncSession, round_id: int) -> Row[Any] | None:
    """(AssessmentRound, Assessment)"""
    query = (
        select(AssessmentRound, Assessment)
        .join(Assessment, Assessment.id == AssessmentRound.assessment_id)
        .where(AssessmentRound.id == round_id)
    )
    return (await session.execute(query)).one_or_none()


async def list_roster(session: AsyncSession, round_id: int) -> Sequence[tuple[Candidate, str, str]]:
    """(Candidate, person's name, organisation's name) in the order of the draw."""
    query = (
        select(Candidate, Person.name, Organisation.name)
        .join(Person, Person.id == Candidate.person_id)
        .join(Organisation, Organisation.id == Candidate.organisation_id)
        .where(Candidate.round_id == round_id)
        .order_by(Candidate.draw_position)
    )
    return [(candidate, person, organisation) for candidate, person, organisation in await session.execute(query)]


async def list_round_attempts(session: AsyncSession, round_id: int) -> Sequence[Attempt]:
    query = select(Attempt).join(Candidate, Candidate.id == Attempt.candidate_id).where(Candidate.round_id == round_id)
    return (await session.scalars(query.order_by(Attempt.candidate_id, Attempt.ordinal))).all()


async def list_notified(session: AsyncSession, round_id: int) -> frozenset[int]:
    """Ids of the people whose notice of this round was delivered."""
    query = select(Notice.person_id).where(
        Notice.kind == NoticeKind.ASSESSMENT_OPENED, Notice.subject_id == round_id, Notice.state == NoticeState.SENT
    )
    return frozenset((await session.scalars(query)).all())


async def find_candidate(session: AsyncSession, round_id: int, person_id: int, *, lock: bool = False) -> Candidate | None:
    query = select(Candidate).where(Candidate.round_id == round_id, Candidate.person_id == person_id)
    return (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def list_invitations(session: AsyncSession, person_id: int, limit: int, round_id: int | None = None) -> Sequence[Row[Any]]:
    """(Candidate, AssessmentRound, Assessment) of rounds in which the person was drawn, newest first, or of the one named."""
    query = (
        select(Candidate, AssessmentRound, Assessment)
        .join(AssessmentRound, AssessmentRound.id == Candidate.round_id)
        .join(Assessment, Assessment.id == AssessmentRound.assessment_id)
        .where(Candidate.person_id == person_id, AssessmentRound.state.in_([RoundState.OPEN, RoundState.CLOSED]))
        .order_by(AssessmentRound.opened_at.desc(), AssessmentRound.id.desc())
        .limit(limit)
    )
    if round_id is not None:
        query = query.where(AssessmentRound.id == round_id)
    return (await session.execute(query)).all()


async def cancel(session: AsyncSession, assessment_id: int) -> None:
    """Cancel what has not begun: planned rounds never open; an open one runs to its end.

    The assessment comes first: that waits for a process which is just opening a round of it (see `claim_round`).
    """
    await session.execute(
        update(Assessment)
        .where(Assessment.id == assessment_id)
        .values(state=AssessmentState.CANCELLED)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(AssessmentRound)
        .where(AssessmentRound.assessment_id == assessment_id, AssessmentRound.state == RoundState.PLANNED)
        .values(state=RoundState.CANCELLED)
        .execution_options(synchronize_session=False)
    )
