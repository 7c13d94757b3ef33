"""From Telegram's updates to the dialogue's events, and from replies to Telegram's keyboards."""

import re

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    Update,
    User,
)
from telegram.constants import ParseMode

from bot.dialogue.events import PRIVATE_CHAT, Button, Event, EventKind, Identity, Reply, Suggestion
from exam.people.rules import Channel
from question_bank.database import Clock

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)


def event_of(update: Update, bot: User, clock: Clock) -> Event | None:
    """The event that an update stands for, or None for updates that are not for us.

    In a private chat everything is; in a group a text that mentions the bot, replies to it, or begins with /ask@bot.
    """
    user, chat, message = update.effective_user, update.effective_chat, update.message
    if user is None or chat is None:
        return None
    identity = Identity(Channel.TELEGRAM, str(user.id))
    if chat.type != "private":
        question = _put_to(bot, message) if message is not None else None
        if message is None or question is None:
            return None
        return Event(identity, EventKind.GROUP_TEXT, message.date, question, place=str(chat.id))
    if update.callback_query is not None:
        return Event(identity, EventKind.TAP, clock(), name=update.callback_query.data or "")
    if message is None or _is_ours(message, bot):
        return None
    if message.text is None:
        return Event(identity, EventKind.UNREADABLE, message.date)
    if command := _COMMAND.fullmatch(message.text.strip()):
        return Event(identity, EventKind.COMMAND, message.date, (command[3] or "").strip(), command[1].lower())
    return Event(identity, EventKind.TEXT, message.date, message.text)


def _is_ours(message: Message, bot: User) -> bool:
    """Whether a person sent it by choosing one of the bot's own suggestions: it quotes the law and asks nothing."""
    return message.via_bot is not None and message.via_bot.id == bot.id


def _put_to(bot: User, message: Message) -> str | None:
    """What a text in a group asks the bot, without its name; None when it is not meant for it."""
    if message.text is None or _is_ours(message, bot):
        return None
    if command := _COMMAND.fullmatch(message.text.strip()):
        is_asked = command[1].lower() == "ask" and (command[2] or "").lower() == (bot.username or "").lower()
        return command[3] or "" if is_asked else None
    mentions = message.parse_entities([MessageEntity.MENTION, MessageEntity.TEXT_MENTION])
    names = [text for entity, text in mentions.items() if _means(entity, text, bot)]
    replied = message.reply_to_message
    if not names and (replied is None or replied.from_user is None or replied.from_user.id != bot.id):
        return None
    question = message.text
    for name in names:
        question = question.replace(name, " ")
    return question.strip()


def _means(entity: MessageEntity, text: str, bot: User) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == bot.id
    return text.lower() == f"@{bot.username}".lower()


def keyboard_of(reply: Reply, bot: Bot) -> InlineKeyboardMarkup | None:
    if not reply.buttons:
        return None
    return InlineKeyboardMarkup([[button_of(button, bot) for button in row] for row in reply.buttons])


def button_of(button: Button, bot: Bot) -> InlineKeyboardButton:
    """A button that is tapped, or a link into the private chat with the bot."""
    if button.action.startswith(PRIVATE_CHAT):
        parameter = button.action.removeprefix(PRIVATE_CHAT)
        return InlineKeyboardButton(button.text, url=f"https://t.me/{bot.username}?start={parameter}")
    return InlineKeyboardButton(button.text, callback_data=button.action)


def result_of(suggestion: Suggestion) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(
        suggestion.id,
        suggestion.title,
        InputTextMessageContent(suggestion.text, parse_mode=ParseMode.HTML, link_preview_options=NO_PREVIEW),
        description=suggestion.description,
    )
