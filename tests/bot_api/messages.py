"""What lies in a chat: messages as they stand now, buttons, files and callback answers."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .formatting import Entity


class Button(NamedTuple):
    """A button of an inline keyboard; `callback_data` is None for links and the like."""

    text: str
    callback_data: str | None


@dataclass(frozen=True)
class File:
    """A file which Telegram keeps."""

    file_id: str
    file_unique_id: str
    file_name: str
    file_path: str
    mime_type: str
    content: bytes

    def as_api(self) -> dict[str, Any]:
        """The file as a Document."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.file_unique_id,
            "file_name": self.file_name,
            "mime_type": self.mime_type,
            "file_size": len(self.content),
        }


@dataclass
class Message:
    """A message as it stands now: an edit changes it in place, a deletion sets `deleted`.

    `text` is what the person reads (of a document: the caption), `raw_text` what the bot sent.
    """

    message_id: int
    chat: dict[str, Any]
    sender: dict[str, Any]
    date: int
    text: str
    raw_text: str
    entities: list[Entity] = field(default_factory=list)
    reply_markup: dict[str, Any] | None = None
    document: File | None = None
    edited: int = 0
    edit_date: int | None = None
    deleted: bool = False
    other: dict[str, Any] = field(default_factory=dict)

    @property
    def from_bot(self) -> bool:
        """Whether the bot sent it."""
        return bool(self.sender.get("is_bot"))

    @property
    def buttons(self) -> list[list[Button]]:
        """The rows of the inline keyboard."""
        rows = (self.reply_markup or {}).get("inline_keyboard", [])
        return [[Button(b["text"], b.get("callback_data")) for b in row] for row in rows]

    def as_api(self) -> dict[str, Any]:
        """The message as the Bot API gives it."""
        body: dict[str, Any] = {
            "message_id": self.message_id,
            "from": self.sender,
            "chat": self.chat,
            "date": self.date,
            **self.other,
        }
        if self.edit_date is not None:
            body["edit_date"] = self.edit_date
        if self.document is not None:
            body["document"] = self.document.as_api()
        if self.text:
            kind = "text" if self.document is None else "caption"
            body[kind] = self.text
            if self.entities:
                body["entities" if kind == "text" else "caption_entities"] = self.entities
        if self.reply_markup and "inline_keyboard" in self.reply_markup:
            body["reply_markup"] = self.reply_markup
        return body

    def as_replied_to(self) -> dict[str, Any]:
        """The message as the `reply_to_message` of another one: without what it replied to."""
        body = self.as_api()
        body.pop("reply_to_message", None)
        return body

    @classmethod
    def from_api(cls, body: dict[str, Any]) -> "Message":
        """A message which a person sent, from the `message` of an update."""
        known = ("message_id", "from", "chat", "date", "text", "entities")
        return cls(
            message_id=body["message_id"],
            chat=body["chat"],
            sender=body.get("from", {}),
            date=body.get("date", 0),
            text=body.get("text", ""),
            raw_text=body.get("text", ""),
            entities=body.get("entities", []),
            other={name: value for name, value in body.items() if name not in known},
        )


@dataclass(frozen=True)
class CallbackAnswer:
    """An answerCallbackQuery as the person sees it; without a text nothing is shown."""

    callback_query_id: str
    text: str
    show_alert: bool
    url: str | None


@dataclass
class CallbackQuery:
    """A tap which the bot may answer once, and only while it is young."""

    person_id: int
    date: float
    answered: bool = False
