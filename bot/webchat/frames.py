"""The JSON frames between page and server: what a page may send, as an Event, and what it gets back.

page -> server  {"id", "type": "open", "code"?}  {"id", "type": "text", "text"}
                {"id", "type": "command", "name", "text"?}  {"id", "type": "tap", "action", "message"}
server -> page  {"type": "response", "id", "replies", "row", "toast", "failed", "now"}
                {"type": "notice", "id", "replies", "now"}  {"type": "error", "id", "error"}
"""

import datetime as dt
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.dialogue.events import MAX_ACTION_BYTES, MAX_TEXT_LENGTH, Button, Event, EventKind, Identity, Reply, Response
from question_bank.database import require_aware

MAX_FRAME_BYTES = 32 * 1024

FrameObject = dict[str, Any]

_FIELDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {  # type: (required, optional)
    "open": (frozenset(), frozenset({"code"})),
    "text": (frozenset({"text"}), frozenset()),
    "command": (frozenset({"name"}), frozenset({"text"})),
    "tap": (frozenset({"action", "message"}), frozenset()),
}
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_COMMAND_NAME = re.compile(r"[A-Za-z0-9_]{1,32}")
_WRITTEN_COMMAND = re.compile(rf"/({_COMMAND_NAME.pattern})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)


class BadFrame(ValueError):
    """What the page sent is no frame; `code` says why, `frame_id` which one it was when that could be read."""

    def __init__(self, code: str, frame_id: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.frame_id = frame_id


@dataclass(frozen=True)
class Frame:
    """One thing the person did in the page. `message` is the page's own id of the message whose button was tapped."""

    id: str
    kind: EventKind
    text: str = ""
    name: str = ""
    message: str | None = None

    def event(self, identity: Identity, occurred_at: dt.datetime) -> Event:
        return Event(identity, self.kind, occurred_at, text=self.text, name=self.name)


def parse_frame(raw: str | bytes) -> Frame:
    """Read one frame; raise BadFrame for anything but exactly the fields of a known type."""
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadFrame("not_json") from None
    if not isinstance(fields, dict):
        raise BadFrame("not_an_object")
    frame_id = fields.pop("id", None)
    if not isinstance(frame_id, str) or not _IDENTIFIER.fullmatch(frame_id):
        raise BadFrame("bad_id")
    try:
        return _parse_fields(frame_id, fields)
    except BadFrame as error:
        raise BadFrame(error.code, frame_id) from None


def _parse_fields(frame_id: str, fields: FrameObject) -> Frame:
    frame_type = fields.pop("type", None)
    if not isinstance(frame_type, str) or frame_type not in _FIELDS:
        raise BadFrame("unknown_type")
    required, optional = _FIELDS[frame_type]
    if fields.keys() - required - optional:
        raise BadFrame("unknown_field")
    if required - fields.keys():
        raise BadFrame("missing_field")
    if not all(isinstance(value, str) for value in fields.values()):
        raise BadFrame("not_text")
    match frame_type:
        case "open":
            return Frame(frame_id, EventKind.COMMAND, name="start", text=_clean(fields.get("code", "")))
        case "text":
            return _parse_text(frame_id, _clean(fields["text"]))
        case "command":
            name = _matching(_COMMAND_NAME, fields["name"], "bad_name").lower()
            return Frame(frame_id, EventKind.COMMAND, name=name, text=_clean(fields.get("text", "")))
        case _:
            action, message = fields["action"], _matching(_IDENTIFIER, fields["message"], "bad_message")
            if not 0 < len(action.encode("utf-8", "replace")) <= MAX_ACTION_BYTES or action != _clean(action):
                raise BadFrame("bad_action")
            return Frame(frame_id, EventKind.TAP, name=action, message=message)


def _parse_text(frame_id: str, text: str) -> Frame:
    if not text:
        raise BadFrame("empty_text")
    command = _WRITTEN_COMMAND.fullmatch(text)
    if command:
        return Frame(frame_id, EventKind.COMMAND, name=command[1].lower(), text=(command[2] or "").strip())
    return Frame(frame_id, EventKind.TEXT, text=text)


def _matching(pattern: re.Pattern[str], value: str, code: str) -> str:
    if not pattern.fullmatch(value):
        raise BadFrame(code)
    return value


def _clean(text: str) -> str:
    """Trim and cut as Telegram does; drop what no database stores as text: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode().strip()[:MAX_TEXT_LENGTH]


def reply_object(reply: Reply, tapped: str | None = None) -> FrameObject:
    return {
        "text": reply.text,
        "buttons": [_row_object(row) for row in reply.buttons],
        "replaces": tapped if reply.replaces else None,
        "deadline": _instant(reply.deadline) if reply.deadline else None,
    }


def _row_object(row: Iterable[Button]) -> list[FrameObject]:
    return [{"text": button.text, "action": button.action} for button in row]


def response_object(frame: Frame, response: Response, *, failed: bool = False) -> FrameObject:
    """The answer to a frame. `failed` tells the page that nothing was saved; "now" is stamped when it leaves."""
    shown = [reply_object(reply, frame.message) for reply in response.replies]
    row = _row_object(response.row) if response.row is not None else None
    return {"type": "response", "id": frame.id, "replies": shown, "row": row, "toast": response.toast, "failed": failed}


def notice_object(replies: Iterable[Reply]) -> FrameObject:
    """A frame nobody asked for. By its random id a page knows the notice that reached it twice, by socket and by poll."""
    return {"type": "notice", "id": secrets.token_hex(8), "replies": [reply_object(reply) for reply in replies]}


def error_object(error: BadFrame) -> FrameObject:
    return {"type": "error", "id": error.frame_id, "error": error.code}


def to_json(frame: FrameObject, now: dt.datetime | None = None) -> str:
    """Serialise; with `now`, the page can show a deadline by the server's clock whatever its own says."""
    stamped = {**frame, "now": _instant(now)} if now else frame
    return json.dumps(stamped, ensure_ascii=False, separators=(",", ":"))


def _instant(moment: dt.datetime) -> str:
    return require_aware(moment).isoformat(timespec="milliseconds")  # three digits: all that every browser parses
