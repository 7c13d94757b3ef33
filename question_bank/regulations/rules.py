"""The nouns of a regulation and how its articles are numbered, ordered and divided. Standard library only."""

import datetime as dt
import enum
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from question_bank.regulations.numerals import NUMERAL, chinese_numeral, parse_numeral

_LABEL = re.compile(rf"第({NUMERAL})条(?:之({NUMERAL}))?")
_ITEM = re.compile(r"^（[一二三四五六七八九十百]+）")


class RegulationStatus(enum.StrEnum):
    """What is known of a regulation as a whole, from the register."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    UNVERIFIED = "unverified"
    """Its text and dates are as the installed package gives them; nobody has checked the dates."""


class RegulationNotFound(LookupError):
    """No regulation of that name in the register."""


class ArticleNotFound(LookupError):
    """The regulation has no such article; `article_count` says how many it has (0: its text is not loaded)."""

    def __init__(self, short_name: str, number: "ArticleNumber", article_count: int) -> None:
        super().__init__(f"{short_name} has no {number.label}")
        self.short_name = short_name
        self.number = number
        self.article_count = article_count


class NoVersionInForce(ArticleNotFound):
    """Texts of the regulation are loaded, but not the one in force on that day; `loaded` are their effective dates."""

    def __init__(self, short_name: str, number: "ArticleNumber", on: dt.date, loaded: tuple[dt.date, ...]) -> None:
        super().__init__(short_name, number, 0)
        self.on = on
        self.loaded = loaded


def _written(number: int) -> str:
    """In Chinese; what no statute has (0, 10000) in digits, since people may ask for anything."""
    return chinese_numeral(number) if 0 < number < 10_000 else str(number)


@dataclass(frozen=True, order=True)
class ArticleNumber:
    """第一百四十二条之一 is number 142, suffix 1; a plain article has suffix 0. Ordered as the statute is."""

    number: int
    suffix: int = 0

    @property
    def label(self) -> str:
        base = f"第{_written(self.number)}条"
        return f"{base}之{_written(self.suffix)}" if self.suffix else base

    @classmethod
    def parse(cls, label: str) -> "ArticleNumber":
        """Read a label such as 第五十一条, 第51条 or 第一百四十二条之一; ValueError otherwise."""
        match = _LABEL.fullmatch(label.strip())
        if not match:
            raise ValueError(f"not an article label: {label!r}")
        return cls(parse_numeral(match[1]), parse_numeral(match[2]) if match[2] else 0)


@dataclass(frozen=True)
class ArticleText:
    """One article as its source gives it. `paragraphs` are 款; the 项 of a paragraph stay in it, a line each.

    `given_label` is what a text without articles (a decision, an interpretation) calls this part instead of 第…条.
    """

    number: ArticleNumber
    chapter: str | None
    section: str | None
    paragraphs: tuple[str, ...]
    given_label: str | None = None

    @property
    def label(self) -> str:
        return self.given_label or self.number.label

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


@dataclass(frozen=True)
class RegulationFacts:
    """The register's entry for one regulation: our own corrected metadata, which wins over any source's.

    `outdated_articles` are articles whose loaded text has been amended since; they are shown as such, never as current.
    """

    short_name: str
    name: str
    aliases: tuple[str, ...]
    issuer: str
    document_number: str | None
    version_label: str
    promulgated: dt.date | None
    effective: dt.date
    status: RegulationStatus
    article_count: int | None
    source_title: str | None = None
    load_by_default: bool = False
    outdated_articles: frozenset[ArticleNumber] = frozenset()


def split_paragraphs(text: str) -> tuple[str, ...]:
    """Split an article's text into 款. A line that begins with （一） is an item of the paragraph above it."""
    paragraphs: list[str] = []
    for line in (line.strip() for line in text.splitlines()):
        if line and paragraphs and _ITEM.match(line):
            paragraphs[-1] += "\n" + line
        elif line:
            paragraphs.append(line)
    return tuple(paragraphs)


def find_gap(numbers: list[ArticleNumber]) -> ArticleNumber | None:
    """The first article missing from an ordered list that should run 1, 2, 3 …, or None when it is contiguous.

    第…条之一, 之二 … follow their article and run on as well.
    """
    last = ArticleNumber(0)
    for number in numbers:
        if number.suffix == 0 and number.number != last.number + 1:
            return ArticleNumber(last.number + 1)
        if number.suffix and number.number != last.number:
            return ArticleNumber(number.number)
        if number.suffix and number.suffix != last.suffix + 1:
            return ArticleNumber(number.number, last.suffix + 1)
        last = number
    return None


def text_hash(articles: Sequence[ArticleText]) -> str:
    """SHA-256 over labels and paragraphs: two loads with the same hash are the same text."""
    digest = hashlib.sha256()
    for article in articles:
        digest.update(f"{article.number.label}\x1f{article.text}\x1e".encode())
    return digest.hexdigest()
