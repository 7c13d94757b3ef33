"""How long a failed try waits."""

import datetime as dt

import pytest

from exam.notices.rules import MAX_TRIES, retry_after


@pytest.mark.parametrize(("tries", "seconds"), [(1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (99, 300)])
def test_waits_double_up_to_five_minutes(tries: int, seconds: int) -> None:
    assert retry_after(tries) == dt.timedelta(seconds=seconds)


def test_an_outage_of_a_working_day_is_waited_out() -> None:
    waited = sum((retry_after(tries) for tries in range(1, MAX_TRIES)), dt.timedelta())
    assert waited == dt.timedelta(seconds=2 + 4 + 8 + 16 + 32 + 64 + 128 + 256 + 91 * 300)
    assert waited > dt.timedelta(hours=7, minutes=30)
