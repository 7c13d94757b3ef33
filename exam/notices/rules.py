"""What people are told without having asked, and how often a failed try is repeated. Standard library only."""

import datetime as dt
import enum


class NoticeKind(enum.StrEnum):
    ASSESSMENT_OPENED = "assessment_opened"
    """subject: the round."""
    AUTO_SUBMITTED = "auto_submitted"
    """subject: the attempt."""


class NoticeState(enum.StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


LEASE = dt.timedelta(seconds=60)
"""A process that claimed a notice and died gives it up after this long."""

MAX_TRIES = 100
"""With the waits below nearly eight hours: an outage of the chat platform must not cost people their notice."""


def retry_after(tries: int) -> dt.timedelta:
    """How long to wait after the nth failed try: 2, 4, 8 … seconds, at most five minutes (from the ninth on)."""
    return dt.timedelta(seconds=min(2**tries, 300))
