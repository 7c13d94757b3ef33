"""Starting and stopping: outages waited out, a wrong token said at once, and only what is for the bot is heard."""

import asyncio
import logging
import time
from typing import Any

import pytest
from structlog.testing import capture_logs
from telegram import Update, User
from telegram.error import InvalidToken

from bot.dialogue.events import Event, EventKind, Reply, Response
from bot.telegram.application import ALLOWED_UPDATES, build_application, run_polling
from bot.telegram.convert import event_of
from exam.people.rules import Channel
from tests.bot.channels import telegram
from tests.bot_api import BotApiServer
from tests.fakes import START, FakeClock


class Echo:
    def __init__(self) -> None:
        self.heard: list[Event] = []

    async def handle(self, event: Event) -> Response:
        self.heard.append(event)
        return Response((Reply(f"收到 {event.text or event.name or event.kind}"),))


@pytest.mark.parametrize("token", ["123456:WRONG", "999:TEST-TOKEN"])
async def test_a_wrong_token_is_said_at_once_and_without_a_traceback(
    token: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO, logger="telegram")
    async with BotApiServer() as server:
        application = build_application(token, Echo(), FakeClock(), server.base_url.removesuffix("/bot"))  # type: ignore[arg-type]
        with pytest.raises(InvalidToken):
            await asyncio.wait_for(run_polling(application, asyncio.Event()), 5)
        assert [refused.method for refused in server.refused] == ["getMe"]
    assert [record for record in caplog.records if record.exc_info] == []
    assert token not in caplog.text
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("token", ["", "123456", "垃圾:令牌", "123456:AB C", "123456:ABC\nDEF", "123456:ABC/../x", "x:ABC"])
def test_what_cannot_be_a_token_is_refused_before_anything_is_sent(token: str) -> None:
    with pytest.raises(InvalidToken):
        build_application(token, Echo(), FakeClock())  # type: ignore[arg-type]


async def seen(logs: list[Any]) -> None:
    """Let the bot run until it has logged something: that it reaches nobody."""
    while not logs:  # noqa: ASYNC110 - a log tells nobody when it grows
        await asyncio.sleep(0)


async def test_an_outage_at_the_start_is_waited_out_and_waiting_updates_are_answered() -> None:
    server = BotApiServer()
    async with server:
        person = server.person(1)
        for text in ("一", "二", "三"):
            await person.say(text)
    with capture_logs() as logs:
        async with telegram(server, Echo(), FakeClock()), asyncio.timeout(10):
            await seen(logs)
            async with server:
                await person.wait_for(lambda person: len(person.messages) == 3)
                assert [message.text for message in person.messages] == ["收到 一", "收到 二", "收到 三"]
                assert server.refused == []
                assert server.requests_of("getUpdates")[0]["allowed_updates"] == ALLOWED_UPDATES
    assert {entry["event"] for entry in logs} <= {"telegram_unreachable", "telegram_polling_trouble"}


async def test_a_refusal_while_polling_begins_is_waited_out_too(caplog: pytest.LogCaptureFixture) -> None:
    async with BotApiServer() as server:
        server.fail_next("deleteWebhook", 502)
        server.fail_next("setMyCommands", 429, retry_after=30)
        async with telegram(server, Echo(), FakeClock()):
            await server.person(1).say("一")
            assert (await server.person(1).next_message()).text == "收到 一"
        assert server.refused == []
    assert [record for record in caplog.records if record.exc_info] == [], "python-telegram-bot would log a traceback"


async def test_stopping_during_an_outage_does_not_wait_for_its_end() -> None:
    server = BotApiServer()
    async with server:
        base_url = server.base_url.removesuffix("/bot")
    application = build_application(server.token, Echo(), FakeClock(), base_url)  # type: ignore[arg-type]
    stop = asyncio.Event()
    with capture_logs() as logs:
        running = asyncio.create_task(run_polling(application, stop, retry_seconds=3600))
        await seen(logs)
        stop.set()
        await asyncio.wait_for(running, 5)
    assert [entry["event"] for entry in logs] == ["telegram_unreachable"]


