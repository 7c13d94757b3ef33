"""Use cases of practice: a few questions with feedback at once, new ones first. Practice never counts toward a result."""

import secrets
from collections.abc import Callable

from exam.assessments.rules import FeedbackPolicy
from exam.attempts import storage
from exam.attempts.rules import AttemptMode
from exam.attempts.service import Attempts
from exam.attempts.storage import NewAttempt
from exam.attempts.views import AttemptView
from exam.papers.rules import PaperSlot, rank, shuffle_options
from exam.people.storage import lock_person
from question_bank.database import Clock, Database
from question_bank.questions.service import Questions

QUESTIONS_PER_SET = 10


class NothingToPractise(LookupError):
    """The bank has no published question of that law."""


class Practice:
    def __init__(
        self,
        database: Database,
        questions: Questions,
        attempts: Attempts,
        clock: Clock,
        new_seed: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._database = database
        self._questions = questions
        self._attempts = attempts
        self._clock = clock
        self._new_seed = new_seed

    async def list_laws(self) -> list[tuple[str, int]]:
        """(Law, number of published questions on it), most first."""
        counts: dict[str, int] = {}
        for entry in await self._questions.pool():
            counts[entry.law] = counts.get(entry.law, 0) + 1
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    async def start(self, person_id: int, law: str | None) -> AttemptView:
        """Begin a practice set of up to ten questions (of one law, or of all). A set left unfinished is ended first.

        Questions that the person has not practised yet come first. Raises NothingToPractise.
        """
        seed = self._new_seed()
        async with self._database.transaction() as session:
            await lock_person(session, person_id)  # of two taps at once the second ends what the first began
            pool = [entry for entry in await self._questions.pool(session) if law is None or entry.law == law]
            if not pool:
                raise NothingToPractise(law)
            known = await storage.list_versions_seen(session, person_id, AttemptMode.PRACTICE)
            pool.sort(key=lambda entry: (entry.version_id in known, rank(seed, entry.content_key)))
            paper = tuple(PaperSlot(entry.version_id, shuffle_options(entry, seed)) for entry in pool[:QUESTIONS_PER_SET])
            unfinished = await storage.find_open(session, person_id, AttemptMode.PRACTICE, lock=True)
            if unfinished is not None:
                await self._attempts.end_unfinished(session, unfinished)
            new = NewAttempt(
                person_id=person_id,
                mode=AttemptMode.PRACTICE,
                title=law or "",
                feedback=FeedbackPolicy.IMMEDIATE,
                paper=paper,
            )
            attempt_id = await storage.insert_attempt(session, new, self._clock())
        return await self._attempts.get(person_id, attempt_id)
