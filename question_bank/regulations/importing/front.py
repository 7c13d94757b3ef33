"""Reads what stands before a statute's first article, and its last article: title, when it was made, from when it holds."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from question_bank.regulations.rules import ArticleText

_DATE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_EVENT = re.compile(r"修正|修订|通过|公布|发布|批准|施行")
_TITLE_END = re.compile(
    r"(?:法|法典|条例|规定|办法|细则|规则|规范|准则|决定|决议|解释|通则|规程|标准|制度|指南|意见|公告|通知)(?:（[^）]*）)?$"
)
_FROM_PUBLICATION = re.compile(r"自(?:公布|发布|颁布)之日起(?:施行|实施|生效)")
_LEGISLATURE = "全国人民代表大会"
MAX_TITLE_LENGTH = 100


@dataclass(frozen=True)
class Front:
    """`preamble` counts the lines that are neither title nor history."""

    title: str | None
    promulgated: dt.date | None
    effective: dt.date | None
    version_label: str | None
    preamble: int


def read_front(lines: Sequence[str], articles: Sequence[ArticleText]) -> Front:
    """Title and dates. A date that the text does not clearly state is None.

    The last article of a law that was amended later still names the day of its enactment (食品安全法: 2015); such a day,
    before the latest event of the history, is not taken for the version's.
    """
    title, rest = _title(lines)
    preamble = [line for line in rest if not (_DATE.search(line) or line.startswith(("（", "(")) or line.endswith(("）", ")")))]
    text = "".join(line for line in rest if line not in preamble)
    events = [event for event in _events(text) if event[1] != "施行"]
    latest = max((day for day, _ in events), default=None)
    stated = [day for day, verb in _events(text) if verb == "施行"]
    last = articles[-1].text if articles else ""
    stated += [day for day, verb in _events(last) if verb == "施行"][:1]
    promulgated = latest if latest and (_LEGISLATURE in text or events[-1][1] in ("公布", "发布")) else None
    effective = next((day for day in stated if latest is None or day >= latest), None)
    amended = [verb for _, verb in events if verb in ("修正", "修订")]
    if effective is None and not amended and not stated and _FROM_PUBLICATION.search(last + text):
        effective = promulgated
    label = f"{latest.year}年{amended[-1] if amended else '公布'}" if latest else None
    return Front(title, promulgated, effective, label, len(preamble))


def _title(lines: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """The title, which may be set in two lines, and the lines after it."""
    for count in (1, 2, 3):
        title = "".join("".join(lines[:count]).split())
        if _TITLE_END.search(title) and len(title) <= MAX_TITLE_LENGTH:
            return title, lines[count:]
    return None, lines


def _events(text: str) -> list[tuple[dt.date, str]]:
    """Each date of a history with what happened on it: the last such word before the next date."""
    found = []
    dates = list(_DATE.finditer(text))
    for position, match in enumerate(dates):
        end = dates[position + 1].start() if position + 1 < len(dates) else len(text)
        verbs = _EVENT.findall(text[match.end() : end])
        try:
            day = dt.date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            continue
        if verbs:
            found.append((day, "修订" if "修订" in verbs else verbs[-1]))
    return found
