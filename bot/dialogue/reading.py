"""Reading a law in chat: an article in full, the one before and after, the table of contents, what is listed under it.

Actions carry the regulation's id, the article, and the day if it is the text of a past one. A name that ends in ~ turns
the tapped page; without it the page comes as a new message, so that an answer stays in sight.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot import messages_law
from bot.dialogue.events import Button, Response
from bot.dialogue.pages import (
    HOME_ROW,
    BadAction,
    DialogueServices,
    Row,
    action,
    one,
    pause_while_sitting,
    split_reply,
    whole_number,
)
from exam.people.service import Member
from question_bank.regulations.rules import ArticleNotFound, ArticleNumber, RegulationNotFound
from question_bank.regulations.views import ArticleView, ContentsPart

ARTICLE, CONTENTS, CONTENTS_PAGE, CHAPTER, CHAPTER_PAGE, RELATED = "art", "toc", "tocp", "ch", "chp", "rel"
IN_PLACE = "~"
PARTS_PER_PAGE = 12
ARTICLES_PER_PAGE = 10

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """An article that an action points to. `on` is the past day whose text it is; None: as in force today."""

    regulation_id: int
    number: ArticleNumber
    on: dt.date | None = None

    @classmethod
    def of(cls, article: ArticleView, on: dt.date | None = None) -> "Place":
        return cls(article.regulation_id, article.number, on)

    @classmethod
    def parse(cls, regulation: str, number: str, suffix: str, day: str = "") -> "Place":
        """Out of an action's arguments; raises BadAction."""
        return cls(whole_number(regulation), ArticleNumber(whole_number(number), whole_number(suffix)), _day(day))

    @property
    def arguments(self) -> tuple[object, ...]:
        day = (f"{self.on:%Y%m%d}",) if self.on else ()
        return (self.regulation_id, self.number.number, self.number.suffix, *day)


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.datetime.strptime(str(whole_number(text)), "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise BadAction(text) from error


def article_button(article: ArticleView, on: dt.date | None = None, label: str | None = None) -> Button:
    """A button that shows an article below; it is called by the article's title, or as is said."""
    return Button(label or messages_law.article_button(article), action(ARTICLE, *Place.of(article, on).arguments))


async def neighbour_buttons(services: DialogueServices, article: ArticleView, on: dt.date | None, mode: str = "") -> Row:
    """上一条 and 下一条, as far as there are any."""
    beside = await services.regulations.neighbours(article, on)
    ends = ((messages_law.PREVIOUS_ARTICLE, beside.previous), (messages_law.NEXT_ARTICLE, beside.following))
    return tuple(
        Button(label, action(ARTICLE + mode, *Place(article.regulation_id, number, on).arguments))
        for label, number in ends
        if number is not None
    )


def law_buttons(article: ArticleView, on: dt.date | None, mode: str = "") -> Row:
    """目录, and 相关试题 except for a text of the past, which nobody is asked about."""
    place = Place.of(article, on)
    contents = Button(messages_law.CONTENTS, action(CONTENTS + mode, *place.arguments))
    return (contents,) if on else (contents, Button(messages_law.RELATED, action(RELATED, *place.arguments)))


async def find_article(services: DialogueServices, place: Place) -> ArticleView:
    """Raises BadAction when there is none."""
    try:
        return await services.regulations.get_article_by_id(place.regulation_id, place.number, place.on)
    except (ArticleNotFound, RegulationNotFound) as error:
        raise BadAction(str(place)) from error


async def take_tap(services: DialogueServices, member: Member, tapped: str) -> Response:
    """A tap on one of the buttons of this file; BadAction for any other."""
    name, *arguments = tapped.split(":")
    page = whole_number(arguments.pop(0)) if name in (CONTENTS_PAGE, CHAPTER_PAGE) and arguments else None
    if not 3 <= len(arguments) <= 4:
        raise BadAction(tapped)
    place = Place.parse(*arguments)
    if name in (ARTICLE, ARTICLE + IN_PLACE):
        return await show_article(services, member, place, replaces=name != ARTICLE)
    if name in (CONTENTS, CONTENTS + IN_PLACE, CONTENTS_PAGE):
        return await show_contents(services, member, place, page, replaces=name != CONTENTS)
    if name in (CHAPTER, CHAPTER_PAGE):
        return await show_chapter(services, member, place, page)
    raise BadAction(tapped)


async def show_article(services: DialogueServices, member: Member, place: Place, *, replaces: bool = False) -> Response:
    """An article in full, with the way on from it."""
    if paused := await pause_while_sitting(services, member.person_id):
        return paused
    article = await find_article(services, place)
    parts = messages_law.article_parts(article, digest=await digest_of(services, article, place.on), on=place.on)
    rows = [
        await neighbour_buttons(services, article, place.on, IN_PLACE),
        law_buttons(article, place.on, IN_PLACE),
        HOME_ROW,
    ]
    return split_reply(parts, *filter(None, rows), replaces=replaces)


async def digest_of(services: DialogueServices, article: ArticleView, on: dt.date | None) -> str | None:
    """The article's point in our words; none for a text of the past, which it may not fit."""
    return None if on else (await services.search.refresh()).digest_of(article)


async def show_contents(
    services: DialogueServices, member: Member, place: Place, page: int | None = None, *, replaces: bool = False
) -> Response:
    """The chapters and sections of a law, a page of them at a time; without a number the page that the article is on."""
    if paused := await pause_while_sitting(services, member.person_id):
        return paused
    parts = await _read_contents(services, place)
    if len(parts) == 1:
        return await _list_articles(services, parts, place, page, replaces=replaces)
    page = _index_of(parts, place.number) // PARTS_PER_PAGE if page is None else page
    rows: list[Row] = []
    for part in _page(parts, page, PARTS_PER_PAGE):
        first = Place.of(part.articles[0], place.on)
        rows.append((Button(messages_law.part_button(part), action(CHAPTER, *first.arguments)),))
    rows.append(_turning(CONTENTS_PAGE, place, page, len(parts), PARTS_PER_PAGE))
    count = sum(len(part.articles) for part in parts)
    text = messages_law.contents(parts[0].articles[0], count, place.on)
    return one(text, *filter(None, rows), HOME_ROW, replaces=replaces)


async def show_chapter(services: DialogueServices, member: Member, place: Place, page: int | None = None) -> Response:
    """The articles that stand under the same headings as one, a page of them at a time, with their points."""
    if paused := await pause_while_sitting(services, member.person_id):
        return paused
    return await _list_articles(services, await _read_contents(services, place), place, page, replaces=True)


async def _list_articles(
    services: DialogueServices, parts: Sequence[ContentsPart], place: Place, page: int | None, *, replaces: bool
) -> Response:
    part = parts[_index_of(parts, place.number)]
    numbers = [article.number for article in part.articles]
    page = numbers.index(place.number) // ARTICLES_PER_PAGE if page is None else page
    snapshot = await services.search.refresh()
    rows: list[Row] = []
    for article in _page(part.articles, page, ARTICLES_PER_PAGE):
        label = messages_law.listed_article_button(article, None if place.on else snapshot.digest_of(article))
        rows.append((Button(label, action(ARTICLE + IN_PLACE, *Place.of(article, place.on).arguments)),))
    rows.append(_turning(CHAPTER_PAGE, place, page, len(part.articles), ARTICLES_PER_PAGE))
    back = (Button(messages_law.CONTENTS, action(CONTENTS + IN_PLACE, *place.arguments)),) if len(parts) > 1 else ()
    return one(messages_law.part_text(part, place.on), *filter(None, rows), (*back, *HOME_ROW), replaces=replaces)


async def _read_contents(services: DialogueServices, place: Place) -> Sequence[ContentsPart]:
    try:
        return await services.regulations.table_of_contents(place.regulation_id, place.on)
    except RegulationNotFound as error:
        raise BadAction(str(place)) from error


def _index_of(parts: Sequence[ContentsPart], number: ArticleNumber) -> int:
    for index, part in enumerate(parts):
        if any(article.number == number for article in part.articles):
            return index
    raise BadAction(number.label)


def _page(entries: Sequence[T], page: int, size: int) -> Sequence[T]:
    shown = entries[page * size : (page + 1) * size]
    if not shown:
        raise BadAction(str(page))
    return shown


def _turning(name: str, place: Place, page: int, count: int, size: int) -> Row:
    """上一页 and 下一页, as far as there are any."""
    pages = ((messages_law.PREVIOUS_PAGE, page - 1), (messages_law.NEXT_PAGE, page + 1))
    return tuple(Button(label, action(name, to, *place.arguments)) for label, to in pages if 0 <= to * size < count)
