import pytest
from sqlalchemy import func, select

from exam.people.tables import PanelSession
from tests.admin.browser import Browser
from tests.admin.world import PASSWORD, World


async def _count_sessions(world: World) -> int:
    async with world.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(PanelSession))).scalar_one()


async def _try(browser: Browser, login: str, password: str, **more: str):
    return await browser.submit("/admin/sign-in", {"login": login, "password": password, **more})


@pytest.mark.asyncio
async def test_signing_in_opens_a_session_and_leads_to_the_overview(browser: Browser, world: World) -> None:
    reply = await _try(browser, "admin", PASSWORD)
    assert (reply.status, reply.location) == (303, "/admin/")
    assert "概览" in (await browser.get("/admin/")).words
    assert await _count_sessions(world) == 1


@pytest.mark.asyncio
async def test_a_wrong_password_and_an_unknown_login_are_refused_in_the_same_words(browser: Browser, world: World) -> None:
    wrong, unknown = await _try(browser, "admin", "wrong"), await _try(browser, "nobody", "wrong")
    assert wrong.status == unknown.status == 422
    assert "登录名或密码不正确" in wrong.words
    assert wrong.words == unknown.words
    assert 'value="nobody"' in unknown.text
    assert "wrong" not in unknown.text.replace("sign-in-wrong", "").replace('class="wrong"', "")
    assert await _count_sessions(world) == 0


@pytest.mark.asyncio
async def test_the_fifth_wrong_password_locks_the_account_and_says_until_when_in_beijing_time(
    browser: Browser, world: World
) -> None:
    for _ in range(4):
        assert (await _try(browser, "admin", "wrong")).status == 422
    fifth = await _try(browser, "admin", "wrong")
    assert fifth.status == 429
    assert "09:05:00（北京时间）" in fifth.words
    right = await _try(browser, "admin", PASSWORD)
    assert (right.status, await _count_sessions(world)) == (429, 0)
    world.clock.advance(minutes=5, seconds=1)
    assert (await _try(browser, "admin", PASSWORD)).status == 303


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/admin/pass-rates?assessment=3", "/admin/pass-rates?assessment=3"),
        ("/admin/regulations/%E5%88%91%E6%B3%95", "/admin/regulations/%E5%88%91%E6%B3%95"),
        ("", "/admin/"),
        ("https://evil.example/admin/", "/admin/"),
        ("//evil.example/admin/", "/admin/"),
        ("/\\evil.example", "/admin/"),
        ("/admin\\..\\..\\evil", "/admin/"),
        ("/chat/", "/admin/"),
        ("/admin", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        ("/admin/\r\nSet-Cookie: a=b", "/admin/"),
        (" /admin/", "/admin/"),
        ("/admin/\x00", "/admin/"),
    ],
)
async def test_signing_in_leads_on_only_to_pages_of_the_panel(browser: Browser, world: World, target: str, leads_to: str) -> None:
    reply = await _try(browser, "admin", PASSWORD, next=target)
    assert (reply.status, reply.location) == (303, leads_to)
    assert (await browser.get("/admin/sign-in?next=//evil.example/")).location == "/admin/"


@pytest.mark.asyncio
async def test_the_wish_to_go_on_survives_a_wrong_password(browser: Browser, world: World) -> None:
    refused = await _try(browser, "admin", "wrong", next="/admin/people")
    assert 'name="next" value="/admin/people"' in refused.text


@pytest.mark.asyncio
async def test_signing_out_ends_the_session_for_the_cookie_too(browser: Browser, world: World) -> None:
    await browser.sign_in("admin")
    cookie = browser.cookie("yushi_panel")
    reply = await browser.submit("/admin/sign-out", page="/admin/")
    assert reply.status == 303
    assert "已安全退出" in (await browser.get(reply.location)).words
    assert await _count_sessions(world) == 0
    assert (await browser.get("/admin/", Cookie=f"yushi_panel={cookie}")).status == 303


@pytest.mark.asyncio
async def test_a_sign_in_page_left_open_in_another_tab_still_works_and_ends_the_earlier_session(
    browser: Browser, world: World
) -> None:
    other_tab = {"csrf_token": await browser.token("/admin/sign-in"), "login": "trainer", "password": PASSWORD}
    await browser.sign_in("admin")
    first = browser.cookie("yushi_panel")
    assert (await browser.post("/admin/sign-in", other_tab)).status == 303
    assert await _count_sessions(world) == 1
    assert "trainer" in (await browser.get("/admin/")).words
    browser.client.session.cookie_jar.clear()
    assert (await browser.get("/admin/", Cookie=f"yushi_panel={first}")).status == 303


@pytest.mark.asyncio
async def test_a_session_is_over_after_twelve_hours(browser: Browser, world: World) -> None:
    await browser.sign_in("admin")
    world.clock.advance(hours=11, minutes=59)
    assert (await browser.get("/admin/")).status == 200
    world.clock.advance(minutes=1)
    reply = await browser.get("/admin/people")
    assert (reply.status, reply.location) == (303, "/admin/sign-in?next=/admin/people&notice=expired")
