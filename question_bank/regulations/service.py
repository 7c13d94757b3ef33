"""Use cases on regulations: keep the register, load texts, look an article up as it is in force on a day."""

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from question_bank.database import Clock, Database, Turn
from question_bank.regulations import package_source, storage
from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.rules import ArticleNotFound, ArticleNumber, RegulationFacts, RegulationNotFound, RegulationStatus
from question_bank.regulations.tables import Article, Regulation, RegulationVersion

CHINA = ZoneInfo("Asia/Shanghai")
"""Effective dates are days in China, whatever the machine's zone."""


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


@dataclass(frozen=True)
class ArticleView:
    """One article with all that an honest quotation needs: law, number, version and effective date."""

    short_name: str
    name: str
    version_label: str
    effective: dt.date
    number: ArticleNumber
    chapter: str | None
    section: str | None
    paragraphs: tuple[str, ...]
    is_outdated: bool

    @property
    def label(self) -> str:
        return self.number.label

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


class Regulations:
    """The register of regulations and their texts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def today(self) -> dt.date:
        return self._clock().astimezone(CHINA).date()

    async def load_register(self) -> None:
        """Bring the register in line with the shipped catalogue. Idempotent."""
        async with self._database.transaction() as session:
            await self._database.take_turn(session, Turn.LOAD)
            for facts in load_catalog():
                await storage.upsert_regulation(session, facts)

    async def load_texts(
        self, names: list[str] | None = None, progress: Callable[[str, int], None] = lambda name, n: None
    ) -> int:
        """Load texts from the installed package: the default laws, or those named. Idempotent.

        Returns how many versions were written. `progress` hears the short name and article count of each as it is written.
        Raises RegulationNotFound for a name that is not in the register or whose text the package lacks, and
        package_source.LawPackageMissing when the package is not installed; nothing is written then.
        """
        wanted = self._wanted(names)
        source = package_source.source_version()
        async with self._database.reading() as session:
            loaded = await storage.loaded_sources(session)
        missing = [facts for facts in wanted if (facts.short_name, facts.effective, source) not in loaded]
        if not missing:
            return 0
        titles = {facts.source_title or "": facts for facts in missing}
        texts = await asyncio.to_thread(lambda: dict(package_source.read_articles(list(titles))))
        for title, facts in titles.items():
            if title not in texts:
                raise RegulationNotFound(facts.short_name)
        written = 0
        for title, articles in texts.items():
            facts = titles[title]
            async with self._database.transaction() as session:
                await self._database.take_turn(session, Turn.LOAD)
                if (facts.short_name, facts.effective, source) in await storage.loaded_sources(session):
                    continue  # another process was first
                regulation_id = await storage.upsert_regulation(session, facts)
                await storage.write_version(session, regulation_id, facts, articles, source, self._clock())
            progress(facts.short_name, len(articles))
            written += 1
        return written

    @staticmethod
    def _wanted(names: list[str] | None) -> list[RegulationFacts]:
        catalog = load_catalog()
        if names is None:
            return [facts for facts in catalog if facts.load_by_default]
        by_name = {facts.short_name: facts for facts in catalog if facts.source_title}
        for name in names:
            if name not in by_name:
                raise RegulationNotFound(name)
        return [by_name[name] for name in names]

    async def list_regulations(self, on: dt.date | None = None) -> list[RegulationSummary]:
        """The register, each with its text as in force on a day (default: today in China)."""
        async with self._database.reading() as session:
            return [_summary(*row) for row in await storage.list_regulations(session, on or self.today())]

    async def get_article(self, short_name: str, number: ArticleNumber, on: dt.date | None = None) -> ArticleView:
        """The article as in force on a day (default: today in China).

        Raises RegulationNotFound, or ArticleNotFound, which says how many articles there are (0: text not loaded).
        """
        on = on or self.today()
        async with self._database.reading() as session:
            row = await storage.find_article(session, short_name, number, on)
            if row is not None:
                return _view(row)
            for regulation, version, count in await storage.list_regulations(session, on):
                if regulation.short_name == short_name:
                    raise ArticleNotFound(short_name, number, count if version else 0)
        raise RegulationNotFound(short_name)

    async def articles_in_force(self, on: dt.date | None = None) -> list[ArticleView]:
        async with self._database.reading() as session:
            return [_view(row) for row in await storage.list_articles(session, on or self.today())]

    async def text_signature(self) -> tuple[object, ...]:
        """A value that changes when a text is loaded or a new day may bring a version into force."""
        async with self._database.reading() as session:
            return (*await storage.text_signature(session), self.today())


def _summary(regulation: Regulation, version: RegulationVersion | None, loaded_articles: int) -> RegulationSummary:
    return RegulationSummary(
        short_name=regulation.short_name,
        name=regulation.name,
        document_number=regulation.document_number,
        version_label=version.label if version else None,
        articles=loaded_articles if version else regulation.article_count,
        effective=version.effective if version else regulation.effective,
        status=regulation.status,
        is_loaded=version is not None,
        aliases=tuple(regulation.aliases),
    )


def _view(row: Row[tuple[Regulation, RegulationVersion, Article]]) -> ArticleView:
    regulation, version, article = row
    return ArticleView(
        short_name=regulation.short_name,
        name=regulation.name,
        version_label=version.label,
        effective=version.effective,
        number=ArticleNumber(article.number, article.suffix),
        chapter=article.chapter,
        section=article.section,
        paragraphs=tuple(article.paragraphs),
        is_outdated=article.is_outdated,
    )