async def test_an_outage_while_polling_leaves_one_line_no_traceback_and_delays_no_stop(caplog: pytest.LogCaptureFixture) -> None:
    async with BotApiServer() as server:
        server.fail_next("getUpdates", 502)
        application = build_application(server.token, Echo(), FakeClock(), server.base_url.removesuffix("/bot"))  # type: ignore[arg-type]
        stop = asyncio.Event()
        with capture_logs() as logs:
            running = asyncio.create_task(run_polling(application, stop, stop_seconds=0.01))
            await seen(logs)
            begun = time.monotonic()
            stop.set()
            await running
        assert time.monotonic() - begun < 0.9, "it would have slept a second before it polled again"
        assert [(entry["event"], entry["error"]) for entry in logs] == [("telegram_polling_trouble", "NetworkError")]
    assert [record for record in caplog.records if record.exc_info] == []


async def test_groups_channels_service_messages_and_edits_are_not_heard() -> None:
    echo = Echo()
    async with BotApiServer() as server, telegram(server, echo, FakeClock()):
        person, group = server.person(1), server.group(-100)
        await person.say("/start")
        home = await person.next_message()
        await person.say("群里的话", chat=group)
        await person.say("/start@test_bot", chat=group)
        private = {"id": 1, "type": "private"}
        server.queue_update({"message": {"chat": private, "text": "没有发送者"}})
        server.queue_update({"message": {"from": person.user, "chat": private, "pinned_message": home.as_api()}})
        server.queue_update(
            {
                "message": {
                    "from": person.user,
                    "chat": private,
                    "message_auto_delete_timer_changed": {"message_auto_delete_time": 9},
                }
            }
        )
        server.queue_update(
            {"edited_message": {"message_id": 1, "date": 1, "from": person.user, "chat": private, "text": "改过"}}
        )
        server.queue_update(
            {"channel_post": {"message_id": 2, "date": 1, "chat": {"id": -5, "type": "channel", "title": "x"}, "text": "频道"}}
        )
        server.queue_update({"something_new": {}})
        await person.say("最后")
        await person.wait_for(lambda person: person.messages[-1].text == "收到 最后")
        assert [(event.name, event.text) for event in echo.heard] == [("start", ""), ("", "最后")]
        assert group.messages == []
        assert server.refused == []


BOT = User(123456, "Test bot", is_bot=True, username="test_bot")


def update(**message: object) -> Update:
    user = {"id": 7, "is_bot": False, "first_name": "张三"}
    body = {"message_id": 1, "date": int(START.timestamp()), "from": user, "chat": {"id": 7, "type": "private"}, **message}
    made = Update.de_json({"update_id": 1, "message": body}, None)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("text", "kind", "name", "argument"),
    [
        ("/start", EventKind.COMMAND, "start", ""),
        ("/start K7QM-2XRD", EventKind.COMMAND, "start", "K7QM-2XRD"),
        ("/START@test_bot   K7QM-2XRD  ", EventKind.COMMAND, "start", "K7QM-2XRD"),
        ("/start\nK7QM-2XRD", EventKind.COMMAND, "start", "K7QM-2XRD"),
        ("/ask 疫苗\n冷链", EventKind.COMMAND, "ask", "疫苗\n冷链"),
        ("/中文 命令", EventKind.TEXT, "", ""),
        ("/", EventKind.TEXT, "", ""),
        ("//etc/passwd", EventKind.TEXT, "", ""),
        ("疫苗 /start", EventKind.TEXT, "", ""),
    ],
)
def test_a_message_becomes_a_command_or_a_text(text: str, kind: EventKind, name: str, argument: str) -> None:
    event = event_of(update(text=text), BOT, FakeClock())
    assert event is not None
    assert (event.kind, event.name) == (kind, name)
    assert event.text == (argument if kind is EventKind.COMMAND else text)
    assert (event.identity.channel, event.identity.external_id, event.occurred_at) == (Channel.TELEGRAM, "7", START)


def test_what_is_no_text_is_heard_as_such() -> None:
    event = event_of(update(voice={"file_id": "1", "file_unique_id": "1", "duration": 1}), BOT, FakeClock())
    assert event is not None
    assert event.kind is EventKind.UNREADABLE
