"""The Telegram front end: python-telegram-bot's Application, unmodified, with one handler that hands every update over.

State lives in the database only: no persistence, no ConversationHandler.
"""

import asyncio
import contextlib
import logging
import re

import structlog
from telegram import BotCommand, InlineQueryResultsButton, Message, Update
from telegram.error import InvalidToken, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot import messages
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.elsewhere import HELLO
from bot.dialogue.events import Identity
from bot.telegram.convert import event_of, result_of
from bot.telegram.ordering import PerPersonProcessor
from bot.telegram.sending import replace_row, send_reply
from exam.people.rules import Channel
from question_bank.database import Clock

log = structlog.get_logger()

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
ALLOWED_UPDATES = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY]
TelegramApplication = Application  # type: ignore[type-arg]


def build_application(token: str, dialogue: Dialogue, clock: Clock, base_url: str | None = None) -> TelegramApplication:
    """An Application ready to be initialised. `base_url` is for a Bot API server of one's own; default: Telegram's.

    Raises InvalidToken for what cannot be a token: in an address it would look like an outage.
    """
    if not _TOKEN.fullmatch(token):
        raise InvalidToken("not of the form 123456:ABC-DEF")
    builder = ApplicationBuilder().token(token).concurrent_updates(PerPersonProcessor()).connection_pool_size(64).pool_timeout(20)
    if base_url:
        builder = builder.base_url(f"{base_url.rstrip('/')}/bot").base_file_url(f"{base_url.rstrip('/')}/file/bot")
    application = builder.build()

    async def handle(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        event = event_of(update, context.bot.bot, clock)
        if event is None or update.effective_chat is None:
            return
        response = await dialogue.handle(event)
        chat_id, query = update.effective_chat.id, update.callback_query
        tapped = query.message.message_id if query is not None and query.message is not None else None
        answered = update.message if event.place else None
        answering = query.answer(response.toast) if query is not None else None
        if response.row is not None and query is not None and isinstance(query.message, Message):
            await replace_row(context.bot, query.message, event.name, response.row)
        for number, reply in enumerate(response.replies):
            sending = send_reply(context.bot, chat_id, reply, tapped, answered)
            if number == 0 and answering is not None:
                await asyncio.gather(sending, _ignore_refusal(answering))
                answering = None
            else:
                await sending
        if answering is not None:
            await _ignore_refusal(answering)

    async def suggest(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.inline_query
        if query is None:
            return
        offered = await dialogue.suggest(Identity(Channel.TELEGRAM, str(query.from_user.id)), query.query)
        button = InlineQueryResultsButton(offered.remark, start_parameter=HELLO) if offered.remark else None
        results = [result_of(suggestion) for suggestion in offered.suggestions]
        # Never cached: who begins an assessment is to find nothing from then on.
        await _ignore_refusal(query.answer(results, cache_time=0, is_personal=True, button=button))

    application.add_handler(MessageHandler(filters.ALL & ~filters.StatusUpdate.ALL, handle))
    application.add_handler(CallbackQueryHandler(handle))
    application.add_handler(InlineQueryHandler(suggest))
    application.add_error_handler(_log_error)
    for logger in ("telegram.ext", "telegram.ext.Updater"):
        logging.getLogger(logger).addFilter(_without_traceback)
    return application


def _without_traceback(record: logging.LogRecord) -> bool:
    """python-telegram-bot logs an outage with its whole traceback; one line says it."""
    record.exc_info = None
    return True


async def _ignore_refusal(answering: object) -> None:
    """Stop the button's waiting sign; that a query is too old to be answered matters to nobody."""
    try:
        await answering  # type: ignore[misc]
    except TelegramError as error:
        log.info("telegram_query_not_answered", error=type(error).__name__)


async def _log_error(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    log.warning("telegram_reply_failed", error=type(context.error).__name__)


async def run_polling(
    application: TelegramApplication, stop: asyncio.Event, *, retry_seconds: float = 10.0, stop_seconds: float = 3.0
) -> None:
    """Poll until `stop` is set. An outage at the start is waited out; raises InvalidToken when the token is refused.

    Updates that waited while nobody polled are answered, not dropped. During an outage python-telegram-bot sleeps up to 30 s
    before it looks whether to stop: it is given `stop_seconds`.
    """
    assert application.updater is not None
    try:
        while not stop.is_set() and not application.updater.running:
            await _connect(application, stop, retry_seconds)
        if not stop.is_set():
            await application.start()
            await stop.wait()
    finally:
        if application.updater.running:
            with contextlib.suppress(TimeoutError, TelegramError):
                await asyncio.wait_for(application.updater.stop(), stop_seconds)
        if application.running:
            await application.stop()
        await application.shutdown()
        await application.bot.shutdown()  # also where initialize() gave up half-way


async def _connect(application: TelegramApplication, stop: asyncio.Event, retry_seconds: float) -> None:
    """One try to reach Telegram and begin polling; after an outage, wait."""
    assert application.updater is not None
    try:
        await application.initialize()
        await application.bot.set_my_commands([BotCommand(name, text) for name, text in messages.COMMANDS])
        await application.updater.start_polling(
            allowed_updates=ALLOWED_UPDATES, drop_pending_updates=False, error_callback=_log_polling
        )
    except InvalidToken:
        raise
    except TelegramError as error:
        log.warning("telegram_unreachable", error=type(error).__name__)
        await _wait(stop, retry_seconds)


def _log_polling(error: TelegramError) -> None:
    log.warning("telegram_polling_trouble", error=type(error).__name__)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
