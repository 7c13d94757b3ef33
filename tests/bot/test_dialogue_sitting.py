"""An assessment in chat, from the notice to the result; the key stays on the server until the window is over."""

from collections.abc import Callable
from typing import Any

from bot.delivery.outbox import Outbox
from bot.dialogue.dialogue import Dialogue
from exam.attempts.tables import Attempt
from exam.people.rules import Channel
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import StoredQuestion
from tests import factories
from tests.bot.fakes import KeepingSender
from tests.bot.talk import Shown, answer, letters_on, question_on
from tests.factories import School
from tests.fakes import FakeClock

RESULT = "秋季抽查考核\n已交卷。\n答对 3/5 题，正确率 60%（合格线 60%）：合格\n解析在考核结束后公布（11月24日 17:00 以后）。"


async def test_from_the_notice_to_the_result_and_its_explanations(
    exam: Exam,
    school: School,
    member: Callable[..., Any],
    dialogue: Dialogue,
    questions: list[StoredQuestion],
    clock: FakeClock,
    database: Database,
) -> None:
    talker = await member()
    await factories.open_round(exam, await factories.add_administrator(exam))
    sender = KeepingSender(Channel.TELEGRAM)
    assert await Outbox(exam.notices, dialogue.word_notice).deliver([sender]) == 1
    ((told, notice),) = sender.sent
    assert told == talker.identity.external_id
    talker.screen.append(Shown(notice))
    assert talker.text.startswith("您被抽中参加抽查考核，请在截止时间前完成。\n\n秋季抽查考核\n状态：待开始\n题数：5 题")
    assert talker.labels == ["现在开始", "首页"]

    clock.advance(hours=3)
    assert "剩余 30 分" in await talker.tap("现在开始"), "the clock starts with the person, not with the notice"
    deadline = clock().replace(hour=4, minute=30)
    for position, right in enumerate((True, True, True, False), start=1):
        assert talker.text.startswith(f"秋季抽查考核\n第 {position}/5 题 · ")
        assert f" · 已答 {position - 1} · 剩余 {31 - position} 分\n" in talker.text
        assert talker.last.reply.deadline == deadline
        clock.advance(minutes=1)
        await answer(talker, questions, right=right)
    assert talker.labels[-2:] == ["上一题", "答题卡"]

    assert await talker.tap("答题卡") == "秋季抽查考核 · 答题卡\n共 5 题，已答 4 题。\n剩余 26 分，到时自动交卷。\n未答：第 5 题"
    assert talker.labels == ["1 ✓", "2 ✓", "3 ✓", "4 ✓", "5 未答", "交卷"]
    assert await talker.tap("交卷") == "还有 1 题没有作答。\n交卷后不能再改，确定交卷吗？"
    assert "答题卡" in await talker.tap("再检查一下")
    await talker.tap("5 未答")
    await answer(talker, questions, right=False)
    assert talker.text.endswith("\n全部答完，检查后请交卷。"), "after the last answer comes the answer card"
    assert await talker.tap("交卷") == "全部题目都答完了。\n交卷后不能再改，确定交卷吗？"
    assert await talker.tap("确认交卷") == RESULT
    assert talker.labels == ["我的考核", "首页"]
    assert len(talker.screen) == 1, "the whole assessment is one message that changes"

    async with database.reading() as session:
        attempt = await session.get(Attempt, 1)
        assert attempt is not None
        assert (attempt.score, attempt.passed, attempt.deadline) == (3.0, True, deadline)

    said = "\n".join(talker.seen)
    paper = [stored for stored in questions if stored.content.stem in said]
    assert len(paper) == 5
    for stored in paper:
        assert stored.content.explanation not in said
        assert all(option.reason not in said for option in stored.content.options if option.reason)
    assert not any(word in said for word in ("正确答案", "答对了", "答错了", "依据："))

    clock.now = attempt.window_closes_at  # on the very instant: not yet
    assert await talker.forge("q:1:1") == RESULT
    clock.advance(seconds=1)
    await exam.tick()
    assert "解析" not in await talker.forge("res:1")
    assert talker.labels == ["看解析", "我的考核", "首页"]
    await talker.tap("看解析")
    for position in range(1, 6):
        stored = question_on(talker.text, questions)
        assert talker.text.startswith(f"秋季抽查考核\n第 {position}/5 题 · "), "no clock and no count in what is over"
        assert "剩余" not in talker.text
        assert ("答对了" if position <= 3 else "答错了") in talker.text
        assert f"正确答案：{''.join(letters_on(talker.text, stored, keys=True))}\n" in talker.text
        assert f"解析：{stored.content.explanation}\n依据：《疫苗管理法》第" in talker.text
        assert talker.labels[0].startswith("《疫苗管理法》第"), "the law one tap away"
        if position < 5:
            await talker.tap("下一题")
    assert talker.labels[-2:] == ["上一题", "首页"]


async def test_the_screens_differ_in_nothing_when_the_keys_differ(
    exam: Exam, school: School, member: Callable[..., Any], questions: list[StoredQuestion], clock: FakeClock
) -> None:
    """A right and a wrong answer lead to the same words, buttons and remarks, but for what was chosen."""
    talker = await member()
    await factories.open_round(exam, await factories.add_administrator(exam))
    await talker.command("exam")
    await talker.tap("现在开始")
    outcomes = []
    for right in (True, False):
        await talker.forge("q:1:1")
        await answer(talker, questions, right=right)
        outcomes.append((talker.text, talker.labels, talker.toast))
    assert outcomes[0] == outcomes[1]


async def test_leaving_and_returning_keeps_answers_and_the_clock(
    exam: Exam, school: School, member: Callable[..., Any], questions: list[StoredQuestion], clock: FakeClock
) -> None:
    talker = await member()
    await factories.open_round(exam, await factories.add_administrator(exam))
    await talker.command("exam")
    first = talker.last
    await talker.tap("现在开始")
    await answer(talker, questions, right=True)
    clock.advance(minutes=20)
    for way_back in (talker.tap("现在开始", on=first), talker.forge("q:1:0")):
        assert "第 2/5 题 · 单选题 · 已答 1 · 剩余 10 分" in await way_back
    await talker.command("exam")
    assert "状态：答题中" in talker.text
    assert talker.labels == ["继续答题", "首页"]
    await talker.tap("继续答题")
    await talker.tap("上一题")
    assert "已选：" in talker.text
    assert any(label.startswith("✓ ") for label in talker.labels)
    await talker.command("start")
    await talker.tap("继续答题")
    assert "第 2/5 题" in talker.text
