"""Use cases of practice: a few questions with feedback at once, new ones first. Practice never counts toward a result."""

import secrets
from collections.abc import Awaitable, Callable

from exam.assessments.rules import FeedbackPolicy
from exam.attempts import storage
from exam.attempts.rules import AttemptMode
from exam.attempts.service import Attempts
from exam.attempts.storage import NewAttempt
from exam.attempts.views import AttemptView
from exam.papers.rules import PaperSlot, rank, shuffle_options
from exam.people.storage import lock_person
from question_bank.database import AsyncSession, Clock, Database
from question_bank.questions.rules import PoolEntry
from question_bank.questions.service import Questions
from question_bank.regulations.rules import ArticleNumber

QUESTIONS_PER_SET = 10


class NothingToPractise(LookupError):
    """The bank has no published question of that law, or on that article."""


def article_set_title(law: str, article: ArticleNumber) -> str:
    """What a practice set on one article is called."""
    return f"{law} {article.label}"


def law_of_set(title: str) -> str:
    """The law that a practice set is on; empty for one on all laws."""
    return title.partition(" ")[0]


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

        async def of_law(session: AsyncSession) -> list[PoolEntry]:
            return [entry for entry in await self._questions.pool(session) if law is None or entry.law == law]

        return await self._begin(person_id, law or "", of_law)

    async def start_on_article(self, person_id: int, law: str, article: ArticleNumber) -> AttemptView:
        """Begin a practice set of the questions that cite an article; as `start` in everything else."""

        async def on_article(session: AsyncSession) -> list[PoolEntry]:
            return await self._questions.pool_on_article(law, article, session)

        return await self._begin(person_id, article_set_title(law, article), on_article)

    async def _begin(
        self, person_id: int, title: str, read_pool: Callable[[AsyncSession], Awaitable[list[PoolEntry]]]
    ) -> AttemptView:
        seed = self._new_seed()
        async with self._database.transaction() as session:
            await lock_person(session, person_id)  # of two taps at once the second ends what the first began
            pool = await read_pool(session)
            if not pool:
                raise NothingToPractise(title)
            known = await storage.list_versions_seen(session, person_id, AttemptMode.PRACTICE)
            pool.sort(key=lambda entry: (entry.version_id in known, rank(seed, entry.content_key)))
            paper = tuple(PaperSlot(entry.version_id, shuffle_options(entry, seed)) for entry in pool[:QUESTIONS_PER_SET])
            unfinished = await storage.find_open(session, person_id, AttemptMode.PRACTICE, lock=True)
            if unfinished is not None:
                await self._attempts.end_unfinished(session, unfinished)
            new = NewAttempt(
                person_id=person_id,
                mode=AttemptMode.PRACTICE,
                title=title,
                feedback=FeedbackPolicy.IMMEDIATE,
                paper=paper,
            )
            attempt_id = await storage.insert_attempt(session, new, self._clock())
        return await self._attempts.get(person_id, attempt_id)
