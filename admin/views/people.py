"""The organisations inside one's scope, with the number of their staff: finding one by name, and adding one."""

from aiohttp import web

from admin import words
from admin.access import OVERSEERS, actor_for
from admin.forms import FieldError, FieldReader
from admin.keys import FORM, PEOPLE, STAFF
from admin.pages import render
from admin.paging import take_page
from exam.people.rules import Actor, OrganisationKind
from exam.people.staff import StaffRefused

PAGE_SIZE = 100


async def list_organisations(request: web.Request) -> web.StreamResponse:
    return await _page(request, actor_for(request, "people"))


async def add_organisation(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "people")
    reader = FieldReader(request[FORM])
    name, region = reader.text("name"), reader.text("region")
    kind = reader.choice("kind", tuple(OrganisationKind))
    if region not in {r.code for r in await request.app[PEOPLE].list_regions(actor)}:
        reader.refuse("region", words.FIELD_NOT_A_CHOICE)
    if not reader.errors:
        try:
            organisation_id = await request.app[STAFF].add_organisation(actor, name, kind, region)
        except StaffRefused as refused:
            reader.refuse("name", words.STAFF_REFUSALS[refused.reason])
        else:
            raise web.HTTPSeeOther(request.app.router["organisation"].url_for(organisation_id=str(organisation_id)))
    return await _page(request, actor, name, region, kind, reader.errors)


async def _page(
    request: web.Request,
    actor: Actor,
    name: str = "",
    region: str = "",
    kind: OrganisationKind = OrganisationKind.SCHOOL_CANTEEN,
    errors: list[FieldError] | None = None,
) -> web.Response:
    typed = " ".join(request.query.get("q", "")[:80].split())
    people = request.app[PEOPLE]
    organisations = await (request.app[STAFF].find_organisations(actor, typed) if typed else people.list_organisations(actor))
    return render(
        request,
        "people.html",
        status=422 if errors else 200,
        page=take_page(organisations, request.query.get("page", ""), PAGE_SIZE),
        staff=sum(o.staff_count for o in organisations),
        typed=typed,
        regions=await people.list_regions(actor) if actor.has_role(*OVERSEERS) else [],
        kinds=tuple(OrganisationKind),
        name=name,
        region=region,
        kind=kind,
        errors=errors or [],
    )
