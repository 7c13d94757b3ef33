"""Regulation Q&A: a typed question in, quoted articles out, or an honest refusal with the nearest topics."""

from bot import messages
from bot.dialogue.events import Response
from bot.dialogue.home import menu_rows
from bot.dialogue.pages import (
    HOME_ROW,
    BadAction,
    DialogueServices,
    Row,
    article_button,
    one,
    pause_while_sitting,
    split_reply,
    whole_number,
)
from exam.people.service import Member
from question_bank.regulations.rules import ArticleNotFound, ArticleNumber, RegulationNotFound
from question_bank.search.service import Answer, AnswerKind


async def ask(services: DialogueServices, member: Member, typed: str) -> Response:
    """Answer a typed text. During an assessment Q&A is paused, as looking things up would be cheating."""
    if paused := await pause_while_sitting(services, member.person_id):
        return paused
    question = "".join(c for c in typed if c.isprintable() or c.isspace())  # a NUL cannot be stored, nor half an emoji
    said = question.strip(messages.PUNCTUATION).lower()
    if said in messages.GREETING_WORDS:
        return one(messages.GREETING, *menu_rows(), replaces=False)
    if said in messages.THANKS_WORDS:
        return one(messages.THANKS, *menu_rows(), replaces=False)
    if not any(c.isalnum() for c in said):
        return one(messages.EMPTY_QUESTION, replaces=False)
    return _response(await services.search.ask(question))


def _response(answer: Answer) -> Response:
    if answer.kind is AnswerKind.NO_SUCH_ARTICLE and answer.law:
        return one(messages.no_such_article(answer.law, answer.article_count), replaces=False)
    if answer.kind is AnswerKind.TEXT_NOT_LOADED and answer.law:
        return one(messages.text_not_loaded(answer.law), replaces=False)
    if answer.kind is AnswerKind.LAW_MISSING:
        return one(messages.LAW_MISSING, replaces=False)
    if answer.kind is AnswerKind.NOT_ANSWERED or not answer.hits:
        rows: list[Row] = [(article_button(article),) for article in answer.nearest]
        text = messages.NOT_ANSWERED + (f"\n\n{messages.NEAREST}" if rows else "")
        return one(text, *rows, replaces=False)
    best, *others = [hit.article for hit in answer.hits]
    parts = messages.article_parts(best) + ([messages.OTHER_ARTICLES] if others else [])
    return split_reply(parts, *[(article_button(article),) for article in others])


async def show_article(services: DialogueServices, member: Member, law: str, number: str, suffix: str) -> Response:
    """An article in full, from a button."""
    if paused := await pause_while_sitting(services, member.person_id):
        return paused
    try:
        article = await services.regulations.get_article(law, ArticleNumber(whole_number(number), whole_number(suffix)))
    except (ArticleNotFound, RegulationNotFound) as error:
        raise BadAction(law) from error
    return split_reply(messages.article_parts(article), HOME_ROW)
