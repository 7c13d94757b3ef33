"""SQL of the companions subject. Every function works inside the session it is given."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from question_bank.companions.rules import CompanionKind, Origin
from question_bank.companions.tables import Companion
from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.tables import Regulation
from question_bank.reviews.tables import Review


@dataclass(frozen=True)
class StoredCompanion:
    companion_id: int
    law: str
    article: ArticleNumber
    kind: CompanionKind
    text: str
    origin: Origin


Key = tuple[int, int, int, CompanionKind, str]
"""(regulation id, article number, suffix, kind, text): what makes a row one and the same."""


async def list_shipped(session: AsyncSession) -> dict[Key, int]:
    """Ids of the rows that came with the product, by what they say."""
    query = select(Companion).where(Companion.origin == Origin.SHIPPED)
    return {_key(row): row.id or 0 for row in (await session.scalars(query)).all()}


def _key(row: Companion) -> Key:
    return row.regulation_id, row.article_number, row.article_suffix, row.kind, row.text


async def insert_many(session: AsyncSession, keys: Sequence[Key], origin: Origin, author: str, now: dt.datetime) -> None:
    names = ("regulation_id", "article_number", "article_suffix", "kind", "text")
    rows = [dict(zip(names, key, strict=True)) | {"origin": origin, "author": author, "created_at": now} for key in keys]
    if rows:
        await session.execute(insert(Companion), rows)


async def delete_many(session: AsyncSession, ids: Sequence[int]) -> None:
    """Remove rows, and with them the reviews that were open on them: what replaces a digest was written for the newer text."""
    await session.execute(delete(Review).where(Review.companion_id.in_(ids)))
    await session.execute(delete(Companion).where(Companion.id.in_(ids)))


async def exists(session: AsyncSession, key: Key) -> bool:
    query = select(Companion.id).where(
        Companion.regulation_id == key[0],
        Companion.article_number == key[1],
        Companion.article_suffix == key[2],
        Companion.kind == key[3],
        Companion.text == key[4],
    )
    return (await session.scalars(query)).first() is not None


async def list_all(session: AsyncSession) -> list[StoredCompanion]:
    """Every companion, in the order of laws, articles and writing."""
    query = (
        select(Companion, Regulation.short_name)
        .join(Regulation, Regulation.id == Companion.regulation_id)
        .order_by(Companion.regulation_id, Companion.article_number, Companion.article_suffix, Companion.id)
    )
    return [
        StoredCompanion(row.id or 0, law, ArticleNumber(row.article_number, row.article_suffix), row.kind, row.text, row.origin)
        for row, law in await session.execute(query)
    ]


async def find_digest(session: AsyncSession, regulation_id: int, number: ArticleNumber) -> Companion | None:
    query = select(Companion).where(
        Companion.regulation_id == regulation_id,
        Companion.article_number == number.number,
        Companion.article_suffix == number.suffix,
        Companion.kind == CompanionKind.DIGEST,
    )
    return (await session.scalars(query.order_by(Companion.id.desc()).limit(1))).first()
