"""Writing a version of a law inside a transaction, and what must happen in the same one: reviews are opened."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from question_bank.regulations import storage
from question_bank.regulations.rules import ArticleText, RegulationFacts


@dataclass(frozen=True)
class VersionWritten:
    """A version was written. `replaced` is the text that the same version had before, if it had one."""

    regulation_id: int
    version_id: int
    replaced: tuple[ArticleText, ...] | None


WhenWritten = Callable[[AsyncSession, VersionWritten], Awaitable[int]]
"""Called in the transaction that writes a version; returns how many reviews it opened."""


async def open_nothing(session: AsyncSession, written: VersionWritten) -> int:
    """For a register without questions."""
    return 0


async def write_version(
    session: AsyncSession,
    regulation_id: int,
    facts: RegulationFacts,
    articles: Sequence[ArticleText],
    source: str,
    now: dt.datetime,
    when_written: WhenWritten,
) -> int:
    """Write one version as `storage.write_version` does; returns how many reviews were opened."""
    existing = await storage.find_version(session, regulation_id, facts.effective)
    replaced = tuple(await storage.read_articles(session, existing.id)) if existing is not None and existing.id else None
    version = await storage.write_version(session, regulation_id, facts, articles, source, now)
    assert version.id is not None
    return await when_written(session, VersionWritten(regulation_id, version.id, replaced))
