"""Turns of a conversation: one person's events strictly one after another, different people's at the same time."""

import asyncio
import traceback
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from bot.dialogue.events import Event, Identity, Reply, Response
from bot.webchat.frames import BadFrame, Frame, FrameObject, response_object
from question_bank.database import Clock

Handle = Callable[[Event], Awaitable[Response]]

NOT_SAVED = Reply("<b>抱歉，刚才这一步没有保存成功。</b>\n您之前的作答都还在，请再试一次。如果一直这样，请稍后再来。")

MAX_WAITING = 32
"""Frames of one identity that may wait for their turn; no hand is faster, only a script is."""

REMEMBERED_ANSWERS = 4
REMEMBERED_IDENTITIES = 2_000

log = structlog.get_logger(__name__)


@dataclass
class _Conversation:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # wakes waiters first in, first out
    waiting: int = 0
    answers: OrderedDict[str, FrameObject] = field(default_factory=OrderedDict)


class Turns:
    """Hands frames to the dialogue in order and remembers the last answers.

    A page that lost its connection before the answer came sends the same frame (the same id) again: it then gets the
    answer that was already worked out, and the dialogue does not see the event twice. The memory is small and goes
    with the process; beyond it taps are idempotent in the dialogue anyway.
    """

    def __init__(self, handle: Handle, clock: Clock) -> None:
        self._handle = handle
        self._clock = clock
        self._conversations: OrderedDict[str, _Conversation] = OrderedDict()

    async def take(self, identity: Identity, frame: Frame) -> FrameObject:
        """Return the response to `frame`; raise BadFrame("busy") when too many of this identity's frames wait."""
        event = frame.event(identity, self._clock())  # the moment it arrived, not the moment its turn came
        conversation = self._conversation(identity.external_id)
        if conversation.waiting >= MAX_WAITING:
            raise BadFrame("busy", frame.id)
        conversation.waiting += 1
        try:
            async with conversation.turn:
                known = conversation.answers.get(frame.id)
                return known or await self._answer(conversation, frame, event)
        finally:
            conversation.waiting -= 1

    async def _answer(self, conversation: _Conversation, frame: Frame, event: Event) -> FrameObject:
        try:
            response = await self._handle(event)
            answer = response_object(frame, response)
        except Exception as error:
            _log_failure(event, error)
            return response_object(frame, Response((NOT_SAVED,)), failed=True)  # not remembered: sent again, it is tried again
        conversation.answers[frame.id] = answer
        if len(conversation.answers) > REMEMBERED_ANSWERS:
            conversation.answers.popitem(last=False)
        return answer

    def _conversation(self, external_id: str) -> _Conversation:
        conversation = self._conversations.setdefault(external_id, _Conversation())
        self._conversations.move_to_end(external_id)
        oldest_id, oldest = next(iter(self._conversations.items()))
        if len(self._conversations) > REMEMBERED_IDENTITIES and not oldest.waiting:
            del self._conversations[oldest_id]
        return conversation


def _log_failure(event: Event, error: Exception) -> None:
    """Log where it failed, without the error's message: database errors carry the very values a person entered."""
    places = [f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(error.__traceback__)[-6:]]
    cause = type(error.__cause__).__name__ if error.__cause__ else None
    log.error("webchat.event_failed", kind=event.kind.value, error=type(error).__name__, cause=cause, places=places)
