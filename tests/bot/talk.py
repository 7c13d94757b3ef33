"""A virtual person in front of the chat, so that conversations read as stories: they say, tap, and see what a channel shows."""

from dataclasses import dataclass, replace

from bot.dialogue.dialogue import Dialogue
from bot.dialogue.events import Button, Event, EventKind, Identity, Reply, Response
from exam.people.rules import Channel
from question_bank.questions.rules import QuestionType, StoredQuestion
from tests.bot.checking import check_response, read_html
from tests.fakes import FakeClock


@dataclass(frozen=True)
class Shown:
    """One message as it stands in the chat now."""

    reply: Reply

    @property
    def text(self) -> str:
        return read_html(self.reply.text)

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.reply.buttons for button in row]

    @property
    def labels(self) -> list[str]:
        return [button.text for button in self.buttons]

    def button(self, label: str) -> Button:
        """The button with this text, or the only one whose text begins so."""
        exact = [button for button in self.buttons if button.text == label]
        found = exact or [button for button in self.buttons if button.text.startswith(label)]
        assert len(found) == 1, f"{label!r} among {self.labels} under {self.text!r}"
        return found[0]


class Talker:
    """Drives Dialogue.handle. Every response is checked; `screen` has the messages as a channel would show them."""

    def __init__(self, dialogue: Dialogue, clock: FakeClock, channel: Channel = Channel.TELEGRAM, external_id: str = "1") -> None:
        self._dialogue = dialogue
        self._clock = clock
        self.identity = Identity(channel, external_id)
        self.screen: list[Shown] = []
        self.toast: str | None = None
        self.seen: list[str] = []
        """Every text, button and remark there ever was, with the actions behind the buttons."""

    @property
    def last(self) -> Shown:
        return self.screen[-1]

    @property
    def text(self) -> str:
        return self.last.text

    @property
    def labels(self) -> list[str]:
        return self.last.labels

    async def say(self, text: str) -> str:
        return await self._send(EventKind.TEXT, text=text)

    async def command(self, name: str, text: str = "") -> str:
        return await self._send(EventKind.COMMAND, name=name, text=text)

    async def sticker(self) -> str:
        return await self._send(EventKind.UNREADABLE)

    async def ask_in_group(self, text: str, group: str = "-100") -> str:
        return await self._send(EventKind.GROUP_TEXT, text=text, place=group)

    async def tap(self, label: str, *, on: Shown | None = None) -> str:
        """Tap a button of the last message, or of an older screen `on` (which stays where it was if it is gone)."""
        shown = on or self.last
        return await self.forge(shown.button(label).action, on=shown)

    async def forge(self, action: str, *, on: Shown | None = None) -> str:
        """Tap with any action, as a tampered client can; returns what the last message says."""
        return await self._send(EventKind.TAP, name=action, tapped=on or (self.screen[-1] if self.screen else None))

    async def _send(
        self, kind: EventKind, *, text: str = "", name: str = "", place: str = "", tapped: Shown | None = None
    ) -> str:
        response = await self._dialogue.handle(Event(self.identity, kind, self._clock(), text=text, name=name, place=place))
        check_response(response)
        self._show(response, tapped, name)
        return self.text

    def _show(self, response: Response, tapped: Shown | None, name: str) -> None:
        self.toast = response.toast
        self.seen.append(response.toast or "")
        if response.row is not None and tapped is not None:
            rows = (response.row if any(b.action == name for b in row) else row for row in tapped.reply.buttons)
            place = next(i for i, other in enumerate(self.screen) if other is tapped)
            self.screen[place] = Shown(replace(tapped.reply, buttons=tuple(rows)))
        for reply in response.replies:
            shown = Shown(reply)
            self.seen += [shown.text, *(f"{button.text} {button.action}" for button in shown.buttons)]
            place = next((i for i, other in enumerate(self.screen) if other is tapped), None)
            if reply.replaces and place is not None:
                self.screen.append(self.screen.pop(place))  # edited: what the person looks at
                self.screen[-1] = shown
            else:
                self.screen.append(shown)


def question_on(text: str, bank: list[StoredQuestion]) -> StoredQuestion:
    """The question of the bank that a screen shows."""
    found = [stored for stored in bank if f"\n{stored.content.stem}" in text]
    assert len(found) == 1, text
    return found[0]


def letters_on(text: str, stored: StoredQuestion, *, keys: bool) -> list[str]:
    """Labels of the options on a screen that are keys, or those that are not: letters, or 正确 and 错误 written out."""
    wanted = [option.text for option in stored.content.options if option.is_key is keys]
    if stored.content.type is QuestionType.TRUE_FALSE:
        return wanted
    lines = text.splitlines()
    return sorted(line[0] for line in lines for option in wanted if line[1:] == f". {option}")


async def answer(talker: Talker, bank: list[StoredQuestion], *, right: bool) -> StoredQuestion:
    """Answer the question on the screen as a person does: by letter, several letters and 确定, or 正确 and 错误."""
    screen = talker.text
    stored = question_on(screen, bank)
    labels = letters_on(screen, stored, keys=right)
    if stored.content.type is not QuestionType.MULTIPLE_CHOICE:
        await talker.tap(labels[0])
        return stored
    for letter in labels if right else labels[:1]:
        await talker.tap(f"☐ {letter}")
    await talker.tap("确定")
    return stored
