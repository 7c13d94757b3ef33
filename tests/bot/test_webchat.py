"""The web chat as a page sees it: session, frames by socket and by HTTP, and what is refused."""

import json
import re

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError
from structlog.testing import capture_logs

from bot.dialogue.events import MAX_TEXT_LENGTH, Event, EventKind, Reply, Response
from bot.webchat.app import STATIC
from bot.webchat.frames import MAX_FRAME_BYTES, BadFrame, parse_frame
from bot.webchat.session import COOKIE
from bot.webchat.turns import NOT_SAVED, REMEMBERED_ANSWERS
from exam.people.rules import Channel
from tests.bot.webchat_page import NOW, NOW_TEXT, QUESTION, Dialogue, external_id, serving


@pytest.mark.asyncio
async def test_first_visit_sets_a_random_cookie_for_one_year_under_the_mount() -> None:
    async with serving(Dialogue()) as chat:
        cookie = (await chat.client.get("/chat/")).cookies[COOKIE]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", cookie.value)
    assert cookie["path"] == "/chat/"
    assert cookie["max-age"] == "31536000"
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")


@pytest.mark.asyncio
async def test_the_cookie_is_secure_behind_https() -> None:
    async with serving(Dialogue()) as chat:
        cookie = (await chat.client.get("/chat/", headers={"X-Forwarded-Proto": "https"})).cookies[COOKIE]
    assert cookie["secure"] is True


@pytest.mark.asyncio
async def test_a_second_visit_keeps_the_token_and_another_browser_gets_its_own() -> None:
    async with serving(Dialogue()) as chat:
        first, again = await chat.visit(), await chat.visit()
        chat.client.session.cookie_jar.clear()
        other = await chat.visit()
    assert first == again != other


@pytest.mark.asyncio
async def test_a_token_of_another_shape_is_replaced() -> None:
    async with serving(Dialogue()) as chat:
        response = await chat.client.get("/chat/", cookies={COOKIE: "admin"})
        assert len(response.cookies[COOKIE].value) == 43


@pytest.mark.asyncio
async def test_the_external_id_is_the_hash_and_the_token_is_in_no_event() -> None:
    dialogue = Dialogue()
    async with serving(dialogue) as chat:
        token = await chat.visit()
        await chat.ask(id="1", type="open", code="INVITE")
    (event,) = dialogue.events
    assert event.identity.channel is Channel.WEBCHAT
    assert event.identity.external_id == external_id(token)
    assert token not in repr(event)


@pytest.mark.asyncio
async def test_without_a_session_socket_post_and_poll_are_refused() -> None:
    async with serving(Dialogue()) as chat:
        responses = [await chat.post({"id": "1", "type": "open"}), await chat.client.get("/chat/notices")]
        assert [response.status for response in responses] == [401, 401]
        assert await responses[0].json() == {"error": "no_session"}
        with pytest.raises(WSServerHandshakeError) as refused:
            await chat.socket()
    assert refused.value.status == 401


# The page


@pytest.mark.asyncio
async def test_every_answer_carries_the_security_headers() -> None:
    async with serving(Dialogue()) as chat:
        await chat.visit()
        socket = await chat.socket()
        responses = [
            await chat.client.get("/chat/"),
            await chat.client.get("/chat/static/chat.js"),
            await chat.client.get("/chat/nothing"),
            await chat.post({"id": "1", "type": "open"}),
            await chat.post("{"),
        ]
        for headers in [socket._response.headers, *(response.headers for response in responses)]:
            assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "no-referrer"
        assert responses[3].headers["Cache-Control"] == "no-store"
        await socket.close()


