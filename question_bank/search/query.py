"""Reads a question as people type it: which laws it names and which articles it points to. No I/O.

Names and nicknames are matched exactly first, then with RapidFuzz, so that 药品管里法 still finds its law.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from question_bank.regulations.numerals import NUMERAL, parse_numeral
from question_bank.regulations.rules import ArticleNumber

MAX_QUESTION_LENGTH = 500
"""Longer questions are read up to here: no question is longer, and time stays bounded."""

FUZZY_CUTOFF = 79.0
"""One wrong character in five is forgiven (80); 食品卫生法, a law of its own, is not taken for 食品法 (75)."""

# With 第 anywhere; without it digits (but not 有154条), or Chinese numerals after a law's name: 哪一条 points to nothing.
_ARTICLE = re.compile(
    rf"(?:第\s*|(?<![0-9有共])(?=[0-9])|(?:^|(?<=[法例定令》\s和与及、,]))(?![一两]\s*条))"
    rf"({NUMERAL})\s*条(?:\s*之\s*({NUMERAL}))?"
)
# What follows the name of a law to make the name of another rule: 传染病防治法实施办法 is not 传染病防治法.
_NO_OTHER_RULE = r"(?!》?的?(?:实施(?:条|细|办|规)|修正案|司法解释))"
_NAME = re.compile(rf"[\u4e00-\u9fff]{{2,20}}?(条例|规定|办法|法){_NO_OTHER_RULE}")


@dataclass(frozen=True)
class ArticleReference:
    law: str
    number: ArticleNumber


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


def normalise(question: str) -> str:
    """NFKC (full-width forms become plain), line breaks and runs of spaces to one space, at most 500 characters.

    Control characters and halves of surrogate pairs, which no database stores, become spaces too.
    """
    plain = unicodedata.normalize("NFKC", question[: MAX_QUESTION_LENGTH * 4])
    storable = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in plain)
    return " ".join(storable.split())[:MAX_QUESTION_LENGTH].rstrip()


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
        for match in _ARTICLE.finditer(text):
            number = _article_number(match)
            if number is None:
                continue
            before = [mention for mention in mentions if mention.start <= match.start()]
            if mentions:
                references.append(ArticleReference((before or mentions[:1])[-1].law, number))
            else:
                loose.append(number)
        return ParsedQuestion(
            text=text,
            topic=_without(text, mentions),
            laws=tuple(dict.fromkeys(mention.law for mention in mentions)),
            references=tuple(dict.fromkeys(references)),
            loose_numbers=tuple(dict.fromkeys(loose)),
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


def _without(text: str, mentions: list[_Mention]) -> str:
    """`text` without the mentions; all of it when nothing else is in it."""
    rest = text
    for mention in reversed(mentions):
        rest = f"{rest[: mention.start]} {rest[mention.end :]}"
    return rest if any(c.isalnum() for c in rest) else text


def _article_number(match: re.Match[str]) -> ArticleNumber | None:
    try:
        return ArticleNumber(parse_numeral(match[1]), parse_numeral(match[2]) if match[2] else 0)
    except ValueError:
        return None
