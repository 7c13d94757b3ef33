"""One question that the search did not answer well: what it gives now, three forms of a lesson, the trial, and keeping it."""

from typing import Any

from aiohttp import web

from admin.access import actor_for
from admin.keys import FORM, REGULATIONS, TEACHING
from admin.lesson_form import LessonForm, read_article_number, read_lesson
from admin.pages import render
from admin.views.todo import todo_ref
from question_bank.companions.rules import MAX_QUESTION_LENGTH
from question_bank.regulations.rules import ArticleNotFound, RegulationNotFound, RegulationStatus
from question_bank.regulations.views import ArticleView
from question_bank.search.lessons import LessonKind
from question_bank.search.teaching import FiguresWorse, LessonRefused
from question_bank.search.todo import TodoEntry
from question_bank.search.trial import Trial

SHOWN_HITS = 4
SHOWN_QUESTIONS = 5
LOOK = "look"
"""The value of the button that only shows an article's text."""


async def show_todo(request: web.Request) -> web.StreamResponse:
    actor_for(request, "teaching")
    entry = await request.app[TEACHING].get_todo(todo_ref(request))
    form = LessonForm({"law": request.query.get("law", "")[:80], "article": request.query.get("article", "")[:20]})
    return await _page(request, entry, form)


async def try_out(request: web.Request) -> web.StreamResponse:
    actor_for(request, "teaching")
    entry = await request.app[TEACHING].get_todo(todo_ref(request))
    form = read_lesson(request[FORM])
    if request[FORM].get("step") == LOOK:
        form.errors = [error for error in form.errors if error.field != "text"]
        return await _page(request, entry, form)
    trial = None
    if form.lesson is not None:
        try:
            trial = await request.app[TEACHING].try_out(form.lesson, entry.question)
        except LessonRefused as refused:
            form.refuse(refused.problem)
    return await _page(request, entry, form, trial)


async def keep(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "teaching")
    teaching = request.app[TEACHING]
    entry = await teaching.get_todo(todo_ref(request))
    form, trial = read_lesson(request[FORM]), None
    if form.lesson is not None:
        in_spite = request[FORM].get("in_spite") == "yes"
        try:
            await teaching.keep(form.lesson, actor.name, entry.ref, in_spite_of_figures=in_spite)
        except LessonRefused as refused:
            form.refuse(refused.problem)
        except FiguresWorse as worse:
            trial = worse.trial
        else:
            home = request.app.router["teaching"].url_for()
            raise web.HTTPSeeOther(home.with_query(kind=entry.ref.kind.value, notice="taught"))
    return await _page(request, entry, form, trial)


async def _page(request: web.Request, entry: TodoEntry, form: LessonForm, trial: Trial | None = None) -> web.Response:
    regulations = await request.app[REGULATIONS].list_regulations()
    answerable = [r.short_name for r in regulations if r.is_loaded and r.status is RegulationStatus.IN_FORCE]
    values = {"text": entry.question if len(entry.question) <= MAX_QUESTION_LENGTH else ""} | form.values
    context: dict[str, Any] = {
        "entry": entry,
        "given": trial.now if trial else await request.app[TEACHING].given_now(entry.question),
        "values": values,
        "errors": form.errors,
        "article": await _article(request, values),
        "laws": answerable,
        "all_laws": [r.short_name for r in regulations],
        "trial": trial,
        "kind": form.kind,
        "kinds": LessonKind,
        "shown_hits": SHOWN_HITS,
        "shown_questions": SHOWN_QUESTIONS,
    }
    return render(request, "teach.html", status=422 if form.errors else 200, **context)


async def _article(request: web.Request, values: dict[str, str]) -> ArticleView | None:
    """The article that the form names, if there is one."""
    number = read_article_number(values.get("article", ""))
    if number is None or not values.get("law"):
        return None
    try:
        return await request.app[REGULATIONS].get_article(values["law"], number)
    except (ArticleNotFound, RegulationNotFound):
        return None
