"""The home screen: what waits, until when, and what was left half-done."""

from collections.abc import Callable
from typing import Any

from bot import messages
from exam.wiring import Exam
from question_bank.questions.rules import StoredQuestion
from tests import factories
from tests.bot.talk import answer
from tests.factories import School
from tests.fakes import FakeClock

MENU = ["练习", "我的考核", "帮助"]


async def test_home_shows_who_one_is_and_that_nothing_waits_and_leads_on(member: Callable[..., Any]) -> None:
    talker = await member()
    assert await talker.command("start") == (
        "一小1号，您好\n一小 · 食品安全员\n\n目前没有待完成的考核。\n直接发问题就能查法规，也可以做几道练习。"
    )
    assert talker.labels == MENU
    assert await talker.tap("我的考核") == "我的考核\n目前没有抽到您的考核。抽到时会在这里通知您。"
    assert await talker.tap("首页") == await talker.command("start")

    told = await talker.tap("帮助")
    assert told.startswith("怎么用")
    assert await talker.command("help") == told
    assert await talker.command("statistics") == f"没有这个命令。\n\n{told}"
    assert talker.labels == MENU
    assert {name for name, _ in messages.COMMANDS} == {"start", "exam", "practice", "help"}


async def test_home_shows_a_waiting_assessment_and_the_time_left_of_a_running_one(
    exam: Exam, school: School, member: Callable[..., Any], clock: FakeClock
) -> None:
    talker = await member()
    await factories.open_round(exam, await factories.add_administrator(exam), title="秋季<抽查>&考核")
    assert "\n\n秋季<抽查>&考核：待开始，请在 11月24日 17:00 前完成。\n直接发问题" in await talker.command("start")
    assert talker.labels == ["我的考核：秋季<抽查>&考核", *MENU]

    assert await talker.tap("我的考核：秋季") == (
        "秋季<抽查>&考核\n状态：待开始\n题数：5 题　时限：30 分　合格线：60%\n截止：11月24日 17:00\n\n"
        "点“现在开始”后才计时。答案点了就保存，中途退出可以接着答，到时自动交卷。"
    )
    assert talker.labels == ["现在开始", "首页"]
    await talker.tap("现在开始")
    clock.advance(minutes=17, seconds=55)

    home = await talker.command("start")
    assert home.endswith("\n\n秋季<抽查>&考核：正在答题，剩余 12 分 5 秒。"), "and no word of asking, which is paused"
    assert talker.labels == ["继续答题：秋季<抽查>&考核", *MENU]
    assert "第 1/5 题" in await talker.tap("继续答题")


async def test_a_failed_assessment_waits_for_its_resit_and_a_passed_one_no_more(
    exam: Exam, school: School, member: Callable[..., Any], questions: list[StoredQuestion]
) -> None:
    talker = await member()
    await factories.open_round(exam, await factories.add_administrator(exam))
    for right in (False, True):
        await talker.command("exam")
        await talker.tap("开始补考" if right else "现在开始")
        for _ in range(5):
            await answer(talker, questions, right=right)
        await talker.tap("交卷")
        await talker.tap("确认交卷")
        home = await talker.command("start")
        if not right:
            assert "秋季抽查考核：不合格，可以补考，请在 11月24日 17:00 前完成。" in home
            assert talker.labels == ["我的考核：秋季抽查考核", *MENU]
    assert "目前没有待完成的考核。" in home
    assert talker.labels == MENU


async def test_an_unfinished_practice_is_remembered(member: Callable[..., Any], questions: list[StoredQuestion]) -> None:
    talker = await member()
    await talker.command("practice")
    await talker.tap("疫苗管理法（")
    await answer(talker, questions, right=True)
    assert (await talker.command("start")).endswith("有一组练习没做完（已做 1/10），点“练习”接着做。")
    await talker.tap("练习")
    assert talker.labels[0] == "接着上次（已做 1/10）"
    assert "练习 第 2/10 题" in await talker.tap("接着上次")


async def test_several_assessments_are_listed_newest_first(exam: Exam, school: School, member: Callable[..., Any]) -> None:
    talker, administrator = await member(), await factories.add_administrator(exam)
    for title in ("第一次", "长" * 80):
        await factories.open_round(exam, administrator, title=title)
    assert await talker.command("exam") == "我的考核"
    assert talker.labels == [f"{'长' * messages.TITLE_ON_BUTTON}：待开始", "第一次：待开始", "首页"]
    assert "第一次\n状态：待开始" in await talker.tap("第一次")
