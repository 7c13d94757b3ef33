"""A virtual person who types and taps, and sees what a person would see."""

import re
from typing import TYPE_CHECKING, Any

from .conversation import Conversation, Group
from .formatting import Entity, utf16_length
from .keyboards import is_start_parameter
from .limits import article_result
from .messages import CallbackAnswer, Message

if TYPE_CHECKING:
    from .world import World

_BOT_COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{1,32})?(?![\w/<>])")
_MENTION = re.compile(r"(?<![A-Za-z0-9_/@])@[A-Za-z0-9_]{3,32}(?![A-Za-z0-9_@])")


class NoSuchButtonError(AssertionError):
    """A tap on a button that is not there."""


class Person(Conversation):
    """A person and the private chat with them."""

    def __init__(self, world: "World", user: dict[str, Any]) -> None:
        names = {k: v for k, v in user.items() if k in ("first_name", "last_name", "username")}
        super().__init__({"id": user["id"], "type": "private", **names})
        self.user = user
        self.started = False
        self.alerts: list[CallbackAnswer] = []
        self.inline_answers: list[dict[str, Any]] = []
        self._world = world

    async def say(self, text: str, *, chat: Group | None = None, reply_to: Message | None = None) -> int:
        """Send a text (a command if it starts with /) and return the update_id."""
        if not 1 <= utf16_length(text) <= 4096:
            raise ValueError("a person's message has 1-4096 characters")
        body: dict[str, Any] = {"text": text}
        entities = [*_entities(_BOT_COMMAND, "bot_command", text), *_entities(_MENTION, "mention", text)]
        if entities:
            body["entities"] = entities
        if reply_to is not None:
            body["reply_to_message"] = reply_to.as_replied_to()
        return self._send(body, chat)

    async def start(self, parameter: str = "") -> int:
        """Press START, or open the deep link https://t.me/<bot>?start=<parameter>."""
        if parameter and not is_start_parameter(parameter):
            raise ValueError(f"not a start parameter of 1-64 A-Z a-z 0-9 _ -: {parameter!r}")
        return await self.say(f"/start {parameter}".rstrip())

    async def tap(
        self,
        text: str | None = None,
        *,
        callback_data: str | None = None,
        message: Message | None = None,
        chat: Group | None = None,
        stale: bool = False,
    ) -> int:
        """Tap the newest button with this text and/or callback_data and return the update_id.

        Looked for are the messages of the private chat, or of `chat`; with `message` the button
        must be on that message. With `stale` the tap comes from a client which still shows an old
        state: `message` need not have the button any more.
        """
        place: Conversation = chat or self
        if message is not None:
            place = self._world.conversation(message.chat["id"])
        if stale:
            if message is None or callback_data is None:
                raise ValueError("a stale tap needs message and callback_data")
        else:
            message, callback_data = self._find_button(place, text, callback_data, message)
        query = {
            "from": self.user,
            "message": _seen(message),
            "chat_instance": str(place.chat_id),
            "data": callback_data,
        }
        return self._act(place, {"callback_query": query})

    def _find_button(
        self,
        place: Conversation,
        text: str | None,
        callback_data: str | None,
        message: Message | None,
    ) -> tuple[Message, str]:
        if text is None and callback_data is None:
            raise ValueError("which button? give its text or its callback_data")
        candidates = place.messages[::-1] if message is None else [message]
        for candidate in candidates:
            for button in (button for row in candidate.buttons for button in row):
                same_text = text in (None, button.text)
                if not same_text or callback_data not in (None, button.callback_data):
                    continue
                if button.callback_data is None:
                    raise NoSuchButtonError(f"the button {text!r} sends no callback query")
                if not candidate.deleted:
                    return candidate, button.callback_data
        wanted = repr(text) if callback_data is None else f"with callback_data {callback_data!r}"
        where = f" on message {message.message_id}" if message else ""
        raise NoSuchButtonError(f"there is no button {wanted}{where} in {place.describe()}")

    async def send_sticker(self, emoji: str = "👍", *, chat: Group | None = None) -> int:
        """Send a sticker and return the update_id."""
        file = self._world.add_file("sticker.webp", b"RIFF", "image/webp", "stickers").as_api()
        sticker = {
            **{k: file[k] for k in ("file_id", "file_unique_id", "file_size")},
            **{"type": "regular", "width": 512, "height": 512, "emoji": emoji},
            **{"is_animated": False, "is_video": False},
        }
        return self._send({"sticker": sticker}, chat)

    async def send_photo(self, caption: str = "", *, chat: Group | None = None) -> int:
        """Send a photo and return the update_id."""
        file = self._world.add_file("photo.jpg", b"\xff\xd8", "image/jpeg", "photos").as_api()
        size = {k: file[k] for k in ("file_id", "file_unique_id", "file_size")}
        body: dict[str, Any] = {"photo": [{**size, "width": 90, "height": 90}]}
        return self._send({**body, "caption": caption} if caption else body, chat)

    async def send_voice(self, duration: int = 3, *, chat: Group | None = None) -> int:
        """Send a voice message and return the update_id."""
        file = self._world.add_file("voice.ogg", b"OggS", "audio/ogg", "voice").as_api()
        del file["file_name"]
        return self._send({"voice": {**file, "duration": duration}}, chat)

    async def send_document(self, content: bytes, file_name: str, *, chat: Group | None = None) -> int:
        """Send a file which the bot can get with getFile, and return the update_id."""
        file = self._world.add_file(file_name, content, "application/octet-stream", "documents")
        return self._send({"document": file.as_api()}, chat)

    async def send_location(self, *, chat: Group | None = None) -> int:
        """Send a place on the map and return the update_id."""
        return self._send({"location": {"latitude": 34.75, "longitude": 113.62}}, chat)

    async def inline_query(self, query: str, *, offset: str = "") -> int:
        """Type "@bot query" in some chat and return the update_id."""
        return self._act(self, {"inline_query": {"from": self.user, "query": query, "offset": offset}})

    async def choose(self, number: int = 0, *, chat: Group | None = None) -> int:
        """Send one of the articles that the newest inline query was answered with, and return the update_id."""
        formatted = article_result(self.inline_answers[-1]["results"][number], self._world.username)
        body = {"text": formatted.text, "entities": formatted.entities, "via_bot": self._world.bot_user}
        return self._send(body, chat)

    def _send(self, body: dict[str, Any], chat: Group | None) -> int:
        place: Conversation = chat or self
        message = {"from": self.user, "chat": place.chat, **body}
        return self._act(place, {"message": message})

    def _act(self, place: Conversation, update: dict[str, Any]) -> int:
        if self.blocked:
            raise AssertionError("this person has blocked the bot: call server.unblock first")
        place.forget_unread()
        return self._world.queue_update(update)


def _seen(message: Message | None) -> dict[str, Any]:
    assert message is not None
    if message.deleted:
        return {"chat": message.chat, "message_id": message.message_id, "date": 0}
    return message.as_api()


def _entities(pattern: re.Pattern[str], kind: str, text: str) -> list[Entity]:
    """What Telegram finds in a text by itself."""
    return [
        {"type": kind, "offset": utf16_length(text[: found.start()]), "length": utf16_length(found[0])}
        for found in pattern.finditer(text)
    ]
