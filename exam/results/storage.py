"""SQL of results: counts over candidates, grouped in the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from exam.assessments.rules import RoundState
from exam.assessments.tables import AssessmentRound, Candidate
from exam.attempts.tables import Attempt
from exam.people.rules import OrganisationKind
from exam.people.storage import in_regions
from exam.people.tables import Organisation, Region
from exam.results.rules import Tally


@dataclass(frozen=True)
class OrganisationTally:
    organisation_id: int
    organisation_name: str
    kind: OrganisationKind
    region_code: str
    region_name: str
    is_demo: bool
    tally: Tally


async def tally_by_organisation(
    session: AsyncSession, regions: Iterable[str] | None, organisations: Iterable[int] = (), assessment_id: int | None = None
) -> Sequence[OrganisationTally]:
    """Counts of each organisation inside the regions (or named), over all rounds opened, or one assessment's."""
    best = (
        select(Attempt.candidate_id, func.max(case((Attempt.passed.is_(True), 1), else_=0)).label("passed"))
        .where(Attempt.candidate_id.is_not(None), Attempt.submitted_at.is_not(None))
        .group_by(Attempt.candidate_id)
        .subquery()
    )
    wanted = list(organisations)
    scope = in_regions(Organisation.region_code, regions)
    is_absent = (AssessmentRound.state == RoundState.CLOSED) & best.c.candidate_id.is_(None)
    query = (
        select(
            Organisation.id,
            Organisation.name,
            Organisation.kind,
            Organisation.region_code,
            Region.name,
            Organisation.is_demo,
            func.count(Candidate.id),
            func.count(best.c.candidate_id),
            func.coalesce(func.sum(best.c.passed), 0),
            func.sum(case((is_absent, 1), else_=0)),
        )
        .join(Candidate, Candidate.organisation_id == Organisation.id)
        .join(AssessmentRound, AssessmentRound.id == Candidate.round_id)
        .join(Region, Region.code == Organisation.region_code)
        .outerjoin(best, best.c.candidate_id == Candidate.id)
        .where(or_(scope, Organisation.id.in_(wanted)) if wanted else scope)
        .group_by(
            Organisation.id, Organisation.name, Organisation.kind, Organisation.region_code, Region.name, Organisation.is_demo
        )
        .order_by(Organisation.region_code, Organisation.name)
    )
    if assessment_id is not None:
        query = query.where(AssessmentRound.assessment_id == assessment_id)
    return [OrganisationTally(*row[:6], Tally(*(int(n) for n in row[6:]))) for row in await session.execute(query)]
