"""When a recurring assessment is next due: cron in China's time, read by APScheduler's trigger."""

import datetime as dt
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

CHINA = ZoneInfo("Asia/Shanghai")


class CronInvalid(ValueError):
    """The text is no cron expression of five fields, or never comes due."""


def next_occurrence(cron: str, after: dt.datetime) -> dt.datetime:
    """The first instant strictly after `after` that a five-field cron expression names, in Asia/Shanghai; given in UTC.

    Days of the week are cron's (0 and 7 are Sunday). Where day of the month and day of the week are both given, both must
    fit (cron itself takes either): "0 9 1-7 * 1" is the first Monday of each month. Raises CronInvalid.
    """
    try:
        trigger = CronTrigger.from_crontab(_name_weekdays(cron), timezone=CHINA)
    except (ValueError, IndexError) as error:
        raise CronInvalid(cron) from error
    due = trigger.get_next_fire_time(None, after + dt.timedelta(microseconds=1))
    if due is None:
        raise CronInvalid(cron)
    return due.astimezone(dt.UTC)


_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _name_weekdays(cron: str) -> str:
    """APScheduler counts days of the week from Monday = 0, cron from Sunday = 0: names mean the same in both."""
    fields = cron.lower().split()
    if len(fields) != 5:
        raise CronInvalid(cron)
    if fields[4] != "*":
        fields[4] = ",".join(sorted({name for part in fields[4].split(",") for name in _weekdays(part)}))
    return " ".join(fields)


def _weekdays(part: str) -> list[str]:
    """The days that one part of cron's fifth field names: 1, mon, 1-5, */2, 1-7/3, 1/2 (from Monday on)."""
    span, has_step, step = part.partition("/")
    first, has_last, last = ("0", "-", "6") if span == "*" else span.partition("-")
    if not has_last:
        last = "6" if has_step else first
    days = range(_day(first), _day(last) + 1, int(step) if has_step else 1)
    if not days:
        raise ValueError(f"{part} names no day")
    return [_WEEKDAYS[day] for day in days]


def _day(text: str) -> int:
    return _WEEKDAYS.index(text) if text in _WEEKDAYS else range(8)[int(text)]
