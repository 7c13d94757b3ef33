"""Somebody with a notice waiting."""

import pytest

from exam.wiring import Exam
from question_bank.database import Database
from tests.exam.notices.outbox import TELEGRAM, add_person, write


@pytest.fixture
async def person(exam: Exam, database: Database) -> int:
    """Somebody on Telegram, with one notice waiting."""
    person = await add_person(exam, (TELEGRAM, "7"))
    await write(exam, database, [person])
    return person
