"""SQL of the regulations subject. Every function works inside the session, and so the transaction, it is given."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from question_bank.regulations.rules import ArticleNumber, ArticleText, RegulationFacts, text_hash
from question_bank.regulations.tables import Article, Regulation, RegulationVersion


async def upsert_regulation(session: AsyncSession, facts: RegulationFacts) -> int:
    """Write the register's entry; returns the regulation's id. Rows already equal are left as they are."""
    row = (await session.execute(select(Regulation).where(Regulation.short_name == facts.short_name))).scalar_one_or_none()
    row = row or Regulation(short_name=facts.short_name)
    for name in ("name", "issuer", "document_number", "promulgated", "effective", "status", "article_count"):
        if getattr(row, name, None) != getattr(facts, name):
            setattr(row, name, getattr(facts, name))
    if row.aliases != list(facts.aliases):
        row.aliases = list(facts.aliases)
    session.add(row)
    await session.flush()
    assert row.id is not None
    return row.id


async def find_version(session: AsyncSession, regulation_id: int, effective: dt.date) -> RegulationVersion | None:
    query = select(RegulationVersion).where(
        RegulationVersion.regulation_id == regulation_id, RegulationVersion.effective == effective
    )
    return (await session.execute(query)).scalar_one_or_none()


async def write_version(
    session: AsyncSession, regulation_id: int, facts: RegulationFacts, articles: list[ArticleText], source: str, now: dt.datetime
) -> None:
    """Write one version with its articles; the same effective date again replaces the text (a corrected source)."""
    version = await find_version(session, regulation_id, facts.effective)
    if version is None:
        version = RegulationVersion(regulation_id=regulation_id, effective=facts.effective)
    else:
        await session.execute(delete(Article).where(Article.version_id == version.id))
    version.label, version.promulgated = facts.version_label, facts.promulgated
    version.text_hash, version.source, version.loaded_at = text_hash(articles), source, now
    session.add(version)
    await session.flush()
    await session.execute(insert(Article), [_article_row(version.id, a, facts.outdated_articles) for a in articles])


def _article_row(version_id: int | None, article: ArticleText, outdated: frozenset[ArticleNumber]) -> dict[str, Any]:
    return {
        "version_id": version_id,
        "number": article.number.number,
        "suffix": article.number.suffix,
        "label": article.number.label,
        "chapter": article.chapter,
        "section": article.section,
        "paragraphs": list(article.paragraphs),
        "is_outdated": article.number in outdated,
    }


def _in_force(on: dt.date) -> Select[tuple[Any, ...]]:
    """Versions in force on a day: of each regulation the one with the latest effective date not after it."""
    later = aliased(RegulationVersion)
    superseded = select(later.id).where(
        later.regulation_id == RegulationVersion.regulation_id,
        later.effective <= on,
        later.effective > RegulationVersion.effective,
    )
    return (
        select(Regulation, RegulationVersion, Article)
        .select_from(Regulation)
        .join(RegulationVersion, RegulationVersion.regulation_id == Regulation.id)
        .join(Article, Article.version_id == RegulationVersion.id)
        .where(RegulationVersion.effective <= on, ~superseded.exists())
    )


async def list_articles(session: AsyncSession, on: dt.date) -> Sequence[Row[Any]]:
    """Rows (Regulation, RegulationVersion, Article) of all articles in force on a day, in the order of the statutes."""
    query = _in_force(on).order_by(Regulation.id, Article.number, Article.suffix)
    return (await session.execute(query)).all()


async def find_article(session: AsyncSession, short_name: str, number: ArticleNumber, on: dt.date) -> Row[Any] | None:
    query = _in_force(on).where(
        Regulation.short_name == short_name, Article.number == number.number, Article.suffix == number.suffix
    )
    return (await session.execute(query)).one_or_none()


async def list_regulations(session: AsyncSession, on: dt.date) -> Sequence[Row[Any]]:
    """Rows (Regulation, RegulationVersion in force on a day or None, number of its articles) in the register's order."""
    latest = (
        select(RegulationVersion.regulation_id, func.max(RegulationVersion.effective).label("effective"))
        .where(RegulationVersion.effective <= on)
        .group_by(RegulationVersion.regulation_id)
        .subquery()
    )
    is_latest = and_(RegulationVersion.regulation_id == latest.c.regulation_id, RegulationVersion.effective == latest.c.effective)
    query = (
        select(Regulation, RegulationVersion, func.count(Article.id))
        .select_from(Regulation)
        .outerjoin(latest, latest.c.regulation_id == Regulation.id)
        .outerjoin(RegulationVersion, is_latest)
        .outerjoin(Article, Article.version_id == RegulationVersion.id)
        .group_by(Regulation.id, RegulationVersion.id)
        .order_by(Regulation.id)
    )
    return (await session.execute(query)).all()


async def loaded_sources(session: AsyncSession) -> set[tuple[str, dt.date, str]]:
    """(short name, effective date, source) of every loaded version, in force or not."""
    query = select(Regulation.short_name, RegulationVersion.effective, RegulationVersion.source).join(
        RegulationVersion, RegulationVersion.regulation_id == Regulation.id
    )
    return {(name, effective, source) for name, effective, source in await session.execute(query)}


async def text_signature(session: AsyncSession) -> tuple[object, ...]:
    """Changes whenever a version is loaded or replaced: what a search index over the articles must follow."""
    query = select(RegulationVersion.id, RegulationVersion.text_hash, RegulationVersion.loaded_at).order_by(RegulationVersion.id)
    return tuple(tuple(row) for row in await session.execute(query))
