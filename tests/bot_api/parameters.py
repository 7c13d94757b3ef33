"""The documented parameters of each method (Bot API 9.x) and how they are read from a request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from aiohttp import web

from .errors import ApiError, bad_request
from .formatting import is_utf8


class Kind(Enum):
    """The type of a parameter as the documentation names it."""

    STRING = auto()
    INTEGER = auto()
    BOOLEAN = auto()
    OBJECT = auto()
    ARRAY = auto()
    CHAT = auto()  # Integer or String
    FILE = auto()  # InputFile or String


@dataclass(frozen=True)
class InputFile:
    """A file uploaded with multipart/form-data."""

    file_name: str
    content: bytes
    content_type: str


Parameters = dict[str, Any]

_S, _I, _B = Kind.STRING, Kind.INTEGER, Kind.BOOLEAN
_O, _A = Kind.OBJECT, Kind.ARRAY
_SEND = {
    "business_connection_id": _S,
    "chat_id": Kind.CHAT,
    "message_thread_id": _I,
    "direct_messages_topic_id": _I,
    "parse_mode": _S,
    "disable_notification": _B,
    "protect_content": _B,
    "allow_paid_broadcast": _B,
    "message_effect_id": _S,
    "suggested_post_parameters": _O,
    "reply_parameters": _O,
    "reply_markup": _O,
}
_EDIT = {
    "business_connection_id": _S,
    "chat_id": Kind.CHAT,
    "message_id": _I,
    "inline_message_id": _S,
    "reply_markup": _O,
}
_COMMANDS_OF = {"scope": _O, "language_code": _S}

METHODS: dict[str, dict[str, Kind]] = {
    "getMe": {},
    "logOut": {},
    "close": {},
    "getUpdates": {"offset": _I, "limit": _I, "timeout": _I, "allowed_updates": _A},
    "setWebhook": {
        "url": _S,
        "certificate": Kind.FILE,
        "ip_address": _S,
        "max_connections": _I,
        "allowed_updates": _A,
        "drop_pending_updates": _B,
        "secret_token": _S,
    },
    "deleteWebhook": {"drop_pending_updates": _B},
    "getWebhookInfo": {},
    "setMyCommands": {"commands": _A, **_COMMANDS_OF},
    "getMyCommands": _COMMANDS_OF,
    "deleteMyCommands": _COMMANDS_OF,
    "setMyDescription": {"description": _S, "language_code": _S},
    "setMyShortDescription": {"short_description": _S, "language_code": _S},
    "setChatMenuButton": {"chat_id": _I, "menu_button": _O},
    "sendMessage": {**_SEND, "text": _S, "entities": _A, "link_preview_options": _O},
    "sendDocument": {
        **_SEND,
        "document": Kind.FILE,
        "thumbnail": Kind.FILE,
        "caption": _S,
        "caption_entities": _A,
        "disable_content_type_detection": _B,
    },
    "editMessageText": {
        **_EDIT,
        "text": _S,
        "parse_mode": _S,
        "entities": _A,
        "link_preview_options": _O,
    },
    "editMessageReplyMarkup": _EDIT,
    "deleteMessage": {"chat_id": Kind.CHAT, "message_id": _I},
    "sendChatAction": {
        "business_connection_id": _S,
        "chat_id": Kind.CHAT,
        "message_thread_id": _I,
        "action": _S,
    },
    "answerCallbackQuery": {
        "callback_query_id": _S,
        "text": _S,
        "show_alert": _B,
        "url": _S,
        "cache_time": _I,
    },
    "answerInlineQuery": {
        "inline_query_id": _S,
        "results": _A,
        "cache_time": _I,
        "is_personal": _B,
        "next_offset": _S,
        "button": _O,
    },
    "getChat": {"chat_id": Kind.CHAT},
    "getFile": {"file_id": _S},
}
_BY_LOWER_CASE = {name.lower(): name for name in METHODS}


def method_name(name: str) -> str:
    """The documented spelling of a method (names are case-insensitive); an unknown one as it is."""
    return _BY_LOWER_CASE.get(name.lower(), name)


async def read_request(request: web.BaseRequest) -> Parameters:
    """The parameters as they came: from the query string, a form, multipart/form-data or JSON."""
    raw: Parameters = dict(request.query)
    if not request.can_read_body:
        return raw
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise bad_request("can't parse JSON in the request body") from None
        if not isinstance(body, Mapping):
            raise bad_request("object expected in the request body")
        raw.update(body)
        return raw
    try:
        form = await request.post()
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, "Request Entity Too Large") from None
    for name, value in form.items():
        if isinstance(value, web.FileField):
            with value.file as file:
                raw[name] = InputFile(value.filename, file.read(), value.content_type)
        else:
            raw[name] = value
    return raw


def typed(method: str, raw: Parameters) -> Parameters:
    """The parameters with their documented types; an undocumented one is refused."""
    documented = METHODS[method]
    attached = {v[9:] for v in raw.values() if isinstance(v, str) and v.startswith("attach://")}
    unknown = [name for name in raw if name not in documented and name not in attached]
    if unknown:
        names = ", ".join(f'"{name}"' for name in unknown)
        raise bad_request(f"unknown parameter {names} of method {method}")
    return {
        name: _convert(name, documented[name], value, raw)
        for name, value in raw.items()
        if name in documented and value is not None and (value != "" or documented[name] is _S)
    }


def _convert(name: str, kind: Kind, value: Any, raw: Parameters) -> Any:
    match kind:
        case Kind.FILE:
            if isinstance(value, str) and value.startswith("attach://"):
                return raw.get(value[9:])
            return value
        case Kind.STRING:
            if not isinstance(value, str):
                raise bad_request(f'parameter "{name}" must be of type String')
            if not is_utf8(value):
                raise bad_request("strings must be encoded in UTF-8")
            return value
        case Kind.INTEGER | Kind.CHAT:
            return _integer(name, kind, value)
        case Kind.BOOLEAN:
            if isinstance(value, bool) or value in ("true", "True", "false", "False"):
                return value in (True, "true", "True")
            raise bad_request(f'parameter "{name}" must be of type Boolean')
    return _structure(name, kind, value)


def _integer(name: str, kind: Kind, value: Any) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return int(str(value))
    except ValueError:
        if kind is Kind.CHAT:
            return str(value)
        raise bad_request(f'parameter "{name}" must be of type Integer') from None


def _structure(name: str, kind: Kind, value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            what = "reply keyboard markup" if name == "reply_markup" else name
            raise bad_request(f"can't parse {what} JSON object") from None
    if not isinstance(value, dict if kind is Kind.OBJECT else list):
        if name == "reply_markup":
            raise bad_request("object expected as reply markup")
        expected = "Object" if kind is Kind.OBJECT else "Array"
        raise bad_request(f'parameter "{name}" must be of type {expected}')
    return value
