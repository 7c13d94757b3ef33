"""What an answer is worth, when a score passes, and when the clock has run out."""

import datetime as dt

import pytest

from exam.attempts.rules import fraction_right, is_over, is_pass
from tests.fakes import START


@pytest.mark.parametrize(
    ("response", "keys", "fraction"),
    [
        ([1], {1}, 1.0),
        ([0, 2], {0, 2}, 1.0),
        ([2, 0], {0, 2}, 1.0),
        ([0], {0, 2}, 0.0),
        ([0, 1, 2], {0, 2}, 0.0),
        ([], {1}, 0.0),
    ],
)
def test_a_response_is_right_when_it_is_exactly_the_keys(response: list[int], keys: set[int], fraction: float) -> None:
    assert fraction_right(response, frozenset(keys)) == fraction


@pytest.mark.parametrize(
    ("score", "of", "mark", "passes"),
    [
        (27, 30, 90, True),
        (26, 30, 90, False),
        (3, 5, 60, True),
        (2, 5, 60, False),
        (7, 10, 70, True),
        (2, 3, 66, True),
        (2, 3, 67, False),
        (0, 5, 1, False),
        (1, 100, 1, True),
        (5, 5, 100, True),
        (4, 5, 100, False),
    ],
)
def test_exactly_on_the_pass_mark_passes(score: float, of: float, mark: int, passes: bool) -> None:
    assert is_pass(score, of, mark) is passes


def test_the_very_deadline_still_counts() -> None:
    assert not is_over(START, START)
    assert is_over(START, START + dt.timedelta(microseconds=1))
    assert not is_over(None, START)
