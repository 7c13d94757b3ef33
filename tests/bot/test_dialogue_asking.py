"""Regulation questions in chat: quoted with their source, or an honest refusal; paused while an assessment is sat."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot import messages, messages_law
from bot.dialogue.events import Identity
from bot.dialogue.pages import asker_of
from exam.people.rules import Channel
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import StoredQuestion
from question_bank.regulations.rules import ArticleNumber, RegulationStatus
from question_bank.regulations.tables import Article, Regulation, RegulationVersion
from question_bank.search.tables import AskingContext, GivenAnswer, UnansweredQuestion
from question_bank.wiring import QuestionBank
from tests import factories
from tests.bot.checking import read_html
from tests.bot.talk import Talker, answer
from tests.factories import School
from tests.fakes import FakeClock
from tests.question_bank.samples import articles, write_law

COLD_CHAIN = "疫苗冷链断了怎么办"


async def test_an_answer_quotes_law_number_version_and_date_and_marks_what_fits(
    member: Callable[..., Any], bank: QuestionBank
) -> None:
    talker = await member()
    await talker.say(COLD_CHAIN)
    article = await bank.regulations.get_article("疫苗管理法", ArticleNumber(37))
    title, source, _, digest, *quoted = talker.text.split("\n")
    assert title == "《疫苗管理法》第三十七条"
    assert source.startswith("中华人民共和国疫苗管理法（2019年公布，2019年12月1日起施行） · 第四章")
    assert digest.startswith("要点（我们的话，以原文为准）：")
    first, fitting, last = article.paragraphs
    assert [line for line in quoted if line] == [first, f"▶ {fitting}", last, messages_law.OTHER_ARTICLES]
    assert f"<b>▶ {fitting}</b>" in talker.last.reply.text
    assert len(talker.screen) == 1, "an answer is one message"

    *others, row, law_row, votes = [[button.text for button in row] for row in talker.last.reply.buttons]
    assert 1 <= len(others) <= 4 and all(len(row) == 1 for row in others)
    assert [title] not in others
    assert (row, law_row, votes) == (["上一条", "下一条"], ["目录", "相关试题"], ["👍 有用", "👎 没用"])
    answered, other = talker.last, talker.labels[0]
    assert (await talker.tap(other)).startswith(f"{other}\n中华人民共和国")
    assert talker.screen[-2] is answered, "the answer stays in sight"


async def test_an_article_asked_for_by_number_is_shown_whole(member: Callable[..., Any]) -> None:
    talker = await member()
    for asked in ("药品管理法第51条", "药品法第五十一条", "药品管里法五十一条"):
        assert (await talker.say(asked)).startswith(
            "《药品管理法》第五十一条\n中华人民共和国药品管理法（2019年修订，2019年12月1日起施行）"
        )
        assert talker.labels == ["上一条", "下一条", "目录", "相关试题", "👍 有用", "👎 没用"]
    await talker.command("ask", "疫苗法四十六条")
    assert talker.text.startswith("《疫苗管理法》第四十六条\n")
    await talker.say("刑法第165条")
    assert "\n\n注意：这一条已被后来的修正案修改" in talker.text
    await talker.say("刑法第一百四十二条之一")
    assert talker.text.startswith("《刑法》第一百四十二条之一\n")
    await talker.say("食品安全法第124条第2款")
    assert "\n\n▶ 除前款和本法" in talker.text and "（九）" in talker.text, "whole, however long, with its paragraph marked"
    await talker.say("药品管理法第51条和疫苗管理法第46条")
    assert talker.text.startswith("《药品管理法》第五十一条") and talker.labels[0] == "《疫苗管理法》第四十六条"


async def test_of_a_long_article_the_fitting_paragraph_is_quoted_and_the_rest_is_one_tap_away(
    member: Callable[..., Any], bank: QuestionBank
) -> None:
    talker = await member()
    await talker.say("卖过期食品罚多少")
    article = await bank.regulations.get_article("食品安全法", ArticleNumber(124))
    [quoted] = [paragraph for paragraph in article.paragraphs if f"▶ {paragraph}" in talker.text]
    assert not any(paragraph in talker.text for paragraph in article.paragraphs if paragraph != quoted)
    place = "一二三"[article.paragraphs.index(quoted)]
    assert f"\n\n这一条共三款，最有关的是第{place}款（点“看全文”看整条）：\n\n▶ " in talker.text
    await talker.tap("看全文")
    assert "\n\n".join(article.paragraphs) in talker.text
    assert "看全文" not in talker.labels


async def test_duty_and_liability_stand_beside_each_other(member: Callable[..., Any]) -> None:
    talker = await member()
    await talker.say("卖过期食品罚多少")
    duty = next(label for label in talker.labels if label.startswith("相关义务："))
    assert (await talker.tap(duty)).startswith(duty.removeprefix("相关义务：") + "\n")
    await talker.say("食堂员工没有健康证能上岗吗")
    listed = talker.labels
    liability = [label for label in listed if label.startswith("相关罚则：")]
    assert all(label.removeprefix("相关罚则：") not in listed for label in liability), "offered once"


async def test_a_follow_up_is_about_what_was_asked_before_for_half_an_hour(
    member: Callable[..., Any], clock: FakeClock, database: Database
) -> None:
    talker = await member()
    await talker.say(COLD_CHAIN)
    assert (await talker.say("罚多少呢")).startswith("《疫苗管理法》第八十五条")
    clock.advance(minutes=31)
    assert not (await talker.say("罚多少呢")).startswith("《疫苗管理法》第八十五条")
    other = await member(1)
    assert not (await other.say("罚多少呢")).startswith("《疫苗管理法》第八十五条"), "what others asked is theirs"
    async with database.reading() as session:
        askers = (await session.scalars(select(AskingContext.asker))).all()
    assert asker_of(talker.identity) in askers
    assert all(len(asker) == 32 and talker.identity.external_id != asker for asker in askers)


def test_a_conversation_is_known_by_a_key_that_tells_nobody() -> None:
    keys = {
        asker_of(Identity(Channel.TELEGRAM, "7")),
        asker_of(Identity(Channel.WEBCHAT, "7")),
        asker_of(Identity(Channel.TELEGRAM, "8")),
        asker_of(Identity(Channel.TELEGRAM, "7"), "-100"),
    }
    assert len(keys) == 4
    assert all(len(key) == 32 and int(key, 16) for key in keys)


async def test_what_the_regulations_do_not_answer_is_said_and_noted(member: Callable[..., Any], database: Database) -> None:
    talker = await member()
    assert (await talker.say("火星 基地 光刻机")).startswith(messages_law.NOT_ANSWERED)
    assert (await talker.say("<b>&*_[`x</b>")).startswith(messages_law.NOT_ANSWERED), "markup is only letters"
    async with database.reading() as session:
        noted = (await session.scalars(select(UnansweredQuestion.question).order_by(UnansweredQuestion.id))).all()
        assert (await session.scalars(select(GivenAnswer))).all() == []
    assert noted == ["火星 基地 光刻机", "<b>&*_[`x</b>"]
    assert not any(label.startswith("👍") for label in talker.labels), "there is nothing to vote on"

    assert await talker.say("食安法第999条") == "《食品安全法》没有这一条，全文共 154 条。"
    assert await talker.say("食品安全法第九九九九九条") == "《食品安全法》没有这一条，全文共 154 条。"
    assert await talker.say("食安法实施条例第5条") == (
        "《食品安全法实施条例》（国务院令第721号）的文本没有载入，我不能引用它的条文，请查官方公布的文本。"
    )
    assert await talker.say("第五条讲什么") == "请说明是哪部法，例如：药品管理法第51条"
    assert await talker.say("《<海商>法》怎么说") == "《<海商>法》没有载入，我不能引用它的条文，请查官方公布的文本。"
    assert (await talker.say("2025年11月食品安全法第34条的规定")).startswith(
        "《食品安全法》2025年11月1日当时施行的文本没有载入，"
    )


async def test_small_talk_gets_a_sensible_reply_and_no_statute(member: Callable[..., Any]) -> None:
    talker = await member()
    for said in ("你好", "您好！", "Hello~", "在吗？"):
        assert await talker.say(said) == messages_law.GREETING
    for said in ("谢谢", "好的。", "OK"):
        assert await talker.say(said) == messages_law.THANKS
    for said in ("你是谁", "你能干什么？"):
        assert await talker.say(said) == read_html(messages_law.ABOUT)
    assert talker.labels == ["练习", "我的考核", "帮助"]


async def test_odd_and_very_long_messages_are_met_kindly(member: Callable[..., Any], database: Database) -> None:
    talker = await member()
    for said in ("👍", "👨‍👩‍👧‍👦😀", "？？？", "\x00", "\ud83d", "。" * 4096):
        assert await talker.say(said) == messages_law.EMPTY_QUESTION, said
    assert await talker.command("ask") == messages_law.EMPTY_QUESTION
    assert await talker.sticker() == messages.NOT_TEXT
    assert (await talker.say(COLD_CHAIN + "，请问" * 1362 + "呢")).startswith("《疫苗管理法》第三十七条")
    for said in ("囧囧囧", "'; DROP TABLE article; --", "<script>alert(1)</script>", "x\x00\ud83d火星"):
        assert (await talker.say(said)).startswith(messages_law.NOT_ANSWERED), said
    async with database.reading() as session:
        noted = (await session.scalars(select(UnansweredQuestion.question).order_by(UnansweredQuestion.id))).all()
    assert noted == ["囧囧囧", "'; DROP TABLE article; --", "<script>alert(1)</script>", "x火星"]
    assert "没有保存" not in "".join(talker.seen)


SCRAPS = (
    *(
        "疫苗",
        "食安法",
        "第",
        "51条",
        "999999999999条",
        "一百四十二条之一",
        "第2款",
        "《",
        "》",
        "2025年11月",
        "的规定",
        "罚多少呢",
    ),
    *(
        "到",
        "'",
        '"',
        "--",
        "<b>",
        "&amp;",
        "%s",
        "{0}",
        "\\",
        "\x00",
        "\ud83d",
        "😀",
        "\u202e",
        "Ａ１",
        "藥",
        "ёж",
        "\n",
        " " * 40,
    ),
)
texts = st.lists(st.sampled_from(SCRAPS) | st.text(max_size=8), min_size=1, max_size=12).map("".join)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(said=texts, repeated=st.integers(1, 400))
async def test_no_text_fails_or_is_left_without_an_answer(talkative: Talker, said: str, repeated: int) -> None:
    for text in (said, (said * repeated)[:4096]):
        heard = await talkative.say(text)
        assert heard
        assert "没有保存" not in heard, text


@pytest.fixture
async def talkative(member: Callable[..., Any]) -> Talker:
    return await member()


async def test_a_version_of_the_past_or_to_come_and_unverified_dates_are_told(
    member: Callable[..., Any], database: Database
) -> None:
    for year, words in ((2024, ("旧一。", "旧二。")), (2026, ("一。", "二。")), (2027, ("一。", "新二。"))):
        texts = articles(*(f"样例{word}" for word in words), chapter="第一章 样例")
        await write_law(database, texts, effective=dt.date(year, 1, 1), version_label=f"{year}年公布")
    talker = await member()
    assert "届时本条有变动" not in await talker.say("样例法第1条")
    await talker.say("样例法第2条")
    assert talker.text == (
        "《样例法》第二条\n中华人民共和国样例法（2026年公布，2026年1月1日起施行） · 第一章 样例\n"
        "注意：已公布的修正自2027年1月1日起施行，届时本条有变动。\n\n样例二。"
    )
    await talker.say("2025年11月样例法第2条的规定")
    assert talker.text == (
        "《样例法》第二条\n中华人民共和国样例法（2024年公布，2024年1月1日起施行） · 第一章 样例\n"
        "按 2025年11月1日 当时施行的文本\n注意：这一条后来有变动，新的文本自2026年1月1日起施行。\n\n样例旧二。"
    )
    assert talker.labels == ["上一条", "目录", "👍 有用", "👎 没用"], "nobody is examined on a text of the past"
    assert (await talker.tap("上一条")).endswith("\n\n样例旧一。"), "and it stays on its day"
    assert (await talker.tap("下一条")).endswith("样例旧二。")

    async with database.transaction() as session:
        law = update(Regulation).where(Regulation.short_name == "样例法")
        await session.execute(law.values(status=RegulationStatus.UNVERIFIED))
    assert "\n注意：施行日期未核对，请以官方公布的文本为准。\n" in await talker.say("样例法第1条")
    async with database.transaction() as session:
        await session.execute(law.values(status=RegulationStatus.SUPERSEDED))
    assert "\n注意：这部法规已经不再施行，下面是它原来的文字。" in await talker.say("样例法第1条")


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
    for number, marked in enumerate((paragraphs[0], paragraphs[1], "末" * 3498), start=1):
        talker.screen.clear()
        await talker.say(f"食品安全法第34条第{number}款")
        assert [len(shown.buttons) for shown in talker.screen] == [0, 0, 0, 0, 6], "buttons under the last message only"
        [found] = [shown.text for shown in talker.screen if "▶ " in shown.text]
        assert f"▶ {marked}" in found
    talker.screen.clear()
    await talker.say("食品安全法第34条")
    head, items, *end = [shown.text for shown in talker.screen]
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
    taps = (
        "pr",
        "pr!:*",
        "pr!:疫苗管理法",
        "art:1:37:0",
        "art~:1:37:0",
        "toc:1:37:0",
        "tocp:0:1:37:0",
        "ch:1:37:0",
        "rel:1:39:0",
    )
    for attempt in (
        talker.say(COLD_CHAIN),
        talker.say("你好"),
        talker.command("ask", "疫苗法四十六条"),
        talker.command("start", "art_1_37_0"),
        talker.command("practice"),
        *map(talker.forge, taps),
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
