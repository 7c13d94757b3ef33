"""The same conversation in Telegram and in the web chat: the same words, the same buttons, step by step.

One person is bound to both. Every step is done in Telegram first and repeated in the web chat, so this is also the story of
taps that come twice, by two channels, and change nothing the second time.
"""

import pytest
from sqlalchemy import func, select

from bot.dialogue.dialogue import Dialogue
from exam.attempts.tables import Attempt, Step
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import QuestionType, StoredQuestion
from tests import factories
from tests.bot.channels import TelegramTalker, WebTalker, telegram, web_chat
from tests.bot.talk import letters_on, question_on
from tests.bot_api import BotApiServer
from tests.factories import School
from tests.fakes import FakeClock


class Both:
    """The person at both channels at once."""

    def __init__(self, chat: TelegramTalker, page: WebTalker) -> None:
        self.chat = chat
        self.page = page

    async def do(self, verb: str, *arguments: str) -> str:
        """Do the same in both; the last messages must not differ in a letter, a tag, a button or an action."""
        await getattr(self.chat, verb)(*arguments)
        await getattr(self.page, verb)(*arguments)
        return self.compare()

    def compare(self) -> str:
        assert self.chat.screen[-1] == self.page.screen[-1]
        assert len(self.chat.screen) == len(self.page.screen)
        return self.chat.text

    async def answer(self, questions: list[StoredQuestion], *, right: bool) -> None:
        stored = question_on(self.chat.text, questions)
        labels = letters_on(self.chat.text, stored, keys=right)
        if stored.content.type is not QuestionType.MULTIPLE_CHOICE:
            await self.do("tap", labels[0])
            return
        await self.do("tap", f"☐ {labels[0]}")
        for label in labels[1:]:
            await self.do("tap", f"☐ {label}")
        await self.do("tap", "确定")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_both_channels_say_and_offer_the_same(
    exam: Exam, school: School, dialogue: Dialogue, clock: FakeClock, questions: list[StoredQuestion], database: Database
) -> None:
    async with BotApiServer() as server, telegram(server, dialogue, clock), web_chat(dialogue.handle, clock) as page:
        both = Both(TelegramTalker(server.person(7)), page)
        await both.do("command", "start")
        await both.do("say", "K7QM-2XRD")
        for talker in (both.chat, page):
            await talker.say(await exam.people.issue_join_code(school.people[0]))
        assert both.compare().startswith("加入成功，一小1号")

        for said in (
            "疫苗冷链断了怎么办",
            "药品管理法第51条",
            "火星 光刻机",
            "👍",
            "<b>&",
            "食安法第999条",
            "谢谢",
            "/help",
            "/nonsense",
        ):
            await both.do("say", said)

        await both.do("command", "practice")
        await both.do("tap", "疫苗管理法（")
        for right in (True, False):
            await both.answer(questions, right=right)
            await both.do("tap", "下一题")

        await factories.open_round(exam, await factories.add_administrator(exam))
        await both.do("command", "exam")
        await both.do("tap", "现在开始")
        await both.do("say", "疫苗冷链断了怎么办")
        await both.do("tap", "继续答题")
        for position in range(1, 6):
            await both.answer(questions, right=position != 2)
        await both.do("tap", "交卷")
        assert "答对 4/5 题" in await both.do("tap", "确认交卷")
        clock.advance(hours=8, seconds=1)
        await exam.tick()
        await both.do("command", "exam")
        await both.do("tap", "看成绩")
        await both.do("tap", "看解析")
        assert [refused.description for refused in server.refused] == []

    async with database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(Attempt))).scalar_one() == 2
        steps = (await session.scalars(select(Step))).all()
    assert len({(step.slot_id, step.sequence) for step in steps}) == len(steps)
