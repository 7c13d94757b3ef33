import pytest
from sqlalchemy import select

from admin.words import ACCOUNT_REFUSALS, JOIN_REFUSALS
from exam.people.accounts import AccountRefusal
from exam.people.rules import Grant, Role
from exam.people.service import JoinRefusal
from exam.people.tables import Account
from tests.admin.browser import Browser, Reply
from tests.admin.world import World


async def _activate(
    browser: Browser, code: str, login: str = "xinren", password: str = "0123456789", again: str | None = None
) -> Reply:
    fields = {"code": code, "login": login, "password": password, "password_again": password if again is None else again}
    return await browser.submit("/admin/activate", fields)


async def _code(world: World, role: Role = Role.TRAINER) -> str:
    return await world.people.issue_join_code(await world.people.add_person("新人", [Grant(role)]))


async def _logins(world: World) -> set[str]:
    async with world.database.reading() as session:
        return set((await session.scalars(select(Account.login))).all())


def test_every_refusal_has_its_words() -> None:
    assert JOIN_REFUSALS.keys() == set(JoinRefusal)
    assert ACCOUNT_REFUSALS.keys() == set(AccountRefusal)


@pytest.mark.asyncio
async def test_a_code_makes_an_account_and_signs_in(browser: Browser, world: World) -> None:
    reply = await _activate(browser, (await _code(world)).lower().replace("-", " "))
    assert (reply.status, reply.location) == (303, "/admin/?notice=activated")
    assert "账号已开通" in (await browser.get(reply.location)).words
    assert "xinren" in await _logins(world)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"login": "a"}, ACCOUNT_REFUSALS[AccountRefusal.LOGIN_INVALID][1]),
        ({"login": "两 个"}, ACCOUNT_REFUSALS[AccountRefusal.LOGIN_INVALID][1]),
        ({"login": "admin"}, "已经有人用了"),
        ({"password": "123456789"}, "密码至少10位"),
        ({"again": "9876543210"}, "两次输入的密码不一致"),
        ({"code": "K7Q"}, "邀请码是8位字母和数字"),
        ({"code": "K7QM-2XRD"}, "没有找到这个邀请码"),
        ({"code": ""}, "邀请码是8位字母和数字"),
    ],
)
async def test_what_is_wrong_is_said_and_all_but_the_password_stays(
    browser: Browser, world: World, changes: dict[str, str], message: str
) -> None:
    before = await _logins(world)
    code = await _code(world)
    fields = {"code": code, "login": "xinren", "password": "pa<ss>0123456789"} | changes
    reply = await _activate(browser, **fields)
    assert reply.status == 422
    assert message in reply.words
    assert f'value="{fields["code"]}"' in reply.text
    assert f'value="{fields["login"]}"' in reply.text
    assert "0123456789" not in reply.text
    assert "123456789" not in reply.text.replace("0123456789", "")
    assert await _logins(world) == before
    assert (await _activate(browser, code)).status == 303, "the code is still good"


@pytest.mark.asyncio
async def test_a_used_an_expired_and_a_staff_code_are_told_apart(browser: Browser, world: World) -> None:
    used, staff, expired = await _code(world), await _code(world, Role.STAFF), await _code(world)
    await _activate(browser, used)
    browser.client.session.cookie_jar.clear()
    assert "已经用过" in (await _activate(browser, used, "another")).words
    assert "不能开通后台账号" in (await _activate(browser, staff, "another")).words
    world.clock.advance(days=31)
    assert "已经过期" in (await _activate(browser, expired, "another")).words


@pytest.mark.asyncio
async def test_guessing_codes_is_slowed_down(browser: Browser, world: World) -> None:
    for _ in range(8):
        assert (await _activate(browser, "K7QM-2XRD")).status == 422
    assert "请过一小时再试" in (await _activate(browser, await _code(world))).words
    assert "xinren" not in await _logins(world)


@pytest.mark.asyncio
async def test_a_second_account_for_the_same_person_is_refused(browser: Browser, world: World) -> None:
    code = await world.people.issue_join_code(world.people_ids["trainer"])
    assert "已经有后台账号" in (await _activate(browser, code)).words
