"""Use cases on regulations: keep the register, load texts, look an article up as it is in force on a day."""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from question_bank.database import AsyncSession, Clock, Database, Turn
from question_bank.regulations import package_source, storage
from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.changes import compare
from question_bank.regulations.importing.use_case import ImportOrder, ImportReport, find_by_name, import_version
from question_bank.regulations.loading import LoadedLaw, is_missing, write_package_laws
from question_bank.regulations.rules import (
    ArticleNotFound,
    ArticleNumber,
    NoVersionInForce,
    RegulationFacts,
    RegulationNotFound,
)
from question_bank.regulations.tables import Regulation, RegulationVersion
from question_bank.regulations.views import (
    ArticleView,
    ContentsPart,
    LawDiff,
    Neighbours,
    RegulationSummary,
    VersionSummary,
    describe_version,
    divide,
    summarise,
    view_article,
)
from question_bank.regulations.writing import WhenWritten, open_nothing, write_version

CHINA = ZoneInfo("Asia/Shanghai")
"""Effective dates are days in China, whatever the machine's zone."""


class VersionsMissing(LookupError):
    """There are no two versions of the law to compare; `loaded` are the effective dates of those that are loaded."""

    def __init__(self, short_name: str, loaded: tuple[dt.date, ...]) -> None:
        super().__init__(f"{short_name}: {len(loaded)} versions")
        self.short_name = short_name
        self.loaded = loaded


class _Undo(Exception):
    """Ends a transaction that is not to be kept."""


PACKAGE_BATCH = 40
"""Laws of the package written in one transaction: few enough not to keep others waiting, enough to be quick."""


