"""Sends replies through the Bot API, within its rules: edits what was tapped, waits when told to, says what failed for good."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, InlineKeyboardMarkup, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.delivery.senders import DeliveryFailed
from bot.dialogue.events import Button, Reply
from bot.telegram.convert import NO_PREVIEW, button_of, keyboard_of
from exam.people.rules import Channel

REPLY_TRIES = 3
LONGEST_WAIT = dt.timedelta(seconds=30)


async def send_reply(
    bot: Bot, chat_id: int, reply: Reply, tapped_message_id: int | None = None, answered: Message | None = None
) -> None:
    """Send one reply, or edit the tapped message with it. A message that is gone or too old to edit is sent anew.

    `answered` is the message in a group that this replies to, in its topic.
    """
    markup = keyboard_of(reply, bot)
    if reply.replaces and tapped_message_id is not None:
        try:
            await _patiently(
                lambda: bot.edit_message_text(
                    reply.text,
                    chat_id=chat_id,
                    message_id=tapped_message_id,
                    parse_mode=ParseMode.HTML,
                    reply_markup=markup,
                    link_preview_options=NO_PREVIEW,
                )
            )
        except BadRequest as error:
            if "not modified" in error.message.lower():
                return
        else:
            return
    replied_to = ReplyParameters(answered.message_id, allow_sending_without_reply=True) if answered is not None else None
    topic = answered.message_thread_id if answered is not None and answered.is_topic_message else None
    await _patiently(
        lambda: bot.send_message(
            chat_id,
            reply.text,
            parse_mode=ParseMode.HTML,
            reply_markup=markup,
            link_preview_options=NO_PREVIEW,
            reply_parameters=replied_to,
            message_thread_id=topic,
        )
    )


async def replace_row(bot: Bot, message: Message, tapped: str, row: tuple[Button, ...]) -> None:
    """Put a row of buttons in the place of the one that was tapped. A message too old to edit stays as it is."""
    if message.reply_markup is None:
        return
    new = tuple(button_of(button, bot) for button in row)
    old = message.reply_markup.inline_keyboard
    rows = [new if any(button.callback_data == tapped for button in each) else each for each in old]
    if rows == list(old):
        return
    try:
        await _patiently(lambda: message.edit_reply_markup(InlineKeyboardMarkup(rows)))
    except BadRequest:
        return


async def _patiently(call: Callable[[], Awaitable[Any]]) -> None:
    """Make a call again after the wait that Telegram asks for, or after a broken connection; a few times."""
    for left in range(REPLY_TRIES - 1, -1, -1):
        try:
            await call()
            return
        except RetryAfter as error:
            wait = wait_of(error)
            if not left or wait > LONGEST_WAIT:
                raise
            await asyncio.sleep(wait.total_seconds())
        except NetworkError as error:
            if isinstance(error, BadRequest) or not left:
                raise
            await asyncio.sleep(0.2 * (REPLY_TRIES - left))


def wait_of(error: RetryAfter) -> dt.timedelta:
    wait = error.retry_after
    return wait if isinstance(wait, dt.timedelta) else dt.timedelta(seconds=wait)


class TelegramSender:
    """Delivers notices by Telegram: a person's external id is the id of their private chat."""

    channel = Channel.TELEGRAM

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def reachable(self) -> None:
        """Every bound account can be written to at any time."""
        return None

    async def send(self, external_id: str, reply: Reply) -> None:
        """One try. Raises DeliveryFailed, which says whether trying again can help and when."""
        try:
            await self._bot.send_message(
                int(external_id),
                reply.text,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard_of(reply, self._bot),
                link_preview_options=NO_PREVIEW,
            )
        except RetryAfter as error:
            raise DeliveryFailed("retry_after", wait=wait_of(error)) from error
        except (Forbidden, BadRequest) as error:
            raise DeliveryFailed(type(error).__name__.lower(), final=True) from error
        except TelegramError as error:
            raise DeliveryFailed(type(error).__name__.lower()) from error
