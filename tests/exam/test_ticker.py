"""The clock's hand: a real scheduler that calls, folds late runs into one, and does not let one job stop another."""

import asyncio
import datetime as dt

import structlog

from exam.ticker import Job, Ticker

SHORT = dt.timedelta(milliseconds=10)


async def run_until(event: asyncio.Event, jobs: dict[str, Job], every: dt.timedelta = SHORT) -> None:
    ticker = Ticker(jobs, every=every)
    ticker.start()
    try:
        async with asyncio.timeout(10):
            await event.wait()
    finally:
        await ticker.stop()


async def test_every_job_runs_at_once_and_again() -> None:
    counts, done = {"clock": 0, "outbox": 0}, asyncio.Event()

    def job(name: str) -> Job:
        async def run() -> None:
            counts[name] += 1
            if min(counts.values()) >= 3:
                done.set()

        return run

    await run_until(done, {name: job(name) for name in counts})
    assert min(counts.values()) >= 3


async def test_a_job_is_first_run_without_waiting_for_its_interval() -> None:
    done = asyncio.Event()

    async def run() -> None:
        done.set()

    await run_until(done, {"clock": run}, every=dt.timedelta(hours=1))
    assert done.is_set()


async def test_a_failing_job_is_logged_and_stops_neither_itself_nor_the_others() -> None:
    failures, goes_on = 0, asyncio.Event()

    async def fail() -> None:
        nonlocal failures
        failures += 1
        raise ConnectionError("x" * 1000)

    async def run() -> None:
        if failures >= 3:
            goes_on.set()

    with structlog.testing.capture_logs() as logs:
        await run_until(goes_on, {"failing": fail, "running": run})
    assert {(entry["event"], entry["job"], entry["error"]) for entry in logs} == {("tick_failed", "failing", "ConnectionError")}
    assert all(len(entry["reason"]) == 200 for entry in logs)
    assert failures >= 3


async def test_a_slow_job_never_runs_twice_at_a_time_and_holds_up_nobody() -> None:
    running, most, others, done = 0, 0, 0, asyncio.Event()

    async def slow() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await done.wait()
        running -= 1

    async def quick() -> None:
        nonlocal others
        others += 1
        if others >= 5:
            done.set()

    await run_until(done, {"slow": slow, "quick": quick})
    assert (most, others >= 5) == (1, True)


async def test_stopping_lets_the_run_under_way_finish_and_starts_no_other() -> None:
    begun, finish, finished = asyncio.Event(), asyncio.Event(), 0

    async def run() -> None:
        nonlocal finished
        begun.set()
        await finish.wait()
        finished += 1

    ticker = Ticker({"clock": run}, every=SHORT)
    ticker.start()
    async with asyncio.timeout(10):
        await begun.wait()
        stopping = asyncio.create_task(ticker.stop())
        finish.set()
        await stopping
    assert finished == 1
    await ticker.stop()


async def test_a_ticker_that_never_started_can_be_stopped() -> None:
    await Ticker({}).stop()
