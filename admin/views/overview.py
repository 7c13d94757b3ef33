"""What matters now, by role: rounds running and coming, pass rates, counts of the bank."""

import datetime as dt
from typing import Any

from aiohttp import web

from admin.access import BANK_READERS, OVERSEERS, RESULT_READERS, actor_for
from admin.keys import ASSESSMENTS, CLOCK, PEOPLE, QUESTIONS, REGULATIONS, RESULTS
from admin.pages import render
from admin.pool_counts import count_pool
from exam.assessments.rules import RoundState
from exam.people.rules import Actor

COMING_SHOWN = 5
LOWEST_SHOWN = 5


async def show_overview(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "overview")
    context: dict[str, Any] = {"board": None, "results": None, "bank": None, "now": request.app[CLOCK]()}
    if actor.has_role(*OVERSEERS):
        context["board"] = await _board(request, actor)
    if actor.has_role(*RESULT_READERS):
        context["results"] = await _results(request, actor)
    if actor.has_role(*BANK_READERS):
        context["bank"] = await _bank(request)
    return render(request, "overview.html", **context)


async def _board(request: web.Request, actor: Actor) -> dict[str, Any]:
    """Rounds running (the one that closes first leads) and coming (the next leads), each with its assessment."""
    views = await request.app[ASSESSMENTS].list_assessments(actor)
    rounds = [(view, summary) for view in views for summary in view.rounds]
    running = [pair for pair in rounds if pair[1].state is RoundState.OPEN]
    coming = [pair for pair in rounds if pair[1].state is RoundState.PLANNED]
    return {
        "running": sorted(running, key=lambda pair: pair[1].closes_at or dt.datetime.max.replace(tzinfo=dt.UTC)),
        "coming": sorted(coming, key=lambda pair: pair[1].scheduled_for)[:COMING_SHOWN],
        "coming_count": len(coming),
        "assessments": len(views),
    }


async def _results(request: web.Request, actor: Actor) -> dict[str, Any]:
    organisations = await request.app[PEOPLE].list_organisations(actor)
    rates = await request.app[RESULTS].pass_rates(actor)
    return {
        "organisations": len(organisations),
        "staff": sum(organisation.staff_count for organisation in organisations),
        "rates": rates,
        "lowest": [line for line in rates.lines if line.rate is not None][:LOWEST_SHOWN],
    }


async def _bank(request: web.Request) -> dict[str, Any]:
    counts = count_pool(await request.app[QUESTIONS].pool())
    regulations = await request.app[REGULATIONS].list_regulations()
    return {
        "counts": counts,
        "total": sum(sum(types.values()) for types in counts.values()),
        "loaded": sum(regulation.is_loaded for regulation in regulations),
        "regulations": len(regulations),
    }
