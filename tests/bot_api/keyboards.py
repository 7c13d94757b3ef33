"""Checks a reply_markup: inline keyboards, reply keyboards, their removal and forced replies."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .errors import bad_request
from .formatting import is_utf8, utf16_length

_ACTIONS = {
    "url": str,
    "callback_data": str,
    "web_app": dict,
    "login_url": dict,
    "switch_inline_query": str,
    "switch_inline_query_current_chat": str,
    "switch_inline_query_chosen_chat": dict,
    "copy_text": dict,
    "callback_game": dict,
    "pay": bool,
}
_REPLY_ACTIONS = {
    *("request_users", "request_chat", "request_managed_bot", "request_contact"),
    *("request_location", "request_poll", "web_app"),
}
_LOOK = {"text", "style", "icon_custom_emoji_id"}
_STYLES = (None, "danger", "success", "primary")
_MARKUPS: dict[str, set[str]] = {
    "inline_keyboard": set(),
    "keyboard": {
        *("is_persistent", "resize_keyboard", "one_time_keyboard"),
        *("input_field_placeholder", "selective"),
    },
    "remove_keyboard": {"selective"},
    "force_reply": {"input_field_placeholder", "selective"},
}
_MARKUP_BYTES = 9_500  # not documented; longer ones are known to be refused
_DEEP_LINK = re.compile(r"(?:https?://)?(?:t|telegram)\.me/(\w+)\?([^\s#]+)", re.IGNORECASE)
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_reply_markup(markup: dict[str, Any] | None, username: str, *, inline_only: bool = False) -> dict[str, Any] | None:
    """Return the markup as Telegram keeps it, without empty rows, or refuse it."""
    if markup is None:
        return None
    kind = next((name for name in _MARKUPS if name in markup), None)
    if kind is None or (inline_only and kind != "inline_keyboard"):
        raise bad_request("inline keyboard expected" if kind else "object expected as reply markup")
    for field in markup:
        if field != kind and field not in _MARKUPS[kind]:
            raise bad_request(f'unknown field "{field}" of the reply markup')
        if field == "input_field_placeholder":
            if not 1 <= utf16_length(str(markup[field])) <= 64:
                raise bad_request("REPLY_MARKUP_PLACEHOLDER_INVALID")
        elif field != kind and not isinstance(markup[field], bool):
            raise bad_request(f'field "{field}" must be of type Boolean')
    if kind not in ("inline_keyboard", "keyboard"):
        if markup[kind] is not True:
            raise bad_request(f'field "{kind}" must be of type Boolean')
        return markup
    rows = _check_rows(markup[kind], kind, username)
    if not rows:
        return None
    if len(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()) > _MARKUP_BYTES:
        raise bad_request("reply markup is too long")
    return {**markup, kind: rows}


def _check_rows(rows: Any, kind: str, username: str) -> list[list[dict[str, Any]]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{kind}" must be of type Array')
    inline = kind == "inline_keyboard"
    most, most_in_row = (100, 8) if inline else (300, 12)
    if sum(map(len, rows)) > most or any(len(row) > most_in_row for row in rows):
        raise bad_request("reply markup is too long")
    check = _check_inline_button if inline else _check_button
    return [[check(button, username) for button in row] for row in rows if row]


def _check_button(button: Any, username: str) -> dict[str, Any]:
    if isinstance(button, str):
        button = {"text": button}
    _check_look(button, "keyboard button", _REPLY_ACTIONS)
    actions = [name for name in button if name in _REPLY_ACTIONS]
    if len(actions) > 1:
        raise bad_request("can't parse keyboard button: more than one action is specified")
    if "web_app" in button:
        check_web_app(button["web_app"], "keyboard button")
    return button


def _check_look(button: Any, what: str, actions: Any) -> None:
    if not isinstance(button, dict):
        raise bad_request(f"can't parse {what}: {what} must be an Object")
    if "text" not in button:
        raise bad_request(f"can't parse {what}: Can't find field \"text\"")
    if not isinstance(button["text"], str):
        raise bad_request(f'can\'t parse {what}: Field "text" must be of type String')
    if not all(is_utf8(value) for value in button.values() if isinstance(value, str)):
        raise bad_request(f"{what} text must be encoded in UTF-8")
    if not button["text"].strip():
        raise bad_request(f"{what} text must be non-empty")
    if button.get("style") not in _STYLES:
        raise bad_request(f"can't parse {what}: invalid style specified")
    for field in button:
        if field not in _LOOK and field not in actions:
            raise bad_request(f'can\'t parse {what}: unknown field "{field}"')


def _check_inline_button(button: Any, username: str) -> dict[str, Any]:
    what = "inline keyboard button"
    _check_look(button, what, _ACTIONS)
    actions = [name for name in button if name in _ACTIONS]
    if not actions or (actions == ["callback_data"] and not button["callback_data"]):
        raise bad_request(f"can't parse {what}: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(f"can't parse {what}: more than one action is specified")
    action, value = actions[0], button[actions[0]]
    if not isinstance(value, _ACTIONS[action]):
        raise bad_request(f'can\'t parse {what}: Field "{action}" has a wrong type')
    match action:
        case "callback_data" if len(value.encode()) > 64:
            raise bad_request("BUTTON_DATA_INVALID")
        case "url":
            _check_url(value, username)
        case "web_app":
            check_web_app(value, what)
        case "copy_text" if not 1 <= utf16_length(str(value.get("text", ""))) <= 256:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
        case "pay" | "callback_game":
            raise bad_request("BUTTON_TYPE_INVALID")
    return button


def _check_url(url: str, username: str) -> None:
    wrong = f"inline keyboard button URL '{url}' is invalid:"
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
    except ValueError:
        raise bad_request(f"{wrong} Wrong HTTP URL") from None
    if parts.scheme not in ("http", "https", "tg", "ton"):
        raise bad_request(f"{wrong} Unsupported URL protocol")
    host = parts.hostname or ""
    if parts.scheme.startswith("http") and (not host.strip(".") or "." not in host.strip(".")):
        raise bad_request(f"{wrong} Wrong HTTP URL")
    check_deep_links(url, username)


def check_web_app(web_app: Any, what: str) -> None:
    """Refuse a WebAppInfo whose URL is not HTTPS."""
    url = web_app.get("url", "") if isinstance(web_app, dict) else ""
    if not url.startswith("https://"):
        raise bad_request(f"{what} Web App URL '{url}' is invalid: Only HTTPS links are allowed")


def is_start_parameter(parameter: str) -> bool:
    """Whether a deep link may carry this `start` parameter."""
    return _START.fullmatch(parameter) is not None


def check_deep_links(text: str, username: str) -> None:
    """Refuse links to this bot whose `start` parameter would not reach it."""
    for name, query in _DEEP_LINK.findall(text):
        given = parse_qs(query, keep_blank_values=True)
        for parameter in given.get("start", []) + given.get("startgroup", []):
            if name.lower() == username.lower() and not is_start_parameter(parameter):
                raise bad_request(f"START_PARAM_INVALID: {parameter!r}")
