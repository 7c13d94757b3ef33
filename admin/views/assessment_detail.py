"""One assessment: its settings, its rounds, the chosen round live, and what anyone needs to check the draw."""

import datetime as dt
import hashlib
from typing import Any

from aiohttp import web

from admin import words
from admin.access import actor_for
from admin.keys import ASSESSMENTS, CLOCK
from admin.pages import render, render_text
from admin.paging import take_page
from admin.views.assessments import leading_round, standing
from exam.assessments.rules import RoundState
from exam.assessments.service import AssessmentNotFound, AssessmentView, RoundSummary
from exam.attempts.rules import is_pass
from exam.people.rules import Actor

CANDIDATES_PER_PAGE = 100
WATCHED_BEFORE_START = dt.timedelta(minutes=15)
"""A round due this soon is refreshed like a running one, so that its opening is seen."""


async def show_assessment(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "assessments")
    view = await _find(request, actor)
    return render(request, "assessment.html", **await _live(request, actor, view), right_answers=_right_answers(view))


async def show_live(request: web.Request) -> web.StreamResponse:
    """The part of the page that changes, as an HTML fragment; 304 while nothing has changed."""
    actor = actor_for(request, "assessments")
    text = render_text(request, "_live.html", **await _live(request, actor, await _find(request, actor)))
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers={"ETag": tag})
    return web.Response(text=text, content_type="text/html", headers={"ETag": tag})


async def verify_draw(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "assessments")
    view = await _find(request, actor)
    faults = await request.app[ASSESSMENTS].verify(actor, view.id)
    checked = [(summary, faults[summary.id]) for summary in view.rounds if summary.id in faults]
    return render(request, "verify.html", assessment=view, checked=checked)


async def _find(request: web.Request, actor: Actor) -> AssessmentView:
    return await request.app[ASSESSMENTS].get_assessment(actor, int(request.match_info["assessment_id"]))


async def _live(request: web.Request, actor: Actor, view: AssessmentView) -> dict[str, Any]:
    """The chosen round as it stands now: counts, and one page of its candidates with the chosen status."""
    summary = _chosen_round(request, view)
    status = request.query.get("status", "")
    status = status if status in words.CANDIDATE_STATUSES else ""
    progress, page = None, None
    if summary is not None and summary.state in (RoundState.OPEN, RoundState.CLOSED):
        progress = await request.app[ASSESSMENTS].get_progress(actor, summary.id)
        lines = [line for line in progress.lines if not status or line.status == status]
        page = take_page(lines, request.query.get("page", ""), CANDIDATES_PER_PAGE)
    return {
        "assessment": view,
        "standing": standing(view),
        "round": summary,
        "progress": progress,
        "chosen_status": status,
        "statuses": words.CANDIDATE_STATUSES,
        "page": page,
        "is_live": summary is not None and _is_live(summary, request.app[CLOCK]()),
        "cron_words": words.CRON_CHOICES.get(view.cron or ""),
        "can_cancel": any(r.state is RoundState.PLANNED for r in view.rounds),
    }


def _chosen_round(request: web.Request, view: AssessmentView) -> RoundSummary | None:
    asked = request.query.get("round")
    if asked is None:
        return leading_round(view)
    for summary in view.rounds:
        if str(summary.id) == asked:
            return summary
    raise AssessmentNotFound(asked)


def _is_live(summary: RoundSummary, now: dt.datetime) -> bool:
    is_soon = summary.state is RoundState.PLANNED and summary.scheduled_for - now < WATCHED_BEFORE_START
    return summary.state is RoundState.OPEN or is_soon


def _right_answers(view: AssessmentView) -> int:
    """How many right answers pass, told by the marking rule itself: 27 of 30 at 90 %."""
    count = view.blueprint.question_count
    return next(n for n in range(count + 1) if is_pass(n, count, view.pass_mark))
