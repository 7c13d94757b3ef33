"""The list of assessments, and cancelling one after a page that says what that means."""

from aiohttp import web

from admin.access import actor_for
from admin.keys import ASSESSMENTS
from admin.pages import render
from admin.paging import take_page
from exam.assessments.rules import AssessmentState, RoundState
from exam.assessments.service import AssessmentView, RoundSummary

PAGE_SIZE = 30


async def list_assessments(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "assessments")
    views = await request.app[ASSESSMENTS].list_assessments(actor)
    page = take_page(views, request.query.get("page", ""), PAGE_SIZE)
    lines = [(view, standing(view), leading_round(view)) for view in page.items]
    return render(request, "assessments.html", lines=lines, page=page)


async def confirm_cancel(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "assessments")
    view = await request.app[ASSESSMENTS].get_assessment(actor, int(request.match_info["assessment_id"]))
    return render(request, "cancel.html", assessment=view, rounds=[r for r in view.rounds if r.state is RoundState.PLANNED])


async def cancel(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "assessments")
    assessment_id = request.match_info["assessment_id"]
    await request.app[ASSESSMENTS].cancel(actor, int(assessment_id))
    raise web.HTTPSeeOther(request.app.router["assessment"].url_for(assessment_id=assessment_id).with_query(notice="cancelled"))


def standing(view: AssessmentView) -> RoundState:
    """Where the assessment as a whole stands, told by its rounds: what runs comes before what is cancelled or to come."""
    states = [summary.state for summary in view.rounds]
    if RoundState.OPEN in states:
        return RoundState.OPEN
    if view.state is AssessmentState.CANCELLED:
        return RoundState.CANCELLED
    if RoundState.PLANNED in states:
        return RoundState.PLANNED
    return states[0] if states else RoundState.PLANNED


def leading_round(view: AssessmentView) -> RoundSummary | None:
    """The round to look at first: the one running, else the next one planned, else the latest that was drawn."""
    for state in (RoundState.OPEN, RoundState.PLANNED, RoundState.CLOSED):
        found = [summary for summary in view.rounds if summary.state is state]
        if found:
            return found[-1] if state is RoundState.PLANNED else found[0]
    return view.rounds[0] if view.rounds else None
