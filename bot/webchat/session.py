"""Whose browser this is: a random token in a cookie, known to the dialogue only by its hash; and the same-origin rule."""

import hashlib
import json
import re
import secrets
from urllib.parse import SplitResult, urlsplit

from aiohttp import web

from bot.dialogue.events import Identity
from exam.people.rules import Channel

COOKIE = "yushi_chat"
COOKIE_MAX_AGE_SECONDS = 365 * 24 * 3600
TOKEN_BYTES = 32

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # what token_urlsafe makes of 32 bytes
_PORTS = {"http": 80, "https": 443}


def refusal(error: type[web.HTTPException], code: str) -> web.HTTPException:
    return error(text=json.dumps({"error": code}), content_type="application/json")


def token_of(request: web.Request) -> str | None:
    token = request.cookies.get(COOKIE, "")
    return token if _TOKEN.fullmatch(token) else None


def grant_session(request: web.Request, response: web.StreamResponse, path: str) -> None:
    """Set the cookie: a new token for a new browser, the same one for another year for a known one."""
    token = token_of(request) or secrets.token_urlsafe(TOKEN_BYTES)
    forwarded = request.headers.get("X-Forwarded-Proto", "").split(",")[0].strip().lower()
    response.set_cookie(
        COOKIE,
        token,
        max_age=COOKIE_MAX_AGE_SECONDS,
        path=path,
        httponly=True,
        samesite="Lax",
        secure=request.secure or forwarded == "https",
    )


def require_identity(request: web.Request) -> Identity:
    """Return the identity behind the cookie; refuse with 401 a browser that keeps no cookie."""
    token = token_of(request)
    if token is None:
        raise refusal(web.HTTPUnauthorized, "no_session")
    return Identity(Channel.WEBCHAT, hashlib.sha256(token.encode()).hexdigest())


def require_same_origin(request: web.Request) -> None:
    """Refuse with 403 what another site's page sends; a browser names the page's origin on sockets and on POST."""
    try:
        origin = urlsplit(request.headers.get("Origin", ""))
        host = urlsplit(f"{origin.scheme}://{request.headers.get('Host', '')}")
        same = origin.scheme in _PORTS and bool(origin.hostname) and _place(origin) == _place(host)
    except ValueError:  # no address at all
        same = False
    if not same:
        raise refusal(web.HTTPForbidden, "foreign_origin")


def _place(url: SplitResult) -> tuple[str | None, int]:
    return url.hostname, url.port or _PORTS[url.scheme]
