"""What happens when Telegram says no: waits obeyed, blocks final, and nobody else's updates suffer."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs
from telegram import Bot

from bot.delivery.senders import DeliveryFailed
from bot.dialogue.events import Button, Event, Reply, Response
from bot.telegram.sending import LONGEST_WAIT, TelegramSender
from exam.people.rules import Channel
from tests.bot.channels import telegram
from tests.bot_api import BotApiServer
from tests.fakes import FakeClock

SCREEN = Reply("画面", ((Button("刷新", "again"), Button("坏", "bad")),), replaces=True)


class ScriptedDialogue:
    """Answers taps with a screen of its own, and texts with what was said."""

    async def handle(self, event: Event) -> Response:
        match event.name or event.text:
            case "again":
                return Response((Reply("新画面", SCREEN.buttons, replaces=True), Reply("附言")), toast="好")
            case "bad":
                return Response((Reply("<b>没有关上", replaces=True),), toast="好")
            case "nothing":
                return Response(toast="只有提示")
            case "坏":
                return Response((Reply("<b>没有关上"),))
        return Response((SCREEN if event.text == "开始" else Reply(f"收到 {event.text}"),))


@asynccontextmanager
async def written_to(server: BotApiServer) -> AsyncIterator[TelegramSender]:
    """A sender of notices, and person 5 who has written to the bot."""
    await server.person(5).say("/start")
    async with Bot(server.token, base_url=server.base_url) as bot:
        yield TelegramSender(bot)


async def test_a_tap_edits_the_tapped_message_and_adds_what_does_not_fit() -> None:
    async with BotApiServer() as server, telegram(server, ScriptedDialogue(), FakeClock()):
        person = server.person(1)
        await person.say("开始")
        screen = await person.next_message()
        await person.tap("刷新")
        await person.wait_for(lambda person: len(person.messages) == 2 and person.alerts)
        assert [message.text for message in person.messages] == ["新画面", "附言"]
        assert (screen.edited, [alert.text for alert in person.alerts]) == (1, ["好"])
        await person.tap(callback_data="nothing", message=screen, stale=True)
        await person.wait_for(lambda person: len(person.alerts) == 2)
        assert person.alerts[-1].text == "只有提示"
        assert server.refused == []


async def test_the_wait_that_telegram_asks_for_is_obeyed() -> None:
    async with BotApiServer() as server, telegram(server, ScriptedDialogue(), FakeClock()):
        person = server.person(1)
        server.fail_next("sendMessage", 429, retry_after=1)
        await person.say("一")
        assert (await person.next_message()).text == "收到 一"
        first, second = [request.time for request in server.requests if request.method == "sendMessage"]
        assert second - first >= 1.0
        assert server.refused == []


async def test_a_longer_wait_than_a_person_has_patience_for_gives_the_reply_up_and_later_updates_go_on() -> None:
    async with BotApiServer() as server, telegram(server, ScriptedDialogue(), FakeClock()):
        person = server.person(1)
        server.fail_next("sendMessage", 429, retry_after=int(LONGEST_WAIT.total_seconds()) + 1)
        with capture_logs() as logs:
            await person.say("一")
            await person.say("二")
            assert (await person.next_message()).text == "收到 二"
        assert [(entry["event"], entry["error"]) for entry in logs] == [("telegram_reply_failed", "RetryAfter")]
        assert server.refused == []


async def test_a_broken_connection_is_tried_again() -> None:
    async with BotApiServer() as server, telegram(server, ScriptedDialogue(), FakeClock()):
        person = server.person(1)
        server.fail_next("sendMessage", 502)
        await person.say("一")
        assert (await person.next_message()).text == "收到 一"
        assert len(server.requests_of("sendMessage")) == 2
        assert server.refused == []


async def test_a_reply_that_telegram_refuses_stops_no_later_update_and_the_tap_is_answered() -> None:
    async with BotApiServer() as server, telegram(server, ScriptedDialogue(), FakeClock()):
        person, other = server.person(1), server.person(2)
        await person.say("开始")
        screen = await person.next_message()
        with capture_logs() as logs:
            await person.tap("坏", message=screen)
            await person.wait_for(lambda person: person.alerts)
            await person.say("坏")
            await person.say("二")
            await other.say("三")
            await person.wait_for(lambda person: person.messages[-1].text == "收到 二")
            assert (await other.next_message()).text == "收到 三"
        assert {(entry["event"], entry["error"]) for entry in logs} == {("telegram_reply_failed", "BadRequest")}
        assert "没有关上" not in str(logs)
        methods = [refused.method for refused in server.refused]
        assert sorted(methods) == ["editMessageText", "sendMessage", "sendMessage"]  # the edit, the same anew, and the reply
        assert all("can't parse entities" in refused.description for refused in server.refused)


async def test_who_blocked_the_bot_stops_nobody() -> None:
    async with BotApiServer() as server, telegram(server, ScriptedDialogue(), FakeClock()):
        gone, other = server.person(1), server.person(2)
        await gone.say("一")
        await gone.next_message()
        server.fail_next("sendMessage", 403)
        await gone.say("二")
        await server.wait_for(lambda server: server.faults)
        await other.say("三")
        assert (await other.next_message()).text == "收到 三"
        await gone.say("四")
        assert (await gone.next_message()).text == "收到 四"
        assert server.refused == []


async def test_a_tap_that_is_too_old_to_be_answered_still_changes_the_screen() -> None:
    async with BotApiServer() as server, telegram(server, ScriptedDialogue(), FakeClock()):
        person = server.person(1)
        await person.say("开始")
        await person.next_message()
        server.callback_query_max_age = -1
        await person.tap("刷新")
        await person.wait_for(lambda person: len(person.messages) == 2)
        assert person.messages[0].text == "新画面"
        await server.wait_for(lambda server: server.refused)
        assert [refused.method for refused in server.refused] == ["answerCallbackQuery"]


@pytest.mark.parametrize(
    ("code", "reason", "final", "wait"),
    [
        (429, "retry_after", False, dt.timedelta(seconds=7)),
        (403, "forbidden", True, None),
        (400, "badrequest", True, None),
        (502, "networkerror", False, None),
    ],
)
async def test_a_notice_that_fails_says_whether_and_when_to_try_again(
    code: int, reason: str, final: bool, wait: dt.timedelta | None
) -> None:
    async with BotApiServer() as server, written_to(server) as sender:
        server.fail_next("sendMessage", code, retry_after=7 if code == 429 else None)
        with pytest.raises(DeliveryFailed) as caught:
            await sender.send("5", SCREEN)
        assert (caught.value.reason, caught.value.final, caught.value.wait) == (reason, final, wait)
        assert len(server.requests_of("sendMessage")) == 1, "one try; the outbox decides about the next"
        await sender.send("5", SCREEN)
        assert server.person(5).messages[0].buttons == [[("刷新", "again"), ("坏", "bad")]]
        assert server.refused == []


async def test_a_server_that_is_down_is_a_failure_that_passes() -> None:
    async with BotApiServer() as server, written_to(server) as sender:
        await server.stop()
        with pytest.raises(DeliveryFailed) as caught:
            await sender.send("5", SCREEN)
        assert (caught.value.reason, caught.value.final) == ("networkerror", False)
        assert (sender.channel, sender.reachable()) == (Channel.TELEGRAM, None)


async def test_notices_to_many_people_go_out_at_once() -> None:
    async with BotApiServer() as server, written_to(server) as sender:
        for number in range(6, 30):
            await server.person(number).say("/start")
        await asyncio.gather(*(sender.send(str(number), SCREEN) for number in range(5, 30)))
        assert all(server.person(number).messages[0].text == "画面" for number in range(5, 30))
        assert server.refused == []
