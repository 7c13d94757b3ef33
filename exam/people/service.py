"""Use cases on people: regions, organisations and staff, join codes, and which person a chat account belongs to."""

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from exam.people import storage
from exam.people.codes import hash_join_code, new_join_code, normalise_join_code
from exam.people.rules import Actor, Channel, Grant, JobRole, OrganisationKind
from exam.people.tables import Binding, JoinCode, Organisation, Person, Region
from question_bank.database import AsyncSession, Clock, Database

JOIN_CODE_LIFETIME = dt.timedelta(days=30)
WRONG_CODE_LIMIT = 8
WRONG_CODE_WINDOW = dt.timedelta(hours=1)


class JoinRefusal(enum.StrEnum):
    NOT_A_CODE = "not_a_code"
    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    TOO_MANY_TRIES = "too_many_tries"
    ALREADY_BOUND = "already_bound"


class JoinRefused(Exception):
    """A join code was not accepted; `reason` says why."""

    def __init__(self, reason: JoinRefusal) -> None:
        super().__init__(reason)
        self.reason = reason


class PersonNotFound(LookupError):
    """No person with that id."""


@dataclass(frozen=True)
class Member:
    """A person as chat knows them."""

    person_id: int
    name: str
    organisation_id: int | None
    organisation_name: str | None
    job_role: JobRole | None


@dataclass(frozen=True)
class OrganisationView:
    id: int
    name: str
    kind: OrganisationKind
    region_code: str
    region_name: str
    staff_count: int
    is_demo: bool


