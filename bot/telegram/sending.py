"""Sends replies through the Bot API, within its rules: edits what was tapped, waits when told to, says what failed for good."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.delivery.senders import DeliveryFailed
from bot.dialogue.events import Reply
from bot.telegram.convert import keyboard_of
from exam.people.rules import Channel

REPLY_TRIES = 3
LONGEST_WAIT = dt.timedelta(seconds=30)
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def send_reply(bot: Bot, chat_id: int, reply: Reply, tapped_message_id: int | None = None) -> None:
    """Send one reply, or edit the tapped message with it. A message that is gone or too old to edit is sent anew."""
    markup = keyboard_of(reply)
    if reply.replaces and tapped_message_id is not None:
        try:
            await _patiently(
                lambda: bot.edit_message_text(
                    reply.text,
                    chat_id=chat_id,
                    message_id=tapped_message_id,
                    parse_mode=ParseMode.HTML,
                    reply_markup=markup,
                    link_preview_options=_NO_PREVIEW,
                )
            )
        except BadRequest as error:
            if "not modified" in error.message.lower():
                return
        else:
            return
    await _patiently(
        lambda: bot.send_message(
            chat_id, reply.text, parse_mode=ParseMode.HTML, reply_markup=markup, link_preview_options=_NO_PREVIEW
        )
    )


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
                reply_markup=keyboard_of(reply),
                link_preview_options=_NO_PREVIEW,
            )
        except RetryAfter as error:
            raise DeliveryFailed("retry_after", wait=wait_of(error)) from error
        except (Forbidden, BadRequest) as error:
            raise DeliveryFailed(type(error).__name__.lower(), final=True) from error
        except TelegramError as error:
            raise DeliveryFailed(type(error).__name__.lower()) from error
