"""When a recurring assessment is due: cron's own days of the week, in China's time. Instants worked by hand."""

import datetime as dt

import pytest

from exam.assessments.recurrence import CronInvalid, next_occurrence
from tests.fakes import START  # Tuesday 24 November 2026, 9:00:00 in China

MONDAY, SUNDAY = "2026-11-30", "2026-11-29"


def china(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    ("cron", "due"),
    [
        ("0 9 * * 1", f"{MONDAY} 09:00"),
        ("0 9 * * mon", f"{MONDAY} 09:00"),
        ("0 9 * * MON", f"{MONDAY} 09:00"),
        ("0 9 * * 0", f"{SUNDAY} 09:00"),
        ("0 9 * * 7", f"{SUNDAY} 09:00"),
        ("0 9 * * sun", f"{SUNDAY} 09:00"),
        ("0 9 * * 2", "2026-12-01 09:00"),  # today at this very instant does not count again
        ("1 9 * * 2", "2026-11-24 09:01"),
        ("0 9 * * *", "2026-11-25 09:00"),
        ("30 8 * * *", "2026-11-25 08:30"),
        ("30 14 * * 1-5", "2026-11-24 14:30"),
        ("0 8 * * 1-5", "2026-11-25 08:00"),
        ("0 9 * * 6,0", "2026-11-28 09:00"),
        ("0 9 * * 5-7", "2026-11-27 09:00"),
        ("0 9 * * */3", "2026-11-25 09:00"),  # Sunday, Wednesday, Saturday
        ("0 9 * * 1-7/3", "2026-11-26 09:00"),  # Monday, Thursday, Sunday
        ("0 9 * * 1/4", "2026-11-27 09:00"),  # Monday, Friday
        ("0 9 1 * *", "2026-12-01 09:00"),
        ("0 9 31 * *", "2026-12-31 09:00"),
        ("0 9 29 2 *", "2028-02-29 09:00"),
        ("0 9 1-7 * 1", "2026-12-07 09:00"),  # the first Monday of a month
        ("0 0 1 1,7 *", "2027-01-01 00:00"),
        ("59 23 24 11 *", "2026-11-24 23:59"),
        ("*/15 * * * *", "2026-11-24 09:15"),
        ("  0   9 * *  1 ", f"{MONDAY} 09:00"),
    ],
)
def test_a_cron_expression_is_due_in_chinas_time(cron: str, due: str) -> None:
    found = next_occurrence(cron, START)
    assert found == china(due)
    assert found.utcoffset() == dt.timedelta(0)


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "每周一",
        "0 9 * *",
        "0 9 * * 1 2026",
        "60 9 * * *",
        "0 24 * * *",
        "0 9 0 * *",
        "0 9 32 * *",
        "0 9 * 13 *",
        "0 9 * * 8",
        "0 9 * * -1",
        "0 9 * * 5-1",
        "0 9 * * sat-sun",
        "0 9 * * sat-sun,mon",
        "0 9 * * 1-5/0",
        "0 9 * * 1/",
        "0 9 * * 1#2",
        "0 9 * * L",
        "0 9 * * ?",
        "*/0 * * * *",
        "a b c d e",
        "@daily",
    ],
)
def test_a_text_that_is_no_cron_expression_is_refused(cron: str) -> None:
    with pytest.raises(CronInvalid):
        next_occurrence(cron, START)


def test_an_expression_that_never_comes_due_is_refused() -> None:
    with pytest.raises(CronInvalid):
        next_occurrence("0 9 30 2 *", START)


def test_the_next_occurrence_comes_strictly_after() -> None:
    first = next_occurrence("0 9 * * *", START)
    assert next_occurrence("0 9 * * *", first) == first + dt.timedelta(days=1)
    assert next_occurrence("0 9 * * *", first - dt.timedelta(microseconds=1)) == first


def test_a_day_in_china_begins_eight_hours_before_utcs() -> None:
    after = china("2026-11-30 23:59:59")
    assert next_occurrence("0 0 1 * *", after) == dt.datetime(2026, 11, 30, 16, 0, tzinfo=dt.UTC)
