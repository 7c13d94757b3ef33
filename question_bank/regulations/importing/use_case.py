"""Makes a version of a law from a file's text: which law, from which day, and is it new at all. Inside a transaction."""

import datetime as dt
import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from question_bank.regulations import storage
from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.changes import ArticleChange, compare
from question_bank.regulations.importing.rules import ImportRefusal, ImportRefused, LawText
from question_bank.regulations.package_source import UNVERIFIED_LABEL
from question_bank.regulations.rules import RegulationFacts, RegulationStatus, text_hash
from question_bank.regulations.tables import Regulation, RegulationVersion
from question_bank.regulations.writing import WhenWritten, write_version

STATE_PREFIX = "中华人民共和国"
_REMARK = re.compile(r"[（(][^（()）]*[)）]$")


class ImportOutcome(enum.StrEnum):
    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class ImportOrder:
    """A text and what the person who imports it says about it. What is None comes from the text.

    `name` is any name of a law in the register, or the full name of one that is new; `short_name` goes with a new one.
    """

    text: LawText
    source: str
    name: str | None = None
    short_name: str | None = None
    effective: dt.date | None = None
    version_label: str | None = None
    replace: bool = False


@dataclass(frozen=True)
class ImportReport:
    """What an import did. `changes` are against the version before (`previous`), if one is loaded.

    `superseded_on` is the day since when a later text holds that the register knows of: this one answers for earlier days only.
    """

    short_name: str
    name: str
    is_new_law: bool
    outcome: ImportOutcome
    version_label: str
    promulgated: dt.date | None
    effective: dt.date
    articles: int
    left_out: int
    previous: dt.date | None
    changes: tuple[ArticleChange, ...]
    reviews_opened: int
    superseded_on: dt.date | None = None


async def import_version(
    session: AsyncSession, order: ImportOrder, now: dt.datetime, today: dt.date, when_written: WhenWritten
) -> ImportReport:
    """Write the version that `order` describes, unless it is there already. Raises ImportRefused."""
    register = await storage.read_register(session)
    law = _find_law(register, order)
    facts = _facts(register, law, order)
    versions = await storage.list_versions(session, law.id) if law is not None and law.id else []
    same_day = next((version for version in versions if version.effective == facts.effective), None)
    previous = max((v for v in versions if v.effective < facts.effective), key=lambda v: v.effective, default=None)
    outcome = _outcome(same_day, order)
    opened = 0
    if outcome is not ImportOutcome.UNCHANGED:
        if law is None:
            regulation_id = await storage.upsert_regulation(session, facts)
        else:
            # Its entry in the register stays as it is: each version carries its own dates and label.
            assert law.id is not None
            regulation_id, law.status = law.id, RegulationStatus.IN_FORCE
        opened = await write_version(session, regulation_id, facts, order.text.articles, order.source, now, when_written)
    before = await storage.read_articles(session, previous.id) if previous is not None and previous.id else None
    return ImportReport(
        short_name=facts.short_name,
        name=facts.name,
        is_new_law=law is None,
        outcome=outcome,
        version_label=same_day.label if same_day and outcome is ImportOutcome.UNCHANGED else facts.version_label,
        promulgated=facts.promulgated,
        effective=facts.effective,
        articles=len(order.text.articles),
        left_out=order.text.left_out,
        previous=previous.effective if previous else None,
        changes=tuple(compare(before, order.text.articles)) if before is not None else (),
        reviews_opened=opened,
        superseded_on=law.effective if law is not None and facts.effective < law.effective <= today else None,
    )


def find_by_name(register: Sequence[Regulation], name: str) -> Regulation | None:
    """The regulation of that short name, full name or alias; 《》, spaces and a remark in brackets at the end do not matter."""
    wanted = "".join(name.split()).strip("《》")
    for candidate in (wanted, _REMARK.sub("", wanted)):
        for regulation in register:
            if candidate in (regulation.short_name, regulation.name, *regulation.aliases):
                return regulation
    return None


def _find_law(register: Sequence[Regulation], order: ImportOrder) -> Regulation | None:
    """The law that is meant; None for one to be added. Refuses a text that calls itself another law than it is to be."""
    title = order.text.title
    by_title = find_by_name(register, title) if title else None
    if order.name is None:
        if title is None:
            raise ImportRefused(ImportRefusal.TITLE_MISSING)
        if by_title is None:
            raise ImportRefused(ImportRefusal.LAW_UNKNOWN, title=title)
        law: Regulation | None = by_title
    else:
        law = find_by_name(register, order.name)
    if by_title is not None and (law is None or law.id != by_title.id):
        raise ImportRefused(ImportRefusal.OTHER_LAW, title=title, name=order.name)
    if law is not None and order.short_name not in (None, law.short_name):
        raise ImportRefused(ImportRefusal.HAS_SHORT_NAME, name=law.name, short_name=law.short_name)
    return law


def _facts(register: Sequence[Regulation], law: Regulation | None, order: ImportOrder) -> RegulationFacts:
    text = order.text
    effective = order.effective or text.effective
    if effective is None:
        raise ImportRefused(ImportRefusal.EFFECTIVE_MISSING)
    if text.promulgated is not None and effective < text.promulgated:
        raise ImportRefused(ImportRefusal.EFFECTIVE_TOO_EARLY, effective=effective, promulgated=text.promulgated)
    if law is not None:
        short_name, name = law.short_name, law.name
    else:
        name = "".join((order.name or "").split()).strip("《》")
        short_name = order.short_name or name.removeprefix(STATE_PREFIX)
        if not short_name or find_by_name(register, short_name) is not None:
            raise ImportRefused(ImportRefusal.SHORT_NAME_TAKEN, short_name=short_name)
    known = next((facts for facts in load_catalog() if (facts.short_name, facts.effective) == (short_name, effective)), None)
    label = order.version_label or text.version_label or (known and known.version_label)
    return RegulationFacts(
        short_name=short_name,
        name=name,
        aliases=(),
        issuer="",
        document_number=None,
        version_label=label or f"{(text.promulgated or effective).year}年文本",
        promulgated=text.promulgated or (known and known.promulgated),
        effective=effective,
        status=RegulationStatus.IN_FORCE,
        article_count=len(text.articles),
    )


def _outcome(same_day: RegulationVersion | None, order: ImportOrder) -> ImportOutcome:
    if same_day is None:
        return ImportOutcome.ADDED
    if same_day.text_hash == text_hash(order.text.articles):
        # Whoever imports the same text vouches for its dates; a version may also be given another name.
        keeps_label = same_day.label != UNVERIFIED_LABEL and order.version_label in (None, same_day.label)
        return ImportOutcome.UNCHANGED if keeps_label else ImportOutcome.REPLACED
    if not order.replace:
        raise ImportRefused(ImportRefusal.VERSION_EXISTS, effective=same_day.effective, label=same_day.label)
    return ImportOutcome.REPLACED
