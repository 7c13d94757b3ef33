"""Use cases of the outbox: write notices once, lease them to the process that sends, settle the outcome."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from exam.notices import storage
from exam.notices.rules import MAX_TRIES, NoticeKind, NoticeState, retry_after
from exam.people.rules import Channel
from question_bank.database import AsyncSession, Clock, Database


@dataclass(frozen=True)
class DueNotice:
    """A notice leased to the caller, who must settle it."""

    id: int
    person_id: int
    external_id: str
    kind: NoticeKind
    subject_id: int
    tries: int


class Notices:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def write(
        self,
        session: AsyncSession,
        kind: NoticeKind,
        subject_id: int,
        person_ids: Iterable[int],
        *,
        not_after: dt.datetime | None = None,
    ) -> None:
        """Inside the transaction that gives rise to it: tell these people, once each."""
        rows = [
            {
                "unique_key": f"{kind}:{subject_id}:{person_id}",
                "person_id": person_id,
                "kind": kind,
                "subject_id": subject_id,
                "state": NoticeState.PENDING,
                "not_before": self._clock(),
                "not_after": not_after,
                "tries": 0,
            }
            for person_id in person_ids
        ]
        if rows:
            await storage.insert_once(session, rows)

    async def claim(self, channel: Channel, reachable: Collection[str] | None, limit: int) -> list[DueNotice]:
        """Lease up to `limit` due notices for people reachable by the channel; oldest first."""
        if reachable is not None and not reachable:
            return []
        now = self._clock()
        async with self._database.transaction() as session:
            rows = await storage.claim_due(session, channel, reachable, now, limit)
            return [DueNotice(n.id, n.person_id, external_id, n.kind, n.subject_id, n.tries) for n, external_id in rows]

    async def mark_sent(self, notice: DueNotice, channel: Channel) -> None:
        async with self._database.transaction() as session:
            await storage.settle(session, notice.id, None, state=NoticeState.SENT, sent_by=channel, sent_at=self._clock())

    async def mark_failed(self, notice: DueNotice, reason: str, *, final: bool = False, wait: dt.timedelta | None = None) -> None:
        """Put a try down as failed: it is repeated after a while, unless `final` or tried too often.

        Changes nothing once the lease has run out and another process has taken the notice over.
        """
        async with self._database.transaction() as session:
            if final or notice.tries >= MAX_TRIES:
                await storage.settle(session, notice.id, notice.tries, state=NoticeState.FAILED, failure=reason)
            else:
                again = self._clock() + (wait or retry_after(notice.tries))
                await storage.settle(session, notice.id, notice.tries, not_before=again, failure=reason)

    async def expire(self) -> None:
        """Give up notices that are past their use."""
        async with self._database.transaction() as session:
            await storage.expire(session, self._clock())
