"""What trainers taught the search, and taking it back."""

from aiohttp import web

from admin.access import actor_for
from admin.keys import TEACHING
from admin.pages import render
from admin.paging import take_page
from question_bank.search.lessons import LessonKind

PAGE_SIZE = 50


async def list_lessons(request: web.Request) -> web.StreamResponse:
    actor_for(request, "teaching")
    lessons = await request.app[TEACHING].list_lessons()
    return render(request, "lessons.html", page=take_page(lessons, request.query.get("page", ""), PAGE_SIZE))


async def withdraw(request: web.Request) -> web.StreamResponse:
    actor_for(request, "teaching")
    kind, lesson_id = LessonKind(request.match_info["kind"]), int(request.match_info["lesson_id"])
    await request.app[TEACHING].withdraw(kind, lesson_id)
    raise web.HTTPSeeOther(request.app.router["lessons"].url_for().with_query(notice="withdrawn"))
