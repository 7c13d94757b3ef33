"""Practice in chat: right or wrong at once, why, and the law one tap away."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from bot import messages
from exam.attempts.tables import Attempt, Slot
from question_bank.database import Database
from question_bank.questions.rules import QuestionType, StoredQuestion
from tests.bot.talk import Talker, answer, letters_on, question_on


async def sets(database: Database) -> list[Attempt]:
    async with database.reading() as session:
        return list((await session.scalars(select(Attempt).order_by(Attempt.id))).all())


async def begin(member: Callable[..., Any], law: str = "疫苗管理法（") -> Talker:
    talker = await member()
    await talker.command("practice")
    await talker.tap(law)
    return talker


async def test_a_practice_set_tells_right_and_wrong_at_once_and_why(
    member: Callable[..., Any], questions: list[StoredQuestion]
) -> None:
    talker = await member()
    assert await talker.command("practice") == "练习\n每组最多 10 题，答完马上看解析，不计成绩。选一部法规："
    count = sum(stored.content.citations[0].law == "疫苗管理法" for stored in questions)
    assert (talker.labels[0], talker.labels[-1]) == ("全部法规随机练", "首页")
    await talker.tap(f"疫苗管理法（{count} 题）")
    for position in range(1, 11):
        screen, right = talker.text, position <= 7
        assert screen.startswith(f"练习 第 {position}/10 题 · ")
        assert "解析" not in screen
        assert "剩余" not in screen, "practice has no clock"
        assert talker.labels[-1] == "首页"
        keys = "".join(letters_on(screen, question_on(screen, questions), keys=True))
        stored = await answer(talker, questions, right=right)
        content = stored.content

        assert f"\n\n{'答对了' if right else '答错了'}　您的答案：" in talker.text
        assert f"正确答案：{keys}\n" in talker.text
        assert f"解析：{content.explanation}\n依据：《{content.citations[0].law}》第" in talker.text
        reasons = [option.reason for option in content.options if option.reason and option.reason in talker.text]
        assert len(reasons) == (0 if right or content.type is QuestionType.TRUE_FALSE else 1), (
            "the reason of the chosen distractor"
        )
        assert talker.toast is None
        onward = "看成绩" if position == 10 else "下一题"
        assert talker.labels[-2:] == [onward, "首页"]
        assert talker.labels[0] == f"《{content.citations[0].law}》{content.citations[0].article.label}"
        await talker.tap(onward)
    assert len(talker.screen) == 1, "the whole set is one message that changes"
    assert talker.text == "这一组做完了：答对 7/10 题。"

    await talker.tap("再来一组")
    assert talker.text.startswith("练习 第 1/10 题")


async def test_an_answered_question_stays_answered_with_its_law_one_tap_away(
    member: Callable[..., Any], questions: list[StoredQuestion], database: Database
) -> None:
    talker = await begin(member)
    question = talker.last
    await answer(talker, questions, right=True)
    answered = talker.text
    for button in question.buttons[:-1]:  # every option once more, on the old screen: double taps and second thoughts
        assert await talker.forge(button.action) == answered
        assert talker.toast == "这道题已经答过了"
    async with database.reading() as session:
        slots = (await session.scalars(select(Slot).order_by(Slot.position))).all()
    assert [slot.is_answered for slot in slots] == [True] + [False] * 9

    practised, law = talker.last, talker.labels[0]
    assert (await talker.tap(law)).startswith(f"{law}\n中华人民共和国疫苗管理法（")
    assert talker.screen[-2] is practised, "the question stays where it was"
    await talker.tap("下一题", on=practised)
    assert talker.text.startswith("练习 第 2/10 题")


async def test_a_double_tap_on_the_last_answer_keeps_its_explanation_in_sight(
    member: Callable[..., Any], questions: list[StoredQuestion], database: Database
) -> None:
    talker = await begin(member, "全部法规随机练")
    for _ in range(9):
        await answer(talker, questions, right=False)
        await talker.tap("下一题")
    taps = [button.action for button in talker.last.buttons]
    await answer(talker, questions, right=True)
    explained = talker.text
    assert "答对了" in explained
    assert await talker.forge(taps[0]) == explained
    (practice,) = await sets(database)
    assert (practice.score, practice.passed, practice.title) == (1.0, None, "")


async def test_a_double_tap_begins_one_set_and_another_law_ends_the_first(
    member: Callable[..., Any], questions: list[StoredQuestion], database: Database
) -> None:
    talker = await member()
    await talker.command("practice")
    menu = talker.last
    begun = await talker.tap("疫苗管理法（")
    assert await talker.tap("疫苗管理法（", on=menu) == begun
    assert len(await sets(database)) == 1

    await answer(talker, questions, right=True)
    await talker.tap("疫苗管理法（", on=menu)
    await talker.tap("药品管理法（", on=menu)
    assert [attempt.submitted_at is not None for attempt in await sets(database)] == [True, True, False]
    assert await talker.forge("pr!:食品卫生法") == messages.NOTHING_TO_PRACTISE
    assert [attempt.submitted_at is not None for attempt in await sets(database)] == [True, True, False]


async def test_a_multiple_choice_is_ticked_and_unticked_before_it_is_confirmed(
    member: Callable[..., Any], questions: list[StoredQuestion]
) -> None:
    talker = await begin(member)
    while "多选题" not in talker.text:
        await answer(talker, questions, right=True)
        await talker.tap("下一题")
    assert talker.text.endswith("可以选多个，选好后点“确定”。")
    await talker.tap("确定")
    assert talker.toast == "请先选择答案"
    await talker.tap("☐ A")
    await talker.tap("☐ B")
    assert talker.text.endswith("\n\n已选：AB（已保存）。选好后点“确定”。")
    assert "确定（已选 AB）" in talker.labels
    await talker.tap("☑ A")
    assert "确定（已选 B）" in talker.labels
    await talker.tap("☑ B")
    assert talker.text.endswith("可以选多个，选好后点“确定”。")
    assert "答错" not in "".join(talker.seen[-8:])
