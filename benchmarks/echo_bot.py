"""The barest python-telegram-bot bots, as a process: what an update costs before any product.

Usage: echo_bot.py TOKEN ROOT_URL
"""

import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import ApplicationBuilder, CallbackQueryHandler, ContextTypes, MessageHandler, filters


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("+", callback_data="0")]])
    await update.message.reply_text(update.message.text or "", reply_markup=keyboard)


async def count(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer a tap and edit its message: the two requests that any button costs."""
    query = update.callback_query
    assert query is not None
    await query.answer()
    number = str(int(query.data or "0") + 1)
    await query.edit_message_text(number, reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("+", callback_data=number)]]))


def main() -> None:
    token, root = sys.argv[1:]
    application = ApplicationBuilder().token(token).base_url(f"{root}/bot").concurrent_updates(256).build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.add_handler(CallbackQueryHandler(count))
    application.run_polling()


if __name__ == "__main__":
    main()
