import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import delete, func, select

from admin.app import _add_routes
from exam.people.rules import Grant, Role
from exam.people.tables import PanelSession, RoleGrant
from tests.admin.browser import Browser
from tests.admin.conftest import panel_app
from tests.admin.world import PASSWORD, World

ALL = {"admin", "regulator", "trainer", "manager"}
OVERSEERS = {"admin", "regulator"}
READERS = {"admin", "regulator", "manager"}

# Route name: an address, and the logins that may open it. {a} is an assessment of Zhengzhou.
PAGES = {
    "overview": ("/admin/", ALL),
    "assessments": ("/admin/assessments", OVERSEERS),
    "new_assessment": ("/admin/assessments/new", OVERSEERS),
    "assessment": ("/admin/assessments/{a}", OVERSEERS),
    "assessment_live": ("/admin/assessments/{a}/live", OVERSEERS),
    "assessment_verify": ("/admin/assessments/{a}/verify", OVERSEERS),
    "assessment_cancel": ("/admin/assessments/{a}/cancel", OVERSEERS),
    "pass_rates": ("/admin/pass-rates", READERS),
    "pass_rates_download": ("/admin/pass-rates.xlsx", READERS),
    "bank": ("/admin/bank", {"admin", "trainer"}),
    "question": ("/admin/bank/1", {"admin", "trainer"}),
    "teaching": ("/admin/teaching", {"admin", "trainer"}),
    "teach": ("/admin/teaching/unanswered/1", {"admin", "trainer"}),
    "lessons": ("/admin/teaching/lessons", {"admin", "trainer"}),
    "reviews": ("/admin/reviews", {"admin", "trainer"}),
    "regulations": ("/admin/regulations", ALL),
    "regulation": ("/admin/regulations/疫苗管理法", ALL),
    "article": ("/admin/regulations/疫苗管理法/45", ALL),
    "people": ("/admin/people", READERS),
    "organisation": ("/admin/people/1", READERS),
}
PUBLIC = {"sign_in", "activate", "static", "root"}
POSTS = {
    "sign_out": "/admin/sign-out",
    "new_assessment": "/admin/assessments/new",
    "assessment_cancel": "/admin/assessments/{a}/cancel",
    "people": "/admin/people",
    "organisation_staff": "/admin/people/1/staff",
    "organisation_codes": "/admin/people/1/codes",
    "teach": "/admin/teaching/unanswered/1",
    "teach_keep": "/admin/teaching/unanswered/1/keep",
    "teach_dismiss": "/admin/teaching/unanswered/1/dismiss",
    "lesson_withdraw": "/admin/teaching/lessons/lexicon/1/withdraw",
    "review_confirm": "/admin/reviews/1/confirm",
}
SCOPED = ["assessment", "assessment_live", "assessment_verify", "assessment_cancel"]


async def _count_sessions(world: World) -> int:
    async with world.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(PanelSession))).scalar_one()


def test_every_route_is_held_to_the_rules_below() -> None:
    router = web.UrlDispatcher()
    _add_routes(router)
    assert set(router.named_resources()) == PAGES.keys() | PUBLIC | POSTS.keys()
    posts = {route.name for route in router.routes() if route.method == "POST"}
    assert posts == POSTS.keys() | {"sign_in", "activate"}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", PAGES)
async def test_a_stranger_is_sent_to_the_sign_in_page_and_back_again_after(browser: Browser, world: World, name: str) -> None:
    path = PAGES[name][0].format(a=1)
    reply = await browser.get(path)
    assert reply.status == 303
    assert reply.location.startswith("/admin/sign-in")
    signed_in = await browser.submit("/admin/sign-in", {"login": "admin", "password": PASSWORD}, page=reply.location)
    assert signed_in.status == 303
    await browser.get("/admin/")
    form = await browser.get(reply.location)
    assert form.status == 303, "whoever is signed in needs no sign-in page"
    assert form.location in (path, "/admin/") or "%" in form.location


