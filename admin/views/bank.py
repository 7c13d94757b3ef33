"""The question bank as trainers read it, keys included: list with filters, and one question in full."""

from aiohttp import web

from admin.access import actor_for
from admin.keys import QUESTIONS, REGULATIONS
from admin.pages import render
from admin.paging import take_page
from question_bank.questions.rules import QuestionState, QuestionType

PAGE_SIZE = 50
LETTERS = "ABCDEF"


async def list_questions(request: web.Request) -> web.StreamResponse:
    actor_for(request, "bank")
    laws = [regulation.short_name for regulation in await request.app[REGULATIONS].list_regulations()]
    law, type_value = request.query.get("law", ""), request.query.get("type", "")
    law = law if law in laws else ""
    question_type = next((member for member in QuestionType if member.value == type_value), None)
    questions = await request.app[QUESTIONS].list_questions(law or None)
    if question_type is not None:
        questions = [question for question in questions if question.content.type is question_type]
    page = take_page(questions, request.query.get("page", ""), PAGE_SIZE)
    stats = await request.app[QUESTIONS].stats()
    return render(
        request,
        "bank.html",
        page=page,
        laws=[name for name in laws if name in stats.by_law],
        law=law,
        type=question_type,
        question_types=tuple(QuestionType),
        in_review=stats.by_state.get(QuestionState.IN_REVIEW.value, 0),
    )


async def show_question(request: web.Request) -> web.StreamResponse:
    actor_for(request, "bank")
    try:
        question = await request.app[QUESTIONS].get_version(int(request.match_info["version_id"]))
    except KeyError:
        raise web.HTTPNotFound from None
    loaded = {regulation.short_name for regulation in await request.app[REGULATIONS].list_regulations() if regulation.is_loaded}
    options = list(zip(LETTERS, question.content.options, strict=False))
    return render(request, "question.html", question=question, content=question.content, options=options, loaded=loaded)
