"""Questions from groups, suggestions while typing: only the law, only for who has joined, never during an assessment."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot import messages, messages_law
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.events import PRIVATE_CHAT
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.search.service import Search
from question_bank.search.tables import GivenAnswer
from question_bank.wiring import QuestionBank
from tests import factories
from tests.bot.checking import read_html, utf16_length
from tests.bot.talk import Talker
from tests.question_bank.samples import articles, write_law


async def test_in_a_group_the_law_is_quoted_with_one_link_and_nothing_to_tap(member: Callable[..., Any]) -> None:
    talker = await member()
    said = await talker.ask_in_group("疫苗冷链断了怎么办")
    assert said.startswith("《疫苗管理法》第三十七条\n中华人民共和国疫苗管理法（2019年公布，2019年12月1日起施行）")
    assert "\n\n还可能有关：《疫苗管理法》" in said
    [button] = talker.last.buttons
    assert (button.text, button.action) == ("打开私聊", f"{PRIVATE_CHAT}art_1_37_0")
    await talker.ask_in_group("卖过期食品罚多少")
    assert "（点“在私聊里看全文”看整条）" in talker.text
    [button] = talker.last.buttons
    assert button.text == "在私聊里看全文"
    assert (await talker.command("start", button.action.removeprefix(PRIVATE_CHAT))).startswith("《食品安全法》第一百二十四条\n")
    assert talker.labels[-1] == "首页"


async def test_in_a_group_other_replies_are_one_line_and_tell_nothing_personal(
    member: Callable[..., Any], database: Database
) -> None:
    talker = await member()
    assert await talker.ask_in_group("谢谢") == messages_law.THANKS
    assert talker.labels == []
    assert await talker.ask_in_group(" ？ ") == messages_law.EMPTY_QUESTION
    assert (await talker.ask_in_group("火星 光刻机")).startswith(messages_law.NOT_ANSWERED)
    assert await talker.ask_in_group("食安法第999条") == "《食品安全法》没有这一条，全文共 154 条。"
    assert "一小" not in "".join(talker.seen)


async def test_a_group_knows_nothing_of_the_private_chat_and_the_other_way_round(member: Callable[..., Any]) -> None:
    talker = await member()
    await talker.say("疫苗冷链断了怎么办")
    assert not (await talker.ask_in_group("罚多少呢")).startswith("《疫苗管理法》第八十五条")
    await talker.ask_in_group("疫苗冷链断了怎么办")
    assert (await talker.ask_in_group("罚多少呢")).startswith("《疫苗管理法》第八十五条")
    assert not (await talker.ask_in_group("罚多少呢", group="-200")).startswith("《疫苗管理法》第八十五条")


async def test_who_has_not_joined_is_told_how_to_and_nothing_else(
    stranger: Callable[..., Talker], dialogue: Dialogue, database: Database
) -> None:
    talker = stranger()
    assert await talker.ask_in_group("疫苗冷链断了怎么办") == messages_law.MEMBERS_ONLY
    assert [button.action for button in talker.last.buttons] == [f"{PRIVATE_CHAT}ask"]
    for parameter in ("ask", "art_1_37_0"):
        assert await talker.command("start", parameter) == read_html(messages.WELCOME), "a link is no join code"
    offered = await dialogue.suggest(talker.identity, "疫苗冷链断了怎么办")
    assert (offered.suggestions, offered.remark) == ((), messages_law.MEMBERS_ONLY_BUTTON)
    async with database.reading() as session:
        assert (await session.scalars(select(GivenAnswer))).all() == []


async def test_who_sits_an_assessment_reads_no_law_anywhere(member: Callable[..., Any], exam: Exam, dialogue: Dialogue) -> None:
    talker = await member()
    await factories.open_round(exam, await factories.add_administrator(exam))
    await talker.command("exam")
    await talker.tap("现在开始")
    assert await talker.ask_in_group("疫苗冷链断了怎么办") == messages_law.NOT_IN_GROUP_NOW
    assert "考核" not in talker.text, "that is nobody's business in the group"
    offered = await dialogue.suggest(talker.identity, "疫苗冷链断了怎么办")
    assert (offered.suggestions, offered.remark) == ((), messages_law.NOT_NOW_BUTTON)


@pytest.mark.parametrize("parameter", ["art_", "art_1", "art_x_y_z", "art_1_101_0", "art_1_37_0_1", "art_1_37_0_0_0"])
async def test_a_link_to_nowhere_is_met_kindly(member: Callable[..., Any], parameter: str) -> None:
    talker = await member()
    said = await talker.command("start", parameter)
    assert said == messages.SCREEN_OUTDATED or said.startswith("一小1号，您好")
    assert (await talker.command("start", "ask")).startswith("一小1号，您好")


async def test_up_to_five_articles_are_suggested_each_ready_to_be_sent(
    member: Callable[..., Any], dialogue: Dialogue, bank: QuestionBank
) -> None:
    talker = await member()
    offered = await dialogue.suggest(talker.identity, "疫苗冷链断了怎么办")
    assert (len(offered.suggestions), offered.remark) == (5, None)
    first = offered.suggestions[0]
    assert (first.id, first.title) == ("1-37-0", "《疫苗管理法》第三十七条")
    assert read_html(first.text).startswith("《疫苗管理法》第三十七条\n中华人民共和国疫苗管理法（2019年公布，")
    assert first.description and first.description in read_html(first.text).replace("\n", " "), "its point"
    assert len({suggestion.id for suggestion in offered.suggestions}) == 5
    assert [s.title for s in (await dialogue.suggest(talker.identity, "药品管理法51条")).suggestions] == [
        "《药品管理法》第五十一条"
    ]
    assert (await dialogue.suggest(talker.identity, "火星 光刻机")).remark == messages_law.NOTHING_TO_SUGGEST_BUTTON
    for typed in ("", "  ", "？", "\ud83d"):
        offered = await dialogue.suggest(talker.identity, typed)
        assert (offered.suggestions, offered.remark) == ((), None)


async def test_a_suggestion_of_a_very_long_article_is_cut_and_says_so(
    member: Callable[..., Any], dialogue: Dialogue, database: Database
) -> None:
    await write_law(database, articles("很长" * 4000), effective=dt.date(2026, 1, 1))
    talker = await member()
    [suggestion] = (await dialogue.suggest(talker.identity, "样例法第1条")).suggestions
    plain = read_html(suggestion.text)
    assert plain.endswith(messages_law.CUT_HERE)
    assert utf16_length(plain) <= 4096
    assert len(suggestion.description) == 100


async def test_trouble_while_typing_offers_nothing(
    member: Callable[..., Any], dialogue: Dialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    talker = await member()

    async def fails(*_: object, **__: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr(Search, "ask", fails)
    offered = await dialogue.suggest(talker.identity, "疫苗冷链断了怎么办")
    assert (offered.suggestions, offered.remark) == ((), None)
