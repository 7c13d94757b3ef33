"""The methods about updates, answers and the bot itself, and the table of all methods."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from . import limits, message_methods
from .errors import ApiError, bad_request
from .messages import CallbackAnswer
from .parameters import METHODS, Parameters

if TYPE_CHECKING:
    from .server import BotApiServer

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


async def get_me(server: "BotApiServer", params: Parameters) -> dict[str, Any]:
    """getMe."""
    return {
        **server.bot_user,
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def done(server: "BotApiServer", params: Parameters) -> bool:
    """logOut and close: nothing happens."""
    return True


async def get_updates(server: "BotApiServer", params: Parameters) -> list[dict[str, Any]]:
    """getUpdates."""
    limit = limits.between(params, "limit", 1, 100, default=100)
    timeout = limits.between(params, "timeout", 0, 3600, default=0)
    if server.webhook.url:
        reason = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        raise ApiError(409, f"Conflict: {reason}")
    if "allowed_updates" in params:
        server.updates.allowed_updates = params["allowed_updates"]
    if "offset" in params:
        server.updates.confirm(params["offset"])
        await server.tell()
    return await server.updates.poll(limit, min(timeout, 50))


async def set_webhook(server: "BotApiServer", params: Parameters) -> bool:
    """setWebhook."""
    limits.secret_token(params.get("secret_token"))
    max_connections = limits.between(params, "max_connections", 1, 100, default=40)
    if "allowed_updates" in params:
        server.updates.allowed_updates = params["allowed_updates"]
    if params.get("drop_pending_updates"):
        server.updates.drop()
    await server.webhook.set(params.get("url", ""), params.get("secret_token"))
    server.webhook.max_connections = max_connections
    server.webhook.ip_address = params.get("ip_address")
    server.webhook.has_custom_certificate = "certificate" in params
    return True


async def delete_webhook(server: "BotApiServer", params: Parameters) -> bool:
    """deleteWebhook."""
    if params.get("drop_pending_updates"):
        server.updates.drop()
    await server.webhook.set("", None)
    return True


async def get_webhook_info(server: "BotApiServer", params: Parameters) -> dict[str, Any]:
    """getWebhookInfo."""
    info = server.webhook.info()
    if server.updates.allowed_updates:
        info["allowed_updates"] = server.updates.allowed_updates
    return info


async def set_my_commands(server: "BotApiServer", params: Parameters) -> bool:
    """setMyCommands."""
    server.commands[limits.scope_and_language(params)] = limits.commands(params.get("commands"))
    return True


async def get_my_commands(server: "BotApiServer", params: Parameters) -> list[dict[str, str]]:
    """getMyCommands."""
    return server.commands.get(limits.scope_and_language(params), [])


async def delete_my_commands(server: "BotApiServer", params: Parameters) -> bool:
    """deleteMyCommands."""
    server.commands.pop(limits.scope_and_language(params), None)
    return True


async def set_my_description(server: "BotApiServer", params: Parameters) -> bool:
    """setMyDescription."""
    text = limits.description(params.get("description", ""), 512)
    server.descriptions[limits.language_code(params)] = text
    return True


async def set_my_short_description(server: "BotApiServer", params: Parameters) -> bool:
    """setMyShortDescription."""
    text = limits.description(params.get("short_description", ""), 120)
    server.short_descriptions[limits.language_code(params)] = text
    return True


async def set_chat_menu_button(server: "BotApiServer", params: Parameters) -> bool:
    """setChatMenuButton; without chat_id the default of all private chats."""
    button = limits.menu_button(params.get("menu_button"))
    chat_id = server.chat_of(params).chat_id if "chat_id" in params else None
    server.menu_buttons[chat_id] = button
    return True


async def answer_callback_query(server: "BotApiServer", params: Parameters) -> bool:
    """answerCallbackQuery: once for each tap, and not too late."""
    limits.callback_answer(params, server.username)
    query_id = params.get("callback_query_id", "")
    query = server.callback_queries.get(query_id)
    if query is None or query.answered:
        raise bad_request(_TOO_OLD)
    if server.clock() - query.date > server.callback_query_max_age:
        raise bad_request(_TOO_OLD)
    query.answered = True
    answer = CallbackAnswer(query_id, params.get("text", ""), params.get("show_alert", False), params.get("url"))
    person = server.person(query.person_id)
    person.alerts.append(answer)
    await person.change()
    return True


async def answer_inline_query(server: "BotApiServer", params: Parameters) -> bool:
    """answerInlineQuery: once for each query."""
    limits.inline_answer(params, server.username)
    person_id = server.inline_queries.pop(params.get("inline_query_id", ""), None)
    if person_id is None:
        raise bad_request(_TOO_OLD)
    person = server.person(person_id)
    person.inline_answers.append(params)
    await person.change()
    return True


async def get_chat(server: "BotApiServer", params: Parameters) -> dict[str, Any]:
    """getChat: a ChatFullInfo."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts")
    return {
        **server.chat_of(params).chat,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys((*gifts, "premium_subscription", "gifts_from_channels"), True),
    }


async def get_file(server: "BotApiServer", params: Parameters) -> dict[str, Any]:
    """getFile: of at most 20 MB."""
    file = server.files.get(params.get("file_id", ""))
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > limits.MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.file_unique_id,
        "file_size": len(file.content),
        "file_path": file.file_path,
    }


Handler = Callable[["BotApiServer", Parameters], Awaitable[Any]]
HANDLERS: dict[str, Handler] = {
    "getMe": get_me,
    "logOut": done,
    "close": done,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyDescription": set_my_description,
    "setMyShortDescription": set_my_short_description,
    "setChatMenuButton": set_chat_menu_button,
    "sendMessage": message_methods.send_message,
    "sendDocument": message_methods.send_document,
    "editMessageText": message_methods.edit_message_text,
    "editMessageReplyMarkup": message_methods.edit_message_reply_markup,
    "deleteMessage": message_methods.delete_message,
    "sendChatAction": message_methods.send_chat_action,
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "getChat": get_chat,
    "getFile": get_file,
}
assert HANDLERS.keys() == METHODS.keys()
