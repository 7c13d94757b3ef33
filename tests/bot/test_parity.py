"""The same conversation in Telegram and in the web chat: the same words, the same buttons, step by step.

One person is bound to both. Every step is done in Telegram first and repeated in the web chat, so this is also the story of
taps that come twice, by two channels, and change nothing the second time.
"""

import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bot.dialogue.dialogue import Dialogue
from exam.attempts.tables import Attempt, Step
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.questions.rules import QuestionType, StoredQuestion
from question_bank.search.rules import Vote
from question_bank.search.tables import GivenAnswer
from question_bank.wiring import QuestionBank
from tests import factories
from tests.bot.channels import Seen, TelegramTalker, WebTalker, telegram, web_chat
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
        assert without_ids(self.chat.screen[-1]) == without_ids(self.page.screen[-1])
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


def without_ids(seen: Seen) -> Seen:
    """The same without the ids that votes go by: each channel got an answer of its own."""
    rows = [[(label, re.sub(r"^(v:[a-z]+):[0-9]+", r"\1", action)) for label, action in row] for row in seen.buttons]
    return replace(seen, buttons=tuple(map(tuple, rows)))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_both_channels_say_and_offer_the_same(
    exam: Exam,
    school: School,
    dialogue: Dialogue,
    clock: FakeClock,
    questions: list[StoredQuestion],
    database: Database,
    bank: QuestionBank,
) -> None:
    await bank.search.refresh()  # as serve does before the first question
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

        assert (await both.do("say", "卖过期食品罚多少")).startswith("《食品安全法》第一百二十四条\n")
        assert "第一款规定给予处罚。" in await both.do("tap", "看全文")
        await both.do("say", "卖假药罚多少")
        assert (await both.do("say", "罚多少呢")).startswith("《药品管理法》"), "a follow-up is about what was asked before"
        await both.do("tap", "目录")
        assert (await both.do("tap", "第一章 总则")).endswith("第一章 总则（第1–15条）")
        await both.do("tap", "下一页")
        await both.do("tap", "第十五条")
        await both.do("tap", "下一条")
        await both.do("say", "疫苗法39条")
        await both.do("tap", "👎 没用")
        await both.do("tap", "写一句")
        assert (await both.do("say", "条号对，可是我问的不是这个")).startswith("记下了，谢谢！")
        await both.do("say", "疫苗法39条")
        await both.do("tap", "👍 有用")
        await both.do("tap", "改为：没用")
        await both.do("tap", "没答到点上")
        await both.do("say", "疫苗法39条")
        assert "练习 第 1/" in await both.do("tap", "相关试题")

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
        assert (await session.execute(select(func.count()).select_from(Attempt))).scalar_one() == 3
        votes = (await session.execute(select(GivenAnswer.vote, GivenAnswer.word).where(GivenAnswer.vote.is_not(None)))).all()
        assert votes == [(Vote.DOWN, "条号对，可是我问的不是这个")] * 2 + [(Vote.DOWN, "没答到点上")] * 2
        steps = (await session.scalars(select(Step))).all()
    assert len({(step.slot_id, step.sequence) for step in steps}) == len(steps)
