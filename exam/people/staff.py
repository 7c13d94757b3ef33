"""Use cases on an organisation's staff: who works there, taking somebody in, and handing out join codes; inside one's scope."""

import enum
from dataclasses import dataclass

from exam.people import storage
from exam.people.matching import match_names
from exam.people.rules import Actor, Grant, JobRole, NotPermitted, OrganisationKind, Role
from exam.people.service import OrganisationView, People
from question_bank.database import Database

MAX_NAME_LENGTH = 80


class StaffRefusal(enum.StrEnum):
    NAME_EMPTY = "name_empty"
    NAME_LONG = "name_long"
    NAME_TAKEN = "name_taken"


class StaffRefused(Exception):
    """Somebody, or an organisation, was not added; `reason` says why."""

    def __init__(self, reason: StaffRefusal) -> None:
        super().__init__(reason)
        self.reason = reason


class OrganisationNotFound(LookupError):
    """No such organisation, or it lies outside the actor's scope: the two are not told apart."""


@dataclass(frozen=True)
class StaffLine:
    """One member of staff. `has_joined`: a chat account is bound to them."""

    person_id: int
    name: str
    job_role: JobRole | None
    has_joined: bool


class Staff:
    def __init__(self, database: Database, people: People) -> None:
        self._database = database
        self._people = people

    async def find_organisations(self, actor: Actor, typed: str) -> list[OrganisationView]:
        """Organisations inside the scope whose name may be the typed one, best first; misspellings are forgiven."""
        organisations = await self._people.list_organisations(actor)
        return [organisations[position] for position in match_names(typed, [o.name for o in organisations])]

    async def get_organisation(self, actor: Actor, organisation_id: int) -> OrganisationView:
        """Raises OrganisationNotFound, also outside the actor's scope."""
        for organisation in await self._people.list_organisations(actor):
            if organisation.id == organisation_id:
                return organisation
        raise OrganisationNotFound(organisation_id)

    async def list_staff(self, actor: Actor, organisation_id: int) -> list[StaffLine]:
        """Who works there, in the order they were added. Raises OrganisationNotFound."""
        await self.get_organisation(actor, organisation_id)
        async with self._database.reading() as session:
            return [StaffLine(*row) for row in await storage.list_staff(session, organisation_id)]

    async def add_organisation(self, actor: Actor, name: str, kind: OrganisationKind, region_code: str) -> int:
        """Add an organisation in a region that the actor oversees; returns its id. Raises NotPermitted or StaffRefused."""
        actor.require_role(Role.ADMINISTRATOR, Role.REGULATOR)
        actor.require_region(region_code)
        name = _checked_name(name)
        async with self._database.reading() as session:
            if await storage.find_organisation(session, region_code, name) is not None:
                raise StaffRefused(StaffRefusal.NAME_TAKEN)
        return await self._people.add_organisation(name, kind, region_code)

    async def add_member(self, actor: Actor, organisation_id: int, name: str, job_role: JobRole) -> tuple[int, str]:
        """Take somebody in; returns (person id, join code to be shown once). Raises OrganisationNotFound or StaffRefused."""
        await self.get_organisation(actor, organisation_id)
        grants = [Grant(Role.STAFF, organisation_id=organisation_id)]
        person_id = await self._people.add_person(_checked_name(name), grants, organisation_id=organisation_id, job_role=job_role)
        return person_id, await self._people.issue_join_code(person_id)

    async def issue_code(self, actor: Actor, organisation_id: int, person_id: int) -> str:
        """A new join code for a member of staff, to be shown once. Raises OrganisationNotFound or NotPermitted.

        Somebody who oversees others in the panel gets no code here: whoever held it could take their place.
        """
        if person_id not in {line.person_id for line in await self.list_staff(actor, organisation_id)}:
            raise NotPermitted(f"person {person_id} does not work there")
        member = await self._people.get_actor(person_id)
        if not actor.has_role(Role.ADMINISTRATOR) and member.has_role(Role.ADMINISTRATOR, Role.REGULATOR, Role.TRAINER):
            raise NotPermitted("a person with a wider role")
        return await self._people.issue_join_code(person_id)


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise StaffRefused(StaffRefusal.NAME_EMPTY)
    if len(name) > MAX_NAME_LENGTH:
        raise StaffRefused(StaffRefusal.NAME_LONG)
    return name
