"""What tests of races need: to stop one process in the middle of its transaction, and to know that another waits for it."""

import asyncio
from typing import Any

from sqlalchemy import text

from exam.notices.service import Notices
from question_bank.database import Database

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class GatedNotices(Notices):
    """Stops inside the transaction that writes a notice until it is let go."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.reached, self.let_go = asyncio.Event(), asyncio.Event()

    async def write(self, *args: Any, **more: Any) -> None:
        self.reached.set()
        await self.let_go.wait()
        await super().write(*args, **more)


async def until_somebody_waits(database: Database) -> None:
    """Until a transaction waits for another's lock. On SQLite nothing to wait for: the second cannot even begin."""
    async with asyncio.timeout(10):
        waiting = 1 if database.is_sqlite else 0
        while not waiting:
            async with database.reading() as session:
                waiting = (await session.execute(text(_WAITING))).scalar_one()
