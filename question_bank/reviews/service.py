"""Use cases on reviews: an amendment opens them, a trainer confirms them, by date they hold questions and digests back."""

import datetime as dt

from question_bank.database import AsyncSession, Clock, Database
from question_bank.regulations import storage as regulations
from question_bank.regulations.changes import ChangeKind, compare
from question_bank.regulations.importing.use_case import find_by_name
from question_bank.regulations.rules import ArticleText, RegulationNotFound
from question_bank.regulations.service import CHINA
from question_bank.regulations.tables import Regulation, RegulationVersion
from question_bank.regulations.writing import VersionWritten
from question_bank.reviews import storage
from question_bank.reviews.rules import ReviewEntry, ReviewNotFound, ReviewState
from question_bank.reviews.tables import Review


class Reviews:
    """What amendments touch. `version_written` is to be called in the transaction that writes a version."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def version_written(self, session: AsyncSession, written: VersionWritten) -> int:
        """Open the reviews that a version calls for, and those of the version after it; returns how many. Idempotent.

        A version that is history already (a later one is in force) opens none: questions were written for the later text.
        """
        versions = await regulations.list_versions(session, written.regulation_id)
        position = next(i for i, version in enumerate(versions) if version.id == written.version_id)
        if any(version.effective <= self._today() for version in versions[position + 1 :]):
            return 0
        before = await _articles(session, versions[position - 1]) if position else written.replaced
        opened = 0
        if before is not None:
            opened = await self._open(session, versions[position], before, written.replaced)
        if position + 1 < len(versions):
            opened += await self._open(session, versions[position + 1], await _articles(session, versions[position]), None)
        return opened

    async def _open(
        self,
        session: AsyncSession,
        version: RegulationVersion,
        before: tuple[ArticleText, ...],
        replaced: tuple[ArticleText, ...] | None,
    ) -> int:
        """Make the open reviews of a version those of the articles it changes; `replaced` is the text it had until now.

        What was confirmed stays confirmed, unless the article says something else now than what was confirmed.
        """
        assert version.id is not None
        now = await _articles(session, version)
        wanted = await storage.find_touched(
            session,
            version.regulation_id,
            {change.number for change in compare(before, now) if change.kind is not ChangeKind.ADDED},
        )
        known = await storage.reviews_of_version(session, version.id)
        for touched, review in known.items():
            if touched not in wanted and review.state is ReviewState.OPEN:
                await session.delete(review)
        other = {change.number for change in compare(replaced, now)} if replaced is not None else set()
        opened = 0
        for touched in sorted(wanted, key=str):
            earlier = known.get(touched)
            if earlier is None:
                storage.open_review(session, version, touched)
                opened += 1
            elif earlier.state is ReviewState.CONFIRMED and touched[0] in other:
                earlier.state, earlier.decided_by, earlier.decided_at = ReviewState.OPEN, None, None
                opened += 1
        await session.flush()
        return opened

    async def impact(self, law: str) -> list[ReviewEntry]:
        """All that amendments of a law touch, confirmed or not. `law` is any of its names; raises RegulationNotFound."""
        async with self._database.reading() as session:
            regulation = find_by_name(await regulations.read_register(session), law)
            if regulation is None:
                raise RegulationNotFound(law)
            return await storage.read_entries(session, storage.entries().where(Regulation.id == regulation.id))

    async def list_open(self, on: dt.date | None = None) -> list[ReviewEntry]:
        """The reviews that are open and due on a day (default: today in China)."""
        async with self._database.reading() as session:
            return await storage.read_entries(session, storage.entries().where(*storage.open_on(on or self._today())))

    async def digests_in_review(self, on: dt.date | None = None) -> set[int]:
        """Ids of the companions that must not be shown on a day (default: today in China)."""
        async with self._database.reading() as session:
            return set(await storage.digests_in_review(session, on or self._today()))

    async def confirm(self, review_id: int, author: str) -> bool:
        """Write down that question or digest still holds; True if it was open. Raises ReviewNotFound."""
        async with self._database.transaction() as session:
            review = await session.get(Review, review_id, with_for_update=True)
            if review is None:
                raise ReviewNotFound(review_id)
            if review.state is ReviewState.CONFIRMED:
                return False
            review.state, review.decided_by, review.decided_at = ReviewState.CONFIRMED, author, self._clock()
            return True

    def _today(self) -> dt.date:
        return self._clock().astimezone(CHINA).date()


async def _articles(session: AsyncSession, version: RegulationVersion) -> tuple[ArticleText, ...]:
    assert version.id is not None
    return tuple(await regulations.read_articles(session, version.id))
