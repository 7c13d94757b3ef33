"""When a key may leave the server: one table for every policy and moment."""

import datetime as dt

import pytest

from exam.assessments.rules import FeedbackPolicy
from exam.attempts.policy import feedback_from, may_show_slot
from tests.fakes import START

IMMEDIATE, SUBMISSION, WINDOW = FeedbackPolicy
SUBMITTED, CLOSES = START, START + dt.timedelta(hours=8)
SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("policy", "is_answered", "submitted", "now", "shown"),
    [
        (IMMEDIATE, False, None, START, False),
        (IMMEDIATE, True, None, START, True),
        (IMMEDIATE, False, SUBMITTED, START, True),
        (IMMEDIATE, True, SUBMITTED, START, True),
        (SUBMISSION, True, None, START, False),
        (SUBMISSION, True, None, CLOSES + SECOND, False),
        (SUBMISSION, False, SUBMITTED, START, True),
        (SUBMISSION, True, SUBMITTED, START, True),
        (WINDOW, True, None, START, False),
        (WINDOW, True, None, CLOSES + SECOND, False),
        (WINDOW, True, SUBMITTED, START, False),
        (WINDOW, True, SUBMITTED, CLOSES - SECOND, False),
        (WINDOW, True, SUBMITTED, CLOSES, False),
        (WINDOW, True, SUBMITTED, CLOSES + SECOND, True),
        (WINDOW, False, SUBMITTED, CLOSES + SECOND, True),
    ],
)
def test_a_key_is_shown_when_the_policy_allows_it_and_never_before(
    policy: FeedbackPolicy, is_answered: bool, submitted: dt.datetime | None, now: dt.datetime, shown: bool
) -> None:
    assert may_show_slot(policy, is_answered, submitted, CLOSES, now) is shown


def test_without_a_window_nothing_is_ever_after_it() -> None:
    assert not may_show_slot(WINDOW, True, SUBMITTED, None, CLOSES + SECOND)
    assert feedback_from(WINDOW, SUBMITTED, None, CLOSES) is None


@pytest.mark.parametrize(
    ("policy", "submitted", "now", "instant"),
    [
        (IMMEDIATE, None, START, None),
        (SUBMISSION, None, START, None),
        (SUBMISSION, SUBMITTED, SUBMITTED, None),
        (WINDOW, None, START, CLOSES),
        (WINDOW, SUBMITTED, START, CLOSES),
        (WINDOW, SUBMITTED, CLOSES, CLOSES),
        (WINDOW, SUBMITTED, CLOSES + SECOND, None),
    ],
)
def test_the_instant_told_is_the_one_after_which_keys_are_shown(
    policy: FeedbackPolicy, submitted: dt.datetime | None, now: dt.datetime, instant: dt.datetime | None
) -> None:
    assert feedback_from(policy, submitted, CLOSES, now) == instant
