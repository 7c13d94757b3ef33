"""Making one's own panel account with a join code, then being signed in."""

from aiohttp import web

from admin import words
from admin.access import close_session, keep_form_token, open_session
from admin.forms import FieldError
from admin.keys import ACCOUNTS, FORM, SIGNED_IN
from admin.pages import render
from exam.people.accounts import AccountRefused
from exam.people.service import JoinRefused


async def show_activation(request: web.Request) -> web.StreamResponse:
    if SIGNED_IN in request:
        raise web.HTTPSeeOther(request.app.router["overview"].url_for())
    return _page(request)


async def activate(request: web.Request) -> web.StreamResponse:
    form = request[FORM]
    code, login, password = form.get("code", "").strip(), form.get("login", "").strip(), form.get("password", "")
    accounts = request.app[ACCOUNTS]
    if password != form.get("password_again", ""):
        return _page(request, code, login, FieldError("password_again", words.PASSWORDS_DIFFER))
    try:
        await accounts.activate(code, login, password, source=f"panel:{request.remote}")
    except JoinRefused as refused:
        return _page(request, code, login, FieldError("code", words.JOIN_REFUSALS[refused.reason]))
    except AccountRefused as refused:
        return _page(request, code, login, FieldError(*words.ACCOUNT_REFUSALS[refused.reason]))
    response = web.HTTPSeeOther(request.app.router["overview"].url_for().with_query(notice="activated"))
    await close_session(request, response)
    open_session(request, response, await accounts.sign_in(login, password))
    raise response


def _page(request: web.Request, code: str = "", login: str = "", error: FieldError | None = None) -> web.Response:
    errors = [error] if error else []
    response = render(request, "activate.html", status=422 if error else 200, code=code, login=login, errors=errors)
    keep_form_token(request, response)
    return response
