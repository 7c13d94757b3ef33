"""Asking in a chat: follow-ups are understood, answers are kept without the person, and can be voted on.

An `asker` is whatever the front end calls a conversation by. Of it only the latest answer is remembered.
"""

import datetime as dt

from question_bank.database import AsyncSession, Clock, Database
from question_bank.questions.storage import regulation_ids
from question_bank.search import storage
from question_bank.search.rules import TodoState, Vote
from question_bank.search.service import Answer, AnswerKind, Search
from question_bank.search.tables import AskingContext, GivenAnswer

MEMORY = dt.timedelta(minutes=30)
"""How long a follow-up refers to the answer before it."""

WORD_TIME = dt.timedelta(minutes=10)
"""How long after a vote the next text may be the word that goes with it."""

MAX_WORD_LENGTH = 200


class Asking:
    def __init__(self, database: Database, search: Search, clock: Clock) -> None:
        self._database = database
        self._search = search
        self._clock = clock

    async def ask(self, asker: str, question: str, *, top: int = 4) -> tuple[Answer, int | None]:
        """The answer, and the id that a vote on it goes by (None where no article is quoted)."""
        async with self._database.reading() as session:
            previous = await self._previous(session, asker)
        answer = await self._search.ask(question, top=top, previous=previous)
        if answer.kind is not AnswerKind.FOUND:
            return answer, None
        async with self._database.transaction() as session:
            best = answer.hits[0].article
            given = GivenAnswer(
                question=answer.question,
                regulation_id=(await regulation_ids(session))[best.short_name],
                article_number=best.number.number,
                article_suffix=best.number.suffix,
                answered_at=self._clock(),
                state=TodoState.OPEN,
            )
            session.add(given)
            await session.flush()
            await self._remember(session, asker, given.id, awaits_word=False)
        return answer, given.id

    async def _previous(self, session: AsyncSession, asker: str) -> str | None:
        context = await session.get(AskingContext, asker)
        if context is None or context.answer_id is None or self._clock() - context.updated_at > MEMORY:
            return None
        given = await session.get(GivenAnswer, context.answer_id)
        return given.question if given else None

    async def _remember(self, session: AsyncSession, asker: str, answer_id: int | None, *, awaits_word: bool) -> None:
        context = await session.get(AskingContext, asker)
        if context is None:
            context = AskingContext(asker=asker, awaits_word=awaits_word, updated_at=self._clock())
            session.add(context)
        context.answer_id, context.awaits_word, context.updated_at = answer_id, awaits_word, self._clock()

    async def vote(self, answer_id: int, vote: Vote) -> bool:
        """Say whether an answer helped; the last vote counts. False when there is no such answer."""
        async with self._database.transaction() as session:
            given = await storage.lock_answer(session, answer_id)
            if given is None:
                return False
            if given.vote is not vote:
                given.vote, given.state = vote, TodoState.OPEN
        return True

    async def await_word(self, asker: str, answer_id: int) -> bool:
        """Take the next text of this asker as what was wrong with an answer. False when there is no such answer."""
        async with self._database.transaction() as session:
            if await storage.lock_answer(session, answer_id) is None:
                return False
            await self._remember(session, asker, answer_id, awaits_word=True)
        return True

    async def take_word(self, asker: str, text: str) -> bool:
        """Keep a text as the word that goes with a vote, if one is awaited; False when it is an ordinary text."""
        async with self._database.reading() as session:  # the usual case, without a write
            context = await session.get(AskingContext, asker)
            if context is None or not context.awaits_word:
                return False
        async with self._database.transaction() as session:
            context = await session.get(AskingContext, asker, with_for_update=True)
            if context is None or not context.awaits_word or context.answer_id is None:
                return False
            context.awaits_word = False
            if self._clock() - context.updated_at > WORD_TIME:
                return False
            given = await storage.lock_answer(session, context.answer_id)
            if given is None:
                return False
            given.word = text.strip()[:MAX_WORD_LENGTH] or None
        return True
