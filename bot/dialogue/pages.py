"""Small parts that all conversations build replies from: buttons, actions, and texts split to the channels' limit."""

import datetime as dt
import hashlib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import messages
from bot.dialogue.events import Button, Identity, Reply, Response
from exam.assessments.sitting import Sitting
from exam.attempts.rules import AttemptMode
from exam.attempts.service import Attempts
from exam.people.service import People
from exam.practice.service import Practice
from question_bank.database import Clock
from question_bank.regulations.service import Regulations
from question_bank.search.asking import Asking
from question_bank.search.service import Search

Row = tuple[Button, ...]
HOME_ROW: Row = (Button(messages.HOME, "home"),)
PART_LIMIT = 3500
"""Where a long text is split: below MAX_TEXT_LENGTH by more than any head line that is put before it."""


@dataclass(frozen=True)
class DialogueServices:
    """What conversations may call."""

    people: People
    sitting: Sitting
    attempts: Attempts
    practice: Practice
    regulations: Regulations
    search: Search
    asking: Asking
    clock: Clock


def asker_of(identity: Identity, place: str = "") -> str:
    """What the question bank calls a conversation by: it tells neither the account nor the group."""
    return hashlib.sha256(f"{identity.channel}:{identity.external_id}:{place}".encode()).hexdigest()[:32]


class BadAction(ValueError):
    """A tap carried an action that no screen of ours has."""


def action(name: str, *arguments: object) -> str:
    """A button's action: name and arguments joined by colons."""
    return ":".join([name, *map(str, arguments)])


def whole_number(text: str) -> int:
    """An id or a position out of an action; BadAction for anything else (also beyond any database's integers)."""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise BadAction(text)
    return int(text)


def one(text: str, *rows: Row, replaces: bool = True, deadline: dt.datetime | None = None, toast: str | None = None) -> Response:
    """A response of one message."""
    return Response((Reply(text, rows, replaces=replaces, deadline=deadline),), toast)


def below(response: Response) -> Response:
    """The same, as new messages: what was tapped stays in sight."""
    return replace(response, replies=tuple(replace(reply, replaces=False) for reply in response.replies))


async def pause_while_sitting(services: DialogueServices, person_id: int) -> Response | None:
    """During an assessment, what is said instead of anything one could look answers up in; None when nobody is sitting."""
    sitting = await services.attempts.find_open(person_id, AttemptMode.ASSESSMENT)
    if sitting is None:
        return None
    return one(messages.PAUSED, (Button(messages.CONTINUE, action("q", sitting.id, 0)),), replaces=False)


def text_length(text: str) -> int:
    """Length as Telegram counts it: UTF-16 units, markup not counted."""
    return len(html.unescape(re.sub(r"<[^>]*>", "", text)).encode("utf-16-le")) // 2


def join_parts(parts: Sequence[str], separator: str = "\n\n", limit: int = PART_LIMIT) -> list[str]:
    """Join parts into as few texts as fit the limit; a part is cut only where it is longer than a whole message."""
    texts: list[str] = []
    for part in (piece for whole in parts for piece in _cut(whole, limit)):
        if texts and text_length(texts[-1]) + len(separator) + text_length(part) <= limit:
            texts[-1] += separator + part
        else:
            texts.append(part)
    return texts


def _cut(part: str, limit: int) -> list[str]:
    if text_length(part) <= limit:
        return [part]
    lines = part.split("\n")
    if len(lines) > 1:
        return join_parts(lines, "\n", limit)
    return [html.escape(piece, quote=False) for piece in _slices(html.unescape(part), limit)]


def _slices(text: str, limit: int) -> list[str]:
    pieces, length = [""], 0
    for character in text:
        width = text_length(character)
        if length + width > limit:
            pieces, length = [*pieces, ""], 0
        pieces[-1] += character
        length += width
    return pieces


def split_reply(
    parts: Sequence[str], *rows: Row, replaces: bool = False, deadline: dt.datetime | None = None, toast: str | None = None
) -> Response:
    """A response of as many messages as the parts need: the first may replace the tapped one, the last has the buttons."""
    texts = join_parts(parts)
    last = len(texts) - 1
    return Response(
        tuple(
            Reply(text, rows if i == last else (), replaces and i == 0, deadline if i == last else None)
            for i, text in enumerate(texts)
        ),
        toast,
    )
