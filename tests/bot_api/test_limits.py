"""Each documented limit: what Telegram refuses is refused and recorded, the limit itself passes."""

import json
from typing import Any

import aiohttp
import pytest

from tests.bot_api import BotApiServer
from tests.bot_api.formatting import FormattedText
from tests.bot_api.html import parse_html

pytestmark = pytest.mark.asyncio


def keyboard(*rows: list[Any]) -> str:
    """An inline keyboard as PTB sends it."""
    return json.dumps({"inline_keyboard": rows})


def button(text: str = "b", **action: Any) -> dict[str, Any]:
    """A button, with callback_data if no other action is given."""
    return {"text": text, **(action or {"callback_data": "d"})}


def commands(*pairs: tuple[str, str]) -> str:
    """The parameter of setMyCommands."""
    return json.dumps([{"command": name, "description": text} for name, text in pairs])


def results(text: str = "t", parse_mode: str | None = None, **changes: Any) -> str:
    """One article as the only result of answerInlineQuery."""
    content = {"message_text": text, **({"parse_mode": parse_mode} if parse_mode else {})}
    return json.dumps([{"type": "article", "id": "1", "title": "t", "input_message_content": content, **changes}])


DEFAULTS: dict[str, dict[str, Any]] = {
    "sendMessage": {"chat_id": "5", "text": "t"},
    "editMessageText": {"chat_id": "5", "text": "t"},
    "sendDocument": {"chat_id": "5"},
    "sendChatAction": {"chat_id": "5"},
}


async def call(server: BotApiServer, method: str, **params: Any) -> Any:
    """Call a method as a bot does, with a form, and return the decoded answer."""
    form = aiohttp.FormData()
    for name, value in {**DEFAULTS.get(method, {}), **params}.items():
        if isinstance(value, bytes):
            form.add_field(name, value, filename="a.txt")
        else:
            form.add_field(name, value)
    url = f"{server.base_url}{server.token}/{method}"
    async with aiohttp.ClientSession() as session, session.post(url, data=form) as response:
        answer = await response.json()
        assert response.status == answer.get("error_code", 200)
        return answer


