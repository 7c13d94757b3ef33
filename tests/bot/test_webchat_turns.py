"""The web chat's turns: order per person, notices to open pages, and how it shuts down."""

import asyncio

import pytest

from bot.dialogue.events import Event, Reply, Response
from bot.webchat.presence import NotConnected
from bot.webchat.turns import MAX_WAITING
from exam.people.rules import Channel
from tests.bot.webchat_page import HOME, NOW_TEXT, Dialogue, external_id, serving


class Gate:
    """A dialogue in which every event waits until the test lets it pass."""

    def __init__(self) -> None:
        self.started: asyncio.Queue[Event] = asyncio.Queue()
        self.passes: dict[str, asyncio.Event] = {}

    async def __call__(self, event: Event) -> Response:
        self.started.put_nowait(event)
        await self.passes.setdefault(event.text, asyncio.Event()).wait()
        return Response((Reply(event.text),))

    def let_pass(self, text: str) -> None:
        self.passes.setdefault(text, asyncio.Event()).set()


@pytest.mark.asyncio
async def test_events_of_one_person_are_handled_one_after_another_in_order_of_arrival() -> None:
    gate = Gate()
    async with serving(gate) as chat:
        await chat.visit()
        async with await chat.socket() as socket:
            for number in ("1", "2", "3"):
                await socket.send_json({"id": number, "type": "text", "text": number})
            for number in ("1", "2", "3"):
                assert (await gate.started.get()).text == number
                assert gate.started.empty()
                gate.let_pass(number)
                assert (await socket.receive_json())["id"] == number


@pytest.mark.asyncio
async def test_one_persons_socket_and_post_wait_for_each_other() -> None:
    gate = Gate()
    async with serving(gate) as chat:
        await chat.visit()
        async with await chat.socket() as socket:
            await socket.send_json({"id": "s", "type": "text", "text": "socket"})
            assert (await gate.started.get()).text == "socket"
            posted = asyncio.create_task(chat.ask(id="p", type="text", text="post"))
            probe = await chat.post("{")  # a whole request later the posted event still waits
            assert probe.status == 400 and gate.started.empty()
            gate.let_pass("socket")
            assert (await socket.receive_json())["id"] == "s"
            assert (await gate.started.get()).text == "post"
            gate.let_pass("post")
            assert (await posted)["id"] == "p"


@pytest.mark.asyncio
async def test_different_people_do_not_wait_for_each_other() -> None:
    gate = Gate()
    async with serving(gate) as chat:
        await chat.visit()
        async with await chat.socket() as one:
            chat.client.session.cookie_jar.clear()
            await chat.visit()
            async with await chat.socket() as other:
                await one.send_json({"id": "1", "type": "text", "text": "one"})
                assert (await gate.started.get()).text == "one"
                await other.send_json({"id": "1", "type": "text", "text": "other"})
                assert (await gate.started.get()).text == "other"
                gate.let_pass("other")
                assert (await other.receive_json())["replies"][0]["text"] == "other"
                gate.let_pass("one")
                assert (await one.receive_json())["replies"][0]["text"] == "one"


@pytest.mark.asyncio
async def test_one_person_cannot_pile_up_more_frames_than_the_limit() -> None:
    gate = Gate()
    async with serving(gate) as chat:
        await chat.visit()
        waiting = [asyncio.create_task(chat.post({"id": str(n), "type": "text", "text": "x"})) for n in range(MAX_WAITING + 1)]
        done, still = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = done
        assert (refused.result().status, await refused.result().json()) == (429, {"error": "busy"})
        gate.let_pass("x")
        assert {response.status for response in await asyncio.gather(*still)} == {200}


# Notices


@pytest.mark.asyncio
async def test_a_notice_is_pushed_down_every_socket_of_the_person() -> None:
    async with serving(Dialogue()) as chat:
        person = external_id(await chat.visit())
        async with await chat.socket() as phone, await chat.socket() as computer:
            assert await chat.reachable(1) == {person}
            await chat.sender.send(person, HOME)
            notices = [await phone.receive_json(), await computer.receive_json()]
    assert notices[0] == notices[1]
    assert (notices[0]["type"], notices[0]["now"]) == ("notice", NOW_TEXT)
    assert notices[0]["replies"][0]["text"] == HOME.text
    assert notices[0]["replies"][0]["buttons"][1] == [{"text": "帮助", "action": "h"}]


