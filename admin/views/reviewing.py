"""What an amendment touches: questions and digests with the article's old and new text, until a trainer confirms them."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from aiohttp import web

from admin.access import actor_for
from admin.keys import QUESTIONS, REGULATIONS, REVIEWS
from admin.pages import render
from admin.paging import take_page
from question_bank.regulations.changes import ArticleChange, Mark, MarkKind, mark_words
from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.service import Regulations, VersionsMissing
from question_bank.reviews.rules import ReviewEntry

PAGE_SIZE = 10
"""Changed articles on a page."""


@dataclass(frozen=True)
class ChangedArticle:
    """One changed article with all that cites it. Without `old` and `new` the text before is not loaded any more."""

    law: str
    number: ArticleNumber
    version_label: str
    due_on: dt.date
    entries: Sequence[ReviewEntry]
    old: Sequence[Mark] | None = None
    new: Sequence[Mark] | None = None


async def list_open(request: web.Request) -> web.StreamResponse:
    actor_for(request, "reviews")
    entries = await request.app[REVIEWS].list_open(dt.date.max)
    places = groupby(entries, key=lambda entry: (entry.law, entry.article, entry.version_label, entry.due_on))
    page = take_page([ChangedArticle(*place, list(group)) for place, group in places], request.query.get("page", ""), PAGE_SIZE)
    today = request.app[REGULATIONS].today()
    return render(
        request,
        "reviews.html",
        page=replace(page, items=await _with_texts(request.app[REGULATIONS], page.items)),
        total=len(entries),
        due=sum(entry.due_on <= today for entry in entries),
        today=today,
        versions={question.content_key: question.version_id for question in await request.app[QUESTIONS].list_questions()},
    )


async def confirm(request: web.Request) -> web.StreamResponse:
    actor = actor_for(request, "reviews")
    await request.app[REVIEWS].confirm(int(request.match_info["review_id"]), actor.name)
    query = {"notice": "confirmed"}
    if (page := request.query.get("page", "")).isdecimal():
        query["page"] = page
    raise web.HTTPSeeOther(request.app.router["reviews"].url_for().with_query(query))


async def _with_texts(regulations: Regulations, articles: Sequence[ChangedArticle]) -> list[ChangedArticle]:
    found: dict[tuple[str, dt.date], dict[ArticleNumber, ArticleChange]] = {}
    for law, due_on in {(article.law, article.due_on) for article in articles}:
        try:
            diff = await regulations.diff(law, due_on - dt.timedelta(days=1), due_on)
        except VersionsMissing:
            continue
        found[law, due_on] = {change.number: change for change in diff.changes}
    changes = [found.get((article.law, article.due_on), {}).get(article.number) for article in articles]
    return await asyncio.to_thread(lambda: [_mark(article, change) for article, change in zip(articles, changes, strict=True)])


def _mark(article: ChangedArticle, change: ArticleChange | None) -> ChangedArticle:
    if change is None:
        return article
    marks = mark_words(change.old.text if change.old else "", change.new.text if change.new else "")
    old, new = ([mark for mark in marks if mark.kind in (MarkKind.KEPT, kind)] for kind in (MarkKind.OLD, MarkKind.NEW))
    return replace(article, old=old, new=new)
