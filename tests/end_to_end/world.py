"""What is in the database before the service starts: two schools, who oversees them, and codes to join with."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from sqlmodel import SQLModel, select

from exam.attempts.tables import Attempt, Slot, Step
from exam.people.accounts import Accounts
from exam.people.regions import CITY
from exam.people.rules import Grant, Role
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.wiring import QuestionBank
from tests import factories
from tests.end_to_end.candidates import Candidate, NotedStep

SCHOOL_A, SCHOOL_B = "示例甲小学食堂", "示例乙小学食堂"
DISTRICT_A, DISTRICT_B, DISTRICT_ELSEWHERE = "410105", "410103", "410102"
PASSWORD = "correct horse battery"
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Paper:
    """An attempt as it is in the database: what must never change once it has begun, what was answered, what came of it."""

    frozen: tuple[Any, ...]
    answers: tuple[tuple[int, ...], ...]
    steps: tuple[NotedStep, ...]
    result: tuple[float | None, bool | None]


class World:
    """The database behind the running service, read by the test with connections of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.bank = QuestionBank.build(database, utc_now)
        self.exam = Exam.build(database, self.bank, utc_now)
        self.school_a: list[Candidate] = []
        self.school_b: list[Candidate] = []

    async def fill(self) -> None:
        """Two schools of three, an administrator, and regulators of the city and of a third district."""
        await factories.add_regions(self.exam)
        self.school_a = await self._add_school(SCHOOL_A, DISTRICT_A)
        self.school_b = await self._add_school(SCHOOL_B, DISTRICT_B)
        accounts = Accounts(self.database, self.exam.people, utc_now, _CHEAP)
        for login, grant in (
            ("administrator", Grant(Role.ADMINISTRATOR)),
            ("city", Grant(Role.REGULATOR, region_code=CITY)),
            ("elsewhere", Grant(Role.REGULATOR, region_code=DISTRICT_ELSEWHERE)),
        ):
            await accounts.create(await self.exam.people.add_person(f"示例{login}", [grant]), login, PASSWORD)

    async def _add_school(self, name: str, region_code: str) -> list[Candidate]:
        school = await factories.add_school(self.exam, name, 3, region_code)
        codes = [await self.exam.people.issue_join_code(person_id) for person_id in school.people]
        return [Candidate(f"{name}{n}号", *pair) for n, pair in enumerate(zip(school.people, codes, strict=True), start=1)]

    async def rows(self, table: type[SQLModel]) -> Sequence[Any]:
        """All rows of a table."""
        async with self.database.reading() as session:
            return (await session.scalars(select(table))).all()

    async def papers(self, person_id: int) -> list[Paper]:
        """A person's attempts at assessments, in their order."""
        attempts = [a for a in await self.rows(Attempt) if a.person_id == person_id and a.candidate_id is not None]
        slots, steps = await self.rows(Slot), await self.rows(Step)
        return [_paper(a, [s for s in slots if s.attempt_id == a.id], steps) for a in sorted(attempts, key=lambda a: a.ordinal)]


def _paper(attempt: Attempt, slots: Sequence[Slot], steps: Sequence[Step]) -> Paper:
    ordered = sorted(slots, key=lambda slot: slot.position)
    positions = {slot.id: slot.position for slot in slots}
    own = [step for step in sorted(steps, key=lambda step: step.id or 0) if step.slot_id in positions]
    questions = tuple((slot.position, slot.question_version_id, tuple(slot.option_order)) for slot in ordered)
    return Paper(
        frozen=(attempt.id, attempt.ordinal, attempt.started_at, attempt.deadline, questions),
        answers=tuple(tuple(slot.response) for slot in ordered),
        steps=tuple((positions[step.slot_id], step.action, step.option) for step in own),
        result=(attempt.score, attempt.passed),
    )


@asynccontextmanager
async def filled_world(database_url: str) -> AsyncIterator[World]:
    database = Database(database_url)
    try:
        world = World(database)
        await world.fill()
        yield world
    finally:
        await database.close()


async def dump(database_url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, to be compared."""
    database = Database(database_url)
    try:
        async with database.reading() as session:
            tables = SQLModel.metadata.sorted_tables
            return {t.name: sorted((tuple(row) for row in await session.execute(t.select())), key=repr) for t in tables}
    finally:
        await database.close()
