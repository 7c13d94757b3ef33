"""An unmodified python-telegram-bot application against the server: people and updates."""

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest
from aiohttp import web
from telegram.error import BadRequest, Conflict
from telegram.ext import ApplicationBuilder

from tests.bot_api import BotApiServer, Button, Message, NoSuchButtonError
from tests.bot_api.echo_bot import application, polling

pytestmark = pytest.mark.asyncio
ROOT = Path(__file__).parents[2]


async def test_a_person_writes_taps_and_sees_the_edit() -> None:
    async with BotApiServer() as server, polling(server):
        person = server.person(5, "李四")
        await person.start("ABC")
        message = await person.next_message()
        assert (message.text, message.raw_text) == ("你好 ABC", "<b>你好</b> ABC")
        assert message.entities == [{"type": "bold", "offset": 0, "length": 2}]
        assert message.buttons == [[("对", "answer:1"), Button("错", None)]]

        await person.tap("对")
        assert await person.next_message() is message
        assert (message.text, message.edited, message.buttons) == ("chosen answer:1", 1, [])
        assert person.messages == [message]
        assert [(a.text, a.show_alert) for a in person.alerts] == [("已提交", True)]

        await person.say("再见")
        assert await person.wait_for(lambda p: p.messages[1].text == "再见")
        await person.send_sticker()
        assert (await person.next_message()).text == "not a text"
        await person.send_photo("照片")
        await person.send_voice()
        await person.wait_for(lambda p: len(p.messages) == 5)
        assert server.refused == []
        assert server.sent == Counter(deleteWebhook=1, sendMessage=5, answerCallbackQuery=1, editMessageText=1)


async def test_a_tap_on_no_button_tells_which_there_are() -> None:
    async with BotApiServer() as server, polling(server):
        person = server.person(5)
        await person.start()
        message = await person.next_message()
        with pytest.raises(NoSuchButtonError, match=r"'提交' in chat 5(.|\n)*\[对 \| answer:1\]"):
            await person.tap("提交")
        with pytest.raises(NoSuchButtonError, match="sends no callback query"):
            await person.tap("错")
        await person.tap(callback_data="answer:1")
        await person.next_message()
        with pytest.raises(NoSuchButtonError, match="on message"):
            await person.tap("对", message=message)
        await person.tap(callback_data="answer:1", message=message, stale=True)
        await person.wait_for(lambda p: len(p.alerts) == 2)
        await server.wait_for(lambda s: s.refused)
        assert [r.method for r in server.refused] == ["editMessageText"]
        assert "message is not modified" in server.refused[0].description
        with pytest.raises(TimeoutError, match="chosen answer:1"):
            await person.next_message(timeout=0)


async def test_repeated_and_raw_updates() -> None:
    async with BotApiServer() as server, polling(server):
        person = server.person(5)
        update_id = await person.say("一")
        await person.next_message()
        await person.say("二")
        await person.next_message()
        server.repeat_update(update_id)
        assert (await person.next_message()).text == "一"
        server.queue_update({"something_new": {}})
        user = {"id": 6, "is_bot": False, "first_name": "王五"}
        chat = {"id": 6, "type": "private"}
        server.queue_update({"message": {"from": user, "chat": chat, "text": "raw"}})
        assert (await server.person(6).next_message()).text == "raw"
        assert server.person(6).user["first_name"] == "王五"


async def test_groups() -> None:
    async with BotApiServer() as server, polling(server):
        group = server.group(-100, "食堂")
        await server.person(5).say("/start@test_bot", chat=group)
        message = await group.next_message()
        await server.person(6).tap("对", chat=group)
        await server.person(6).wait_for(lambda p: p.alerts)
        assert server.person(5).messages == []
        assert message.chat["id"] == -100
        assert server.refused == []


async def test_the_bot_goes_away_and_comes_back() -> None:
    async with BotApiServer() as server:
        person = server.person(5)
        async with application(server) as app:
            await person.say("一")
            await person.say("二")
            assert [u.message.text for u in await app.bot.get_updates()] == ["一", "二"]
            assert len(await app.bot.get_updates()) == 2  # not confirmed
        async with polling(server):
            await person.wait_for(lambda p: [m.text for m in p.messages] == ["一", "二"])
        await server.stop()
        await server.start()
        async with polling(server):
            await person.say("三")
            assert (await person.next_message()).text == "三"
        assert server.refused == []


async def test_long_polling_offsets_and_a_second_poll() -> None:
    async with BotApiServer() as server, application(server) as app:
        person = server.person(5)
        waiting = asyncio.create_task(app.bot.get_updates(timeout=30))
        first_id = await person.say("一")
        assert [u.update_id for u in await waiting] == [first_id]
        second_id = await person.say("二")
        assert [u.update_id for u in await app.bot.get_updates(offset=first_id + 1)] == [second_id]
        waiting = asyncio.create_task(app.bot.get_updates(second_id + 1, timeout=30))
        await server.wait_for(lambda s: s.updates.count == 0)
        async with application(server) as second:
            assert await second.bot.get_updates() == ()
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await waiting
        assert await app.bot.get_updates(allowed_updates=["callback_query"]) == ()
        await person.say("三")
        assert server.updates.count == 0


async def test_a_webhook_gets_each_update_until_it_takes_it() -> None:
    taken: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    refusals = [500, 500]

    async def receive(request: web.Request) -> web.Response:
        if refusals:
            return web.Response(status=refusals.pop())
        message = Message.from_api((await request.json())["message"])
        taken.put_nowait((request.headers["X-Telegram-Bot-Api-Secret-Token"], message.text))
        return web.Response()

    receiver = web.Application()
    receiver.router.add_post("/hook", receive)
    runner = web.AppRunner(receiver)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    async with BotApiServer() as server, application(server) as app, asyncio.timeout(5):
        person = server.person(5)
        await person.say("一")
        await app.bot.set_webhook(url, secret_token="s-1")
        assert await taken.get() == ("s-1", "一")
        server.repeat_update(await person.say("二"))
        assert [await taken.get() for _ in range(2)] == [("s-1", "二")] * 2
        assert (await app.bot.get_webhook_info()).last_error_message.endswith("Server Error")
        await app.bot.delete_webhook()
        for wrong in ("http://example.com/", "https://example.com:8444/"):
            with pytest.raises(BadRequest, match="Bad webhook"):
                await app.bot.set_webhook(wrong)
    await runner.cleanup()


async def test_run_as_a_program() -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bot_api", "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert program.stdout is not None
    base_url = (await program.stdout.readline()).decode().split()[1]
    app = ApplicationBuilder().token("123456:TEST-TOKEN").base_url(base_url).build()
    async with app:
        assert app.bot.username == "test_bot"
    program.terminate()
    await program.communicate()
    assert program.returncode == 0
