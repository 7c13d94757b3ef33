"""APScheduler as the clock's hand in every process: it only calls; what is due is decided and claimed in the database."""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Mapping
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger()
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns whenever a job is still at it when its next tick comes

Job = Callable[[], Awaitable[object]]
ONE_SECOND = dt.timedelta(seconds=1)


class Ticker:
    """Runs each job again and again, one run of a job at a time, late runs folded into one.

    A job that fails is logged and runs again at the next tick.
    """

    def __init__(self, jobs: Mapping[str, Job], *, every: dt.timedelta = ONE_SECOND) -> None:
        self._scheduler = AsyncIOScheduler(timezone=ZoneInfo("Asia/Shanghai"))
        self._running: set[asyncio.Task[object]] = set()
        for name, job in jobs.items():
            self._scheduler.add_job(
                self._run,
                "interval",
                args=[name, job],
                seconds=every.total_seconds(),
                id=name,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
                next_run_time=dt.datetime.now(dt.UTC),
            )

    def start(self) -> None:
        """Begin ticking; call it inside a running event loop."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Start no more runs, let those under way finish, then return."""
        if not self._scheduler.running:
            return
        self._scheduler.pause()
        await asyncio.sleep(0)  # lets a run that was just handed out begin, so that it is waited for
        while self._running:
            await asyncio.wait(set(self._running))
            await asyncio.sleep(0)  # lets APScheduler take note of the end
        self._scheduler.shutdown(wait=False)

    async def _run(self, name: str, job: Job) -> None:
        task = asyncio.ensure_future(job())
        self._running.add(task)
        try:
            await task
        except Exception as error:
            log.error("tick_failed", job=name, error=type(error).__name__, reason=str(error)[:200])
        finally:
            self._running.discard(task)
