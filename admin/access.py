"""Who may do what: the session cookie, the token of every form, the roles of each section, and where one may be sent on to."""

import hmac
import re
import secrets
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from admin.forms import read_form
from admin.keys import ACCOUNTS, FORM, FORM_TOKEN, SECURE_COOKIES, SIGNED_IN
from exam.people.accounts import PANEL_ROLES, SESSION_LIFETIME, SignedIn
from exam.people.rules import Actor, Role

SESSION_COOKIE = "yushi_panel"
FORM_COOKIE = "yushi_panel_form"
"""For the forms of people who are not signed in yet: its value must come back in the form (double submit).

Not the Origin header: under our Referrer-Policy a browser sends "null" there with a form.
"""
CSRF_FIELD = "csrf_token"

OVERSEERS = (Role.ADMINISTRATOR, Role.REGULATOR)
RESULT_READERS = (Role.ADMINISTRATOR, Role.REGULATOR, Role.ORGANISATION_MANAGER)
BANK_READERS = (Role.ADMINISTRATOR, Role.TRAINER)
SECTIONS: dict[str, tuple[Role, ...]] = {
    "overview": PANEL_ROLES,
    "assessments": OVERSEERS,
    "pass_rates": RESULT_READERS,
    "bank": BANK_READERS,
    "teaching": BANK_READERS,
    "reviews": BANK_READERS,
    "regulations": PANEL_ROLES,
    "people": RESULT_READERS,
}
"""Who may open which section: the navigation shows by it and every view enforces it."""

_FORMS_OF_STRANGERS = frozenset({"sign_in", "activate"})
_PUBLIC = _FORMS_OF_STRANGERS | {"static", "root"}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")


def actor_for(request: web.Request, section: str) -> Actor:
    """The signed-in person, if they may open this section. Raises NotPermitted."""
    actor = request[SIGNED_IN].actor
    actor.require_role(*SECTIONS[section])
    return actor


def mount(request: web.Request) -> str:
    """The path under which the panel is mounted, such as /admin/."""
    return str(request.app.router["overview"].url_for())


def safe_next(request: web.Request, target: str) -> URL:
    """Where to go after signing in: `target` if it is a page of this panel, otherwise the overview."""
    home = mount(request)
    is_ours = target.startswith(home) and not target.startswith("//") and "\\" not in target and target.isprintable()
    return URL(target) if is_ours and not urlsplit(target).netloc else URL(home)


def open_session(request: web.Request, response: web.StreamResponse, signed_in: SignedIn) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        signed_in.token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path=mount(request),
        httponly=True,
        samesite="Lax",
        secure=request.app[SECURE_COOKIES],
    )


async def close_session(request: web.Request, response: web.StreamResponse) -> None:
    """End the browser's session here and in the database."""
    if token := _session_token(request):
        await request.app[ACCOUNTS].sign_out(token)
    response.del_cookie(SESSION_COOKIE, path=mount(request))


def form_token(request: web.Request) -> str:
    """The token that a stranger's form carries: the browser's own, or a new one."""
    if FORM_TOKEN not in request:
        kept = request.cookies.get(FORM_COOKIE, "")
        request[FORM_TOKEN] = kept if _TOKEN.fullmatch(kept) else secrets.token_urlsafe(32)
    return request[FORM_TOKEN]


def keep_form_token(request: web.Request, response: web.StreamResponse) -> None:
    response.set_cookie(
        FORM_COOKIE,
        form_token(request),
        path=mount(request),
        httponly=True,
        samesite="Lax",
        secure=request.app[SECURE_COOKIES],
    )


@web.middleware
async def access_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find who is signed in, send strangers to the sign-in page, and let no form through without its token."""
    route = request.match_info.route.name
    if route == "static":
        return await handler(request)
    token = _session_token(request)
    signed_in = await request.app[ACCOUNTS].find_session(token) if token else None
    if signed_in is not None:
        request[SIGNED_IN] = signed_in
    if request.match_info.http_exception is not None:
        return await handler(request)
    if signed_in is None and route not in _PUBLIC:
        raise web.HTTPSeeOther(_sign_in_url(request, route))
    if request.method == "POST":
        request[FORM] = await read_form(request)
        _require_form_token(request, route)
    return await handler(request)


def _require_form_token(request: web.Request, route: str | None) -> None:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden
    expected = request.cookies.get(FORM_COOKIE, "") if route in _FORMS_OF_STRANGERS else request[SIGNED_IN].csrf_token
    given = request[FORM].get(CSRF_FIELD, "")
    if not _TOKEN.fullmatch(expected) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise FormTokenMissing


class FormTokenMissing(web.HTTPForbidden):
    """A form came without the token of its page: an old page, a browser without cookies, or another site."""


def _session_token(request: web.Request) -> str | None:
    token = request.cookies.get(SESSION_COOKIE, "")
    return token if _TOKEN.fullmatch(token) else None


def _sign_in_url(request: web.Request, route: str | None) -> URL:
    query = {}
    if route not in ("overview", "sign_out"):
        query["next"] = request.path_qs if request.method in ("GET", "HEAD") else request.rel_url.raw_path
    if request.method == "POST":
        query["notice"] = "unsaved"
    elif SESSION_COOKIE in request.cookies:
        query["notice"] = "expired"
    return request.app.router["sign_in"].url_for().with_query(query)
