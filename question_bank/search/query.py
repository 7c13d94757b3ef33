"""Reads a question as people type it: which laws it names, which articles it points to, which day it asks about. No I/O.

Names and nicknames are matched exactly first, then with RapidFuzz, so that 药品管里法 still finds its law.
"""

import datetime as dt
import enum
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import yaml
from opencc import OpenCC
from rapidfuzz import fuzz, process

from question_bank.regulations.numerals import NUMERAL, parse_numeral
from question_bank.regulations.rules import ArticleNumber
from question_bank.search.words import CONTENT_FOLDER, content_words

MAX_QUESTION_LENGTH = 500
"""Longer questions are read up to here: no question is longer, and time stays bounded."""

_SIMPLIFIED = OpenCC("t2s")

FUZZY_CUTOFF = 79.0
"""One wrong character in five is forgiven (80); 食品卫生法, a law of its own, is not taken for 食品法 (75)."""

MAX_RANGE = 10
"""Articles of a range such as 第10条至第20条 that are looked up."""

# With 第 anywhere; without it digits (but not 有154条), or Chinese numerals after a law's name: 哪一条 points to nothing.
_ARTICLE = re.compile(
    rf"(?:第\s*|(?<![0-9有共])(?=[0-9])|(?:^|(?<=[法例定令》\s和与及、,到至~-]))(?![一两]\s*条))"
    rf"({NUMERAL})\s*条(?:\s*之\s*({NUMERAL}))?(?:\s*第?\s*({NUMERAL})\s*款)?"
)
_RANGE_BEGINNING = re.compile(rf"(?:第\s*)?({NUMERAL})\s*条?\s*(?:到|至|~|-|—|–)\s*$")
# What follows the name of a law to make the name of another rule: 传染病防治法实施办法 is not 传染病防治法.
_NO_OTHER_RULE = r"(?!》?的?(?:实施(?:条|细|办|规)|修正案|司法解释))"
_NAME = re.compile(rf"[\u4e00-\u9fff]{{2,20}}?(条例|规定|办法|法){_NO_OTHER_RULE}")
_NUMBERED_NAME = re.compile(r"((?![这那该本])[\u4e00-\u9fff]{1,20}?(?:条例|规定|办法|法))第")
_QUOTED_NAME = re.compile(r"《([^《》]{2,40})》")
_DAY = re.compile(
    r"((?:19|20)\d\d)\s*年(?:\s*(\d{1,2})\s*月)?(?:份|\s*(\d{1,2})\s*[日号])?"
    r"(?:底|初|中|前后|左右)?(?:那时候?|当时|的时候|时|施行|有效|生效|在用)?的?"
    r"(?=《?[\u4e00-\u9fff]{0,12}(?:规定|法规|法律|条文|版本|旧法|老法|法》?|条例》?|要求是|怎么规定))"
)
_PENALTY = re.compile("罚|判|坐牢|吊销|处分|拘留|刑|后果|责任")


class SmallTalk(enum.StrEnum):
    GREETING = "greeting"
    THANKS = "thanks"
    ABOUT = "about"


@dataclass(frozen=True)
class ArticleReference:
    """An article pointed to by number; `paragraph` is the 款, counted from 1, if one is named."""

    law: str
    number: ArticleNumber
    paragraph: int | None = None


@dataclass(frozen=True)
class ParsedQuestion:
    """`references` are articles pointed to by number; `laws` are those named; `text` is the normalised question.

    `topic` is the question without the names of laws, which say where to look and not what for.
    """

    text: str
    topic: str
    laws: tuple[str, ...]
    references: tuple[ArticleReference, ...]
    loose_numbers: tuple[ArticleNumber, ...]
    """Article numbers that no law was named for."""
    unknown_law: str | None = None
    """A law that is named in quotation marks or with an article number and that no name here fits."""
    day: dt.date | None = None
    """The day whose law is asked for: 2025年11月的规定 is the first of that month."""
    small_talk: SmallTalk | None = None
    is_follow_up: bool = False
    """Whether it says nothing of its own subject: 罚多少呢, 那要多久."""
    asks_penalty: bool = False


