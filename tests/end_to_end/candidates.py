"""People who sit a paper in a chat: they read the question off the screen, know the right answer, and note what they tap."""

import re
from dataclasses import dataclass, field
from functools import cache

from exam.attempts.rules import StepAction
from question_bank.questions.content import load_content
from question_bank.questions.rules import QuestionContent, QuestionType
from tests.end_to_end.chats import Chat, Screen, Sent, offers, says

_POSITION = re.compile(r"第 (\d+)/(\d+) 题")
_OPTION = re.compile(r"^([A-F])\. (.+)$", re.MULTILINE)

NotedStep = tuple[int, StepAction, int | None]
"""Position on the paper, what was done, and the option by its place in the question as it was written."""


@cache
def _contents() -> tuple[QuestionContent, ...]:
    return tuple(sorted((entry.content for entry in load_content().values()), key=lambda content: -len(content.stem)))


@dataclass(frozen=True)
class QuestionOnScreen:
    """A question as a person sees it: where it stands on the paper, and which button belongs to which option."""

    position: int
    content: QuestionContent
    buttons: dict[int, str]

    @classmethod
    def read(cls, screen: Screen) -> "QuestionOnScreen":
        position = _POSITION.search(screen.text)
        assert position is not None, screen
        content = next(content for content in _contents() if content.stem in screen.text)
        texts = [option.text for option in content.options]
        if content.type is QuestionType.TRUE_FALSE:
            buttons = dict(enumerate(texts))
        else:
            buttons = {texts.index(text): letter for letter, text in _OPTION.findall(screen.text)}
        return cls(int(position[1]), content, buttons)

    @property
    def is_multiple(self) -> bool:
        return self.content.type is QuestionType.MULTIPLE_CHOICE

    def choice(self, *, right: bool) -> list[int]:
        """The options to tap for a right answer, or for a wrong one."""
        keys = sorted(self.content.keys)
        return keys if right else [min(set(self.buttons) - set(keys))]


@dataclass
class Candidate:
    """One drawn person. `steps` are the taps that must be in the database, in order, a list for each attempt."""

    name: str
    person_id: int
    code: str
    chat: Chat = field(init=False)
    steps: list[list[NotedStep]] = field(default_factory=list)

    async def join(self) -> None:
        await self.chat.connect()
        await self.chat.say(self.code)
        await self.chat.see(says(f"{self.name}，您好"))

    async def start(self, words: str) -> None:
        """Start an attempt with the button of the present screen that begins with these words."""
        await self.chat.tap(words)
        await self.chat.see(says("第 1/"))
        self.steps.append([])

    async def answer(self, *rights: bool) -> None:
        """Answer the question on the screen, and those that follow, right or wrong; wait for what comes after each tap."""
        for right in rights:
            question = QuestionOnScreen.read(self.chat.screen)
            for index in question.choice(right=right):
                await self._tap(question, index)
                if question.is_multiple:
                    await self.chat.see(offers(f"☑ {question.buttons[index]}"))
            if question.is_multiple:
                await self._confirm(question)
            await self.chat.see(lambda screen, here=f"第 {question.position}/": here not in screen.text)

    async def answer_blindly(self, *, right: bool, times: int = 1) -> list[Sent]:
        """Send all taps of an answer without waiting for anything, each `times` over."""
        question = QuestionOnScreen.read(self.chat.screen)
        sent = []
        for index in question.choice(right=right):
            sent += [await self._tap(question, index, is_new=n == 0) for n in range(times)]
        if question.is_multiple:
            sent += [await self._confirm(question, is_new=n == 0) for n in range(times)]
        return sent

    async def _tap(self, question: QuestionOnScreen, index: int, *, is_new: bool = True) -> Sent:
        if is_new:
            action = StepAction.ADD if question.is_multiple else StepAction.CHOOSE
            self.steps[-1].append((question.position, action, index))
        return await self.chat.tap(f"☐ {question.buttons[index]}" if question.is_multiple else question.buttons[index])

    async def _confirm(self, question: QuestionOnScreen, *, is_new: bool = True) -> Sent:
        if is_new:
            self.steps[-1].append((question.position, StepAction.CONFIRM, None))
        return await self.chat.tap("确定")

    async def go_to(self, position: int) -> None:
        """Open another question from the answer card."""
        await self.chat.tap("答题卡")
        await self.chat.see(says("答题卡"))
        await self.chat.tap(f"{position} ")
        await self.chat.see(says(f"第 {position}/"))

    async def resume(self) -> None:
        """Come back to the paper from wherever one is."""
        await self.chat.say("/exam")
        await self.chat.see(offers("继续答题"))
        await self.chat.tap("继续答题")
        await self.chat.see(says("第 "))

    async def hand_in(self) -> str:
        """Hand the paper in from the answer card; returns what the result says."""
        await self.chat.tap("交卷")
        await self.chat.see(offers("确认交卷"))
        await self.chat.tap("确认交卷")
        return (await self.chat.see(says("已交卷"))).text
