"""The documented limits of the requests' values; each function refuses what is outside of them."""

import re
from typing import Any

from .errors import bad_request
from .formatting import FormattedText, check_entities, trimmed, utf16_length
from .html import parse_html
from .keyboards import check_deep_links, check_reply_markup, check_web_app, is_start_parameter
from .parameters import InputFile, Parameters

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LANGUAGE = re.compile(r"([a-z]{2})?")
_ACTIONS = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
    *("upload_document", "choose_sticker", "find_location", "record_video_note"),
    "upload_video_note",
}
_SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
MAX_DOCUMENT_BYTES = 50 * 1024 * 1024
MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024


def message_text(params: Parameters, username: str, *, editing: bool = False) -> FormattedText:
    """The text of a message: 1-4096 characters after entities parsing."""
    if not params.get("text"):
        raise bad_request("message text is empty")
    formatted = _formatted(params["text"], params, "entities", username)
    if not formatted.text:
        raise bad_request("text must be non-empty")
    if utf16_length(formatted.text) > 4096:
        raise bad_request("MESSAGE_TOO_LONG" if editing else "message is too long")
    return formatted


def caption(params: Parameters, username: str) -> FormattedText:
    """The caption of a document: 0-1024 characters after entities parsing."""
    formatted = _formatted(params.get("caption", ""), params, "caption_entities", username)
    if utf16_length(formatted.text) > 1024:
        raise bad_request("message caption is too long")
    return formatted


def _formatted(source: str, params: Parameters, entities_key: str, username: str) -> FormattedText:
    parse_mode = params.get("parse_mode", "").lower()
    if parse_mode not in ("", "html", "markdown", "markdownv2"):
        raise bad_request("unsupported parse_mode")
    if parse_mode == "html":
        formatted = parse_html(source)
    else:
        entities = [] if parse_mode else params.get(entities_key, [])
        check_entities(source, entities)
        formatted = FormattedText(source, entities)
    check_deep_links(formatted.text, username)
    for entity in formatted.entities:
        check_deep_links(entity.get("url", ""), username)
    return trimmed(formatted)


def document(value: Any) -> InputFile | str:
    """A file of at most 50 MB which is not empty, or the file_id of one."""
    if not value:
        raise bad_request("there is no document in the request")
    if isinstance(value, InputFile):
        if not value.content:
            raise bad_request("file must be non-empty")
        if len(value.content) > MAX_DOCUMENT_BYTES:
            raise bad_request("file is too big")
    return value


def commands(value: list[Any] | None) -> list[dict[str, str]]:
    """At most 100 commands: name ^[a-z0-9_]{1,32}$, description of 1-256 characters."""
    given = value or []
    if len(given) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in given:
        if not isinstance(command, dict) or set(command) != {"command", "description"}:
            raise bad_request("can't parse BotCommand: expected an Object of two fields")
        if not _COMMAND.fullmatch(str(command["command"])):
            raise bad_request("BOT_COMMAND_INVALID")
        if not str(command["description"]).strip():
            raise bad_request("command description must be non-empty")
        if utf16_length(str(command["description"])) > 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return given


def scope_and_language(params: Parameters) -> tuple[str, str]:
    """The key under which commands are kept: a BotCommandScope and a language code."""
    scope = params.get("scope") or {"type": "default"}
    fields = _SCOPES.get(scope.get("type"))
    if fields is None or set(scope) != {"type", *fields}:
        raise bad_request("can't parse BotCommandScope: wrong scope specified")
    return "/".join(str(scope[field]) for field in ("type", *fields)), language_code(params)


def language_code(params: Parameters) -> str:
    """An empty or a two-letter ISO 639-1 language code."""
    code = params.get("language_code", "")
    if not _LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def description(text: str, most: int) -> str:
    """The bot's description (0-512 characters) or short description (0-120)."""
    if utf16_length(text) > most:
        raise bad_request(f"description is too long: more than {most} characters")
    return text


