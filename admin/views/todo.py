"""The trainers' list: questions that nothing answered and answers voted down, open or settled; settling one without a lesson."""

from dataclasses import replace

from aiohttp import web

from admin.access import actor_for
from admin.keys import TEACHING
from admin.pages import render
from admin.paging import take_page
from question_bank.search.todo import TodoKind, TodoRef

PAGE_SIZE = 30


async def list_todo(request: web.Request) -> web.StreamResponse:
    actor_for(request, "teaching")
    teaching = request.app[TEACHING]
    asked = request.query.get("kind", "")
    kind = next((member for member in TodoKind if member.value == asked), TodoKind.UNANSWERED)
    settled = request.query.get("settled") == "1"
    counts = {each: await teaching.count_todo(each) for each in TodoKind}
    total = await teaching.count_todo(kind, settled=True) if settled else counts[kind]
    page = take_page(range(total), request.query.get("page", ""), PAGE_SIZE)
    entries = await teaching.list_todo(kind, settled=settled, offset=page.first - 1, limit=PAGE_SIZE)
    shown = replace(page, items=entries)
    return render(request, "todo.html", page=shown, kind=kind, kinds=tuple(TodoKind), settled=settled, counts=counts)


async def dismiss(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "teaching")
    ref = todo_ref(request)
    await request.app[TEACHING].dismiss(ref, actor.name)
    raise web.HTTPSeeOther(request.app.router["teaching"].url_for().with_query(kind=ref.kind.value, notice="dismissed"))


def todo_ref(request: web.Request) -> TodoRef:
    """The entry that an address names."""
    return TodoRef(TodoKind(request.match_info["kind"]), int(request.match_info["todo_id"]))
