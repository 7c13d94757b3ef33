"""The walkthrough's people and the service between them, and what must hold whenever that service is killed."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack

from tests.bot_api import BotApiServer
from tests.end_to_end.candidates import Candidate
from tests.end_to_end.chats import Sent, TelegramChat
from tests.end_to_end.service import Service
from tests.end_to_end.web_chats import HttpChat, SocketChat, WebChat
from tests.end_to_end.world import World


class Story:
    """Everybody in the story, and the service between them."""

    def __init__(self, service: Service, telegram: BotApiServer, world: World, stack: AsyncExitStack) -> None:
        self.service = service
        self.telegram = telegram
        self.world = world
        self.a1, self.a2, self.a3 = world.school_a
        self.b1, self.b2, self.b3 = world.school_b
        for number, candidate in enumerate(world.school_a, start=1001):
            candidate.chat = TelegramChat(telegram, number, candidate.name)
        for candidate, kind in zip(world.school_b, (SocketChat, SocketChat, HttpChat), strict=True):
            candidate.chat = self.browser(stack, kind, candidate.name)

    def browser(self, stack: AsyncExitStack, kind: type[WebChat], name: str) -> WebChat:
        chat = kind(self.service.url, name)
        stack.push_async_callback(chat.close)
        return chat

    @property
    def everybody(self) -> list[Candidate]:
        return [*self.world.school_a, *self.world.school_b]

    async def kill_and_restart(self, sent: Mapping[str, list[Sent]]) -> None:
        """Kill, look at what is stored, start again, repeat every tap that was sent (by name of the person, in order).

        Nothing acknowledged is lost, nothing counts twice, and papers, clocks and answers of everybody else stand as they stood.
        """
        await self.service.kill()
        before = {candidate.name: await self.world.papers(candidate.person_id) for candidate in self.everybody}
        for candidate in self.everybody:
            stored, tapped = before[candidate.name][-1].steps, tuple(candidate.steps[-1])
            taps = sent.get(candidate.name, [])
            in_doubt = {one.action for one in taps} - {one.action for one in taps if one.is_acknowledged()}
            assert stored == tapped[: len(stored)], "taps are stored in their order, up to some tap"
            assert len(stored) >= len(tapped) - len(in_doubt), "nothing acknowledged is lost"

        await self.service.start()
        await asyncio.gather(*(candidate.chat.connect() for candidate in self.everybody))
        for candidate in self.everybody:
            repeated = [await candidate.chat.repeat(one) for one in sent.get(candidate.name, [])]
            await candidate.chat.acknowledged(*repeated)
            after = await self.world.papers(candidate.person_id)
            assert [paper.frozen for paper in after] == [paper.frozen for paper in before[candidate.name]]
            assert after[-1].steps == tuple(candidate.steps[-1])
            if candidate.name not in sent:
                assert after == before[candidate.name]
