"""Who and what the bot can reach: people, groups, messages, files and its own settings."""

import time
from collections.abc import Callable
from typing import Any

from .conversation import Conversation, Group
from .errors import bad_request, forbidden
from .faults import RateLimit
from .messages import CallbackQuery, File, Message
from .parameters import Parameters
from .person import Person
from .updates import UpdateQueue
from .waiting import Waiting


class World(Waiting):
    """The state which stays while the bot, or the server, is restarted."""

    def __init__(self, token: str, username: str) -> None:
        super().__init__()
        self.token = token
        self.username = username
        self.bot_user: dict[str, Any] = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Test bot",
            "username": username,
        }
        self.clock: Callable[[], float] = time.time
        self.callback_query_max_age: float = 15.0
        self.updates = UpdateQueue()
        self.files: dict[str, File] = {}
        self.callback_queries: dict[str, CallbackQuery] = {}
        self.inline_queries: dict[str, int] = {}
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.descriptions: dict[str, str] = {}
        self.short_descriptions: dict[str, str] = {}
        self.menu_buttons: dict[int | None, dict[str, Any]] = {}
        self._chats: dict[int, Conversation] = {}
        self._rate_limit: RateLimit | None = None
        self._last_id = 0

    def person(
        self,
        user_id: int,
        first_name: str = "张三",
        *,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str = "zh-hans",
    ) -> Person:
        """The person with this id; the same one each time, the names count only at first."""
        found = self._chats.get(user_id)
        if isinstance(found, Person):
            return found
        names = {"first_name": first_name, "last_name": last_name, "username": username}
        user: dict[str, Any] = {"id": user_id, "is_bot": False, "language_code": language_code}
        user.update({key: name for key, name in names.items() if name is not None})
        person = self._chats[user_id] = Person(self, user)
        return person

    def group(self, chat_id: int, title: str = "测试群") -> Group:
        """The group with this (negative) id, which the bot is a member of."""
        found = self._chats.get(chat_id)
        if isinstance(found, Group):
            return found
        if chat_id >= 0:
            raise ValueError("the id of a group is negative")
        group = self._chats[chat_id] = Group({"id": chat_id, "type": "supergroup", "title": title})
        return group

    def conversation(self, chat_id: int) -> Conversation:
        """The private chat or group with this id, which must exist."""
        return self._chats[chat_id]

    def block(self, chat_id: int, *, tell_bot: bool = False) -> None:
        """From now on the person blocks the bot (or: the bot is thrown out of the group).

        With `tell_bot` the bot also gets the my_chat_member update of it.
        """
        self._set_blocked(chat_id, True, tell_bot)

    def unblock(self, chat_id: int, *, tell_bot: bool = False) -> None:
        """Take back `block`."""
        self._set_blocked(chat_id, False, tell_bot)

    def _set_blocked(self, chat_id: int, blocked: bool, tell_bot: bool) -> None:
        chat = self.person(chat_id) if chat_id > 0 else self.group(chat_id)
        chat.blocked = blocked
        if not tell_bot:
            return
        by = chat.user if isinstance(chat, Person) else {"id": 1, "is_bot": False, "first_name": ""}
        member = {"user": self.bot_user, "status": "member"}
        kicked = {"user": self.bot_user, "status": "kicked", "until_date": 0}
        old, new = (member, kicked) if blocked else (kicked, member)
        change = {"chat": chat.chat, "from": by, "date": int(self.clock())}
        change.update(old_chat_member=old, new_chat_member=new)
        self.updates.put({"my_chat_member": change})

    def enforce_limits(self, per_second: float = 30, per_chat_per_second: float = 1) -> None:
        """From now on answer 429 to sends and edits beyond per_second and to sends beyond
        per_chat_per_second."""
        self._rate_limit = RateLimit(per_second, per_chat_per_second, lambda: self.clock())

    def queue_update(self, update: dict[str, Any]) -> int:
        """Queue a raw update and return its update_id.

        Missing identifiers and dates of a message or query are filled in; who writes in it has
        written to the bot from now on.
        """
        update = dict(update)
        if isinstance(update.get("message"), dict):
            update["message"] = self._message_of_person(update["message"])
        for kind in ("callback_query", "inline_query"):
            if isinstance(update.get(kind), dict):
                update[kind] = self._query_of_person(kind, update[kind])
        return self.updates.put(update)

    def repeat_update(self, update_id: int) -> None:
        """Deliver an old update once more, with the same update_id."""
        self.updates.repeat(update_id)

    def _message_of_person(self, given: dict[str, Any]) -> dict[str, Any]:
        body = {"message_id": self.next_message_id(), "date": int(self.clock()), **given}
        chat = body.get("chat") or {}
        sender = (body.get("from") or {}).get("id")
        if chat.get("type") == "private" and sender is not None:
            self.person(sender, body["from"].get("first_name", "张三")).started = True
        place = self._chats.get(chat.get("id"))
        if place is not None:
            place.history[body["message_id"]] = Message.from_api(body)
        if isinstance(body["message_id"], int):
            self._last_id = max(self._last_id, body["message_id"])
        return body

    def _query_of_person(self, kind: str, given: dict[str, Any]) -> dict[str, Any]:
        self._last_id += 1
        query = {"id": str(4_000_000_000 + self._last_id), **given}
        person_id = (query.get("from") or {}).get("id")
        if person_id is not None:
            self.person(person_id, query["from"].get("first_name", "张三"))
            if kind == "callback_query":
                self.callback_queries[query["id"]] = CallbackQuery(person_id, self.clock())
            else:
                self.inline_queries[query["id"]] = person_id
        return query

    def next_message_id(self) -> int:
        """A fresh message identifier, unique over all chats."""
        self._last_id += 1
        return self._last_id

    def add_file(self, file_name: str, content: bytes, mime_type: str, folder: str) -> File:
        """Keep a file; the bot can get it with getFile."""
        number = len(self.files) + 1
        suffix = file_name.rpartition(".")[2] if "." in file_name else "bin"
        path = f"{folder}/file_{number}.{suffix}"
        file_id = f"BQACAgUAAxkBAAIB{number:08d}"
        file = File(file_id, f"AgAD{number:08d}", file_name, path, mime_type, content)
        self.files[file_id] = file
        return file

    def chat_of(self, params: Parameters, *, writing: bool = False) -> Conversation:
        """The chat of a request, if the bot knows it and, for writing, may write into it."""
        chat_id = params.get("chat_id")
        if chat_id is None:
            raise bad_request("chat_id is empty")
        chat = self._chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise bad_request("chat not found")
        if isinstance(chat, Person) and not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        if writing and chat.blocked:
            raise forbidden(
                "bot was blocked by the user" if isinstance(chat, Person) else "bot was kicked from the supergroup chat",
                asked_for=True,
            )
        return chat

    def chat_to_write_to(self, params: Parameters, *, sends: bool) -> Conversation:
        """The chat of a request which sends (or edits) a message, within the rate limit."""
        chat = self.chat_of(params, writing=True)
        if self._rate_limit is not None:
            self._rate_limit.check(chat.chat_id, sends=sends)
        return chat
