"""Use cases of results: pass rates by school, inside the actor's scope."""

import datetime as dt
from dataclasses import dataclass

from exam.people.rules import Actor, OrganisationKind, Role
from exam.results import storage
from exam.results.rules import DEFAULT_MINIMUM_N, Tally, pass_rate, wilson_interval
from question_bank.database import Clock, Database


@dataclass(frozen=True)
class SchoolPassRate:
    """One organisation's line. `rate` and `interval` (Wilson, 95 %) are None when too few sat to be shown."""

    organisation_id: int
    organisation_name: str
    kind: OrganisationKind
    region_name: str
    is_demo: bool
    tally: Tally
    rate: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class PassRates:
    """Pass rates by school at an instant. `total` is over all lines; suppressed ones count in it."""

    lines: tuple[SchoolPassRate, ...]
    total: Tally
    total_rate: float | None
    minimum_n: int
    at: dt.datetime


class Results:
    def __init__(self, database: Database, clock: Clock, *, minimum_n: int = DEFAULT_MINIMUM_N) -> None:
        self._database = database
        self._clock = clock
        self._minimum_n = minimum_n

    async def pass_rates(self, actor: Actor, assessment_id: int | None = None) -> PassRates:
        """By school, lowest rate first, suppressed ones last; of all assessments or of one.

        A school's manager sees that school, a regulator the region, an administrator everything; others NotPermitted.
        """
        actor.require_role(Role.ADMINISTRATOR, Role.REGULATOR, Role.ORGANISATION_MANAGER)
        async with self._database.reading() as session:
            rows = await storage.tally_by_organisation(session, actor.regions(), actor.organisations(), assessment_id)
        lines = sorted((self._line(row) for row in rows), key=lambda line: (line.rate is None, line.rate or 0.0))
        total = sum((row.tally for row in rows), Tally(0, 0, 0, 0))
        return PassRates(tuple(lines), total, pass_rate(total, self._minimum_n), self._minimum_n, self._clock())

    def _line(self, row: storage.OrganisationTally) -> SchoolPassRate:
        rate = pass_rate(row.tally, self._minimum_n)
        return SchoolPassRate(
            organisation_id=row.organisation_id,
            organisation_name=row.organisation_name,
            kind=row.kind,
            region_name=row.region_name,
            is_demo=row.is_demo,
            tally=row.tally,
            rate=rate,
            interval=None if rate is None else wilson_interval(row.tally.passed, row.tally.sat),
        )
