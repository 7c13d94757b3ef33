"""Signing in to the panel and out of it. A refusal never tells whether the login exists."""

from aiohttp import web

from admin import words
from admin.access import close_session, keep_form_token, open_session, safe_next
from admin.formats import clock_time
from admin.keys import ACCOUNTS, FORM, SIGNED_IN
from admin.pages import render
from exam.people.accounts import SignInRefused


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    target = request.query.get("next", "")
    if SIGNED_IN in request:
        raise web.HTTPSeeOther(safe_next(request, target))
    return _page(request, target=target)


async def sign_in(request: web.Request) -> web.StreamResponse:
    form = request[FORM]
    login, target = form.get("login", "").strip(), form.get("next", "")
    try:
        signed_in = await request.app[ACCOUNTS].sign_in(login, form.get("password", ""))
    except SignInRefused as refused:
        if refused.locked_until is None:
            return _page(request, target=target, login=login, error=words.SIGN_IN_REFUSED, status=422)
        error = words.SIGN_IN_LOCKED.format(until=clock_time(refused.locked_until))
        return _page(request, target=target, login=login, error=error, status=429)
    response = web.HTTPSeeOther(safe_next(request, target))
    await close_session(request, response)  # another one that this browser may still hold
    open_session(request, response, signed_in)
    raise response


async def sign_out(request: web.Request) -> web.StreamResponse:
    response = web.HTTPSeeOther(request.app.router["sign_in"].url_for().with_query(notice="signed_out"))
    await close_session(request, response)
    raise response


def _page(request: web.Request, *, target: str, login: str = "", error: str = "", status: int = 200) -> web.Response:
    response = render(request, "sign_in.html", status=status, login=login, error=error, target=target)
    keep_form_token(request, response)
    return response
