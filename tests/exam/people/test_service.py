"""Regions, organisations and persons, and who sees them."""

import pytest
from sqlalchemy import select

from exam.people.regions import ZHENGZHOU
from exam.people.rules import Actor, Grant, JobRole, OrganisationKind, Role
from exam.people.service import OrganisationView, PersonNotFound
from exam.people.tables import Person, RoleGrant
from exam.wiring import Exam
from question_bank.database import Database
from tests import factories
from tests.factories import CITY, DISTRICT, OTHER_DISTRICT


async def test_regions_can_be_written_again_and_take_new_names(exam: Exam, administrator: Actor) -> None:
    await exam.people.add_regions(ZHENGZHOU)
    await exam.people.add_regions([(DISTRICT, "新金水区", CITY)])
    names = {region.code: region.name for region in await exam.people.list_regions(administrator)}
    assert len(names) == len(ZHENGZHOU) == 18
    assert names[DISTRICT] == "新金水区"


async def test_everybody_sees_the_regions_in_scope_only(exam: Exam, administrator: Actor) -> None:
    async def seen(actor: Actor) -> list[str]:
        return [region.code for region in await exam.people.list_regions(actor)]

    assert await seen(await factories.add_regulator(exam, DISTRICT)) == [DISTRICT]
    city = await seen(await factories.add_regulator(exam, CITY))
    assert len(city) == 17
    assert city[0] == CITY
    assert city[-1] == "4101ZD"
    assert await seen(Actor(1, "题库员", (Grant(Role.TRAINER),))) == []


async def test_an_organisation_is_added_once_per_region_and_name(exam: Exam, administrator: Actor) -> None:
    first = await exam.people.add_organisation("一小", OrganisationKind.SCHOOL_CANTEEN, DISTRICT)
    assert await exam.people.add_organisation("一小", OrganisationKind.CATERING, DISTRICT) == first
    assert await exam.people.add_organisation("一小", OrganisationKind.SCHOOL_CANTEEN, OTHER_DISTRICT) != first


async def test_organisations_are_listed_with_their_staff_inside_the_scope(exam: Exam, administrator: Actor) -> None:
    first = await factories.add_school(exam, "一小", 3)
    second = await factories.add_school(exam, "二小", 0, OTHER_DISTRICT)
    kind = OrganisationKind.SCHOOL_CANTEEN
    one = OrganisationView(first.organisation_id, "一小", kind, DISTRICT, "金水区", 3, False)
    two = OrganisationView(second.organisation_id, "二小", kind, OTHER_DISTRICT, "中原区", 0, False)
    manages_two = Grant(Role.ORGANISATION_MANAGER, organisation_id=second.organisation_id)

    assert await exam.people.list_organisations(administrator) == [two, one]
    assert await exam.people.list_organisations(await factories.add_regulator(exam, DISTRICT)) == [one]
    assert await exam.people.list_organisations(Actor(1, "经理", (manages_two,))) == [two]
    both = Actor(1, "监管兼经理", (Grant(Role.REGULATOR, region_code=DISTRICT), manages_two))
    assert await exam.people.list_organisations(both) == [two, one]
    works_there = Grant(Role.STAFF, organisation_id=second.organisation_id)
    assert await exam.people.list_organisations(Actor(1, "学员", (works_there, Grant(Role.TRAINER)))) == []


async def test_a_person_is_read_back_with_all_roles(exam: Exam, administrator: Actor) -> None:
    grants = (Grant(Role.REGULATOR, region_code=CITY), Grant(Role.TRAINER))
    person_id = await exam.people.add_person("王五", grants)
    assert await exam.people.get_actor(person_id) == Actor(person_id, "王五", grants)


async def test_a_number_that_is_nobodys_is_not_found(exam: Exam) -> None:
    for person_id in (0, -1, 2**31 - 1, 2**31, 10**20):
        with pytest.raises(PersonNotFound):
            await exam.people.get_actor(person_id)


async def test_ensuring_a_person_adds_nobody_twice_but_tells_organisations_apart(
    exam: Exam, administrator: Actor, database: Database
) -> None:
    schools = [(await factories.add_school(exam, name, 0)).organisation_id for name in ("一小", "二小")]
    grants = [Grant(Role.STAFF)]
    ids = [
        await exam.people.ensure_person("赵六", grants, organisation_id=organisation, job_role=JobRole.PRINCIPAL)
        for organisation in (*schools, None, *schools, None)
    ]
    assert ids[:3] == ids[3:]
    assert len(set(ids)) == 3
    async with database.reading() as session:
        assert len((await session.scalars(select(Person).where(Person.name == "赵六"))).all()) == 3
        assert len((await session.scalars(select(RoleGrant).where(RoleGrant.person_id.in_(ids)))).all()) == 3
