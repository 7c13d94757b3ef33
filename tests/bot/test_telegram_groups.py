"""Groups and inline queries in Telegram: the unmodified Application over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot import messages_law
from bot.dialogue.dialogue import Dialogue
from exam.wiring import Exam
from question_bank.wiring import QuestionBank
from tests.bot.channels import telegram
from tests.bot_api import BotApiServer, Group, Person
from tests.factories import School
from tests.fakes import FakeClock

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
QUESTION = "疫苗冷链断了怎么办"


@asynccontextmanager
async def in_a_group(
    exam: Exam, school: School, dialogue: Dialogue, clock: FakeClock, bank: QuestionBank
) -> AsyncIterator[tuple[BotApiServer, Person, Group]]:
    """A member of the school, and a group that the bot is in."""
    await bank.search.refresh()  # as serve does before the first question
    async with BotApiServer() as server, telegram(server, dialogue, clock):
        person = server.person(7)
        await person.start(await exam.people.issue_join_code(school.people[0]))
        await person.next_message()
        yield server, person, server.group(-100, "食堂")
        assert server.refused == []


async def test_in_a_group_the_bot_answers_who_mentions_it_or_replies_to_it_and_nobody_else(
    exam: Exam, school: School, dialogue: Dialogue, clock: FakeClock, bank: QuestionBank
) -> None:
    async with in_a_group(exam, school, dialogue, clock, bank) as (_, person, group):
        for text in (
            QUESTION,
            "@other_bot 疫苗冷链",
            "/ask 疫苗冷链",
            "/start@test_bot",
            "/ask@other_bot 疫苗",
            "me@test_bot.com",
        ):
            await person.say(text, chat=group)
        await person.send_sticker(chat=group)
        await person.send_photo("@test_bot 疫苗冷链", chat=group)
        await person.say(f"@Test_Bot {QUESTION}", chat=group)
        first = await group.next_message()
        assert first.text.startswith("《疫苗管理法》第三十七条\n")
        assert group.messages == [first], "nothing before was meant for it"
        replied_to = first.other["reply_to_message"]["message_id"]
        assert group.history[replied_to].text == f"@Test_Bot {QUESTION}", "it is seen what is answered"
        assert first.reply_markup == {
            "inline_keyboard": [[{"text": "打开私聊", "url": "https://t.me/test_bot?start=art_1_37_0"}]]
        }
        await person.say("罚多少呢", chat=group, reply_to=first)
        assert (await group.next_message()).text.startswith("《疫苗管理法》第八十五条\n")
        await person.say(f"/ask@test_bot {QUESTION}", chat=group)
        assert (await group.next_message()).text == first.text
        await person.say("@test_bot", chat=group)
        assert (await group.next_message()).text == messages_law.EMPTY_QUESTION
        assert len(person.messages) == 1, "nothing of it comes by private chat"


async def test_in_a_group_who_has_not_joined_gets_one_line(
    exam: Exam, school: School, dialogue: Dialogue, clock: FakeClock, bank: QuestionBank
) -> None:
    async with in_a_group(exam, school, dialogue, clock, bank) as (server, _, group):
        await server.person(8).say(f"@test_bot {QUESTION}", chat=group)
        message = await group.next_message()
        assert message.text == messages_law.MEMBERS_ONLY
        assert message.reply_markup == {"inline_keyboard": [[{"text": "打开私聊", "url": "https://t.me/test_bot?start=ask"}]]}
        await server.person(8).start("ask")
        assert (await server.person(8).next_message()).text.startswith("欢迎来到豫食学堂")


async def test_an_inline_query_offers_articles_and_the_chosen_one_is_not_read_as_a_question(
    exam: Exam, school: School, dialogue: Dialogue, clock: FakeClock, bank: QuestionBank
) -> None:
    async with in_a_group(exam, school, dialogue, clock, bank) as (server, person, group):
        await person.inline_query(QUESTION)
        await person.wait_for(lambda person: person.inline_answers)
        answer = person.inline_answers[-1]
        assert (answer["cache_time"], answer["is_personal"], "button" in answer) == (0, True, False)
        assert [result["type"] for result in answer["results"]] == ["article"] * 5
        assert answer["results"][0]["title"] == "《疫苗管理法》第三十七条"
        await person.choose(0, chat=group)
        await person.choose(0)
        await person.say("/help")
        assert (await person.next_message()).text.startswith("怎么用"), "the quoted law got no answer"
        assert group.messages == []

        await server.person(8).inline_query(QUESTION)
        await server.person(8).wait_for(lambda person: person.inline_answers)
        offered = server.person(8).inline_answers[-1]
        assert offered["results"] == []
        assert offered["button"] == {"text": messages_law.MEMBERS_ONLY_BUTTON, "start_parameter": "ask"}
