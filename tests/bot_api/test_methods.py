"""What python-telegram-bot makes of the server's answers: errors, edits, files, settings."""

from datetime import timedelta

import pytest
from telegram import Bot, ReplyKeyboardMarkup
from telegram.error import (
    BadRequest,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)

from tests.bot_api import BotApiServer
from tests.bot_api.echo_bot import KEYBOARD, application, written_to

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def _timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it PTB warns of its own RetryAfter."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


async def test_faults_on_demand() -> None:
    async with BotApiServer() as server, written_to(server) as app:
        server.fail_next("sendMessage", 429, retry_after=7)
        with pytest.raises(RetryAfter) as caught:
            await app.bot.send_message(5, "一")
        assert caught.value.retry_after == timedelta(seconds=7)
        server.fail_next("sendMessage", 403, times=2)
        for _ in range(2):
            with pytest.raises(Forbidden, match="bot was blocked by the user"):
                await app.bot.send_message(5, "一")
        for code, text in ((500, "Internal Server Error"), (502, "Bad Gateway")):
            server.fail_next("sendMessage", code)
            with pytest.raises(NetworkError, match=text):
                await app.bot.send_message(5, "一")
        person = server.person(5)
        assert person.messages == []
        server.drop_next("sendMessage")
        with pytest.raises(NetworkError):
            await app.bot.send_message(5, "二")
        assert [m.text for m in person.messages] == ["二"]
        server.block(5, tell_bot=True)
        with pytest.raises(Forbidden, match="blocked"):
            await app.bot.send_message(5, "三")
        server.unblock(5)
        await app.bot.send_message(5, "四")
        assert len(server.faults) == 6
        assert server.refused == []
        updates = await app.bot.get_updates()
        assert updates[-1].my_chat_member.new_chat_member.status == "kicked"


async def test_the_rate_limit() -> None:
    async with BotApiServer() as server, written_to(server) as app:
        await server.person(6).say("hi")
        await server.person(7).say("hi")
        server.clock = lambda: 1_000_000.5
        server.enforce_limits(per_second=2, per_chat_per_second=1)
        await app.bot.send_message(5, "一")
        with pytest.raises(RetryAfter):
            await app.bot.send_message(5, "二")
        await app.bot.send_message(6, "一")
        with pytest.raises(RetryAfter):
            await app.bot.send_message(7, "一")
        server.clock = lambda: 1_000_001.5
        await app.bot.send_message(5, "二")
        assert server.sent["sendMessage"] == 3
        assert [f.description for f in server.faults] == ["Too Many Requests: retry after 1"] * 2


async def test_whom_the_bot_may_write_to() -> None:
    async with BotApiServer() as server, application(server) as app:
        with pytest.raises(BadRequest, match="Chat not found"):
            await app.bot.send_message(5, "一")
        server.person(5)
        with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
            await app.bot.send_message(5, "一")
        other = Bot("1:other", base_url=server.base_url)
        with pytest.raises(InvalidToken):
            await other.initialize()
        await other.shutdown()
        with pytest.raises(EndPointNotFound):
            await app.bot.do_api_request("sendNothing")
        assert [r.method for r in server.refused] == [*("sendMessage", "sendMessage", "getMe", "sendNothing")]


async def test_edits_deletions_and_late_answers() -> None:
    async with BotApiServer() as server, written_to(server) as app:
        person, bot = server.person(5), app.bot
        sent = await bot.send_message(5, " a ", reply_markup=KEYBOARD)
        with pytest.raises(BadRequest, match="Message is not modified"):
            await sent.edit_text("a", reply_markup=KEYBOARD)
        with pytest.raises(BadRequest, match="Message is not modified"):
            await sent.edit_reply_markup(KEYBOARD)
        await sent.edit_reply_markup(None)
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await bot.edit_message_text("b", 5, 999)
        with pytest.raises(BadRequest, match="Message can't be edited"):
            await bot.edit_message_text("b", 5, 1)
        with pytest.raises(BadRequest, match="Message to be replied not found"):
            await bot.send_message(5, "a", reply_to_message_id=999)
        await sent.edit_reply_markup(KEYBOARD)
        assert person.messages[0].edited == 2
        await person.tap("对")
        query = (await bot.get_updates())[-1].callback_query
        server.callback_query_max_age = -1
        with pytest.raises(BadRequest, match="Query is too old"):
            await query.answer()
        server.callback_query_max_age = 15
        await query.answer()
        with pytest.raises(BadRequest, match="Query is too old"):
            await query.answer()
        await sent.delete()
        with pytest.raises(BadRequest, match="Message to delete not found"):
            await sent.delete()
        assert person.messages == []


async def test_documents_files_and_keyboards() -> None:
    async with BotApiServer() as server, written_to(server) as app:
        person, bot = server.person(5), app.bot
        caption = {"caption": "<i>表</i>", "parse_mode": "HTML", "reply_markup": KEYBOARD}
        sent = await bot.send_document(5, b"PK", filename="成绩.xlsx", thumbnail=b"x", **caption)
        message = await person.next_message()
        assert message.document is not None
        assert (message.document.file_name, message.document.content) == ("成绩.xlsx", b"PK")
        assert (message.text, sent.caption) == ("表", "表")
        await bot.send_document(5, sent.document.file_id)
        await person.send_document(b"abc", "题库.csv")
        document = (await bot.get_updates())[-1].message.document
        file = await document.get_file()
        assert await file.download_as_bytearray() == b"abc"
        await bot.send_message(5, "menu", reply_markup=ReplyKeyboardMarkup([["考试", "问答"]]))
        assert person.reply_keyboard == [["考试", "问答"]]
        assert (await bot.get_chat(5)).first_name == "张三"
        await person.inline_query("法")
        await (await bot.get_updates())[-1].inline_query.answer([])
        assert person.inline_answers[0]["results"] == []
        await bot.set_my_commands([("start", "开始")])
        assert [c.command for c in await bot.get_my_commands()] == ["start"]
        await bot.set_my_description("说明")
        await bot.set_chat_menu_button()
        await bot.send_chat_action(5, "typing")
        assert server.refused == []
