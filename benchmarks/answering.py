"""What an answer costs, as ratios inside one run: `make bench`.

1. A full answer (update in, committed, reply out) by `yushi serve` against bare python-telegram-bot bots (an echo; a tap that is
   answered and edited), all as processes on the same loopback Bot API server.
2. A committed answer through the service against a bare INSERT + COMMIT through the same driver, on SQLite (synchronous=FULL)
   and on PostgreSQL (fsync on).
Absolute figures are printed too, but these depend on the machine; quote the ratios.
"""

import asyncio
import datetime as dt
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text

from exam.attempts.rules import StepAction, Tap
from exam.papers.rules import Blueprint, BlueprintPart
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import QuestionType
from question_bank.schema import upgrade
from question_bank.wiring import QuestionBank
from tests import factories
from tests.bot_api import BotApiServer, Person
from tests.postgres import running_postgres

PEOPLE = 16
PER_PERSON = 30
ROUNDS = 3
TOKEN = "123456:TEST-TOKEN"
HERE = Path(__file__).parent


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def paper() -> Blueprint:
    """Thirty questions that one tap answers each."""
    kinds = ((QuestionType.SINGLE_CHOICE, 12), (QuestionType.TRUE_FALSE, 3))
    laws = (factories.VACCINE_LAW, factories.DRUG_LAW)
    return Blueprint(tuple(BlueprintPart(law, kind, count) for law in laws for kind, count in kinds))


async def prepare(url: str) -> tuple[Database, Exam, QuestionBank, factories.School]:
    """A migrated database with the laws, the questions, one school, and an assessment that is due."""
    database = Database(url)
    await upgrade(database)
    bank = QuestionBank.build(database, utc_now)
    await bank.load_shipped()
    exam = Exam.build(database, bank, utc_now)
    await factories.add_regions(exam)
    school = await factories.add_school(exam, "测速学校", PEOPLE)
    plan = factories.plan(blueprint=paper(), time_limit=dt.timedelta(hours=2), max_resits=0)
    await exam.assessments.create(await factories.add_administrator(exam), plan)
    return database, exam, bank, school


@asynccontextmanager
async def process(*command: str, **environment: str) -> AsyncIterator[None]:
    """A child process for the length of a block."""
    child = await asyncio.create_subprocess_exec(*command, env={**os.environ, **environment}, stdout=asyncio.subprocess.DEVNULL)
    try:
        yield
    finally:
        child.send_signal(signal.SIGINT)
        await asyncio.wait_for(child.wait(), 20)


async def timed(people: list[Person], turn: Callable[[Person], Awaitable[None]]) -> float:
    """Milliseconds an update, everybody taking PER_PERSON turns one after the other, all people at once."""

    async def all_turns(person: Person) -> None:
        for _ in range(PER_PERSON):
            await turn(person)

    begin = time.perf_counter()
    await asyncio.gather(*(all_turns(person) for person in people))
    return (time.perf_counter() - begin) * 1000 / (PEOPLE * PER_PERSON)


async def echo_turn(person: Person) -> None:
    await person.say("你好")
    await person.next_message(30)


async def count_turn(person: Person) -> None:
    await person.tap("+", message=person.messages[-1])
    await person.next_message(30)


async def answer_turn(person: Person) -> None:
    button = next(b for row in person.messages[-1].buttons for b in row if (b.callback_data or "").startswith("t:"))
    await person.tap(callback_data=button.callback_data, message=person.messages[-1])
    await person.next_message(30)


