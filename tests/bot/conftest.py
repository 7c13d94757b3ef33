"""Fixtures for conversations: the dialogue over real services, and people who talk to it."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.dialogue.dialogue import Dialogue
from bot.dialogue.pages import DialogueServices
from exam.people.rules import Channel
from exam.wiring import Exam
from question_bank.questions.rules import StoredQuestion
from question_bank.wiring import QuestionBank
from tests import factories
from tests.bot.talk import Talker
from tests.factories import School
from tests.fakes import FakeClock

NewTalker = Callable[..., Talker]


def build_dialogue(exam: Exam, bank: QuestionBank, clock: FakeClock) -> Dialogue:
    return Dialogue(
        DialogueServices(
            people=exam.people,
            sitting=exam.sitting,
            attempts=exam.attempts,
            practice=exam.practice,
            regulations=bank.regulations,
            search=bank.search,
            asking=bank.asking,
            clock=clock,
        )
    )


@pytest.fixture
def dialogue(exam: Exam, bank: QuestionBank, clock: FakeClock) -> Dialogue:
    return build_dialogue(exam, bank, clock)


@pytest.fixture
def stranger(dialogue: Dialogue, clock: FakeClock) -> NewTalker:
    """Makes people who have not joined: stranger(), stranger(Channel.WEBCHAT, "token")."""

    def make(channel: Channel = Channel.TELEGRAM, external_id: str = "1") -> Talker:
        return Talker(dialogue, clock, channel, external_id)

    return make


@pytest.fixture
async def school(exam: Exam) -> School:
    """一小, with three food safety officers."""
    await factories.add_regions(exam)
    return await factories.add_school(exam, "一小", 3)


@pytest.fixture
async def member(exam: Exam, school: School, stranger: NewTalker) -> Callable[..., Any]:
    """Makes people of the school who have joined: await member(), await member(1)."""

    async def make(number: int = 0, channel: Channel = Channel.TELEGRAM) -> Talker:
        talker = stranger(channel, str(number + 1))
        await talker.command("start", await exam.people.issue_join_code(school.people[number]))
        assert talker.text.startswith("加入成功")
        talker.screen.clear()
        talker.seen.clear()
        return talker

    return make


@pytest.fixture
async def questions(bank: QuestionBank) -> list[StoredQuestion]:
    """Every question of the bank, to know the keys that a candidate must find out."""
    return list(await bank.questions.list_questions())
