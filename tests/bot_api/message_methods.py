"""The methods which send, edit and delete messages."""

from typing import TYPE_CHECKING, Any

from . import limits
from .conversation import Conversation
from .errors import bad_request
from .formatting import FormattedText
from .keyboards import check_reply_markup
from .messages import File, Message
from .parameters import InputFile, Parameters

if TYPE_CHECKING:
    from .server import BotApiServer

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)
_DELETABLE_SECONDS = 48 * 60 * 60


async def send_message(server: "BotApiServer", params: Parameters) -> dict[str, Any]:
    """sendMessage."""
    formatted = limits.message_text(params, server.username)
    return await _send(server, params, formatted, params["text"], None)


async def send_document(server: "BotApiServer", params: Parameters) -> dict[str, Any]:
    """sendDocument."""
    given = limits.document(params.get("document"))
    formatted = limits.caption(params, server.username)
    if isinstance(given, InputFile):
        document = server.add_file(given.file_name, given.content, given.content_type, "documents")
    elif given in server.files:
        document = server.files[given]
    else:
        raise bad_request("wrong remote file identifier specified: Wrong string length")
    return await _send(server, params, formatted, params.get("caption", ""), document)


async def _send(
    server: "BotApiServer",
    params: Parameters,
    formatted: FormattedText,
    raw_text: str,
    document: File | None,
) -> dict[str, Any]:
    markup = check_reply_markup(params.get("reply_markup"), server.username)
    _check_place(params)
    chat = server.chat_to_write_to(params, sends=True)
    other: dict[str, Any] = {}
    replied = _replied_message(chat, params)
    if replied is not None:
        other["reply_to_message"] = replied.as_replied_to()
    if params.get("protect_content"):
        other["has_protected_content"] = True
    message = Message(
        message_id=server.next_message_id(),
        chat=chat.chat,
        sender=server.bot_user,
        date=int(server.clock()),
        text=formatted.text,
        raw_text=raw_text,
        entities=formatted.entities,
        reply_markup=markup,
        document=document,
        other=other,
    )
    chat.history[message.message_id] = message
    await chat.change(unread=message)
    return message.as_api()


def _check_place(params: Parameters) -> None:
    """Refuse what leads to parts of Telegram that are not here."""
    if "message_thread_id" in params:
        raise bad_request("message thread not found")
    if params.get("business_connection_id"):
        raise bad_request("business connection not found")
    if "suggested_post_parameters" in params or "direct_messages_topic_id" in params:
        raise bad_request("suggested posts can be sent only to channel direct messages")


def _replied_message(chat: Conversation, params: Parameters) -> Message | None:
    reply = params.get("reply_parameters")
    if reply is None:
        return None
    if "message_id" not in reply:
        raise bad_request('can\'t find field "message_id"')
    message = chat.existing(reply["message_id"])
    if message is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return message


async def edit_message_text(server: "BotApiServer", params: Parameters) -> dict[str, Any]:
    """editMessageText: without a reply_markup the inline keyboard goes away."""
    formatted = limits.message_text(params, server.username, editing=True)
    markup = check_reply_markup(params.get("reply_markup"), server.username, inline_only=True)
    chat, message = _message_to_edit(server, params)
    if message.document is not None:
        raise bad_request("there is no text in the message to edit")
    if formatted == (message.text, message.entities) and markup == message.reply_markup:
        raise bad_request(_NOT_MODIFIED)
    message.text, message.entities = formatted
    message.raw_text = params["text"]
    return await _edited(server, chat, message, markup)


async def edit_message_reply_markup(server: "BotApiServer", params: Parameters) -> dict[str, Any]:
    """editMessageReplyMarkup."""
    markup = check_reply_markup(params.get("reply_markup"), server.username, inline_only=True)
    chat, message = _message_to_edit(server, params)
    if markup == message.reply_markup:
        raise bad_request(_NOT_MODIFIED)
    return await _edited(server, chat, message, markup)


def _message_to_edit(server: "BotApiServer", params: Parameters) -> tuple[Conversation, Message]:
    if params.get("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    if params.get("business_connection_id"):
        raise bad_request("business connection not found")
    chat = server.chat_to_write_to(params, sends=False)
    if "message_id" not in params:
        raise bad_request("message identifier is not specified")
    message = chat.existing(params["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    if message.reply_markup is not None and "inline_keyboard" not in message.reply_markup:
        raise bad_request("message can't be edited")
    return chat, message


async def _edited(server: "BotApiServer", chat: Conversation, message: Message, markup: dict[str, Any] | None) -> dict[str, Any]:
    message.reply_markup = markup
    message.edited += 1
    message.edit_date = int(server.clock())
    await chat.change(unread=message)
    return message.as_api()


async def delete_message(server: "BotApiServer", params: Parameters) -> bool:
    """deleteMessage: younger than 48 hours; in groups only the bot's own."""
    chat = server.chat_of(params)
    if "message_id" not in params:
        raise bad_request("message identifier is not specified")
    message = chat.existing(params["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    if server.clock() - message.date > _DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    if not message.from_bot and chat.chat["type"] != "private":
        raise bad_request("message can't be deleted")
    message.deleted = True
    await chat.change()
    return True


async def send_chat_action(server: "BotApiServer", params: Parameters) -> bool:
    """sendChatAction."""
    limits.chat_action(params.get("action"))
    _check_place(params)
    server.chat_of(params, writing=True)
    return True
