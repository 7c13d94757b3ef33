"""Whole conversations in Telegram: the unmodified Application over HTTP, real services, real rows."""

import pytest
from sqlalchemy import select

from bot import messages
from bot.delivery.outbox import Outbox
from bot.dialogue.dialogue import Dialogue
from bot.telegram.sending import TelegramSender
from exam.attempts.tables import Attempt
from exam.notices.rules import NoticeState
from exam.notices.tables import Notice
from exam.people.tables import Binding
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import StoredQuestion
from question_bank.wiring import QuestionBank
from tests import factories
from tests.bot.channels import TelegramTalker, telegram
from tests.bot.talk import answer
from tests.bot_api import BotApiServer, Person
from tests.factories import School
from tests.fakes import FakeClock


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_newcomer_joins_asks_and_practises(
    exam: Exam,
    school: School,
    dialogue: Dialogue,
    clock: FakeClock,
    questions: list[StoredQuestion],
    database: Database,
    bank: QuestionBank,
) -> None:
    await bank.search.refresh()  # as serve does before the first question
    async with BotApiServer() as server, telegram(server, dialogue, clock):
        talker = TelegramTalker(server.person(4242))
        assert "邀请码" in await talker.command("start")
        assert (await talker.say("abcd-efgh")).startswith("没有找到这个邀请码")
        code = await exam.people.issue_join_code(school.people[0])
        await talker.person.start(code)  # the deep link t.me/bot?start=CODE
        assert (await talker.person.next_message()).text.startswith("加入成功，一小1号（一小）。")

        await talker.say("疫苗冷链断了怎么办")
        quoted = talker.person.messages[-1]
        assert quoted.text.startswith("《疫苗管理法》第三十七条\n中华人民共和国疫苗管理法（2019年公布，2019年12月1日起施行）")
        assert [entity["type"] for entity in quoted.entities] == ["bold", "italic", "bold"]
        await talker.tap("👍 有用")
        assert talker.person.alerts[-1].text == "谢谢您的评价！"
        assert talker.person.messages[-1] is quoted, "the answer itself stays"
        assert talker.labels[-2:] == ["已评价：有用", "改为：没用"]
        await talker.person.tap("已评价：有用")
        await talker.person.wait_for(lambda person: len(person.alerts) == 2)
        assert quoted.edited == 1, "the same vote again has nothing to edit"
        await talker.tap(talker.labels[0])
        assert talker.labels == ["上一条", "下一条", "目录", "相关试题", "首页"]
        person = talker.person
        for send in (
            person.send_sticker,
            lambda: person.send_photo("这条怎么理解？"),
            person.send_voice,
            lambda: person.send_document(b"PK", "法规.docx"),
            person.send_location,
        ):
            await send()
            assert (await person.next_message()).text == messages.NOT_TEXT

        await talker.command("practice")
        await talker.tap("疫苗管理法（")
        practising = talker.person.messages[-1]
        for position in range(1, 11):
            await answer(talker, questions, right=position <= 4)
            assert ("答对了" if position <= 4 else "答错了") in talker.text
            await talker.tap("看成绩" if position == 10 else "下一题")
        assert talker.text == "这一组做完了：答对 4/10 题。"
        assert talker.person.messages[-1] is practising, "one message that changes"
        assert server.refused == []
        assert [command["command"] for command in server.commands[("default", "")]] == ["start", "exam", "practice", "help"]
        assert all(request["link_preview_options"]["is_disabled"] for request in server.requests_of("sendMessage"))
    async with database.reading() as session:
        assert (await session.scalars(select(Binding.external_id))).all() == ["4242"]


