"""The register of regulations, one regulation's table of articles, and one article in full with its version and dates."""

from itertools import groupby

from aiohttp import web

from admin.access import actor_for
from admin.keys import REGULATIONS
from admin.pages import render
from question_bank.regulations.rules import ArticleNotFound, ArticleNumber, RegulationStatus
from question_bank.regulations.service import ArticleView, RegulationSummary


async def list_regulations(request: web.Request) -> web.StreamResponse:
    actor_for(request, "regulations")
    found = await request.app[REGULATIONS].list_regulations()
    unverified = [regulation for regulation in found if regulation.status is RegulationStatus.UNVERIFIED]
    return render(
        request,
        "regulations.html",
        regulations=[regulation for regulation in found if regulation not in unverified],
        unverified=unverified,
        upcoming=await request.app[REGULATIONS].list_upcoming(),
    )


async def show_regulation(request: web.Request) -> web.StreamResponse:
    actor_for(request, "regulations")
    regulation = await _find(request)
    articles = await _articles(request, regulation)
    chapters = [(chapter, list(group)) for chapter, group in groupby(articles, key=lambda article: article.chapter)]
    return render(request, "regulation.html", regulation=regulation, chapters=chapters)


async def show_article(request: web.Request) -> web.StreamResponse:
    actor_for(request, "regulations")
    regulation = await _find(request)
    number = _number(request.match_info["article"])
    try:
        article = await request.app[REGULATIONS].get_article(regulation.short_name, number)
    except ArticleNotFound:
        return render(request, "article_missing.html", status=404, regulation=regulation, number=number)
    numbers = [other.number for other in await _articles(request, regulation)]
    at = numbers.index(number)
    before, after = (numbers[at - 1] if at else None), (numbers[at + 1] if at + 1 < len(numbers) else None)
    return render(request, "article.html", regulation=regulation, article=article, before=before, after=after)


async def _find(request: web.Request) -> RegulationSummary:
    for regulation in await request.app[REGULATIONS].list_regulations():
        if regulation.short_name == request.match_info["law"]:
            return regulation
    raise web.HTTPNotFound


async def _articles(request: web.Request, regulation: RegulationSummary) -> list[ArticleView]:
    return [a for a in await request.app[REGULATIONS].articles_in_force() if a.short_name == regulation.short_name]


def _number(text: str) -> ArticleNumber:
    """45 is 第四十五条, 142-1 is 第一百四十二条之一."""
    number, _, suffix = text.partition("-")
    return ArticleNumber(int(number), int(suffix or 0))
