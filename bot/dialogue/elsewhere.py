"""Questions from outside the private chat: in a group that the bot is in, and typed after its name in any chat.

Others read along, so nothing personal is said there: only articles are quoted, for people who have joined.
"""

from bot import messages_law
from bot.dialogue.asking import SMALL_TALK, clean, quote, quote_all, refusal, says_something
from bot.dialogue.events import PRIVATE_CHAT, Button, Identity, Response, Suggestion, Suggestions
from bot.dialogue.pages import PART_LIMIT, DialogueServices, asker_of, join_parts, one, pause_while_sitting, split_reply
from bot.dialogue.reading import Place
from exam.people.service import Member
from question_bank.search.service import Answer, AnswerKind, Hit

HELLO = "ask"
"""The parameter of /start that only opens the private chat."""

_ARTICLE = "art"
MOST_SUGGESTIONS = 5


def linked_place(parameter: str) -> Place | None:
    """The article that a link into the private chat leads to; raises BadAction for one that is malformed."""
    name, *arguments = parameter.split("_")
    return Place.parse(*arguments[:4]) if name == _ARTICLE and 3 <= len(arguments) <= 4 else None


def is_link(parameter: str) -> bool:
    """Whether a parameter of /start came from a link of ours, and is no join code."""
    return parameter == HELLO or parameter.startswith(f"{_ARTICLE}_")


def _private_chat(text: str, place: Place | None = None) -> Button:
    parameter = "_".join(map(str, (_ARTICLE, *place.arguments))) if place else HELLO
    return Button(text, PRIVATE_CHAT + parameter)


async def ask_in_group(services: DialogueServices, member: Member | None, identity: Identity, typed: str, group: str) -> Response:
    """Answer what was put to the bot in a group. What was talked about in private is not remembered here."""
    open_chat = (_private_chat(messages_law.OPEN_PRIVATE_CHAT),)
    if member is None:
        return one(messages_law.MEMBERS_ONLY, open_chat, replaces=False)
    if await pause_while_sitting(services, member.person_id):
        return one(messages_law.NOT_IN_GROUP_NOW, open_chat, replaces=False)
    question = clean(typed)
    if not says_something(question):
        return one(messages_law.EMPTY_QUESTION, replaces=False)
    answer, _ = await services.asking.ask(asker_of(identity, group), question)
    if answer.small_talk is not None:
        return one(SMALL_TALK[answer.small_talk], replaces=False)
    if answer.kind is not AnswerKind.FOUND:
        return one(refusal(answer) + "".join(f"\n{messages_law.article_title(each)}" for each in answer.nearest), replaces=False)
    quotation = quote(answer, messages_law.FULL_TEXT_IN_PRIVATE)
    others = [hit.article for hit in answer.hits[1:]]
    label = messages_law.FULL_TEXT_IN_PRIVATE if quotation.is_excerpt else messages_law.OPEN_PRIVATE_CHAT
    parts = [*quotation.parts, messages_law.others_line(others)] if others else quotation.parts
    return split_reply(parts, (_private_chat(label, Place.of(answer.hits[0].article, answer.on)),))


async def suggest(services: DialogueServices, member: Member | None, typed: str) -> Suggestions:
    """Articles for what somebody types after the bot's name, to be sent to whatever chat they are in."""
    if member is None:
        return Suggestions(remark=messages_law.MEMBERS_ONLY_BUTTON)
    if await pause_while_sitting(services, member.person_id):
        return Suggestions(remark=messages_law.NOT_NOW_BUTTON)
    question = clean(typed)
    if not says_something(question):
        return Suggestions()
    answer = await services.search.ask(question, top=MOST_SUGGESTIONS, keeps_unanswered=False)
    if answer.kind is not AnswerKind.FOUND:
        return Suggestions(remark=messages_law.NOTHING_TO_SUGGEST_BUTTON)
    return Suggestions(tuple(_suggestion(hit, answer) for hit in answer.hits[:MOST_SUGGESTIONS]))


def _suggestion(hit: Hit, answer: Answer) -> Suggestion:
    first, *more = join_parts(quote_all(hit, answer), limit=PART_LIMIT)
    return Suggestion(
        id="-".join(map(str, Place.of(hit.article, answer.on).arguments)),
        title=messages_law.article_button(hit.article),
        description=messages_law.description(hit.article, hit.digest),
        text=f"{first}\n\n{messages_law.CUT_HERE}" if more else first,
    )
