"""When feedback is shown. One small rule, asked by everything that could let a key out."""

import datetime as dt

from exam.assessments.rules import FeedbackPolicy


def may_show_slot(
    policy: FeedbackPolicy,
    is_answered: bool,
    submitted_at: dt.datetime | None,
    window_closes_at: dt.datetime | None,
    now: dt.datetime,
) -> bool:
    """Whether the key of one slot may leave the server now. Only IMMEDIATE shows any before the paper is handed in."""
    if submitted_at is None:
        return policy is FeedbackPolicy.IMMEDIATE and is_answered
    if policy is FeedbackPolicy.AFTER_WINDOW:
        return window_closes_at is not None and now > window_closes_at
    return True


def feedback_from(
    policy: FeedbackPolicy, submitted_at: dt.datetime | None, window_closes_at: dt.datetime | None, now: dt.datetime
) -> dt.datetime | None:
    """The instant after which the keys of a whole attempt may be seen; None when they may be now, or nobody knows yet."""
    if policy is not FeedbackPolicy.AFTER_WINDOW or may_show_slot(policy, False, submitted_at, window_closes_at, now):
        return None
    return window_closes_at
