"""合格率（按单位）: the page the product exists for, as table, chart and spreadsheet."""

import asyncio
from urllib.parse import quote

from aiohttp import web

from admin import words
from admin.access import OVERSEERS, actor_for
from admin.exports import XLSX_TYPE, write_pass_rates
from admin.formats import in_china
from admin.keys import ASSESSMENTS, RESULTS
from admin.pages import render
from exam.assessments.service import AssessmentNotFound, AssessmentView
from exam.results.service import PassRates

CHARTED = 30
"""The chart shows the lowest so many; the table shows all."""


async def show_pass_rates(request: web.Request) -> web.StreamResponse:
    rates, chosen, offered = await _rates(request)
    shown = [line for line in rates.lines if line.rate is not None]
    return render(
        request,
        "pass_rates.html",
        rates=rates,
        chosen=chosen,
        offered=offered,
        charted=shown[:CHARTED],
        shown=len(shown),
        suppressed_count=len(rates.lines) - len(shown),
    )


async def download(request: web.Request) -> web.StreamResponse:
    rates, chosen, _ = await _rates(request)
    content = await asyncio.to_thread(write_pass_rates, rates, chosen.title if chosen else words.ALL_ASSESSMENTS)
    stamp = f"{in_china(rates.at):%Y%m%d-%H%M}"
    name = quote(f"合格率-{stamp}.xlsx")
    disposition = f"attachment; filename=\"pass-rates-{stamp}.xlsx\"; filename*=UTF-8''{name}"
    return web.Response(body=content, content_type=XLSX_TYPE, headers={"Content-Disposition": disposition})


async def _rates(request: web.Request) -> tuple[PassRates, AssessmentView | None, list[AssessmentView]]:
    """The rates asked for, the one assessment they are of (None: all), and the assessments on offer as a filter."""
    actor = actor_for(request, "pass_rates")
    offered = await request.app[ASSESSMENTS].list_assessments(actor) if actor.has_role(*OVERSEERS) else []
    chosen = _chosen(request, offered)
    return await request.app[RESULTS].pass_rates(actor, chosen.id if chosen else None), chosen, offered


def _chosen(request: web.Request, offered: list[AssessmentView]) -> AssessmentView | None:
    asked = request.query.get("assessment", "")
    if not asked:
        return None
    for view in offered:
        if str(view.id) == asked:
            return view
    raise AssessmentNotFound(asked)