@pytest.mark.asyncio
@pytest.mark.parametrize("name", POSTS)
async def test_a_stranger_can_post_nothing(browser: Browser, world: World, name: str) -> None:
    assessment_id, _ = await world.open_assessment()
    reply = await browser.post(POSTS[name].format(a=assessment_id), {"title": "x", "csrf_token": "x" * 43})
    assert reply.status == 303
    assert reply.location.startswith("/admin/sign-in?")
    assert "notice=unsaved" in reply.location
    assert "没有保存" in (await browser.get(reply.location)).words
    assert len(await world.assessments.list_assessments(await world.actor("admin"))) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("login", ["admin", "regulator", "trainer", "manager"])
async def test_a_page_opens_for_its_roles_and_refuses_the_others(browser: Browser, world: World, login: str) -> None:
    assessment_id, _ = await world.open_assessment()
    await browser.sign_in(login)
    for name, (path, allowed) in PAGES.items():
        reply = await browser.get(path.format(a=assessment_id))
        assert reply.status == (200 if login in allowed else 403), name
        if login not in allowed:
            assert "没有权限" in reply.words


@pytest.mark.asyncio
async def test_whoever_lost_their_roles_sees_nothing(browser: Browser, world: World) -> None:
    await browser.sign_in("trainer")
    async with world.database.transaction() as session:
        await session.execute(delete(RoleGrant).where(RoleGrant.person_id == world.people_ids["trainer"]))
    for path, _ in PAGES.values():
        assert (await browser.get(path.format(a=1))).status == 403
    assert (await browser.submit("/admin/sign-out", page="/admin/")).status == 303


@pytest.mark.asyncio
@pytest.mark.parametrize("login", ["trainer", "manager"])
@pytest.mark.parametrize("name", ["new_assessment", "assessment_cancel"])
async def test_the_wrong_role_can_post_nothing_even_with_a_token(browser: Browser, world: World, login: str, name: str) -> None:
    assessment_id, _ = await world.open_assessment()
    await browser.sign_in(login)
    fields = {"csrf_token": await browser.token("/admin/"), "title": "x"}
    reply = await browser.post(POSTS[name].format(a=assessment_id), fields)
    assert reply.status == 403
    views = await world.assessments.list_assessments(await world.actor("admin"))
    assert [view.state.value for view in views] == ["active"]


@pytest.mark.asyncio
@pytest.mark.parametrize("name", SCOPED)
async def test_another_citys_assessment_cannot_be_told_from_none(browser: Browser, world: World, name: str) -> None:
    assessment_id, _ = await world.open_assessment("regulator")
    await browser.sign_in("kaifeng")
    there, missing = [await browser.get(PAGES[name][0].format(a=a)) for a in (assessment_id, 999_999_999)]
    assert there.status == missing.status == 404
    assert there.words == missing.words


@pytest.mark.asyncio
async def test_another_citys_assessment_cannot_be_cancelled(browser: Browser, world: World) -> None:
    assessment_id, _ = await world.open_assessment("regulator")
    await browser.sign_in("kaifeng")
    reply = await browser.submit(f"/admin/assessments/{assessment_id}/cancel", page="/admin/")
    assert reply.status == 404
    assert (await world.assessments.get_assessment(await world.actor("admin"), assessment_id)).state == "active"


@pytest.mark.asyncio
@pytest.mark.parametrize("token", [None, "", "x", "x" * 43, "令牌", "another session's"])
@pytest.mark.parametrize("name", POSTS)
async def test_a_form_without_its_own_token_changes_nothing(browser: Browser, world: World, name: str, token: str | None) -> None:
    assessment_id, _ = await world.open_assessment()
    if token == "another session's":
        await browser.sign_in("admin")
        token = await browser.token("/admin/")
        browser.client.session.cookie_jar.clear()
    await browser.sign_in("admin")
    sessions = await _count_sessions(world)
    fields = {"title": "x"} if token is None else {"title": "x", "csrf_token": token}
    reply = await browser.post(POSTS[name].format(a=assessment_id), fields)
    assert reply.status == 403
    assert "页面已失效" in reply.words
    assert await _count_sessions(world) == sessions
    views = await world.assessments.list_assessments(await world.actor("admin"))
    assert [view.state.value for view in views] == ["active"]


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/admin/sign-in", "/admin/activate"])
@pytest.mark.parametrize("token", [None, "x" * 43])
async def test_a_strangers_form_needs_the_token_of_the_same_browser(
    browser: Browser, world: World, path: str, token: str | None
) -> None:
    await browser.get(path)
    code = await world.people.issue_join_code(await world.people.add_person("新人", [Grant(Role.TRAINER)]))
    fields = {"login": "admin", "password": PASSWORD, "password_again": PASSWORD, "code": code}
    reply = await browser.post(path, fields if token is None else fields | {"csrf_token": token})
    assert reply.status == 403
    assert await _count_sessions(world) == 0


