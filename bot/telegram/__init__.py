"""The Telegram front end, on python-telegram-bot."""

import os

os.environ.setdefault("PTB_TIMEDELTA", "1")  # durations as timedelta, as from its next major version on; warns otherwise