REFUSED = [
    ("sendMessage", {"text": ""}, "message text is empty"),
    ("sendMessage", {"text": " \n"}, "text must be non-empty"),
    ("sendMessage", {"text": "字" * 4097}, "message is too long"),
    ("sendMessage", {"text": "😀" * 2049}, "message is too long"),
    ("editMessageText", {"text": "a" * 4097, "message_id": 1}, "MESSAGE_TOO_LONG"),
    ("sendMessage", {"colour": "red"}, 'unknown parameter "colour"'),
    ("sendMessage", {"reply_to_message_id": "1"}, "unknown parameter"),
    ("sendMessage", {"chat_id": ""}, "chat_id is empty"),
    ("sendMessage", {"chat_id": "@nobody"}, "chat not found"),
    ("sendMessage", {"parse_mode": "BBCode"}, "unsupported parse_mode"),
    ("sendMessage", {"disable_notification": "maybe"}, "must be of type Boolean"),
    ("sendMessage", {"message_thread_id": "1"}, "message thread not found"),
    ("sendMessage", {"entities": '[{"type": "bold", "offset": 0, "length": 9}]'}, "ends after"),
    ("sendMessage", {"text": "https://t.me/test_bot?start=a.b"}, "START_PARAM_INVALID"),
    ("sendMessage", {"reply_markup": "[]"}, "object expected as reply markup"),
    ("sendMessage", {"reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    ("sendMessage", {"reply_markup": '{"keyboard": [[""]]}'}, "text must be non-empty"),
    ("sendMessage", {"reply_markup": keyboard([button("")])}, "button text must be non-empty"),
    ("sendMessage", {"reply_markup": keyboard([button("\ud83d")])}, "must be encoded in UTF-8"),
    ("sendMessage", {"reply_markup": keyboard([{"text": "b"}])}, "Text buttons are unallowed"),
    ("sendMessage", {"reply_markup": keyboard([button(callback_data="")])}, "Text buttons are"),
    ("sendMessage", {"reply_markup": keyboard([button(callback_data="字" * 22)])}, "BUTTON_DATA"),
    (
        "sendMessage",
        {"reply_markup": keyboard([button(callback_data="a", url="t.me")])},
        "than one",
    ),
    (
        "sendMessage",
        {"reply_markup": keyboard([button(colour="red", url="t.me")])},
        "unknown field",
    ),
    ("sendMessage", {"reply_markup": keyboard([button(url="localhost")])}, "Wrong HTTP URL"),
    ("sendMessage", {"reply_markup": keyboard([button(url="http://[")])}, "Wrong HTTP URL"),
    ("sendMessage", {"reply_markup": keyboard([button(url="ftp://a.b")])}, "Unsupported URL"),
    ("sendMessage", {"reply_markup": keyboard([button(url="t.me/test_bot?start=字")])}, "START_"),
    ("sendMessage", {"reply_markup": keyboard([button(web_app={"url": "http://a.b"})])}, "HTTPS"),
    ("sendMessage", {"reply_markup": keyboard([button(pay=True)])}, "BUTTON_TYPE_INVALID"),
    ("sendMessage", {"reply_markup": keyboard([button()] * 9)}, "reply markup is too long"),
    ("sendMessage", {"reply_markup": keyboard(*[[button()]] * 101)}, "reply markup is too long"),
    ("sendMessage", {"reply_markup": keyboard(*[[button("字" * 60)]] * 50)}, "markup is too long"),
    ("editMessageText", {"reply_markup": '{"force_reply": true}'}, "inline keyboard expected"),
    ("editMessageText", {}, "message identifier is not specified"),
    ("sendDocument", {}, "there is no document in the request"),
    ("sendDocument", {"document": b""}, "file must be non-empty"),
    ("sendDocument", {"document": "nowhere"}, "wrong remote file identifier"),
    ("sendDocument", {"document": b"x", "caption": "a" * 1025}, "message caption is too long"),
    ("sendChatAction", {"action": "sleeping"}, "wrong parameter action"),
    ("answerCallbackQuery", {"callback_query_id": "1"}, "query is too old"),
    ("answerCallbackQuery", {"callback_query_id": "1", "text": "a" * 201}, "MESSAGE_TOO_LONG"),
    ("answerCallbackQuery", {"callback_query_id": "1", "url": "https://a.b"}, "URL_INVALID"),
    ("answerInlineQuery", {"inline_query_id": "1", "results": "[]"}, "query is too old"),
    ("answerInlineQuery", {"results": '[{"type": "article"}]'}, "RESULT_ID_INVALID"),
    ("answerInlineQuery", {"results": results(title="")}, 'find field "title"'),
    ("answerInlineQuery", {"results": results(input_message_content={})}, 'find field "message_text"'),
    ("answerInlineQuery", {"results": results("a" * 4097)}, "message is too long"),
    ("answerInlineQuery", {"results": results("<b>a", parse_mode="HTML")}, "find end tag"),
    ("answerInlineQuery", {"results": results(summary="x")}, "unknown fields"),
    ("answerInlineQuery", {"results": results("a" * 4096), "cache_time": "-1"}, "wrong parameter cache_time"),
    ("answerInlineQuery", {"results": "[]", "button": '{"text": "x"}'}, "exactly one of"),
    ("answerInlineQuery", {"results": "[]", "button": '{"text": "", "start_parameter": "a"}'}, "must be non-empty"),
    ("answerInlineQuery", {"results": "[]", "button": '{"text": "x", "start_parameter": "a b"}'}, "START_PARAM_INVALID"),
    ("setMyCommands", {"commands": commands(("Start", "x"))}, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": commands(("a" * 33, "x"))}, "BOT_COMMAND_INVALID"),
    ("setMyCommands", {"commands": commands(("a", ""))}, "description must be non-empty"),
    ("setMyCommands", {"commands": commands(("a", "x" * 257))}, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ("setMyCommands", {"commands": commands(*[("a", "x")] * 101)}, "BOT_COMMANDS_TOO_MUCH"),
    ("setMyCommands", {"commands": "[]", "language_code": "zh-CN"}, "language code"),
    ("setMyCommands", {"commands": "[]", "scope": '{"type": "mine"}'}, "BotCommandScope"),
    ("setMyDescription", {"description": "a" * 513}, "too long"),
    ("setMyShortDescription", {"short_description": "a" * 121}, "too long"),
    ("setChatMenuButton", {"menu_button": '{"type": "web_app"}'}, "wrong menu button"),
    ("setWebhook", {"url": "https://a.b", "secret_token": "a b"}, "unallowed characters"),
    ("getUpdates", {"limit": "101"}, "limit must be between"),
    ("getFile", {"file_id": "1"}, "invalid file_id"),
]


@pytest.mark.parametrize(("method", "params", "description"), REFUSED)
async def test_what_is_refused(method: str, params: dict[str, Any], description: str) -> None:
    async with BotApiServer() as server:
        await server.person(5).say("hi")
        answer = await call(server, method, **params)
        assert answer["ok"] is False
        assert answer["error_code"] == 400
        assert answer["description"].startswith("Bad Request: ")
        assert description in answer["description"]
        assert [(r.method, r.description) for r in server.refused] == [(method, answer["description"])]
        assert server.person(5).messages == []
        assert server.sent.total() == 0


ACCEPTED = [
    ("sendMessage", {"text": "字" * 4096}),
    ("sendMessage", {"text": "😀" * 2048}),
    ("sendMessage", {"text": f"<b>{'a' * 4096}</b>", "parse_mode": "html"}),
    ("sendMessage", {"text": "https://t.me/test_bot?start=a_b-1 https://t.me/other?start=."}),
    ("sendMessage", {"reply_markup": keyboard([button(callback_data="字" * 21 + "a")])}),
    ("sendMessage", {"reply_markup": keyboard(*[[button()] * 8] * 12, [button()] * 4)}),
    ("sendMessage", {"reply_markup": keyboard([button(url="https://t.me/test_bot?start=a")])}),
    ("sendMessage", {"reply_markup": '{"remove_keyboard": true}'}),
    ("sendMessage", {"reply_markup": '{"force_reply": true, "selective": true}'}),
    ("sendMessage", {"entities": '[{"type": "bold", "offset": 0, "length": 1}]'}),
    ("sendDocument", {"document": b"x", "caption": "a" * 1024}),
    ("setMyCommands", {"commands": commands(*[("a" * 32, "x" * 256)] * 100)}),
    ("setMyCommands", {"commands": "[]", "scope": '{"type": "chat", "chat_id": 5}'}),
    ("setMyDescription", {"description": "a" * 512, "language_code": "zh"}),
    ("setMyShortDescription", {"short_description": "a" * 120}),
    ("SENDCHATACTION", {"chat_id": "5", "action": "typing"}),
]


@pytest.mark.parametrize(("method", "params"), ACCEPTED)
async def test_what_is_accepted(method: str, params: dict[str, Any]) -> None:
    async with BotApiServer() as server:
        await server.person(5).say("hi")
        assert (await call(server, method, **params))["ok"] is True
        assert server.refused == []


async def test_json_and_query_strings_are_read_too() -> None:
    async with BotApiServer() as server, aiohttp.ClientSession() as session:
        await server.person(5).say("hi")
        url = f"{server.base_url}{server.token}/sendMessage"
        markup = {"inline_keyboard": [[button()], []]}
        body = {"chat_id": 5, "text": "a", "reply_markup": markup, "protect_content": True}
        async with session.post(url, json=body) as response:
            assert (await response.json())["result"]["text"] == "a"
        async with session.get(url, params={"chat_id": "5", "text": "b"}) as response:
            assert (await response.json())["result"]["text"] == "b"
        assert [m.text for m in server.person(5).messages] == ["a", "b"]
        assert server.person(5).messages[0].buttons == [[("b", "d")]]
        assert server.requests_of("sendMessage")[0] == body


@pytest.mark.parametrize(
    ("source", "description"),
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("字<p>a</p>", 'Unsupported start tag "p" at byte offset 3'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-emoji emoji-id="x">a</tg-emoji>', "Invalid custom emoji identifier specified"),
        ("a & b", 'Unescaped "&" at byte offset 2'),
        ("a &nbsp; b", 'Unescaped "&" at byte offset 2'),
        ("a > b", 'Unescaped ">" at byte offset 2'),
    ],
)
async def test_html_which_is_refused(source: str, description: str) -> None:
    async with BotApiServer() as server:
        await server.person(5).say("hi")
        answer = await call(server, "sendMessage", text=source, parse_mode="HTML")
        assert answer["description"] == f"Bad Request: can't parse entities: {description}"
        assert len(server.refused) == 1


async def test_html_which_is_read() -> None:
    source = (
        "😀<b>b<i>i</i></b> &lt;&#x5B57;&gt; <a href='https://a.b/?x=1&amp;y=2'>l</a>"
        '<pre><code class="language-python">p</code></pre><code>c</code>'
        "<blockquote expandable>q</blockquote><span class=tg-spoiler>s</span><u></u>"
    )
    assert parse_html(source) == FormattedText(
        "😀bi <字> lpcqs",
        [
            {"type": "bold", "offset": 2, "length": 2},
            {"type": "italic", "offset": 3, "length": 1},
            {"type": "text_link", "offset": 9, "length": 1, "url": "https://a.b/?x=1&y=2"},
            {"type": "pre", "offset": 10, "length": 1, "language": "python"},
            {"type": "code", "offset": 11, "length": 1},
            {"type": "expandable_blockquote", "offset": 12, "length": 1},
            {"type": "spoiler", "offset": 13, "length": 1},
        ],
    )
