"""Regulation Q&A: a typed question in, quoted articles out, or an honest refusal with the nearest topics."""

from dataclasses import dataclass

from bot import messages_law
from bot.dialogue.events import Identity, Response
from bot.dialogue.home import menu_rows
from bot.dialogue.pages import DialogueServices, Row, asker_of, one, pause_while_sitting, split_reply, text_length
from bot.dialogue.reading import article_button, law_buttons, neighbour_buttons
from bot.dialogue.voting import take_word, vote_row
from exam.people.service import Member
from question_bank.search.corpus import is_liability
from question_bank.search.query import SmallTalk
from question_bank.search.service import Answer, AnswerKind, Hit

LONG_ARTICLE = 600
"""Characters beyond which an answer quotes the fitting paragraph only."""

MOST_OTHERS = 3
SMALL_TALK = {
    SmallTalk.GREETING: messages_law.GREETING,
    SmallTalk.THANKS: messages_law.THANKS,
    SmallTalk.ABOUT: messages_law.ABOUT,
}


async def ask(services: DialogueServices, member: Member, identity: Identity, typed: str) -> Response:
    """Answer a typed text, unless it is the word that goes with a vote.

    During an assessment Q&A is paused, as looking things up would be cheating.
    """
    asker, question = asker_of(identity), clean(typed)
    if taken := await take_word(services, asker, question):
        return taken
    if paused := await pause_while_sitting(services, member.person_id):
        return paused
    if not says_something(question):
        return one(messages_law.EMPTY_QUESTION, replaces=False)
    answer, answer_id = await services.asking.ask(asker, question)
    if answer.small_talk is not None:
        return one(SMALL_TALK[answer.small_talk], *menu_rows(), replaces=False)
    if answer.kind is not AnswerKind.FOUND:
        rows: list[Row] = [(article_button(article, answer.on),) for article in answer.nearest]
        return one(refusal(answer), *rows, replaces=False)
    return await _quote(services, answer, answer_id)


def clean(typed: str) -> str:
    """Without what no database stores: a NUL, half an emoji."""
    return "".join(c for c in typed if c.isprintable() or c.isspace()).strip()


def says_something(question: str) -> bool:
    return any(c.isalnum() for c in question)


def refusal(answer: Answer) -> str:
    """What is said where no article is quoted."""
    match answer.kind:
        case AnswerKind.NO_SUCH_ARTICLE if answer.law:
            return messages_law.no_such_article(answer.law, answer.article_count)
        case AnswerKind.TEXT_NOT_LOADED if answer.law:
            return messages_law.text_not_loaded(answer.law, answer.on)
        case AnswerKind.LAW_UNKNOWN if answer.law_name:
            return messages_law.law_unknown(answer.law_name)
        case AnswerKind.LAW_MISSING:
            return messages_law.LAW_MISSING
    return messages_law.NOT_ANSWERED + (f"\n\n{messages_law.NEAREST}" if answer.nearest else "")


async def _quote(services: DialogueServices, answer: Answer, answer_id: int | None) -> Response:
    """The best article, and below it the ways on: other articles, its other half, the law around it, and the vote."""
    best, on = answer.hits[0].article, answer.on
    others = [hit.article for hit in answer.hits[1 : 1 + MOST_OTHERS]]
    quotation = quote(answer, messages_law.FULL_TEXT)
    rows: list[Row] = [(article_button(article, on),) for article in others]
    if answer.beside is not None and answer.beside not in [best, *others]:
        label = messages_law.beside_button(answer.beside, is_liability=is_liability(answer.beside))
        rows.append((article_button(answer.beside, on, label),))
    full_text = (article_button(best, on, messages_law.FULL_TEXT),) if quotation.is_excerpt else ()
    rows.append((*full_text, *await neighbour_buttons(services, best, on)))
    rows.append(law_buttons(best, on))
    if answer_id is not None:
        rows.append(vote_row(answer_id))
    parts = [*quotation.parts, messages_law.OTHER_ARTICLES] if others else quotation.parts
    return split_reply(parts, *filter(None, rows))


@dataclass(frozen=True)
class Quotation:
    """What an answer quotes of its best article: all of it, or of a long one the paragraph that fits."""

    parts: list[str]
    is_excerpt: bool


def quote(answer: Answer, full_text: str) -> Quotation:
    """`full_text` is the button that shows all."""
    best = answer.hits[0]
    is_excerpt = best.paragraph is not None and not _is_look_up(answer) and text_length(best.article.text) > LONG_ARTICLE
    if is_excerpt and best.paragraph is not None:
        parts = messages_law.excerpt_parts(best.article, best.paragraph, full_text, digest=best.digest, on=answer.on)
        return Quotation(parts, is_excerpt=True)
    return Quotation(quote_all(best, answer), is_excerpt=False)


def quote_all(hit: Hit, answer: Answer) -> list[str]:
    return messages_law.article_parts(hit.article, digest=hit.digest, marked=hit.paragraph, on=answer.on)


def _is_look_up(answer: Answer) -> bool:
    """Whether the article was asked for by its number: that is certain, and ranking never is."""
    return answer.confidence == 1.0 and all(hit.score == 1.0 for hit in answer.hits)