@pytest.mark.asyncio
async def test_without_its_slash_the_mount_leads_to_the_page() -> None:
    async with serving(Dialogue()) as chat:
        response = await chat.client.get("/chat", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (302, "/chat/")


def test_the_page_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    page = (STATIC / "chat.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|https?:|//", page.replace("<!doctype html>", ""))
    addresses = set(re.findall(r'(?:src|href)="([^"]+)"', page))
    assert addresses == {"static/icon.svg", "static/chat.css", "static/chat.js", "../admin/"}


def test_scripts_never_write_html_and_load_only_each_other() -> None:
    for script in STATIC.glob("*.js"):
        source = script.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|https?://", source), script.name
        assert all((STATIC / name).is_file() for name in re.findall(r'from "\./([^"]+)"', source)), script.name


# Frames


@pytest.mark.parametrize(
    ("fields", "kind", "name", "text"),
    [
        ({"type": "open"}, EventKind.COMMAND, "start", ""),
        ({"type": "open", "code": "K7P2"}, EventKind.COMMAND, "start", "K7P2"),
        ({"type": "text", "text": " 疫苗如何储存？ "}, EventKind.TEXT, "", "疫苗如何储存？"),
        ({"type": "text", "text": "/practice"}, EventKind.COMMAND, "practice", ""),
        ({"type": "text", "text": "/Start@yushi_bot K7P2\n二"}, EventKind.COMMAND, "start", "K7P2\n二"),
        ({"type": "text", "text": "/练习"}, EventKind.TEXT, "", "/练习"),
        ({"type": "text", "text": "/"}, EventKind.TEXT, "", "/"),
        ({"type": "text", "text": "甲\x00乙\ud800"}, EventKind.TEXT, "", "甲乙?"),
        ({"type": "command", "name": "exam"}, EventKind.COMMAND, "exam", ""),
        ({"type": "command", "name": "exam", "text": "7"}, EventKind.COMMAND, "exam", "7"),
        ({"type": "tap", "action": "a:0", "message": "m1"}, EventKind.TAP, "a:0", ""),
        ({"type": "tap", "action": "a" * 64, "message": "m1"}, EventKind.TAP, "a" * 64, ""),
    ],
)
def test_a_frame_becomes_the_event_that_telegram_would_give(fields: dict, kind: EventKind, name: str, text: str) -> None:
    frame = parse_frame(json.dumps({"id": "1", **fields}))
    assert (frame.kind, frame.name, frame.text) == (kind, name, text)


@pytest.mark.parametrize(("length", "kept"), [(1, 1), (MAX_TEXT_LENGTH, MAX_TEXT_LENGTH), (MAX_TEXT_LENGTH + 1, MAX_TEXT_LENGTH)])
def test_a_text_is_cut_at_the_longest_message(length: int, kept: int) -> None:
    assert parse_frame(json.dumps({"id": "1", "type": "text", "text": "药" * length})).text == "药" * kept


BAD_FRAMES = [
    ("{", "not_json"),
    ("[" * 30_000, "not_json"),
    ("[]", "not_an_object"),
    ('{"type": "open"}', "bad_id"),
    ('{"id": 1, "type": "open"}', "bad_id"),
    ('{"id": "' + "x" * 65 + '", "type": "open"}', "bad_id"),
    ('{"id": "1"}', "unknown_type"),
    ('{"id": "1", "type": ["open"]}', "unknown_type"),
    ('{"id": "1", "type": "login"}', "unknown_type"),
    ('{"id": "1", "type": "open", "person": "2"}', "unknown_field"),
    ('{"id": "1", "type": "text"}', "missing_field"),
    ('{"id": "1", "type": "text", "text": null}', "not_text"),
    ('{"id": "1", "type": "text", "text": " \\u0000"}', "empty_text"),
    ('{"id": "1", "type": "command", "name": "练习"}', "bad_name"),
    ('{"id": "1", "type": "tap", "action": "", "message": "m1"}', "bad_action"),
    ('{"id": "1", "type": "tap", "action": "' + "a" * 65 + '", "message": "m1"}', "bad_action"),
    ('{"id": "1", "type": "tap", "action": "a\\u0000", "message": "m1"}', "bad_action"),
    ('{"id": "1", "type": "tap", "action": "a", "message": "<b>"}', "bad_message"),
]


@pytest.mark.parametrize(("raw", "code"), BAD_FRAMES)
def test_anything_but_the_fields_of_a_known_frame_is_refused(raw: str, code: str) -> None:
    with pytest.raises(BadFrame) as refused:
        parse_frame(raw)
    assert refused.value.code == code


@pytest.mark.asyncio
async def test_a_bad_frame_is_answered_with_its_code_on_both_ways_and_the_socket_stays() -> None:
    dialogue = Dialogue()
    async with serving(dialogue) as chat:
        await chat.visit()
        posted = await chat.post('{"id": "7", "type": "login"}')
        assert (posted.status, await posted.json()) == (400, {"error": "unknown_type"})
        async with await chat.socket() as socket:
            await socket.send_str('{"id": "7", "type": "login"}')
            assert await socket.receive_json() == {"type": "error", "id": "7", "error": "unknown_type"}
            await socket.send_bytes(b"{}")
            assert await socket.receive_json() == {"type": "error", "id": None, "error": "not_json"}
            await socket.send_json({"id": "8", "type": "open"})
            assert (await socket.receive_json())["id"] == "8"
    assert len(dialogue.events) == 1


@pytest.mark.asyncio
async def test_post_must_be_json() -> None:
    async with serving(Dialogue()) as chat:
        await chat.visit()
        response = await chat.post({"id": "1", "type": "open"}, **{"Content-Type": "text/plain"})
        assert (response.status, await response.json()) == (415, {"error": "not_json"})


@pytest.mark.asyncio
@pytest.mark.parametrize(("size", "status"), [(MAX_FRAME_BYTES - 1, 200), (MAX_FRAME_BYTES, 200), (MAX_FRAME_BYTES + 1, 413)])
async def test_a_posted_frame_has_at_most_32_kib(size: int, status: int) -> None:
    frame = json.dumps({"id": "1", "type": "open"}).ljust(size)
    async with serving(Dialogue()) as chat:
        await chat.visit()
        response = await chat.post(frame)
        assert response.status == status
        assert status == 200 or await response.json() == {"error": "too_large"}


@pytest.mark.asyncio
async def test_a_frame_on_the_socket_has_at_most_32_kib() -> None:
    frame = json.dumps({"id": "1", "type": "open"})
    async with serving(Dialogue()) as chat:
        await chat.visit()
        async with await chat.socket() as socket:
            await socket.send_str(frame.ljust(MAX_FRAME_BYTES))
            assert (await socket.receive_json())["id"] == "1"
            await socket.send_str(frame.ljust(MAX_FRAME_BYTES + 1))
            assert (await socket.receive()).type is WSMsgType.CLOSE
            assert socket.close_code == 1009


@pytest.mark.asyncio
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:1", "http://[", "ftp://127.0.0.1"])
async def test_another_sites_page_is_refused(origin: str) -> None:
    dialogue = Dialogue()
    async with serving(dialogue) as chat:
        await chat.visit()
        response = await chat.post({"id": "1", "type": "open"}, Origin=origin)
        assert (response.status, await response.json()) == (403, {"error": "foreign_origin"})
        with pytest.raises(WSServerHandshakeError) as refused:
            await chat.socket(Origin=origin)
        assert refused.value.status == 403
        poll = await chat.client.get("/chat/notices", headers={"Sec-Fetch-Site": "cross-site"})
        assert poll.status == 403
    assert dialogue.events == []


@pytest.mark.asyncio
async def test_an_origin_matches_its_host_whatever_the_proxy_writes_as_port() -> None:
    async with serving(Dialogue()) as chat:
        await chat.visit()
        token = chat.client.session.cookie_jar.filter_cookies(chat.client.make_url("/chat/"))[COOKIE].value
        headers = {"Origin": "https://peixun.example", "Host": "peixun.example:443", "Cookie": f"{COOKIE}={token}"}
        assert (await chat.post({"id": "1", "type": "open"}, **headers)).status == 200


# Responses


@pytest.mark.asyncio
async def test_socket_and_http_give_the_same_responses() -> None:
    frames = [
        {"id": "1", "type": "open"},
        {"id": "2", "type": "tap", "action": "p:1", "message": "m1"},
        {"id": "3", "type": "text", "text": "疫苗"},
    ]
    by_http, by_socket = Dialogue(), Dialogue()
    async with serving(by_http) as chat:
        await chat.visit()
        posted = [await chat.ask(**frame) for frame in frames]
    async with serving(by_socket) as chat:
        await chat.visit()
        async with await chat.socket() as socket:
            pushed = []
            for frame in frames:
                await socket.send_json(frame)
                pushed.append(await socket.receive_json())
    assert pushed == posted
    assert [(e.kind, e.name, e.text) for e in by_socket.events] == [(e.kind, e.name, e.text) for e in by_http.events]


@pytest.mark.asyncio
async def test_a_response_tells_buttons_toast_deadline_server_time_and_what_it_replaces() -> None:
    async with serving(Dialogue()) as chat:
        await chat.visit()
        answer = await chat.ask(id="2", type="tap", action="p:1", message="m1")
    assert answer == {
        "type": "response",
        "id": "2",
        "replies": [
            {
                "text": "第 1 题",
                "buttons": [[{"text": "A", "action": "a:0"}]],
                "replaces": "m1",
                "deadline": "2026-11-23T08:45:00.000+00:00",
            }
        ],
        "row": None,
        "toast": "开始",
        "failed": False,
        "now": NOW_TEXT,
    }


@pytest.mark.asyncio
async def test_a_reply_that_answers_no_tap_replaces_nothing() -> None:
    async def handle(event: Event) -> Response:
        return Response((QUESTION,))

    async with serving(handle) as chat:
        await chat.visit()
        answer = await chat.ask(id="1", type="text", text="继续")
    assert answer["replies"][0]["replaces"] is None


@pytest.mark.asyncio
async def test_an_event_happens_when_it_arrives() -> None:
    dialogue = Dialogue()
    async with serving(dialogue) as chat:
        await chat.visit()
        await chat.ask(id="1", type="open")
    assert dialogue.events[0].occurred_at == NOW


@pytest.mark.asyncio
async def test_a_frame_sent_again_gets_its_answer_and_is_handled_once() -> None:
    dialogue = Dialogue()
    async with serving(dialogue) as chat:
        await chat.visit()
        first = await chat.ask(id="1", type="text", text="疫苗")
        async with await chat.socket() as socket:
            await socket.send_json({"id": "1", "type": "text", "text": "疫苗"})
            assert await socket.receive_json() == first
        assert len(dialogue.events) == 1
        for number in range(REMEMBERED_ANSWERS):
            await chat.ask(id=f"later-{number}", type="open")
        await chat.ask(id="1", type="text", text="疫苗")
    assert len(dialogue.events) == 1 + REMEMBERED_ANSWERS + 1  # only the last few answers are kept


@pytest.mark.asyncio
async def test_a_failure_is_answered_kindly_and_logs_nothing_personal() -> None:
    class Broken(Dialogue):
        async def __call__(self, event: Event) -> Response:
            self.events.append(event)
            if len(self.events) == 1:
                raise RuntimeError(f"cannot store {event.text} of {event.identity.external_id}") from KeyError(event.text)
            return Response((Reply("好了"),))

    dialogue = Broken()
    with capture_logs() as logs:
        async with serving(dialogue) as chat:
            token = await chat.visit()
            failed = await chat.ask(id="1", type="text", text="张三 13800138000")
            again = await chat.ask(id="1", type="text", text="张三 13800138000")
    assert failed["failed"] is True
    assert [reply["text"] for reply in failed["replies"]] == [NOT_SAVED.text]
    assert "没有保存" in NOT_SAVED.text and "再试一次" in NOT_SAVED.text
    assert (again["failed"], again["replies"][0]["text"]) == (False, "好了")
    (entry,) = logs
    assert entry["event"] == "webchat.event_failed"
    assert (entry["kind"], entry["error"], entry["cause"]) == ("text", "RuntimeError", "KeyError")
    for secret in ("张三", "13800138000", token, external_id(token)):
        assert secret not in repr(logs)


# Order
