"""SQL of the regulations subject. Every function works inside the session, and so the transaction, it is given."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from question_bank.regulations.rules import ArticleNumber, ArticleText, RegulationFacts, RegulationStatus, text_hash
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


async def add_regulation(session: AsyncSession, facts: RegulationFacts) -> Regulation:
    """Write a new entry of the register."""
    await upsert_regulation(session, facts)
    return (await session.execute(select(Regulation).where(Regulation.short_name == facts.short_name))).scalar_one()


async def find_version(session: AsyncSession, regulation_id: int, effective: dt.date) -> RegulationVersion | None:
    query = select(RegulationVersion).where(
        RegulationVersion.regulation_id == regulation_id, RegulationVersion.effective == effective
    )
    return (await session.execute(query)).scalar_one_or_none()


async def write_version(
    session: AsyncSession,
    regulation_id: int,
    facts: RegulationFacts,
    articles: Sequence[ArticleText],
    source: str,
    now: dt.datetime,
) -> RegulationVersion:
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
    return version


def _article_row(version_id: int | None, article: ArticleText, outdated: frozenset[ArticleNumber]) -> dict[str, Any]:
    return {
        "version_id": version_id,
        "number": article.number.number,
        "suffix": article.number.suffix,
        "label": article.label,
        "chapter": article.chapter,
        "section": article.section,
        "paragraphs": list(article.paragraphs),
        "is_outdated": article.number in outdated,
    }


def _in_force(on: dt.date) -> Select[tuple[Any, ...]]:
    """Articles of the versions in force on a day: of each regulation the one with the latest effective date not after it.

    Where the register knows of a later text in force by then which nobody has loaded, the older one is not in force.
    Columns and not entities, which would cost most of the time when there are thousands.
    """
    later = aliased(RegulationVersion)
    superseded = select(later.id).where(
        later.regulation_id == RegulationVersion.regulation_id,
        later.effective <= on,
        later.effective > RegulationVersion.effective,
    )
    article = [Article.number, Article.suffix, Article.label, Article.chapter, Article.section, Article.paragraphs]
    version = [RegulationVersion.label.label("version_label"), RegulationVersion.effective]
    return (
        select(
            *(Regulation.id.label("regulation_id"), Regulation.short_name, Regulation.name, Regulation.status),
            *(*version, *article, Article.is_outdated),
        )
        .select_from(Regulation)
        .join(RegulationVersion, RegulationVersion.regulation_id == Regulation.id)
        .join(Article, Article.version_id == RegulationVersion.id)
        .where(RegulationVersion.effective <= on, ~superseded.exists(), _is_latest_known(on))
    )


def _is_latest_known(on: dt.date) -> ColumnElement[bool]:
    """That the register's own entry for a version's regulation is not of a later text in force on a day."""
    return or_(Regulation.effective <= RegulationVersion.effective, Regulation.effective > on)


async def list_articles_of(session: AsyncSession, regulation_id: int, on: dt.date) -> Sequence[Row[Any]]:
    """The articles of one regulation as in force on a day, in their order."""
    query = _in_force(on).where(Regulation.id == regulation_id)
    return (await session.execute(query.order_by(Article.number, Article.suffix))).all()


async def list_numbers(session: AsyncSession, regulation_id: int, on: dt.date) -> list[ArticleNumber]:
    """Which articles one regulation has on a day, in their order."""
    query = _in_force(on).where(Regulation.id == regulation_id).with_only_columns(Article.number, Article.suffix)
    return [ArticleNumber(n, suffix) for n, suffix in await session.execute(query.order_by(Article.number, Article.suffix))]


async def list_articles(session: AsyncSession, on: dt.date) -> Sequence[Row[Any]]:
    """All articles in force on a day, in the order of the statutes; those of a law that is no longer in force are not."""
    query = _in_force(on).where(Regulation.status != RegulationStatus.SUPERSEDED)
    return (await session.execute(query.order_by(Regulation.id, Article.number, Article.suffix))).all()


async def find_article(session: AsyncSession, short_name: str, number: ArticleNumber, on: dt.date) -> Row[Any] | None:
    query = _in_force(on).where(
        Regulation.short_name == short_name, Article.number == number.number, Article.suffix == number.suffix
    )
    return (await session.execute(query)).one_or_none()


async def next_versions(session: AsyncSession, on: dt.date, regulation_id: int | None = None) -> dict[int, RegulationVersion]:
    """By regulation its next version after a day; of one regulation if named. Mostly none."""
    query = select(RegulationVersion).where(RegulationVersion.effective > on).order_by(RegulationVersion.effective.desc())
    if regulation_id is not None:
        query = query.where(RegulationVersion.regulation_id == regulation_id)
    return {version.regulation_id: version for version in await session.scalars(query)}


async def read_paragraphs(
    session: AsyncSession, version_ids: Collection[int], number: ArticleNumber | None = None
) -> dict[tuple[int, ArticleNumber], tuple[str, ...]]:
    """The text of the articles of these versions by version and number; of one article if named."""
    if not version_ids:
        return {}
    query = select(Article.version_id, Article.number, Article.suffix, Article.paragraphs).where(
        Article.version_id.in_(version_ids)
    )
    if number is not None:
        query = query.where(Article.number == number.number, Article.suffix == number.suffix)
    rows = await session.execute(query)
    return {(version, ArticleNumber(n, suffix)): tuple(paragraphs) for version, n, suffix, paragraphs in rows}


async def read_articles(session: AsyncSession, version_id: int) -> list[ArticleText]:
    """One version's articles in their order."""
    query = select(Article).where(Article.version_id == version_id).order_by(Article.number, Article.suffix)
    return [_article_text(article) for article in await session.scalars(query)]


def _article_text(article: Article) -> ArticleText:
    number = ArticleNumber(article.number, article.suffix)
    given_label = article.label if article.label != number.label else None
    return ArticleText(number, article.chapter, article.section, tuple(article.paragraphs), given_label)


async def list_versions(session: AsyncSession, regulation_id: int) -> Sequence[RegulationVersion]:
    """The loaded versions of a regulation, from old to new."""
    query = select(RegulationVersion).where(RegulationVersion.regulation_id == regulation_id)
    return (await session.scalars(query.order_by(RegulationVersion.effective))).all()


async def read_register(session: AsyncSession) -> Sequence[Regulation]:
    return (await session.scalars(select(Regulation).order_by(Regulation.id))).all()


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
        .outerjoin(RegulationVersion, and_(is_latest, RegulationVersion.regulation_id == Regulation.id, _is_latest_known(on)))
        .outerjoin(Article, Article.version_id == RegulationVersion.id)
        .group_by(Regulation.id, RegulationVersion.id)
        .order_by(Regulation.id)
    )
    return (await session.execute(query)).all()


async def loaded_sources(session: AsyncSession) -> dict[tuple[str, dt.date], str]:
    """The source of every loaded version, in force or not, by the regulation's short name and the effective date."""
    query = select(Regulation.short_name, RegulationVersion.effective, RegulationVersion.source).join(
        RegulationVersion, RegulationVersion.regulation_id == Regulation.id
    )
    return {(name, effective): source for name, effective, source in await session.execute(query)}