class People:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add_regions(self, regions: Iterable[tuple[str, str, str | None]]) -> None:
        """Write (code, name, parent code) rows, parents first. Idempotent."""
        async with self._database.transaction() as session:
            await storage.upsert_regions(session, regions)

    async def list_regions(self, actor: Actor) -> list[Region]:
        """Regions inside the actor's scope."""
        async with self._database.reading() as session:
            return list(await storage.list_regions(session, actor.regions()))

    async def list_organisations(self, actor: Actor) -> list[OrganisationView]:
        """Organisations inside the actor's scope: of the regions overseen, and those managed."""
        async with self._database.reading() as session:
            rows = await storage.list_organisations(session, actor.regions(), actor.organisations())
        return [OrganisationView(o.id or 0, o.name, o.kind, o.region_code, region, n, o.is_demo) for o, region, n in rows]

    async def add_organisation(self, name: str, kind: OrganisationKind, region_code: str, *, is_demo: bool = False) -> int:
        """Add an organisation, or find the one of that name in the region; returns its id."""
        async with self._database.transaction() as session:
            found = await storage.find_organisation(session, region_code, name)
            if found is None:
                found = Organisation(name=name, kind=kind, region_code=region_code, is_demo=is_demo)
                session.add(found)
                await session.flush()
            return found.id or 0

    async def add_person(
        self,
        name: str,
        grants: Iterable[Grant],
        *,
        organisation_id: int | None = None,
        job_role: JobRole | None = None,
        is_demo: bool = False,
    ) -> int:
        """Add a person with their roles; returns the id."""
        person = Person(name=name, organisation_id=organisation_id, job_role=job_role, is_demo=is_demo, created_at=self._clock())
        async with self._database.transaction() as session:
            return await storage.insert_person(session, person, grants)

    async def ensure_person(
        self,
        name: str,
        grants: Iterable[Grant],
        *,
        organisation_id: int | None = None,
        job_role: JobRole | None = None,
        is_demo: bool = False,
    ) -> int:
        """The id of the person of this name in the organisation, added if there is none."""
        async with self._database.reading() as session:
            found = await storage.find_person(session, name, organisation_id)
        if found is not None:
            return found
        return await self.add_person(name, grants, organisation_id=organisation_id, job_role=job_role, is_demo=is_demo)

    async def get_actor(self, person_id: int) -> Actor:
        """The person with their roles and scopes; raises PersonNotFound."""
        async with self._database.reading() as session:
            actor = await storage.get_actor(session, person_id)
        if actor is None:
            raise PersonNotFound(person_id)
        return actor

    async def issue_join_code(self, person_id: int) -> str:
        """A new one-time code for the person, good for 30 days. Only its hash is kept: show it now or never."""
        code, now = new_join_code(), self._clock()
        async with self._database.transaction() as session:
            session.add(
                JoinCode(person_id=person_id, code_hash=hash_join_code(code), created_at=now, expires_at=now + JOIN_CODE_LIFETIME)
            )
        return code

    async def find_member(self, channel: Channel, external_id: str) -> Member | None:
        """Whom this chat account belongs to, if anybody."""
        async with self._database.reading() as session:
            row = await storage.find_bound_person(session, channel, external_id)
        return None if row is None else _member(*row)

    async def join(self, channel: Channel, external_id: str, typed_code: str) -> Member:
        """Bind a chat account to the person a code was issued for; the code is used up. Raises JoinRefused.

        The same account repeating the code that bound it is told ALREADY_BOUND, and nothing changes.
        """
        source = f"{channel}:{external_id}"
        person_id = None
        try:
            async with self._database.transaction() as session:
                if await storage.find_bound_person(session, channel, external_id) is not None:
                    raise JoinRefused(JoinRefusal.ALREADY_BOUND)
                person_id = await self.redeem(session, typed_code, source)
                session.add(Binding(person_id=person_id, channel=channel, external_id=external_id, bound_at=self._clock()))
                await session.flush()
        except IntegrityError as error:  # the same account joined at the same instant by another process
            raise JoinRefused(JoinRefusal.ALREADY_BOUND) from error
        except JoinRefused as refused:
            if refused.reason is JoinRefusal.USED and await self.find_member(channel, external_id) is not None:
                raise JoinRefused(JoinRefusal.ALREADY_BOUND) from refused  # used by this very account, at the same instant
            await self.note_refusal(refused.reason, source)
            raise
        member = await self.find_member(channel, external_id)
        assert member is not None
        return member

    async def redeem(self, session: AsyncSession, typed_code: str, source: str) -> int:
        """Inside a transaction: use a code up and return the person it is for. Raises JoinRefused."""
        now = self._clock()
        if await storage.count_wrong_codes(session, source, now - WRONG_CODE_WINDOW) >= WRONG_CODE_LIMIT:
            raise JoinRefused(JoinRefusal.TOO_MANY_TRIES)
        if normalise_join_code(typed_code) is None:
            raise JoinRefused(JoinRefusal.NOT_A_CODE)
        code_hash = hash_join_code(typed_code)
        claimed = await storage.claim_join_code(session, code_hash, now)
        code = await storage.find_join_code(session, code_hash)
        if code is None:
            raise JoinRefused(JoinRefusal.UNKNOWN)
        if not claimed:
            raise JoinRefused(JoinRefusal.USED if code.used_at else JoinRefusal.EXPIRED)
        return code.person_id

    async def note_refusal(self, reason: JoinRefusal, source: str) -> None:
        """Count a wrong guess against its source; call it after the refusing transaction was undone."""
        if reason not in (JoinRefusal.UNKNOWN, JoinRefusal.USED, JoinRefusal.EXPIRED):
            return
        now = self._clock()
        async with self._database.transaction() as session:
            await storage.note_wrong_code(session, source, now, now - WRONG_CODE_WINDOW)


def _member(person: Person, organisation: Organisation | None) -> Member:
    return Member(
        person_id=person.id or 0,
        name=person.name,
        organisation_id=person.organisation_id,
        organisation_name=organisation.name if organisation else None,
        job_role=person.job_role,
    )


__all__ = [
    "JoinRefusal",
    "JoinRefused",
    "Member",
    "OrganisationView",
    "People",
    "PersonNotFound",
]