@pytest.mark.asyncio
async def test_a_form_sent_by_another_sites_page_is_refused_whatever_it_holds(browser: Browser, world: World) -> None:
    fields = {"login": "admin", "password": PASSWORD, "csrf_token": await browser.token("/admin/sign-in")}
    for site in ("cross-site", "same-site"):
        assert (await browser.post("/admin/sign-in", fields, **{"Sec-Fetch-Site": site})).status == 403
    assert await _count_sessions(world) == 0
    assert (await browser.post("/admin/sign-in", fields, **{"Sec-Fetch-Site": "same-origin"})).status == 303


@pytest.mark.asyncio
async def test_every_reply_carries_the_security_headers(browser: Browser, world: World) -> None:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    await browser.sign_in("admin")
    replies = [await browser.get(path) for path in ("/admin/", "/admin/nothing", "/admin/sign-in", "/admin/pass-rates.xlsx")]
    replies.append(await browser.post("/admin/sign-out", {}))
    for reply in replies:
        assert reply.headers["Content-Security-Policy"] == policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.asyncio
async def test_a_static_file_is_kept_for_good_only_under_the_hash_of_what_it_holds(browser: Browser, world: World) -> None:
    page = await browser.get("/admin/sign-in")
    address = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    named, changed, bare = [await browser.get(path) for path in (address, address + "0", address.split("?")[0])]
    assert named.status == changed.status == bare.status == 200
    assert "immutable" in named.headers["Cache-Control"]
    assert changed.headers["Cache-Control"] == bare.headers["Cache-Control"] == "no-cache"


@pytest.mark.asyncio
async def test_no_page_has_an_inline_style_or_script_or_anything_from_outside(browser: Browser, world: World) -> None:
    assessment_id, _ = await world.open_assessment()
    await browser.sign_in("admin")
    for name, (path, _) in PAGES.items():
        if name == "pass_rates_download":
            continue
        text = (await browser.get(path.format(a=assessment_id))).text
        for forbidden in ("style=", "<style", "onclick", "onsubmit", "javascript:", "http://", "https://", 'src="//'):
            assert forbidden not in text.replace("http://www.w3.org/2000/svg", ""), (name, forbidden)


@pytest.mark.asyncio
async def test_the_session_cookie_is_for_the_panel_alone_and_not_for_scripts(world: World) -> None:
    async with TestClient(TestServer(panel_app(world, secure_cookies=True))) as client:
        browser = Browser(client)
        page = await browser.get("/admin/sign-in")
        form_cookie = page.headers["Set-Cookie"]
        token = form_cookie.split("=", 1)[1].split(";")[0]
        fields = {"login": "admin", "password": PASSWORD, "csrf_token": token}
        reply = await browser.post("/admin/sign-in", fields, Cookie=f"yushi_panel_form={token}")
    cookies = [value for name, value in reply.headers.items() if name == "Set-Cookie"]
    session_cookie = next(value for value in cookies if value.startswith("yushi_panel=") and "Max-Age=43200" in value)
    for cookie in (session_cookie, form_cookie):
        for attribute in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/admin/"):
            assert attribute in cookie, cookie


@pytest.mark.asyncio
async def test_the_address_without_its_slash_leads_to_the_panel(browser: Browser) -> None:
    reply = await browser.get("/admin")
    assert (reply.status, reply.location) == (302, "/admin/")


@pytest.mark.asyncio
@pytest.mark.parametrize("cookie", ["x", "x" * 43, "é" * 30, "x" * 5000])
async def test_a_made_up_session_cookie_is_a_strangers(browser: Browser, cookie: str) -> None:
    reply = await browser.get("/admin/", Cookie=f"yushi_panel={cookie}")
    assert (reply.status, reply.location) == (303, "/admin/sign-in?notice=expired")