def menu_button(button: dict[str, Any] | None) -> dict[str, Any]:
    """A MenuButton: commands, default, or a Web App with a text."""
    button = button or {"type": "default"}
    fields = {"type", "text", "web_app"} if button.get("type") == "web_app" else {"type"}
    if button.get("type") not in ("commands", "default", "web_app") or set(button) != fields:
        raise bad_request("can't parse menu button: wrong menu button specified")
    if "web_app" in button:
        if not str(button["text"]).strip():
            raise bad_request("menu button text must be non-empty")
        check_web_app(button["web_app"], "menu button")
    return button


def chat_action(action: str | None) -> None:
    """One of the documented chat actions."""
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")


def callback_answer(params: Parameters, username: str) -> None:
    """A text of 0-200 characters; a URL may only open this bot."""
    if utf16_length(params.get("text", "")) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    if params.get("cache_time", 0) < 0:
        raise bad_request("wrong parameter cache_time in request")
    url = params.get("url")
    if url:
        if not re.match(rf"(https?://)?t\.me/{username}\?start=", url):
            raise bad_request("URL_INVALID")
        check_deep_links(url, username)


_RESULT_FIELDS = {
    *("type", "id", "title", "input_message_content", "reply_markup", "url", "description"),
    *("thumbnail_url", "thumbnail_width", "thumbnail_height"),
}
_CONTENT_FIELDS = {"message_text", "parse_mode", "entities", "link_preview_options"}


def article_result(result: dict[str, Any], username: str) -> FormattedText:
    """An InlineQueryResultArticle, whose text is that of a message: 1-4096 characters after entities parsing."""
    what = "can't parse inline query result"
    content = result.get("input_message_content")
    if unknown := result.keys() - _RESULT_FIELDS:
        raise bad_request(f"{what}: unknown fields {sorted(unknown)}")
    if not str(result.get("title", "")).strip():
        raise bad_request(f'{what}: Can\'t find field "title"')
    if not isinstance(content, dict) or "message_text" not in content:
        raise bad_request(f'{what}: Can\'t find field "message_text"')
    if unknown := content.keys() - _CONTENT_FIELDS:
        raise bad_request(f"{what}: unknown fields {sorted(unknown)}")
    check_reply_markup(result.get("reply_markup"), username, inline_only=True)
    return message_text({**content, "text": content["message_text"]}, username)


def inline_answer(params: Parameters, username: str) -> None:
    """At most 50 results with unique identifiers of 1-64 bytes, and one button with a text above them."""
    results = params.get("results", [])
    if len(results) > 50:
        raise bad_request("RESULTS_TOO_MUCH")
    if not all(isinstance(result, dict) and result.get("type") for result in results):
        raise bad_request("can't parse inline query result: Can't find field \"type\"")
    identifiers = [str(result.get("id", "")) for result in results]
    if not all(1 <= len(identifier.encode()) <= 64 for identifier in identifiers):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(identifiers)) < len(identifiers):
        raise bad_request("RESULT_ID_DUPLICATE")
    if len(params.get("next_offset", "").encode()) > 64:
        raise bad_request("NEXT_OFFSET_INVALID")
    for result in results:
        if result["type"] == "article":
            article_result(result, username)
    if params.get("cache_time", 0) < 0:
        raise bad_request("wrong parameter cache_time in request")
    button = params.get("button")
    if button is None:
        return
    if not str(button.get("text", "")).strip():
        raise bad_request("inline query results button text must be non-empty")
    if ("start_parameter" in button) == ("web_app" in button):
        raise bad_request("inline query results button must have exactly one of web_app and start_parameter")
    if "start_parameter" in button and not is_start_parameter(str(button["start_parameter"])):
        raise bad_request("START_PARAM_INVALID")
    if "web_app" in button:
        check_web_app(button["web_app"], "inline query results button")


def secret_token(token: str | None) -> None:
    """The secret token of a webhook: 1-256 characters of A-Z, a-z, 0-9, _ and -."""
    if token is not None and not _SECRET_TOKEN.fullmatch(token):
        raise bad_request("secret token contains unallowed characters")


def between(params: Parameters, name: str, least: int, most: int, default: int) -> int:
    """An integer parameter which must lie between two bounds."""
    value = params.get(name, default)
    if not least <= value <= most:
        raise bad_request(f"{name} must be between {least} and {most}")
    return value
