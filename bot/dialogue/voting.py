"""Votes on answers: useful or not, and what was wrong in a word. The last vote counts.

v:up:ID  v:down:ID  v:why:ID:REASON  v:write:ID  v:skip:ID
"""

from bot import messages_law
from bot.dialogue.events import Button, Identity, Reply, Response
from bot.dialogue.pages import HOME_ROW, BadAction, DialogueServices, Row, action, asker_of, one, whole_number
from question_bank.search.rules import Vote

VOTE = "v"
_NAMES = {Vote.UP: "up", Vote.DOWN: "down"}


def vote_row(answer_id: int, given: Vote | None = None) -> Row:
    """The two votes; of a vote given, that it was, and the other one to change it to."""
    up, down = {
        None: (messages_law.USEFUL, messages_law.USELESS),
        Vote.UP: (messages_law.VOTED_USEFUL, messages_law.CHANGE_TO_USELESS),
        Vote.DOWN: (messages_law.CHANGE_TO_USEFUL, messages_law.VOTED_USELESS),
    }[given]
    return (Button(up, action(VOTE, _NAMES[Vote.UP], answer_id)), Button(down, action(VOTE, _NAMES[Vote.DOWN], answer_id)))


async def take_tap(services: DialogueServices, identity: Identity, arguments: list[str]) -> Response:
    """A tap on one of the buttons of a vote."""
    match arguments:
        case ["up", answer]:
            return await _vote(services, whole_number(answer), Vote.UP)
        case ["down", answer]:
            return await _vote(services, whole_number(answer), Vote.DOWN)
        case ["why", answer, reason]:
            return await _give_reason(services, asker_of(identity), whole_number(answer), whole_number(reason))
        case ["write", answer]:
            return await _ask_for_word(services, asker_of(identity), whole_number(answer))
        case ["skip", answer]:
            whole_number(answer)
            await services.asking.take_word(asker_of(identity), "")  # no text is waited for any more
            return one(messages_law.NO_WORD_TAKEN, HOME_ROW)
    raise BadAction(":".join(arguments))


async def _vote(services: DialogueServices, answer_id: int, vote: Vote) -> Response:
    if not await services.asking.vote(answer_id, vote):
        raise BadAction(str(answer_id))
    row = vote_row(answer_id, vote)
    if vote is Vote.UP:
        return Response(toast=messages_law.VOTE_TAKEN, row=row)
    reasons = [Button(text, action(VOTE, "why", answer_id, i)) for i, text in enumerate(messages_law.REASONS)]
    write = Button(messages_law.WRITE_A_WORD, action(VOTE, "write", answer_id))
    rows = (tuple(reasons[:2]), tuple(reasons[2:]), (write, _skip_button(answer_id)))
    return Response((Reply(messages_law.WHAT_WAS_WRONG, rows),), row=row)


def _skip_button(answer_id: int) -> Button:
    return Button(messages_law.NO_WORD, action(VOTE, "skip", answer_id))


async def _give_reason(services: DialogueServices, asker: str, answer_id: int, reason: int) -> Response:
    if reason >= len(messages_law.REASONS) or not await services.asking.await_word(asker, answer_id):
        raise BadAction(f"{answer_id}:{reason}")
    await services.asking.take_word(asker, messages_law.REASONS[reason])
    return one(messages_law.REASON_TAKEN, HOME_ROW)


async def _ask_for_word(services: DialogueServices, asker: str, answer_id: int) -> Response:
    if not await services.asking.await_word(asker, answer_id):
        raise BadAction(str(answer_id))
    return one(messages_law.WRITE_NOW, (_skip_button(answer_id),))


async def take_word(services: DialogueServices, asker: str, typed: str) -> Response | None:
    """Thanks for a text that was waited for after a vote; None for any other text, which is a question."""
    if not typed or not await services.asking.take_word(asker, typed):
        return None
    return one(messages_law.WORD_TAKEN, HOME_ROW, replaces=False)