@pytest.mark.asyncio
async def test_a_notice_is_handed_to_a_waiting_poll() -> None:
    async with serving(Dialogue()) as chat:
        person = external_id(await chat.visit())
        poll = asyncio.create_task(chat.client.get("/chat/notices"))
        assert await chat.reachable(1) == {person}
        await chat.sender.send(person, Reply("考核将于九点开始"))
        notice = await (await poll).json()
        assert [reply["text"] for reply in notice["replies"]] == ["考核将于九点开始"]
        assert chat.sender.reachable() == frozenset()


@pytest.mark.asyncio
async def test_a_poll_ends_empty_when_there_is_nothing_to_tell() -> None:
    async with serving(Dialogue(), poll_seconds=0) as chat:
        await chat.visit()
        notice = await (await chat.client.get("/chat/notices")).json()
    assert (notice["type"], notice["replies"], notice["now"]) == ("notice", [], NOW_TEXT)


@pytest.mark.asyncio
async def test_a_poll_that_does_not_want_to_wait_ends_at_once() -> None:
    async with serving(Dialogue()) as chat:
        await chat.visit()
        notice = await (await chat.client.get("/chat/notices?wait=0")).json()
    assert notice["replies"] == []


@pytest.mark.asyncio
async def test_one_poll_takes_one_notice_and_the_second_sender_is_told() -> None:
    async with serving(Dialogue()) as chat:
        person = external_id(await chat.visit())
        poll = asyncio.create_task(chat.client.get("/chat/notices"))
        await chat.reachable(1)
        outcomes = await asyncio.gather(
            chat.sender.send(person, Reply("一")), chat.sender.send(person, Reply("二")), return_exceptions=True
        )
        notice = await (await poll).json()
    assert outcomes[0] is None and isinstance(outcomes[1], NotConnected)
    assert [reply["text"] for reply in notice["replies"]] == ["一"]


@pytest.mark.asyncio
async def test_sending_to_somebody_who_is_not_there_raises() -> None:
    async with serving(Dialogue()) as chat:
        assert chat.sender.channel is Channel.WEBCHAT
        with pytest.raises(NotConnected):
            await chat.sender.send("0" * 64, HOME)


@pytest.mark.asyncio
async def test_a_person_who_left_is_not_reachable_by_socket_or_poll() -> None:
    async with serving(Dialogue()) as chat:
        person = external_id(await chat.visit())
        socket = await chat.socket()
        await chat.reachable(1)
        await socket.close()
        await chat.reachable(0)
        poll = asyncio.create_task(chat.client.get("/chat/notices"))
        await chat.reachable(1)
        poll.cancel()  # the client hangs up
        await chat.reachable(0)
        with pytest.raises(NotConnected):
            await chat.sender.send(person, HOME)


@pytest.mark.asyncio
async def test_shutdown_closes_sockets_as_going_away() -> None:
    async with serving(Dialogue()) as chat:
        await chat.visit()
        async with await chat.socket() as socket:
            await chat.reachable(1)
            closing = asyncio.create_task(chat.app.shutdown())
            assert (await socket.receive()).data == 1001
            await closing


@pytest.mark.asyncio
async def test_shutdown_ends_polls_and_lets_no_new_one_wait() -> None:
    async with serving(Dialogue()) as chat:
        await chat.visit()
        poll = asyncio.create_task(chat.client.get("/chat/notices"))
        await chat.reachable(1)
        await chat.app.shutdown()
        assert (await (await poll).json())["replies"] == []
        late = await chat.client.get("/chat/notices")
        assert (late.status, await late.json()) == (503, {"error": "stopping"})


@pytest.mark.asyncio
async def test_an_answer_worked_out_for_a_page_that_left_waits_for_it() -> None:
    gate = Gate()
    async with serving(gate) as chat:
        await chat.visit()
        socket = await chat.socket()
        await socket.send_json({"id": "1", "type": "text", "text": "答"})
        await gate.started.get()
        socket._response.close()  # the connection breaks, no close frame
        gate.let_pass("答")
        answer = await chat.ask(id="1", type="text", text="答")
    assert answer["replies"][0]["text"] == "答"
    assert gate.started.empty()  # handled once
