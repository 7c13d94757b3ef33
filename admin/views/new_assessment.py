"""Planning an assessment: the form, a look at how many people it would draw from, and publishing it once."""

from functools import partial

from aiohttp import web
from multidict import MultiDict

from admin import plan_form, words
from admin.access import actor_for
from admin.forms import FieldError
from admin.keys import ASSESSMENTS, CLOCK, FORM, PEOPLE, PLANNED_ONCE, QUESTIONS
from admin.pages import render
from admin.pool_counts import Counts, count_pool
from exam.assessments.rules import ScheduleKind
from exam.assessments.service import PlanRefused
from exam.people.rules import Actor, JobRole, OrganisationKind, region_prefix
from question_bank.questions.rules import QuestionType


async def show_form(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "assessments")
    regions = await request.app[PEOPLE].list_regions(actor)
    available = count_pool(await request.app[QUESTIONS].pool())
    return await _page(request, actor, plan_form.first_form(regions, available), available)


async def create(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "assessments")
    form = request[FORM]
    assessments = request.app[ASSESSMENTS]
    pool = await request.app[QUESTIONS].pool()
    parsed = plan_form.parse_plan(form, request.app[CLOCK](), pool)
    errors, preview = parsed.errors, None
    if not errors and form.get("action") == "preview":
        preview = await assessments.preview(actor, parsed.plan)
    elif not errors:
        key = (actor.person_id, form.get("form_id") or object(), parsed.plan)
        try:
            made = await request.app[PLANNED_ONCE].run(key, partial(assessments.create, actor, parsed.plan))
        except PlanRefused as refused:
            errors = plan_form.describe_refusal(refused)
        else:
            raise web.HTTPSeeOther(request.app.router["assessment"].url_for(assessment_id=str(made)).with_query(notice="created"))
    return await _page(request, actor, form, count_pool(pool), errors, preview)


async def _page(
    request: web.Request,
    actor: Actor,
    form: MultiDict[str],
    available: Counts,
    errors: list[FieldError] | None = None,
    preview: dict[int, int] | None = None,
) -> web.Response:
    by_field: dict[str, list[str]] = {}
    for error in errors or []:
        by_field.setdefault(error.field, []).append(error.message)
    return render(
        request,
        "new_assessment.html",
        status=422 if errors else 200,
        form=form,
        errors=errors or [],
        by_field=by_field,
        preview=preview,
        regions=[(region, len(region_prefix(region.code)) // 2 - 1) for region in await request.app[PEOPLE].list_regions(actor)],
        available=available,
        count_field=plan_form.count_field,
        kinds=tuple(OrganisationKind),
        job_roles=tuple(JobRole),
        question_types=tuple(QuestionType),
        feedback_choices=plan_form.FEEDBACK_CHOICES,
        window_units=plan_form.WINDOW_UNITS,
        schedules=tuple(ScheduleKind),
        cron_choices=words.CRON_CHOICES,
    )
