"""One interface over both channels; here a person on Telegram, in web_chats.py one with a browser.

Nothing here waits for the service by itself: `say` and `tap` send, `see` waits for what is shown next. So a test can send
several taps before any answer, and kill the service between them.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from tests.bot_api import Message, Person
from tests.bot_api.waiting import Waiting
from tests.bot_api.world import World

ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Screen:
    """A message of the bot as the person reads it, and its buttons: their words, and the action behind each."""

    id: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()

    def button(self, words: str) -> tuple[str, str]:
        """The first button that begins with these words."""
        for button in self.buttons:
            if button[0].startswith(words):
                return button
        raise AssertionError(f"there is no button {words!r} on {self}")

    def has_button(self, words: str) -> bool:
        return any(button[0].startswith(words) for button in self.buttons)


Condition = Callable[[Screen], object]


def says(*words: str) -> Condition:
    """The condition that a message has all these words in it."""
    return lambda screen: all(word in screen.text for word in words)


def offers(*buttons: str) -> Condition:
    """The condition that a message has buttons which begin with these words."""
    return lambda screen: all(screen.has_button(words) for words in buttons)


@dataclass
class Sent:
    """A tap that went out. Once `is_acknowledged`, the person has seen that it arrived."""

    screen: Screen
    action: str
    is_acknowledged: Callable[[], bool]


class Chat(Waiting, ABC):
    """A person's chat with the service. `screen` is the message last seen: the one whose buttons are tapped."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.screen = Screen("", "")

    async def see(self, condition: Condition) -> Screen:
        """Wait for a message, sent or changed since the person's last act, that fulfils the condition."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while True:
                    self.screen = await self._next_screen()
                    if condition(self.screen):
                        return self.screen
        except TimeoutError:
            raise AssertionError(f"{self.name} waited in vain; seen last: {self.screen}") from None

    async def find(self, condition: Condition) -> Screen:
        """Wait until a message anywhere in the chat fulfils the condition: for what comes unasked, before or after an answer."""
        await self.wait_for(lambda _: any(map(condition, self.screens)), ANSWER_SECONDS)
        self.screen = next(filter(condition, self.screens))
        return self.screen

    async def tap(self, words: str) -> Sent:
        """Tap the button of the present screen that begins with these words, without waiting."""
        return await self.tap_action(self.screen, self.screen.button(words)[1])

    async def repeat(self, sent: Sent) -> Sent:
        """Tap the same button of the same screen again, whatever stands there now."""
        return await self.tap_action(sent.screen, sent.action)

    async def acknowledged(self, *sent: Sent) -> None:
        """Wait until all these taps are acknowledged."""
        await self.wait_for(lambda _: all(one.is_acknowledged() for one in sent), ANSWER_SECONDS)

    @abstractmethod
    async def say(self, text: str) -> None:
        """Send a text or a command."""

    @abstractmethod
    async def tap_action(self, screen: Screen, action: str) -> Sent: ...

    @abstractmethod
    async def _next_screen(self) -> Screen: ...

    @property
    @abstractmethod
    def screens(self) -> list[Screen]:
        """All messages of the bot in the chat, as they stand now."""

    async def connect(self) -> None:
        """Open the page. On Telegram there is nothing to do."""

    async def leave(self) -> None:
        """Close the page. On Telegram there is nothing to do."""

    def describe(self) -> str:
        return f"{self.name}: {self.screen}"


class TelegramChat(Chat):
    """A person on Telegram, who keeps their chat whatever becomes of the bot."""

    def __init__(self, world: World, user_id: int, name: str) -> None:
        super().__init__(name)
        self._world = world
        self.person: Person = world.person(user_id, name)

    async def say(self, text: str) -> None:
        await self.person.say(text)

    async def tap_action(self, screen: Screen, action: str) -> Sent:
        message = self.person.history[int(screen.id)]
        await self.person.tap(callback_data=action, message=message, stale=True)
        query = self._world.callback_queries[next(reversed(self._world.callback_queries))]
        return Sent(screen, action, lambda: query.answered)

    async def acknowledged(self, *sent: Sent) -> None:
        await self.person.wait_for(lambda _: all(one.is_acknowledged() for one in sent), ANSWER_SECONDS)

    async def _next_screen(self) -> Screen:
        return _screen(await self.person.next_message(ANSWER_SECONDS))

    @property
    def screens(self) -> list[Screen]:
        return [_screen(message) for message in self.person.messages]

    async def find(self, condition: Condition) -> Screen:
        await self.person.wait_for(lambda _: any(map(condition, self.screens)), ANSWER_SECONDS)
        return await super().find(condition)


def _screen(message: Message) -> Screen:
    buttons = tuple((b.text, b.callback_data or "") for row in message.buttons for b in row)
    return Screen(str(message.message_id), message.text, buttons)
