"""Practice in chat: choose a law, answer, see at once what was right and why."""

from bot import messages, messages_law
from bot.dialogue.events import Button, Response
from bot.dialogue.pages import HOME_ROW, DialogueServices, Row, action, below, one, pause_while_sitting
from bot.dialogue.paper import show_slot
from bot.dialogue.reading import Place, find_article
from exam.attempts.rules import AttemptMode
from exam.people.service import Member
from exam.practice.service import QUESTIONS_PER_SET, NothingToPractise, article_set_title

ALL_LAWS = "*"


async def choose_law(services: DialogueServices, member: Member, *, replaces: bool = True) -> Response:
    if paused := await pause_while_sitting(services, member.person_id):
        return paused
    rows: list[Row] = []
    unfinished = await services.attempts.find_open(member.person_id, AttemptMode.PRACTICE)
    if unfinished is not None:
        rows.append((Button(messages.practice_resume_button(unfinished), action("q", unfinished.id, 0)),))
    rows.append((Button(messages.PRACTISE_ALL, action("pr!", ALL_LAWS)),))
    for law, count in await services.practice.list_laws():
        rows.append((Button(messages.practice_law_button(law, count), action("pr!", law)),))
    return one(messages.practice_menu(QUESTIONS_PER_SET), *rows, HOME_ROW, replaces=replaces)


async def start(services: DialogueServices, member: Member, chosen: str) -> Response:
    """Begin a set. A repeated tap finds the set that the first one began, as long as nothing in it is answered."""
    if paused := await pause_while_sitting(services, member.person_id):
        return paused
    law = None if chosen == ALL_LAWS else chosen
    open_set = await services.attempts.find_open(member.person_id, AttemptMode.PRACTICE)
    if open_set is not None and open_set.title == (law or "") and not open_set.answered_count:
        return await show_slot(services, open_set, 0)
    try:
        attempt = await services.practice.start(member.person_id, law)
    except NothingToPractise:
        return one(messages.NOTHING_TO_PRACTISE, HOME_ROW)
    return await show_slot(services, attempt, 0)


async def start_on_article(services: DialogueServices, member: Member, place: Place) -> Response:
    """Practise what cites an article; the article stays in sight. A repeated tap finds the set that the first one began."""
    if paused := await pause_while_sitting(services, member.person_id):
        return paused
    article = await find_article(services, place)
    open_set = await services.attempts.find_open(member.person_id, AttemptMode.PRACTICE)
    title = article_set_title(article.short_name, article.number)
    if open_set is not None and open_set.title == title and not open_set.answered_count:
        return below(await show_slot(services, open_set, 0))
    try:
        attempt = await services.practice.start_on_article(member.person_id, article.short_name, article.number)
    except NothingToPractise:
        return one(messages_law.NO_QUESTIONS_ON_ARTICLE, (Button(messages.PRACTICE, "pr"), *HOME_ROW), replaces=False)
    return below(await show_slot(services, attempt, 0))
