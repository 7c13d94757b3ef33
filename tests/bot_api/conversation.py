"""A chat with the bot in it: its messages as they stand now, and waiting for what comes."""

from collections import deque
from typing import Any, Self

from .messages import Message
from .waiting import Waiting


class Conversation(Waiting):
    """A private chat or a group."""

    def __init__(self, chat: dict[str, Any]) -> None:
        super().__init__()
        self.chat = chat
        self.blocked = False
        self.history: dict[int, Message] = {}
        self._unread: deque[Message] = deque()

    @property
    def chat_id(self) -> int:
        """The identifier of the chat."""
        return self.chat["id"]

    @property
    def messages(self) -> list[Message]:
        """The bot's messages in this chat as they stand now, oldest first, without deleted ones."""
        return [m for m in self.history.values() if m.from_bot and not m.deleted]

    @property
    def reply_keyboard(self) -> list[list[str]]:
        """The rows of the reply keyboard shown under the chat now, empty if there is none."""
        for message in reversed(self.messages):
            markup = message.reply_markup or {}
            if "remove_keyboard" in markup:
                break
            if "keyboard" in markup:
                return [[button["text"] for button in row] for row in markup["keyboard"]]
        return []

    def existing(self, message_id: int | None) -> Message | None:
        """The message with this identifier unless it is deleted."""
        message = self.history.get(message_id or 0)
        return None if message is None or message.deleted else message

    def forget_unread(self) -> None:
        """Everything the bot sent until now counts as read: `next_message` waits for newer ones."""
        self._unread.clear()

    async def change(self, unread: Message | None = None) -> None:
        """Tell the waiting tests that something changed (for the server)."""
        if unread is not None:
            self._unread.append(unread)
        await self.tell()

    async def next_message(self, timeout: float = 5) -> Message:  # noqa: ASYNC109
        """The next message the bot sent or edited since the last say, tap or next_message."""

        def first_unread(_: Self) -> Message | None:
            while self._unread and self._unread[0].deleted:
                self._unread.popleft()
            return self._unread[0] if self._unread else None

        message = await self.wait_for(first_unread, timeout)
        self._unread.popleft()
        return message

    def describe(self) -> str:
        """The newest messages and their buttons, for error messages."""
        lines = [f"chat {self.chat_id} ({self.chat.get('first_name') or self.chat.get('title')})"]
        for message in self.messages[-5:]:
            lines.append(f"  message {message.message_id}: {message.text[:60]!r}")
            lines += ["    " + " ".join(f"[{b.text} | {b.callback_data}]" for b in row) for row in message.buttons]
        if len(lines) == 1:
            lines.append("  no message of the bot")
        return "\n".join(lines)


class Group(Conversation):
    """A group which the bot is a member of; people write with `person.say(text, chat=group)`."""
