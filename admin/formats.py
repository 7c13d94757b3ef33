"""How moments, durations, rates and names are written on pages and in exports. Times are always Beijing time."""

import datetime as dt
import re

from question_bank.regulations.service import CHINA

_COMPOUND_SURNAME = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|"
    "仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘|令狐|百里|呼延|东郭|南门|轩辕|西门|第五"
)

_ALMOST_NOTHING = 1e-9
"""What floating point leaves of an interval that ends at exactly 0 or 1."""


def in_china(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(CHINA)


def when(moment: dt.datetime) -> str:
    """2026-11-23 09:05"""
    return f"{in_china(moment):%Y-%m-%d %H:%M}"


def clock_time(moment: dt.datetime) -> str:
    """09:05:07"""
    return f"{in_china(moment):%H:%M:%S}"


def day(date: dt.date) -> str:
    """2026年11月3日"""
    return f"{date.year}年{date.month}月{date.day}日"


def duration(span: dt.timedelta) -> str:
    """45分钟, 24小时, 3天, 1小时30分钟, 90秒"""
    seconds = int(span.total_seconds())
    if seconds % 60 or not seconds:
        return f"{seconds}秒"
    if seconds % 86_400 == 0 and seconds > 86_400:
        return f"{seconds // 86_400}天"
    hours, minutes = divmod(seconds // 60, 60)
    return (f"{hours}小时" if hours else "") + (f"{minutes}分钟" if minutes else "")


def percent(share: float) -> str:
    """0.8333 is 83.3%. A share below one is never written as 100.0%, one above zero never as 0.0%."""
    if _ALMOST_NOTHING < share < 1 - _ALMOST_NOTHING:
        share = min(max(share, 0.001), 0.999)
    return f"{share * 100:.1f}%"


def mark(score: float) -> str:
    """27 or 27.5: no decimals that say nothing."""
    return f"{score:g}"


def mask_name(name: str) -> str:
    """张三 is 张＊, 欧阳明 is 欧阳＊: enough to tell lines apart, too little to name a person to whoever looks on."""
    name = name.strip()
    surname = name[:2] if len(name) > 2 and _COMPOUND_SURNAME.match(name) else name[:1]
    return f"{surname}＊"


def shorten(name: str, length: int) -> str:
    """A long name with its middle left out: names of schools begin alike and differ at the end."""
    if len(name) <= length:
        return name
    tail = length // 2
    return f"{name[: length - tail - 1]}…{name[-tail:]}"
