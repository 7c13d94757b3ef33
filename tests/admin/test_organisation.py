"""Organisations in the panel: found by name, added, and their staff let in with codes that are shown once."""

import re

import pytest

from exam.people.codes import hash_join_code
from exam.people.rules import Channel, Grant, OrganisationKind, Role
from tests.admin.browser import Browser
from tests.admin.world import World

_CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")
_MEMBER = {"name": "新来的", "job_role": "safety_officer"}


@pytest.mark.asyncio
@pytest.mark.parametrize("typed", ["金水一小", "金水", "金水1小", "金水一校"])
async def test_a_school_is_found_by_a_name_typed_from_memory(browser: Browser, world: World, typed: str) -> None:
    await browser.sign_in("admin")
    page = await browser.get(f"/admin/people?q={typed}")
    assert "金水一小" in page.words
    assert "开封三小" not in page.words


@pytest.mark.asyncio
async def test_a_name_that_is_like_none_says_so(browser: Browser, world: World) -> None:
    await browser.sign_in("admin")
    assert "没有找到名称像“航天局”的单位" in (await browser.get("/admin/people?q=航天局")).words


@pytest.mark.asyncio
async def test_a_regulator_adds_a_school_takes_somebody_in_and_the_code_lets_them_join(browser: Browser, world: World) -> None:
    await browser.sign_in("regulator")
    added = await browser.submit("/admin/people", {"name": "金水四小", "kind": "school_canteen", "region": "410105"})
    assert added.status == 303
    page = await browser.submit(f"{added.location}/staff", _MEMBER, page=added.location)
    code = _CODE.search(page.text)
    assert code is not None
    assert "新＊" in page.words
    again = await browser.get(added.location)
    assert _CODE.search(again.text.replace("K7QM-2XRD", "")) is None, "a code is shown once"
    member = await world.people.join(Channel.WEBCHAT, "session", code[0])
    assert (member.name, member.organisation_name) == ("新来的", "金水四小")
    assert "已加入" in (await browser.get(added.location)).words


@pytest.mark.asyncio
async def test_a_manager_issues_a_code_for_own_staff_and_never_the_hash(browser: Browser, world: World) -> None:
    await browser.sign_in("manager")
    home = f"/admin/people/{world.schools['金水一小']}"
    page = await browser.submit(f"{home}/codes", {"person": str(world.people_ids["李四"])}, page=home)
    code = _CODE.search(page.text)
    assert code is not None
    assert hash_join_code(code[0]) not in page.text
    assert (await world.people.join(Channel.WEBCHAT, "s2", code[0])).person_id == world.people_ids["李四"]


@pytest.mark.asyncio
async def test_staff_elsewhere_get_no_code_from_here(browser: Browser, world: World) -> None:
    await browser.sign_in("manager")
    home = f"/admin/people/{world.schools['金水一小']}"
    for person in ("赵六", "admin"):
        reply = await browser.submit(f"{home}/codes", {"person": str(world.people_ids[person])}, page=home)
        assert reply.status == 403
        assert _CODE.search(reply.text) is None


@pytest.mark.asyncio
async def test_a_manager_gets_no_code_for_somebody_with_a_wider_role(browser: Browser, world: World) -> None:
    organisation_id = world.schools["金水一小"]
    inspector = await world.people.add_person(
        "兼职监管", [Grant(Role.REGULATOR, region_code="410100")], organisation_id=organisation_id
    )
    await browser.sign_in("manager")
    home = f"/admin/people/{organisation_id}"
    assert (await browser.submit(f"{home}/codes", {"person": str(inspector)}, page=home)).status == 403


@pytest.mark.asyncio
@pytest.mark.parametrize("action", ["", "/staff", "/codes"])
async def test_another_citys_school_cannot_be_told_from_none(browser: Browser, world: World, action: str) -> None:
    await browser.sign_in("kaifeng")
    for organisation_id in (world.schools["金水一小"], 999_999_999):
        path = f"/admin/people/{organisation_id}{action}"
        fields = {**_MEMBER, "person": str(world.people_ids["李四"])}
        reply = await (browser.submit(path, fields, page="/admin/people") if action else browser.get(path))
        assert reply.status == 404
    assert len(await world.staff.list_staff(await world.actor("admin"), world.schools["金水一小"])) == 4


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": " ", "kind": "school_canteen", "region": "410105"}, "请填写"),
        ({"name": "校" * 81, "kind": "school_canteen", "region": "410105"}, "不要超过80个字"),
        ({"name": "金水一小", "kind": "school_canteen", "region": "410105"}, "已经有同名的单位"),
        ({"name": "新校", "kind": "nonsense", "region": "410105"}, "请从列出的选项中选择"),
        ({"name": "新校", "kind": "school_canteen", "region": "410200"}, "请从列出的选项中选择"),
        ({}, "请从列出的选项中选择"),
    ],
)
async def test_an_unsound_school_is_not_added_and_what_was_typed_stays(
    browser: Browser, world: World, fields: dict[str, str], message: str
) -> None:
    await browser.sign_in("regulator")
    before = len(await world.people.list_organisations(await world.actor("admin")))
    reply = await browser.submit("/admin/people", fields)
    assert reply.status == 422
    assert message in reply.words
    assert len(await world.people.list_organisations(await world.actor("admin"))) == before


@pytest.mark.asyncio
async def test_a_manager_adds_no_school(browser: Browser, world: World) -> None:
    await browser.sign_in("manager")
    assert "新增单位" not in (await browser.get("/admin/people")).words
    reply = await browser.submit("/admin/people", {"name": "新校", "kind": OrganisationKind.SCHOOL_CANTEEN, "region": "410105"})
    assert reply.status == 422
