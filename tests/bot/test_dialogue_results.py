"""Results in chat: when explanations may be seen, resits, and papers that the deadline handed in."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot import messages
from bot.delivery.outbox import Outbox
from bot.dialogue.dialogue import Dialogue
from exam.assessments.rules import FeedbackPolicy
from exam.attempts.tables import Attempt
from exam.people.rules import Channel
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import QuestionState, StoredQuestion
from question_bank.questions.tables import Question
from tests import factories
from tests.bot.fakes import KeepingSender
from tests.bot.talk import Talker, answer, question_on
from tests.factories import School
from tests.fakes import FakeClock


@pytest.fixture
async def begin(exam: Exam, school: School, member: Callable[..., Any]) -> Callable[..., Any]:
    """Makes somebody who has just begun an assessment."""

    async def make(**changes: Any) -> Talker:
        talker = await member()
        await factories.open_round(exam, await factories.add_administrator(exam), **changes)
        await talker.command("exam")
        await talker.tap("现在开始")
        return talker

    return make


async def hand_in(talker: Talker, questions: list[StoredQuestion], right: int) -> None:
    for position in range(1, 6):
        await answer(talker, questions, right=position <= right)
    await talker.tap("交卷")
    await talker.tap("确认交卷")


async def attempts(database: Database) -> int:
    async with database.reading() as session:
        return (await session.execute(select(func.count()).select_from(Attempt))).scalar_one()


async def test_explanations_come_with_the_result_when_the_policy_says_so(
    begin: Callable[..., Any], questions: list[StoredQuestion]
) -> None:
    talker = await begin(feedback=FeedbackPolicy.AFTER_SUBMISSION)
    await hand_in(talker, questions, 2)
    assert talker.text == "秋季抽查考核\n已交卷。\n答对 2/5 题，正确率 40%（合格线 60%）：不合格"
    assert "正确答案" not in "".join(talker.seen)
    await talker.tap("看解析")
    assert "正确答案：" in talker.text


async def test_feedback_after_each_answer_lets_one_read_it_and_go_on_to_the_end(
    begin: Callable[..., Any], questions: list[StoredQuestion]
) -> None:
    talker = await begin(feedback=FeedbackPolicy.IMMEDIATE)
    for position in range(1, 6):
        stored = question_on(talker.text, questions)
        await answer(talker, questions, right=True)
        assert f"第 {position}/5 题" in talker.text, "the question stays until one has read why"
        assert stored.content.explanation in talker.text
        assert not any(label.startswith("《") for label in talker.labels), "no button to a text that is paused now"
        if position < 5:
            await talker.tap("下一题")
    await talker.tap("答题卡")
    await talker.tap("交卷")
    assert "正确率 100%" in await talker.tap("确认交卷")


async def test_a_failed_candidate_sits_again_with_other_questions_and_then_no_more(
    begin: Callable[..., Any], questions: list[StoredQuestion], database: Database
) -> None:
    talker = await begin()
    first = question_on(talker.text, questions)
    await hand_in(talker, questions, 0)
    assert "正确率 0%（合格线 60%）：不合格" in talker.text
    await talker.tap("我的考核")
    assert "状态：不合格，可以补考" in talker.text
    assert "还可以补考 1 次。\n\n点“开始补考”后才计时。" in talker.text
    assert talker.labels == ["开始补考", "看成绩", "首页"]
    await talker.tap("开始补考")
    assert talker.text.startswith("秋季抽查考核（补考）\n第 1/5 题")
    assert question_on(talker.text, questions) != first
    await hand_in(talker, questions, 1)
    await talker.tap("我的考核")
    assert "状态：不合格\n" in talker.text
    assert talker.labels == ["看成绩", "首页"]
    assert await talker.forge("go:1:2") == "这次考核没有补考机会了。"
    assert await attempts(database) == 2


async def test_an_old_button_starts_no_resit(
    begin: Callable[..., Any], questions: list[StoredQuestion], database: Database
) -> None:
    talker = await begin()
    await talker.command("start")
    old_home = talker.last
    await talker.tap("继续答题")
    await hand_in(talker, questions, 0)
    result = talker.text
    assert await talker.tap("继续答题", on=old_home) == result
    await talker.forge("go:1:0")
    assert "状态：不合格，可以补考" in talker.text
    assert talker.toast == messages.SCREEN_OUTDATED
    assert await attempts(database) == 1
    await talker.tap("开始补考")
    assert await attempts(database) == 2


async def test_the_deadline_hands_in_and_the_person_is_told(
    begin: Callable[..., Any],
    exam: Exam,
    dialogue: Dialogue,
    questions: list[StoredQuestion],
    clock: FakeClock,
) -> None:
    talker = await begin()
    for _ in range(3):
        await answer(talker, questions, right=True)
    clock.advance(minutes=30, seconds=1)
    await exam.tick()
    sender = KeepingSender(Channel.TELEGRAM)
    assert await Outbox(exam.notices, dialogue.word_notice).deliver([sender]) == 2
    opened, ended = [reply.text for _, reply in sender.sent]
    assert "状态：合格" in opened, "a late notice is worded as things stand"
    assert ended.startswith("<b>秋季抽查考核</b>\n时间到，已自动交卷。\n答对 3/5 题，正确率 60%（合格线 60%）：<b>合格</b>\n")
    await talker.command("exam")
    assert "状态：合格" in talker.text


async def test_who_never_started_is_absent_and_cannot_start_any_more(
    exam: Exam, school: School, member: Callable[..., Any], clock: FakeClock, database: Database
) -> None:
    talker = await member()
    await factories.open_round(exam, await factories.add_administrator(exam))
    await talker.command("exam")
    invitation = talker.last
    clock.advance(hours=8)
    assert await talker.tap("现在开始", on=invitation) == "这次考核的时间已经结束，不能再开始。"
    await exam.tick()
    await talker.command("exam")
    assert "状态：缺考" in talker.text
    assert talker.labels == ["首页"]
    assert await attempts(database) == 0


async def test_a_paper_that_the_bank_cannot_fill_any_more_starts_no_clock(
    exam: Exam, school: School, member: Callable[..., Any], database: Database
) -> None:
    talker = await member()
    await factories.open_round(exam, await factories.add_administrator(exam))
    async with database.transaction() as session:
        await session.execute(update(Question).values(state=QuestionState.RETIRED))
    await talker.command("exam")
    assert await talker.tap("现在开始") == messages.PAPER_UNAVAILABLE.replace("<b>", "").replace("</b>", "")
    assert talker.labels == ["现在开始", "首页"], "to try again"
    assert await attempts(database) == 0