class Regulations:
    """The register of regulations and their texts. `when_written` is called in each transaction that writes a version."""

    def __init__(self, database: Database, clock: Clock, when_written: WhenWritten = open_nothing) -> None:
        self._database = database
        self._clock = clock
        self._when_written = when_written

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
        missing = [facts for facts in wanted if is_missing(loaded, facts, source)]
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
                if not is_missing(await storage.loaded_sources(session), facts, source):
                    continue  # another process was first
                regulation_id = await storage.upsert_regulation(session, facts)
                await write_version(session, regulation_id, facts, articles, source, self._clock(), self._when_written)
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

    async def load_package(self, progress: Callable[[LoadedLaw], None] = lambda law: None) -> int:
        """Load the laws of the installed package that the catalogue does not know; their dates are not verified. Idempotent.

        Returns how many versions were written; `progress` hears of each.
        """
        ours = {facts.source_title for facts in load_catalog()}
        source = package_source.source_version()
        laws = await asyncio.to_thread(lambda: [law for law in package_source.read_package() if law.name not in ours])
        written = 0
        for start in range(0, len(laws), PACKAGE_BATCH):
            async with self._database.transaction() as session:
                await self._database.take_turn(session, Turn.LOAD)
                batch = laws[start : start + PACKAGE_BATCH]
                done = await write_package_laws(session, batch, source, self._clock(), self._when_written)
            for entry in done:
                progress(entry)
            written += len(done)
        return written

    async def import_text(self, order: ImportOrder, *, dry_run: bool = False) -> ImportReport:
        """Make a version of a law from a text, and open the reviews that it calls for, in one transaction. Idempotent.

        A dry run does all of it and keeps nothing. Raises ImportRefused; nothing is written then.
        """
        try:
            async with self._database.transaction() as session:
                await self._database.take_turn(session, Turn.LOAD)
                report = await import_version(session, order, self._clock(), self.today(), self._when_written)
                if dry_run:
                    raise _Undo
        except _Undo:
            pass
        return report

    async def diff(self, name: str, from_day: dt.date | None = None, to_day: dt.date | None = None) -> LawDiff:
        """What changed between the versions in force on two days; by default between the last two loaded.

        Raises RegulationNotFound, or VersionsMissing when there are no two versions to compare.
        """
        async with self._database.reading() as session:
            regulation = await _get_regulation(session, name)
            assert regulation.id is not None
            versions = await storage.list_versions(session, regulation.id)
            new = _last(version for version in versions if to_day is None or version.effective <= to_day)
            old = _last(v for v in versions if (v.effective <= from_day if from_day else new and v.effective < new.effective))
            if old is None or new is None or old.id is None or new.id is None or old.id == new.id:
                raise VersionsMissing(regulation.short_name, tuple(version.effective for version in versions))
            changes = compare(await storage.read_articles(session, old.id), await storage.read_articles(session, new.id))
        return LawDiff(regulation.short_name, regulation.name, describe_version(old), describe_version(new), tuple(changes))

    async def list_regulations(self, on: dt.date | None = None) -> list[RegulationSummary]:
        """The register, each with its text as in force on a day (default: today in China)."""
        async with self._database.reading() as session:
            return [summarise(*row) for row in await storage.list_regulations(session, on or self.today())]

    async def list_upcoming(self) -> dict[str, VersionSummary]:
        """By short name the next version of each law that is promulgated but not yet in force."""
        async with self._database.reading() as session:
            coming = await storage.next_versions(session, self.today())
            register = await storage.read_register(session)
        return {law.short_name: describe_version(coming[law.id]) for law in register if law.id in coming}

    async def get_article(self, short_name: str, number: ArticleNumber, on: dt.date | None = None) -> ArticleView:
        """The article as in force on a day (default: today in China).

        Raises RegulationNotFound, or ArticleNotFound, which says how many articles there are (0: text not loaded); when
        texts are loaded but not the one in force on that day, its kind NoVersionInForce.
        """
        on = on or self.today()
        async with self._database.reading() as session:
            row = await storage.find_article(session, short_name, number, on)
            if row is not None:
                coming = await storage.next_versions(session, on, row.regulation_id)
                texts = await storage.read_paragraphs(session, [v.id for v in coming.values() if v.id], number)
                return view_article(row, coming.get(row.regulation_id), texts)
            for regulation, version, count in await storage.list_regulations(session, on):
                if regulation.short_name != short_name:
                    continue
                if version is None and (versions := await storage.list_versions(session, regulation.id)):
                    raise NoVersionInForce(short_name, number, on, tuple(v.effective for v in versions))
                raise ArticleNotFound(short_name, number, count if version else 0)
        raise RegulationNotFound(short_name)

    async def get_article_by_id(self, regulation_id: int, number: ArticleNumber, on: dt.date | None = None) -> ArticleView:
        """As `get_article`, by the regulation's id: what a button carries, since names can be long."""
        async with self._database.reading() as session:
            regulation = await session.get(Regulation, regulation_id)
        if regulation is None:
            raise RegulationNotFound(str(regulation_id))
        return await self.get_article(regulation.short_name, number, on)

    async def neighbours(self, article: ArticleView, on: dt.date | None = None) -> Neighbours:
        """Which articles stand before and after one in the text in force on a day (default: today in China)."""
        async with self._database.reading() as session:
            numbers = await storage.list_numbers(session, article.regulation_id, on or self.today())
        before = [number for number in numbers if number < article.number]
        after = [number for number in numbers if number > article.number]
        return Neighbours(before[-1] if before else None, after[0] if after else None)

    async def table_of_contents(self, regulation_id: int, on: dt.date | None = None) -> tuple[ContentsPart, ...]:
        """The chapters and sections of a text in force on a day (default: today in China), each with its articles.

        Raises RegulationNotFound when there is no such regulation, or no text of it is in force on that day.
        """
        async with self._database.reading() as session:
            rows = await storage.list_articles_of(session, regulation_id, on or self.today())
        if not rows:
            raise RegulationNotFound(str(regulation_id))
        return divide([view_article(row, None, {}) for row in rows])

    async def articles_in_force(self, on: dt.date | None = None) -> list[ArticleView]:
        """All articles in force on a day (default: today in China), in the order of the register and the statutes."""
        on = on or self.today()
        async with self._database.reading() as session:
            rows = await storage.list_articles(session, on)
            coming = await storage.next_versions(session, on)
            texts = await storage.read_paragraphs(session, [v.id for v in coming.values() if v.id])
        return [view_article(row, coming.get(row.regulation_id), texts) for row in rows]


async def _get_regulation(session: AsyncSession, name: str) -> Regulation:
    regulation = find_by_name(await storage.read_register(session), name)
    if regulation is None:
        raise RegulationNotFound(name)
    return regulation


def _last(versions: Iterable[RegulationVersion]) -> RegulationVersion | None:
    return max(versions, key=lambda version: version.effective, default=None)
