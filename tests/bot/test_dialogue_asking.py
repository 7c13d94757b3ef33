"""Regulation questions in chat: quoted with their source, or an honest refusal; paused while an assessment is sat."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

from bot import messages
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import StoredQuestion
from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.tables import Article, Regulation, RegulationVersion
from question_bank.search.tables import UnansweredQuestion
from question_bank.wiring import QuestionBank
from tests import factories
from tests.bot.talk import answer
from tests.factories import School


async def test_an_answer_quotes_law_number_version_and_date(member: Callable[..., Any], bank: QuestionBank) -> None:
    talker = await member()
    await talker.say("疫苗冷链断了怎么办")
    article = await bank.regulations.get_article("疫苗管理法", ArticleNumber(37))
    lines = talker.text.split("\n")
    assert lines[0] == "《疫苗管理法》第三十七条"
    assert lines[1].startswith("中华人民共和国疫苗管理法（2019年公布，2019年12月1日起施行） · 第四章")
    assert article.text in talker.text.replace("\n\n", "\n")
    assert len(talker.screen) == 1, "an answer is one message"

    assert talker.text.endswith("\n\n还可能有关的条文（点按钮看全文）：")
    assert 1 <= len(talker.labels) <= 3
    assert "《疫苗管理法》第三十七条" not in talker.labels
    answered = talker.last
    other = talker.labels[0]
    assert (await talker.tap(other)).startswith(f"{other}\n中华人民共和国")
    assert talker.screen[-2] is answered, "the answer stays in sight"
    assert talker.labels == ["首页"]

    for asked in ("药品管理法第51条", "药品法第五十一条", "药品管里法五十一条"):
        assert (await talker.say(asked)).startswith(
            "《药品管理法》第五十一条\n中华人民共和国药品管理法（2019年修订，2019年12月1日起施行）"
        )
        assert talker.labels == []
    await talker.command("ask", "疫苗法四十六条")
    assert talker.text.startswith("《疫苗管理法》第四十六条\n")
    await talker.say("刑法第165条")
    assert "\n\n注意：这一条已被后来的修正案修改" in talker.text
    await talker.say("刑法第一百四十二条之一")
    assert talker.text.startswith("《刑法》第一百四十二条之一\n")


async def test_what_the_regulations_do_not_answer_is_said_and_noted(member: Callable[..., Any], database: Database) -> None:
    talker = await member()
    assert (await talker.say("火星 基地 光刻机")).startswith(messages.NOT_ANSWERED)
    assert (await talker.say("<b>&*_[`x</b>")).startswith(messages.NOT_ANSWERED), "markup is only letters"
    async with database.reading() as session:
        noted = (await session.scalars(select(UnansweredQuestion.question).order_by(UnansweredQuestion.id))).all()
    assert noted == ["火星 基地 光刻机", "<b>&*_[`x</b>"]

    assert await talker.say("食安法第999条") == "《食品安全法》没有这一条，全文共 154 条。"
    assert await talker.say("食品安全法第九九九九九条") == "《食品安全法》没有这一条，全文共 154 条。"
    assert await talker.say("食安法实施条例第5条") == (
        "《食品安全法实施条例》（国务院令第721号）的文本没有载入，我不能引用它的条文，请查官方公布的文本。"
    )
    assert await talker.say("第五条讲什么") == "请说明是哪部法，例如：药品管理法第51条"


async def test_odd_and_very_long_messages_are_met_kindly(member: Callable[..., Any], database: Database) -> None:
    talker = await member()
    for said in ("👍", "👨‍👩‍👧‍👦😀", "？？？", "\x00", "\ud83d"):
        assert await talker.say(said) == messages.EMPTY_QUESTION, said
    assert await talker.command("ask") == messages.EMPTY_QUESTION
    assert await talker.sticker() == messages.NOT_TEXT
    for said in ("你好", "您好！", "Hello~", "在吗？"):
        assert await talker.say(said) == messages.GREETING
    for said in ("谢谢", "好的。", "OK"):
        assert await talker.say(said) == messages.THANKS
    assert talker.labels == ["练习", "我的考核", "帮助"]

    assert (await talker.say("疫苗冷链断了怎么办" + "，请问" * 1362 + "呢")).startswith("《疫苗管理法》第三十七条")
    assert (await talker.say("囧" * 4096)).startswith(messages.NOT_ANSWERED)
    assert (await talker.say("x\x00\ud83d火星" + "😀" * 2000)).startswith(messages.NOT_ANSWERED)
    async with database.reading() as session:
        noted = (await session.scalars(select(UnansweredQuestion.question).order_by(UnansweredQuestion.id))).all()
    assert noted[-2:] == ["囧" * 500, "x火星" + "😀" * 497]
    assert "没有保存" not in "".join(talker.seen)


async def test_a_very_long_article_comes_in_several_messages(member: Callable[..., Any], database: Database) -> None:
    paragraphs = ["款" * 3000, "（一）<项> & 目\n" + "项" * 2500, "末" * 9000]
    async with database.transaction() as session:
        version = (
            select(RegulationVersion.id)
            .join(Regulation, Regulation.id == RegulationVersion.regulation_id)
            .where(Regulation.short_name == "食品安全法")
        )
        long = update(Article).where(Article.version_id == version.scalar_subquery(), Article.number == 34)
        await session.execute(long.values(paragraphs=paragraphs))
    talker = await member()
    await talker.say("食品安全法第34条")
    await talker.forge("art:食品安全法:34:0")
    asked, tapped = talker.screen[:5], talker.screen[5:]
    assert [shown.text for shown in asked] == [shown.text for shown in tapped]
    assert [len(shown.buttons) for shown in tapped] == [0, 0, 0, 0, 1], "buttons under the last message only"
    head, items, *end = [shown.text for shown in tapped]
    assert head.startswith("《食品安全法》第三十四条\n")
    assert head.endswith("款" * 3000)
    assert items == paragraphs[1]
    assert end == ["末" * 3500, "末" * 3500, "末" * 2000]


async def test_asking_practice_and_explanations_pause_during_an_assessment(
    exam: Exam, school: School, member: Callable[..., Any], questions: list[StoredQuestion]
) -> None:
    talker = await member()
    await talker.command("practice")
    await talker.tap("疫苗管理法（")
    await answer(talker, questions, right=False)
    practised = talker.last
    law = next(label for label in practised.labels if label.startswith("《"))
    await talker.tap(law)
    assert talker.text.startswith(law), "before the assessment the law is one tap away"

    await factories.open_round(exam, await factories.add_administrator(exam), time_limit=dt.timedelta(minutes=30))
    await talker.command("exam")
    await talker.tap("现在开始")
    for attempt in (
        talker.say("疫苗冷链断了怎么办"),
        talker.say("你好"),
        talker.command("ask", "疫苗法四十六条"),
        talker.command("practice"),
        talker.forge("pr"),
        talker.forge("pr!:*"),
        talker.forge("pr!:疫苗管理法"),
        talker.forge("art:疫苗管理法:37:0"),
        talker.tap(law, on=practised),
        talker.tap("下一题", on=practised),
    ):
        assert await attempt == messages.PAUSED
        assert talker.labels == ["继续答题"]
    assert "第 1/5 题" in await talker.tap("继续答题")
    await talker.tap("答题卡")
    await talker.tap("交卷")
    await talker.tap("确认交卷")
    assert (await talker.say("疫苗法四十六条")).startswith("《疫苗管理法》第四十六条")
    assert "练习 第 2/10 题" in await talker.tap("下一题", on=practised)