@cache
def _small_talk() -> dict[str, SmallTalk]:
    kinds = yaml.load((CONTENT_FOLDER / "small_talk.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {phrase: SmallTalk(kind) for kind, phrases in kinds.items() for phrase in phrases}


@cache
def _follow_up_words() -> frozenset[str]:
    return frozenset(yaml.load((CONTENT_FOLDER / "follow_up_words.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


def normalise(question: str) -> str:
    """NFKC (full-width forms become plain), simplified characters, runs of blanks to one space, at most 500 characters.

    Control characters and halves of surrogate pairs, which no database stores, become spaces too.
    """
    plain = unicodedata.normalize("NFKC", question[: MAX_QUESTION_LENGTH * 4])
    storable = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in plain)
    return " ".join(_SIMPLIFIED.convert(storable).split())[:MAX_QUESTION_LENGTH].rstrip()


@dataclass(frozen=True)
class _Mention:
    start: int
    end: int
    law: str


class QuestionReader:
    """Knows the names that laws go by. `names` maps every name and alias to the short name."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._names = dict(names)
        # Longest first, so that 食品安全法实施条例 is not read as 食品安全法.
        ordered = sorted(self._names, key=len, reverse=True)
        self._exact = re.compile(f"(?:{'|'.join(map(re.escape, ordered)) or '(?!)'}){_NO_OTHER_RULE}")
        self._by_ending: dict[str, list[str]] = {}
        for name in ordered:
            if match := _NAME.fullmatch(name):
                self._by_ending.setdefault(match[1], []).append(name)

    def read(self, question: str) -> ParsedQuestion:
        text = normalise(question)
        mentions = self._find_laws(text)
        references: list[ArticleReference] = []
        loose: list[ArticleNumber] = []
        for start, number, paragraph in _find_articles(text):
            before = [mention for mention in mentions if mention.start <= start]
            if mentions:
                references.append(ArticleReference((before or mentions[:1])[-1].law, number, paragraph))
            else:
                loose.append(number)
        return ParsedQuestion(
            text=text,
            topic=_without(text, mentions),
            laws=tuple(dict.fromkeys(mention.law for mention in mentions)),
            references=tuple(dict.fromkeys(references)),
            loose_numbers=tuple(dict.fromkeys(loose)),
            unknown_law=None if mentions else _unknown_law(text, has_number=bool(loose)),
            day=_find_day(text),
            small_talk=_small_talk().get("".join(filter(str.isalnum, text)).lower()),
            asks_penalty=_PENALTY.search(text) is not None,
            is_follow_up=not mentions and not loose and _is_follow_up(text),
        )

    def _find_laws(self, text: str) -> list[_Mention]:
        exact = [_Mention(match.start(), match.end(), self._names[match[0]]) for match in self._exact.finditer(text)]
        if exact:
            return exact
        for match in _NAME.finditer(text):
            alike = self._by_ending.get(match[1], ())
            found = process.extractOne(match[0], alike, scorer=fuzz.ratio, score_cutoff=FUZZY_CUTOFF)
            if found is not None:
                return [_Mention(match.start(), match.end(), self._names[found[0]])]
        return []


def _find_articles(text: str) -> Iterator[tuple[int, ArticleNumber, int | None]]:
    """(where, article, paragraph) of each article number, those of a range one by one."""
    for match in _ARTICLE.finditer(text):
        try:
            number = ArticleNumber(parse_numeral(match[1]), parse_numeral(match[2]) if match[2] else 0)
            paragraph = parse_numeral(match[3]) if match[3] else None
        except ValueError:
            continue
        if beginning := _RANGE_BEGINNING.search(text[: match.start()]):
            try:
                first = parse_numeral(beginning[1])
            except ValueError:
                first = number.number
            for between in range(first, number.number)[:MAX_RANGE]:
                yield match.start(), ArticleNumber(between), None
        yield match.start(), number, paragraph


def _unknown_law(text: str, *, has_number: bool) -> str | None:
    """The name of a law that is not one of ours: in 《》, or right before an article number."""
    if quoted := _QUOTED_NAME.search(text):
        return quoted[1]
    named = _NUMBERED_NAME.match(text) if has_number else None
    return named[1] if named else None


def _find_day(text: str) -> dt.date | None:
    match = _DAY.search(text)
    if match is None:
        return None
    try:
        return dt.date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None


def _is_follow_up(text: str) -> bool:
    """Short, and nothing but words that need a subject: how much, how long, who, what then."""
    return 0 < len(text) <= 16 and all(word in _follow_up_words() for word in content_words(text))


def _without(text: str, mentions: list[_Mention]) -> str:
    """`text` without the mentions; all of it when nothing else is in it."""
    rest = text
    for mention in reversed(mentions):
        rest = f"{rest[: mention.start]} {rest[mention.end :]}"
    return rest if any(c.isalnum() for c in rest) else text