async def test_an_assessment_from_the_notice_to_the_result(
    exam: Exam, school: School, dialogue: Dialogue, clock: FakeClock, questions: list[StoredQuestion], database: Database
) -> None:
    async with BotApiServer() as server, telegram(server, dialogue, clock) as application:
        talkers = [TelegramTalker(server.person(100 + number)) for number in range(3)]
        for talker, person_id in zip(talkers, school.people, strict=True):
            await talker.command("start", await exam.people.issue_join_code(person_id))
        server.block(102)
        await factories.open_round(exam, await factories.add_administrator(exam))
        outbox = Outbox(exam.notices, dialogue.word_notice)
        assert await outbox.deliver([TelegramSender(application.bot)]) == 2, "one person blocked the bot"
        assert await outbox.deliver([TelegramSender(application.bot)]) == 0
        clock.advance(hours=1)
        assert await outbox.deliver([TelegramSender(application.bot)]) == 0, "a final failure is final"

        for talker, right in zip(talkers[:2], (3, 2), strict=True):
            assert talker.text.startswith("您被抽中参加抽查考核")
            await talker.tap("现在开始")
            for position in range(1, 6):
                assert f"第 {position}/5 题" in talker.text
                assert "剩余 30 分" in talker.text
                await answer(talker, questions, right=position <= right)
            await talker.tap("交卷")
            await talker.tap("确认交卷")
            assert f"答对 {right}/5 题" in talker.text
            assert len(talker.person.messages) == 2, "the home screen, and the notice that became the paper"
        assert not any("解析：" in message.text for talker in talkers for message in talker.person.messages)
        assert server.refused == []
        assert [fault.description for fault in server.faults] == ["Forbidden: bot was blocked by the user"]
    async with database.reading() as session:
        results = (await session.execute(select(Attempt.person_id, Attempt.score, Attempt.passed))).all()
        states = (await session.execute(select(Notice.state, Notice.failure).order_by(Notice.person_id))).all()
    assert sorted(results) == [(school.people[0], 3.0, True), (school.people[1], 2.0, False)]
    assert states == [(NoticeState.SENT, None), (NoticeState.SENT, None), (NoticeState.FAILED, "forbidden")]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_repeated_update_and_a_tap_on_an_old_message_change_nothing(
    exam: Exam, school: School, dialogue: Dialogue, clock: FakeClock, questions: list[StoredQuestion], database: Database
) -> None:
    async with BotApiServer() as server, telegram(server, dialogue, clock):
        person: Person = server.person(7)
        talker = TelegramTalker(person)
        code = await exam.people.issue_join_code(school.people[0])
        joined = await person.start(code)
        await person.next_message()
        server.repeat_update(joined)
        assert (await person.next_message()).text.startswith("您已经加入了，不需要再输邀请码。\n\n一小1号，您好")

        await factories.open_round(exam, await factories.add_administrator(exam))
        await talker.command("exam")
        await talker.tap("现在开始")
        paper = person.messages[-1]
        old_action = paper.buttons[0][0].callback_data
        chosen = await person.tap(callback_data=old_action)
        await person.next_message()
        assert "第 2/5 题" in paper.text
        async with database.reading() as session:
            before = (await session.scalars(select(Attempt))).one()
        server.repeat_update(chosen)
        await server.wait_for(lambda server: len(server.refused) == 2)
        await person.tap(callback_data=old_action, message=paper, stale=True)  # a client that still shows the first question
        await person.wait_for(lambda person: len(person.alerts) == 3)
        assert "第 2/5 题" in paper.text
        # The same screen once more is no edit, and the same tap has been answered already; the bot takes both calmly.
        reasons = sorted(refused.description.split(":")[1].strip() for refused in server.refused[:2])
        assert reasons == ["message is not modified", "query is too old and response timeout expired or query ID is invalid"]
        assert await talker.command("start")
        async with database.reading() as session:
            assert (await session.scalars(select(Attempt))).one() == before


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_message_that_is_gone_is_sent_anew(exam: Exam, school: School, dialogue: Dialogue, clock: FakeClock) -> None:
    async with BotApiServer() as server, telegram(server, dialogue, clock):
        talker = TelegramTalker(server.person(7))
        await talker.command("start", await exam.people.issue_join_code(school.people[0]))
        home = talker.person.messages[-1]
        home.deleted = True  # the person cleared the chat, and another device still shows the button
        await talker.person.tap(callback_data="help", message=home, stale=True)
        assert (await talker.person.next_message()).text.startswith("怎么用")
        assert talker.person.messages[-1] is not home
        assert [refused.description for refused in server.refused] == ["Bad Request: message to edit not found"]
