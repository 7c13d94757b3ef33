"""Which texts of the installed package are to be written, and its laws that our catalogue does not know."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from question_bank.database import AsyncSession
from question_bank.regulations import storage
from question_bank.regulations.importing.use_case import STATE_PREFIX
from question_bank.regulations.package_source import SOURCE_NAME, UNVERIFIED_LABEL, PackageLaw
from question_bank.regulations.rules import ArticleNumber, RegulationFacts, RegulationStatus, find_gap
from question_bank.regulations.writing import WhenWritten, write_version


@dataclass(frozen=True)
class LoadedLaw:
    """A law of the package as it was loaded; `gap` is the first article that its text lacks, if it lacks one."""

    short_name: str
    articles: int
    gap: ArticleNumber | None


async def write_package_laws(
    session: AsyncSession, laws: Sequence[PackageLaw], source: str, now: dt.datetime, when_written: WhenWritten
) -> list[LoadedLaw]:
    """Write those of these laws that are missing; returns them. A law that the register knows by its full name is that law."""
    register = {regulation.name: regulation for regulation in await storage.read_register(session)}
    taken = {name for r in register.values() for name in (r.short_name, r.name, *r.aliases)}
    loaded = await storage.loaded_sources(session)
    written = []
    for law in laws:
        known = register.get(law.name)
        facts = _package_facts(law, known.short_name if known else _unique_short_name(law.name, taken))
        if not law.articles or not is_missing(loaded, facts, source):
            continue
        if known is None:
            register[law.name] = known = await storage.add_regulation(session, facts)
            taken |= {facts.short_name, facts.name}
        assert known.id is not None
        await write_version(session, known.id, facts, law.articles, source, now, when_written)
        written.append(LoadedLaw(facts.short_name, len(law.articles), find_gap([a.number for a in law.articles])))
    return written


def is_missing(loaded: dict[tuple[str, dt.date], str], facts: RegulationFacts, source: str) -> bool:
    """Whether the package's text is to be written: no such version yet, or one of another release of the package.

    A text that somebody imported for the same day stays.
    """
    present = loaded.get((facts.short_name, facts.effective))
    return present is None or (present != source and present.startswith(SOURCE_NAME))


def _package_facts(law: PackageLaw, short_name: str) -> RegulationFacts:
    return RegulationFacts(
        short_name=short_name,
        name=law.name,
        aliases=(),
        issuer=law.issuer,
        document_number=None,
        version_label=UNVERIFIED_LABEL,
        promulgated=law.promulgated,
        effective=law.effective,
        status=RegulationStatus.SUPERSEDED if law.is_repealed else RegulationStatus.UNVERIFIED,
        article_count=len(law.articles),
    )


def _unique_short_name(name: str, taken: set[str]) -> str:
    """The name without the state's, unless another law goes by that already."""
    short = name.removeprefix(STATE_PREFIX)
    return short if short not in taken else name
