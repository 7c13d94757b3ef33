"""What the register of regulations tells others: summaries, quotable articles, versions and what changed between them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Row

from question_bank.regulations.changes import ArticleChange, plain
from question_bank.regulations.rules import ArticleNumber, RegulationStatus
from question_bank.regulations.tables import Regulation, RegulationVersion


@dataclass(frozen=True)
class RegulationSummary:
    """One line of the register. `articles` is None where neither the text nor a source tells the number."""

    short_name: str
    name: str
    document_number: str | None
    version_label: str | None
    articles: int | None
    effective: dt.date
    status: RegulationStatus
    is_loaded: bool
    aliases: tuple[str, ...]
    regulation_id: int = 0


@dataclass(frozen=True)
class ArticleView:
    """One article with all that an honest quotation needs: law, number, version and effective date.

    `upcoming` is the effective date of a version that is promulgated but not yet in force, if it changes or drops this article.
    """

    short_name: str
    name: str
    version_label: str
    effective: dt.date
    number: ArticleNumber
    chapter: str | None
    section: str | None
    paragraphs: tuple[str, ...]
    is_outdated: bool
    upcoming: dt.date | None = None
    given_label: str | None = None
    regulation_id: int = 0
    status: RegulationStatus = RegulationStatus.IN_FORCE

    @property
    def label(self) -> str:
        return self.given_label or self.number.label

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


@dataclass(frozen=True)
class Neighbours:
    """The articles before and after one in the same text; None at its ends."""

    previous: ArticleNumber | None
    following: ArticleNumber | None


@dataclass(frozen=True)
class ContentsPart:
    """A chapter of a text, or a section of one: the articles that stand under the same headings, in their order."""

    chapter: str | None
    section: str | None
    articles: tuple[ArticleView, ...]


@dataclass(frozen=True)
class VersionSummary:
    label: str
    promulgated: dt.date | None
    effective: dt.date


@dataclass(frozen=True)
class LawDiff:
    """What changed in a law between two of its versions."""

    short_name: str
    name: str
    old: VersionSummary
    new: VersionSummary
    changes: tuple[ArticleChange, ...]


def summarise(regulation: Regulation, version: RegulationVersion | None, loaded_articles: int) -> RegulationSummary:
    return RegulationSummary(
        short_name=regulation.short_name,
        name=regulation.name,
        # The register's number is that of the text it describes, not of another that was imported.
        document_number=None if version and version.effective != regulation.effective else regulation.document_number,
        version_label=version.label if version else None,
        articles=loaded_articles if version else regulation.article_count,
        effective=version.effective if version else regulation.effective,
        status=regulation.status,
        is_loaded=version is not None,
        aliases=tuple(regulation.aliases),
        regulation_id=regulation.id or 0,
    )


def view_article(
    row: Row[Any], coming: RegulationVersion | None, coming_texts: dict[tuple[int, ArticleNumber], tuple[str, ...]]
) -> ArticleView:
    number, paragraphs = ArticleNumber(row.number, row.suffix), tuple(row.paragraphs)
    upcoming = None
    if coming is not None and coming.id is not None:
        then = coming_texts.get((coming.id, number))
        if then is None or (then != paragraphs and plain("\n".join(then)) != plain("\n".join(paragraphs))):
            upcoming = coming.effective
    return ArticleView(
        short_name=row.short_name,
        name=row.name,
        version_label=row.version_label,
        effective=row.effective,
        number=number,
        chapter=row.chapter,
        section=row.section,
        paragraphs=paragraphs,
        is_outdated=row.is_outdated,
        upcoming=upcoming,
        given_label=row.label if row.label != number.label else None,
        regulation_id=row.regulation_id,
        status=row.status,
    )


def divide(articles: Sequence[ArticleView]) -> tuple[ContentsPart, ...]:
    """The parts of one text, as its headings divide it."""
    grouped = groupby(articles, key=lambda article: (article.chapter, article.section))
    return tuple(ContentsPart(chapter, section, tuple(part)) for (chapter, section), part in grouped)


def describe_version(version: RegulationVersion) -> VersionSummary:
    return VersionSummary(version.label, version.promulgated, version.effective)