async def measure_bots(folder: Path) -> dict[str, list[float]]:
    """Milliseconds an update of each bot, a list of ROUNDS measurements; the bots take turns."""
    figures: dict[str, list[float]] = {"echo": [], "tap": [], "answer": []}
    for round_number in range(ROUNDS):
        async with BotApiServer(TOKEN) as server:
            people = [server.person(1000 + n) for n in range(PEOPLE)]
            root = server.base_url.removesuffix("/bot")
            async with process(sys.executable, str(HERE / "echo_bot.py"), TOKEN, root):
                await asyncio.gather(*(echo_turn(person) for person in people))
                figures["echo"].append(await timed(people, echo_turn))
                figures["tap"].append(await timed(people, count_turn))
        async with BotApiServer(TOKEN) as server:
            people = [server.person(1000 + n) for n in range(PEOPLE)]
            data = folder / f"round{round_number}"
            data.mkdir()
            database, exam, _, school = await prepare(f"sqlite+aiosqlite:///{data / 'yushi.db'}")
            codes = [await exam.people.issue_join_code(person_id) for person_id in school.people]
            await database.close()
            yushi = str(Path(sys.executable).parent / "yushi")
            environment = {
                "YUSHI_DATA": str(data),
                "TELEGRAM_BOT_TOKEN": TOKEN,
                "YUSHI_TELEGRAM_BASE_URL": server.base_url.removesuffix("/bot"),
            }
            async with process(yushi, "serve", "--port", "0", **environment):
                await asyncio.gather(*(begin(person, code) for person, code in zip(people, codes, strict=True)))
                figures["answer"].append(await timed(people, answer_turn))
            if server.refused:
                raise RuntimeError(server.describe())
    return figures


async def begin(person: Person, code: str) -> None:
    """Join, wait for the notice, start."""
    await person.say(f"/start {code}")
    await person.wait_for(lambda p: any(b.text == "现在开始" for m in p.messages for row in m.buttons for b in row), 60)
    person.forget_unread()
    await person.tap("现在开始")
    await person.next_message(30)


async def measure_commits(url: str) -> tuple[list[float], list[float]]:
    """(bare, answers): commits a second, ROUNDS measurements each, one writer after the other."""
    database, exam, _, school = await prepare(url)
    await exam.rounds.open_due()
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE bare (id INTEGER PRIMARY KEY, answer TEXT)"))
    bare, answers, number = [], [], 0
    for person_id in school.people[:ROUNDS]:
        round_id = (await exam.sitting.list_invitations(person_id))[0].round_id
        attempt = await exam.sitting.start(person_id, round_id)
        begin_at = time.perf_counter()
        for _ in range(10 * PER_PERSON):
            number += 1
            async with database.engine.connect() as connection:
                await connection.execute(text("INSERT INTO bare VALUES (:id, 'A')"), {"id": number})
                await connection.commit()
        bare.append(10 * PER_PERSON / (time.perf_counter() - begin_at))
        begin_at = time.perf_counter()
        for turn in range(10):
            for slot in attempt.slots:
                index = slot.options[turn % 2].index
                _, attempt = await exam.attempts.record_tap(
                    person_id, attempt.id, slot.position, Tap(StepAction.CHOOSE, turn, index), utc_now()
                )
        answers.append(10 * PER_PERSON / (time.perf_counter() - begin_at))
    await database.close()
    return bare, answers


def report(name: str, ratio: float, target: str, detail: str) -> None:
    print(f"{name:<58} {ratio:6.2f}   target {target:<8} ({detail})")


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = {name: statistics.median(values) for name, values in (await measure_bots(Path(folder))).items()}
        detail = f"{figures['answer']:.2f} ms / {figures['echo']:.2f} ms"
        report("full answer / bare PTB echo, time", figures["answer"] / figures["echo"], "<= 2.5", detail)
        detail = f"{figures['answer']:.2f} ms / {figures['tap']:.2f} ms"
        report("full answer / bare PTB tap (answer + edit), time", figures["answer"] / figures["tap"], "-", detail)
        bare, answers = map(statistics.median, await measure_commits(f"sqlite+aiosqlite:///{folder}/commits.db"))
        detail = f"{answers:.0f} / {bare:.0f} a second"
        report("committed answers / bare INSERT + COMMIT, SQLite, rate", answers / bare, ">= 0.5", detail)
    with running_postgres(durable=True) as server:
        bare, answers = map(statistics.median, await measure_commits(f"{server}/postgres"))
        detail = f"{answers:.0f} / {bare:.0f} a second"
        report("committed answers / bare INSERT + COMMIT, PostgreSQL, rate", answers / bare, ">= 0.5", detail)


if __name__ == "__main__":
    asyncio.run(main())
