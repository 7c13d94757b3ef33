"""From Telegram's updates to the dialogue's events, and from replies to Telegram's keyboards."""

import re

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot.dialogue.events import Event, EventKind, Identity, Reply
from exam.people.rules import Channel
from question_bank.database import Clock

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)


def event_of(update: Update, clock: Clock) -> Event | None:
    """The event that an update of a private chat stands for, or None for updates that are not for us."""
    user, chat = update.effective_user, update.effective_chat
    if user is None or chat is None or chat.type != "private":
        return None
    identity = Identity(Channel.TELEGRAM, str(user.id))
    if update.callback_query is not None:
        return Event(identity, EventKind.TAP, clock(), name=update.callback_query.data or "")
    if update.message is None:
        return None
    text = update.message.text
    if text is None:
        return Event(identity, EventKind.UNREADABLE, update.message.date)
    if command := _COMMAND.fullmatch(text.strip()):
        return Event(identity, EventKind.COMMAND, update.message.date, (command[2] or "").strip(), command[1].lower())
    return Event(identity, EventKind.TEXT, update.message.date, text)


def keyboard_of(reply: Reply) -> InlineKeyboardMarkup | None:
    if not reply.buttons:
        return None
    rows = [[InlineKeyboardButton(button.text, callback_data=button.action) for button in row] for row in reply.buttons]
    return InlineKeyboardMarkup(rows)
