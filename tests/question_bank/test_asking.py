"""Asking in a chat: follow-ups, votes, and the word that goes with a vote; nothing kept of who asked."""

from sqlalchemy import select

from question_bank.database import Database
from question_bank.search.asking import MAX_WORD_LENGTH, MEMORY, WORD_TIME
from question_bank.search.rules import TodoState, Vote
from question_bank.search.service import Answer, AnswerKind
from question_bank.search.tables import AskingContext, GivenAnswer
from question_bank.wiring import QuestionBank
from tests.fakes import FakeClock

DUTY = "食堂员工没有健康证可以上班吗"


async def given(database: Database) -> list[GivenAnswer]:
    async with database.reading() as session:
        return list((await session.scalars(select(GivenAnswer).order_by(GivenAnswer.id))).all())


def best(answer: Answer) -> tuple[str, int]:
    return answer.hits[0].article.short_name, answer.hits[0].article.number.number


async def test_a_follow_up_is_understood_with_the_question_before(bank: QuestionBank) -> None:
    duty, _ = await bank.asking.ask("甲", DUTY)
    assert best(duty) == ("食品安全法", 45)
    penalty, _ = await bank.asking.ask("甲", "罚多少呢")
    assert best(penalty) == ("食品安全法", 126)
    assert penalty.beside == duty.hits[0].article
    assert (await bank.asking.ask("乙", "罚多少呢"))[0].kind is not AnswerKind.FOUND, "somebody else's question is not mine"


async def test_a_follow_up_after_a_long_while_is_a_question_of_its_own(bank: QuestionBank, clock: FakeClock) -> None:
    await bank.asking.ask("甲", DUTY)
    clock.advance(seconds=MEMORY.total_seconds() + 1)
    assert (await bank.asking.ask("甲", "罚多少呢"))[0].kind is not AnswerKind.FOUND


async def test_an_answer_is_kept_without_the_person_and_the_last_vote_counts(bank: QuestionBank, database: Database) -> None:
    _, answer_id = await bank.asking.ask("甲", DUTY)
    assert answer_id is not None
    for vote in (Vote.DOWN, Vote.UP, Vote.UP):
        assert await bank.asking.vote(answer_id, vote)
    [kept] = await given(database)
    assert (kept.question, kept.article_number, kept.vote, kept.state) == (DUTY, 45, Vote.UP, TodoState.OPEN)
    assert not await bank.asking.vote(answer_id + 1, Vote.UP)
    assert set(GivenAnswer.model_fields) & {"person_id", "asker", "external_id"} == set()


async def test_what_quotes_nothing_is_not_kept_as_an_answer(bank: QuestionBank, database: Database) -> None:
    for question in ("今天天气怎么样", "你好", "药品管理法第999条"):
        assert (await bank.asking.ask("甲", question))[1] is None
    assert await given(database) == []


async def test_the_next_text_is_the_word_once_and_in_time(bank: QuestionBank, database: Database, clock: FakeClock) -> None:
    _, answer_id = await bank.asking.ask("甲", DUTY)
    assert answer_id is not None
    assert not await bank.asking.take_word("甲", "没有等这句话"), "none was awaited"
    assert await bank.asking.await_word("甲", answer_id)
    assert not await bank.asking.take_word("乙", "别人的话")
    assert await bank.asking.take_word("甲", " 没说多久体检一次" + "啊" * MAX_WORD_LENGTH)
    assert not await bank.asking.take_word("甲", "第二句")
    [kept] = await given(database)
    assert kept.word is not None
    assert kept.word.startswith("没说多久体检一次啊")
    assert len(kept.word) == MAX_WORD_LENGTH

    assert await bank.asking.await_word("甲", answer_id)
    clock.advance(seconds=WORD_TIME.total_seconds() + 1)
    assert not await bank.asking.take_word("甲", "太晚了")
    assert not await bank.asking.await_word("甲", answer_id + 1)


async def test_of_a_conversation_only_the_last_answer_is_remembered(bank: QuestionBank, database: Database) -> None:
    for question in (DUTY, "疫苗冷链断了怎么办"):
        _, last = await bank.asking.ask("甲", question)
    async with database.reading() as session:
        [context] = (await session.scalars(select(AskingContext))).all()
    assert (context.asker, context.answer_id) == ("甲", last)
