"""What every channel hands to the dialogue and gets back: a person's event in, replies out.

Text in a Reply is the small HTML that Telegram and the web chat both show: <b>, <i>, <u>, <blockquote>, line breaks as
"\\n", everything else escaped. Channels never build texts of their own.
"""

import datetime as dt
import enum
from dataclasses import dataclass, field

from exam.people.rules import Channel

MAX_TEXT_LENGTH = 4096
"""Characters of one message (UTF-16 units, markup not counted), the smaller limit of the channels."""

MAX_ACTION_BYTES = 64
"""Bytes of a button's action: Telegram's limit for callback data."""

PRIVATE_CHAT = "private:"
"""What the action of a button begins with that leads from a group to the private chat; the rest is the parameter of /start."""


class EventKind(enum.StrEnum):
    TEXT = "text"
    COMMAND = "command"
    TAP = "tap"
    UNREADABLE = "unreadable"
    """A sticker, a photo, a voice message: anything that is not text."""
    GROUP_TEXT = "group_text"
    """A text put to the bot where others read along: it mentions the bot or replies to it."""


@dataclass(frozen=True)
class Identity:
    """Who writes, as the channel knows them: a Telegram user id, or a web chat session's hashed token."""

    channel: Channel
    external_id: str


@dataclass(frozen=True)
class Event:
    """One thing a person did. `text` of a COMMAND is its argument; `name` is the command, or the action of a TAP.

    `place` is the group of a GROUP_TEXT, as the channel knows it.
    """

    identity: Identity
    kind: EventKind
    occurred_at: dt.datetime
    text: str = ""
    name: str = ""
    place: str = ""


@dataclass(frozen=True)
class Button:
    """`action` is opaque to channels, at most 64 bytes, and never tells a key or anything personal."""

    text: str
    action: str

    def __post_init__(self) -> None:
        if not 0 < len(self.action.encode()) <= MAX_ACTION_BYTES:
            raise ValueError(f"action must have 1 to {MAX_ACTION_BYTES} bytes: {self.action!r}")


@dataclass(frozen=True)
class Reply:
    """One message to show. With `replaces`, it takes the place of the message whose button was tapped, if any.

    `deadline` lets a channel that can tick show a running clock; the text tells the time left in any case.
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    replaces: bool = False
    deadline: dt.datetime | None = None


@dataclass(frozen=True)
class Response:
    """All that one event led to. `toast` is a short remark shown over the chat (at most 200 characters).

    `row` takes the place of the row of buttons that was tapped, where the message itself stays as it is.
    """

    replies: tuple[Reply, ...] = field(default=())
    toast: str | None = None
    row: tuple[Button, ...] | None = None


@dataclass(frozen=True)
class Suggestion:
    """An article offered while somebody types: what the list shows, and the message that choosing it sends."""

    id: str
    title: str
    description: str
    text: str


@dataclass(frozen=True)
class Suggestions:
    """`remark` is the text of a button above them that leads to the private chat, if one is to be shown."""

    suggestions: tuple[Suggestion, ...] = ()
    remark: str | None = None
