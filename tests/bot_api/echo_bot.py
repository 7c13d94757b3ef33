"""A bot that greets, echoes and reacts to taps: with it the server is tested."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from .server import BotApiServer

KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("对", callback_data="answer:1"), InlineKeyboardButton("错", url="t.me")]])


async def _start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    text = f"<b>你好</b> {' '.join(context.args or [])}"
    await update.message.reply_text(text, parse_mode="HTML", reply_markup=KEYBOARD)


async def _echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_message is not None
    await update.effective_message.reply_text(update.effective_message.text or "not a text")


async def _tapped(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    assert query is not None
    await query.answer("已提交", show_alert=True)
    await query.edit_message_text(f"chosen {query.data}")


def application(server: BotApiServer) -> Application:
    """The bot: an unmodified Application."""
    builder = ApplicationBuilder().token(server.token)
    app = builder.base_url(server.base_url).base_file_url(server.base_file_url).build()
    app.add_handler(CommandHandler("start", _start))
    app.add_handler(CallbackQueryHandler(_tapped))
    app.add_handler(MessageHandler(filters.ALL, _echo))
    return app


@asynccontextmanager
async def polling(server: BotApiServer) -> AsyncIterator[Application]:
    """The bot, polling."""
    app = application(server)
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling()
        try:
            yield app
        finally:
            await app.updater.stop()
            await app.stop()


@asynccontextmanager
async def written_to(server: BotApiServer) -> AsyncIterator[Application]:
    """A bot which does not poll, and to which person 5 has written."""
    await server.person(5).say("/start")
    async with application(server) as app:
        yield app
