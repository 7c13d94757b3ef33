"""Updates of one person in the order they came, of different people at the same time. The dialogue is a stub with gates."""

import asyncio
from collections import defaultdict

from bot.dialogue.events import Event, Reply, Response
from tests.bot.channels import telegram
from tests.bot_api import BotApiServer
from tests.fakes import FakeClock


class GatedDialogue:
    """Answers with what was said, each time only after its gate was opened."""

    def __init__(self, *, open_gates: bool = False) -> None:
        self.begun: list[tuple[str, str]] = []
        self.gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.arrived: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._open = open_gates

    async def handle(self, event: Event) -> Response:
        said = event.text or event.name
        self.begun.append((event.identity.external_id, said))
        self.arrived[said].set()
        if not self._open:
            await self.gates[said].wait()
        return Response((Reply(f"收到 {said}"),))


async def test_the_second_update_of_a_person_waits_for_the_first() -> None:
    dialogue = GatedDialogue()
    async with asyncio.timeout(10), BotApiServer() as server, telegram(server, dialogue, FakeClock()):
        slow, quick = server.person(1), server.person(2)
        await slow.say("一")
        await slow.say("二")
        await quick.say("三")
        await dialogue.arrived["一"].wait()
        await dialogue.arrived["三"].wait()
        dialogue.gates["三"].set()
        assert (await quick.next_message()).text == "收到 三", "others do not wait"
        assert ("1", "二") not in dialogue.begun
        dialogue.gates["二"].set()
        assert slow.messages == []
        dialogue.gates["一"].set()
        await slow.wait_for(lambda person: len(person.messages) == 2)
        assert [message.text for message in slow.messages] == ["收到 一", "收到 二"]
        assert server.refused == []


async def test_many_people_are_served_at_once_and_each_in_order() -> None:
    dialogue = GatedDialogue()
    async with asyncio.timeout(10), BotApiServer() as server, telegram(server, dialogue, FakeClock()):
        people = [server.person(number) for number in range(1, 41)]
        for text in ("甲", "乙", "丙"):
            for person in people:
                await person.say(f"{text}{person.chat_id}")
        await asyncio.gather(*(dialogue.arrived[f"甲{person.chat_id}"].wait() for person in people))
        assert len(dialogue.begun) == 40, "all first updates are under way, and no second one"
        for text in ("丙", "乙", "甲"):
            for person in people:
                dialogue.gates[f"{text}{person.chat_id}"].set()
        for person in people:
            await person.wait_for(lambda person: len(person.messages) == 3)
            assert [message.text for message in person.messages] == [f"收到 {text}{person.chat_id}" for text in "甲乙丙"]
        assert server.refused == []


async def test_a_long_queue_of_one_person_keeps_its_order() -> None:
    dialogue = GatedDialogue(open_gates=True)
    async with BotApiServer() as server:
        person = server.person(1)
        for number in range(150):  # while nobody polled, and more than Telegram hands out at a time
            await person.say(f"{number}")
        async with telegram(server, dialogue, FakeClock()):
            await person.wait_for(lambda person: len(person.messages) == 150)
        assert [message.text for message in person.messages] == [f"收到 {number}" for number in range(150)]
        assert [said for _, said in dialogue.begun] == [str(number) for number in range(150)]
        assert server.refused == []


async def test_a_tap_waits_for_the_text_before_it() -> None:
    dialogue = GatedDialogue()
    async with asyncio.timeout(10), BotApiServer() as server, telegram(server, dialogue, FakeClock()):
        person = server.person(1)
        dialogue.gates["开头"].set()
        await person.say("开头")
        message = await person.next_message()
        await person.say("问题")
        await person.tap(callback_data="home", message=message, stale=True)
        await dialogue.arrived["问题"].wait()
        assert ("1", "home") not in dialogue.begun
        dialogue.gates["home"].set()
        dialogue.gates["问题"].set()
        await person.wait_for(lambda person: person.alerts)
        assert [said for _, said in dialogue.begun] == ["开头", "问题", "home"]
        assert server.refused == []
