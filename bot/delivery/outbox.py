"""Delivers notices from the outbox: leased in small batches, paced below the platform's limit, settled one by one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.delivery.senders import DeliveryFailed, Sender
from bot.dialogue.events import Reply
from exam.assessments.sitting import StartRefused
from exam.attempts.service import AttemptNotFound
from exam.notices.service import DueNotice, Notices

log = structlog.get_logger()

BATCH = 25
"""Notices of one turn; with a turn a second this stays below 30 messages a second and leaves room for replies."""


class Outbox:
    def __init__(self, notices: Notices, word_notice: Callable[[DueNotice], Awaitable[Reply]]) -> None:
        self._notices = notices
        self._word_notice = word_notice

    async def deliver(self, senders: Sequence[Sender], *, limit: int = BATCH) -> int:
        """One turn over all senders; returns how many notices went out. Call it about once a second."""
        sent = 0
        for sender in senders:
            due = await self._notices.claim(sender.channel, sender.reachable(), limit)
            outcomes = await asyncio.gather(*(self._deliver_one(sender, notice) for notice in due), return_exceptions=True)
            for notice, outcome in zip(due, outcomes, strict=True):
                if isinstance(outcome, BaseException):  # stays leased: it is due again when the lease is over
                    log.error("notice_not_settled", notice=notice.id, channel=sender.channel, error=type(outcome).__name__)
            sent += outcomes.count(True)
        return sent

    async def _deliver_one(self, sender: Sender, notice: DueNotice) -> bool:
        try:
            reply = await self._word_notice(notice)
            await sender.send(notice.external_id, reply)
        except DeliveryFailed as failed:
            log.warning("notice_not_sent", notice=notice.id, channel=sender.channel, reason=failed.reason, final=failed.final)
            await self._notices.mark_failed(notice, failed.reason, final=failed.final, wait=failed.wait)
            return False
        except Exception as error:  # not connected any more, or not to be worded while the database is busy: later again
            is_about_nothing = isinstance(error, (StartRefused, AttemptNotFound))
            reason = type(error).__name__.lower()
            log.warning("notice_not_sent", notice=notice.id, channel=sender.channel, reason=reason, final=is_about_nothing)
            await self._notices.mark_failed(notice, reason, final=is_about_nothing)
            return False
        await self._notices.mark_sent(notice, sender.channel)
        return True
