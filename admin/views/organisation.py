"""One organisation's staff: who has joined, taking somebody in, and one-time join codes, shown once."""

from aiohttp import web

from admin import words
from admin.access import actor_for
from admin.forms import FieldError, FieldReader
from admin.keys import FORM, STAFF
from admin.pages import render
from exam.people.rules import Actor, JobRole
from exam.people.staff import OrganisationNotFound, StaffRefused


async def show_organisation(request: web.Request) -> web.StreamResponse:
    return await _page(request, actor_for(request, "people"))


async def add_member(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "people")
    reader = FieldReader(request[FORM])
    name, job_role = reader.text("name"), reader.choice("job_role", tuple(JobRole))
    person_id, code = 0, ""
    if not reader.errors:
        try:
            person_id, code = await request.app[STAFF].add_member(actor, _organisation_id(request), name, job_role)
        except StaffRefused as refused:
            reader.refuse("name", words.STAFF_REFUSALS[refused.reason])
        except OrganisationNotFound:
            raise web.HTTPNotFound from None
    return await _page(request, actor, code_of=person_id, code=code, name="" if code else name, errors=reader.errors)


async def issue_code(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "people")
    reader = FieldReader(request[FORM])
    person_id = reader.whole_number("person", 0)
    try:
        code = await request.app[STAFF].issue_code(actor, _organisation_id(request), person_id)
    except OrganisationNotFound:
        raise web.HTTPNotFound from None
    return await _page(request, actor, code_of=person_id, code=code)


def _organisation_id(request: web.Request) -> int:
    return int(request.match_info["organisation_id"])


async def _page(
    request: web.Request,
    actor: Actor,
    *,
    code_of: int = 0,
    code: str = "",
    name: str = "",
    errors: list[FieldError] | None = None,
) -> web.Response:
    try:
        organisation = await request.app[STAFF].get_organisation(actor, _organisation_id(request))
        staff = await request.app[STAFF].list_staff(actor, organisation.id)
    except OrganisationNotFound:
        raise web.HTTPNotFound from None
    return render(
        request,
        "organisation.html",
        status=422 if errors else 200,
        organisation=organisation,
        staff=staff,
        job_roles=tuple(JobRole),
        code_of=code_of,
        code=code,
        name=name,
        errors=errors or [],
    )
