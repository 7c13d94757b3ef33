"""Votes on answers: the last one counts, and a word that goes with it is not taken for a question."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot import messages, messages_law
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.search.rules import TodoState, Vote
from question_bank.search.tables import GivenAnswer, UnansweredQuestion
from tests import factories
from tests.bot.talk import Talker
from tests.fakes import FakeClock


async def given(database: Database) -> list[tuple[Vote | None, str | None]]:
    async with database.reading() as session:
        rows = await session.execute(select(GivenAnswer.vote, GivenAnswer.word).order_by(GivenAnswer.id))
        return [(vote, word) for vote, word in rows]


@pytest.fixture
async def asked(member: Callable[..., Any]) -> Talker:
    """Somebody in front of an answer."""
    talker = await member()
    await talker.say("疫苗冷链断了怎么办")
    return talker


async def test_the_last_vote_counts_and_the_answer_stays_as_it_is(asked: Talker, database: Database) -> None:
    before = asked.last
    assert await given(database) == [(None, None)]
    for _ in range(2):
        await asked.forge("v:up:1", on=asked.last)
        assert asked.toast == messages_law.VOTE_TAKEN
        assert asked.labels[-2:] == ["已评价：有用", "改为：没用"]
        assert await given(database) == [(Vote.UP, None)]
    assert len(asked.screen) == 1
    assert (asked.text, asked.labels[:-2]) == (before.text, before.labels[:-2])
    answered = asked.last
    assert await asked.tap("改为：没用") == messages_law.WHAT_WAS_WRONG
    assert answered not in asked.screen and asked.screen[0].labels[-2:] == ["改为：有用", "已评价：没用"]
    assert await given(database) == [(Vote.DOWN, None)]
    await asked.tap("改为：有用", on=asked.screen[0])
    assert await given(database) == [(Vote.UP, None)]


@pytest.mark.parametrize("reason", messages_law.REASONS)
async def test_a_common_reason_is_kept_as_the_word(asked: Talker, database: Database, reason: str) -> None:
    await asked.tap("👎 没用")
    assert asked.labels == [*messages_law.REASONS, "写一句", "不用了"]
    assert await asked.tap(reason) == messages_law.REASON_TAKEN
    assert await given(database) == [(Vote.DOWN, reason)]
    assert (await asked.say("疫苗法46条")).startswith("《疫苗管理法》第四十六条"), "the next text is a question again"


async def test_a_word_of_ones_own_is_kept_once_and_cut_at_200_characters(asked: Talker, database: Database) -> None:
    await asked.tap("👎 没用")
    assert await asked.tap("写一句") == messages_law.WRITE_NOW
    assert await asked.say("我问的是断电\x00以后" + "啊" * 300) == messages_law.WORD_TAKEN
    assert await given(database) == [(Vote.DOWN, ("我问的是断电以后" + "啊" * 300)[:200])]
    assert (await asked.say("疫苗法46条")).startswith("《疫苗管理法》第四十六条")
    async with database.reading() as session:
        assert (await session.scalars(select(UnansweredQuestion))).all() == []
        assert (await session.scalars(select(GivenAnswer.state))).all() == [TodoState.OPEN] * 2


async def test_who_would_rather_not_say_is_not_waited_for(asked: Talker, database: Database) -> None:
    await asked.tap("👎 没用")
    await asked.tap("写一句")
    assert await asked.tap("不用了") == messages_law.NO_WORD_TAKEN
    assert (await asked.say("疫苗法46条")).startswith("《疫苗管理法》第四十六条")
    assert (await given(database))[0] == (Vote.DOWN, None)


async def test_a_text_long_after_is_a_question_again(asked: Talker, database: Database, clock: FakeClock) -> None:
    await asked.tap("👎 没用")
    await asked.tap("写一句")
    clock.advance(minutes=10, seconds=1)
    assert (await asked.say("疫苗法46条")).startswith("《疫苗管理法》第四十六条")
    assert (await given(database))[0] == (Vote.DOWN, None)


async def test_a_code_or_a_command_is_no_word(asked: Talker, database: Database) -> None:
    await asked.tap("👎 没用")
    await asked.tap("写一句")
    assert "您已经加入了" in await asked.say("K7QM-2XRD")
    assert "怎么用" in await asked.command("help")
    assert await given(database) == [(Vote.DOWN, None)]
    assert await asked.say("太笼统") == messages_law.WORD_TAKEN


async def test_what_others_are_waited_for_is_theirs(asked: Talker, member: Callable[..., Any], database: Database) -> None:
    other = await member(1)
    await asked.tap("👎 没用")
    await asked.tap("写一句")
    assert (await other.say("疫苗法46条")).startswith("《疫苗管理法》第四十六条")
    assert await given(database) == [(Vote.DOWN, None), (None, None)]


async def test_during_an_assessment_one_may_vote_but_reads_no_law(asked: Talker, exam: Exam, database: Database) -> None:
    answered = asked.last
    await factories.open_round(exam, await factories.add_administrator(exam))
    await asked.command("exam")
    await asked.tap("现在开始")
    await asked.tap("👎 没用", on=answered)
    await asked.tap("写一句")
    assert await asked.say("没看懂") == messages_law.WORD_TAKEN
    assert await given(database) == [(Vote.DOWN, "没看懂")]
    assert await asked.say("没看懂") == messages.PAUSED
