"""SQL of the outbox. Every function works inside the session it is given."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from exam.notices.rules import LEASE, NoticeState
from exam.notices.tables import Notice
from exam.people.rules import Channel
from exam.people.tables import Binding


async def insert_once(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """Write notices; those whose unique key exists already are left as they are."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    for start in range(0, len(rows), 500):
        await session.execute(
            insert(Notice).values(rows[start : start + 500]).on_conflict_do_nothing(index_elements=["unique_key"])
        )


async def claim_due(
    session: AsyncSession, channel: Channel, reachable: Collection[str] | None, now: dt.datetime, limit: int
) -> Sequence[Row[Any]]:
    """Lease due notices of people who can be reached by this channel; rows (Notice, external id), oldest first.

    `reachable` narrows to these external ids (web chats that are open now); None means every bound account.
    """
    query = (
        select(Notice, Binding.external_id)
        .join(Binding, Binding.person_id == Notice.person_id)
        .where(
            Notice.state == NoticeState.PENDING,
            Notice.not_before <= now,
            or_(Notice.leased_until.is_(None), Notice.leased_until <= now),
            Binding.channel == channel,
        )
        .order_by(Notice.not_before, Notice.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Notice)
    )
    if reachable is not None:
        query = query.where(Binding.external_id.in_(reachable))
    seen: set[int | None] = set()
    claimed = []
    for row in (await session.execute(query)).all():
        notice = row[0]
        if notice.id not in seen:  # a person with two accounts on one channel is told once
            seen.add(notice.id)
            notice.leased_until = now + LEASE
            notice.tries += 1
            claimed.append(row)
    await session.flush()
    return claimed


async def settle(session: AsyncSession, notice_id: int, tries: int | None, **values: Any) -> None:
    """Write the end of a try, unless the notice was settled meanwhile or, with `tries`, that try is no longer the latest."""
    query = update(Notice).where(Notice.id == notice_id, Notice.state == NoticeState.PENDING)
    if tries is not None:
        query = query.where(Notice.tries == tries)
    await session.execute(query.values(leased_until=None, **values))


async def expire(session: AsyncSession, now: dt.datetime) -> None:
    """Give up notices that would come too late to be of use."""
    await session.execute(
        update(Notice)
        .where(Notice.state == NoticeState.PENDING, Notice.not_after < now)
        .values(state=NoticeState.FAILED, failure="expired", leased_until=None)
    )
