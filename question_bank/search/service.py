"""Use case of regulation Q&A: a question in, quoted articles out, or an honest "the loaded regulations do not answer"."""

import asyncio
import enum
from dataclasses import dataclass

from question_bank.database import Clock, Database
from question_bank.regulations.rules import ArticleNotFound
from question_bank.regulations.service import ArticleView, Regulations, RegulationSummary
from question_bank.search import storage
from question_bank.search.index import ArticleIndex, Ranked
from question_bank.search.query import ParsedQuestion, QuestionReader

ANSWER_THRESHOLD = 0.55
"""Least share of a question's content words that the best article must speak of to count as an answer."""

DEFAULT_TOP = 4
MAX_TOP = 20


class AnswerKind(enum.StrEnum):
    FOUND = "found"
    NOT_ANSWERED = "not_answered"
    NO_SUCH_ARTICLE = "no_such_article"
    TEXT_NOT_LOADED = "text_not_loaded"
    LAW_MISSING = "law_missing"
    """An article number without a law; `nearest` has none."""


@dataclass(frozen=True)
class Hit:
    article: ArticleView
    score: float


@dataclass(frozen=True)
class Answer:
    """`hits` are quoted as the answer when kind is FOUND. `nearest` are topics to offer when nothing answers.

    `confidence` is 0..1. `law` and `article_count` go with NO_SUCH_ARTICLE and TEXT_NOT_LOADED.
    """

    kind: AnswerKind
    confidence: float
    hits: tuple[Hit, ...] = ()
    nearest: tuple[ArticleView, ...] = ()
    law: RegulationSummary | None = None
    article_count: int = 0


class Search:
    """Keeps one index in memory and follows the loaded texts; a new index is built in a thread."""

    def __init__(self, database: Database, regulations: Regulations, clock: Clock) -> None:
        self._database = database
        self._regulations = regulations
        self._clock = clock
        self._signature: tuple[object, ...] | None = None
        self._index = ArticleIndex([])
        self._reader = QuestionReader([])
        self._register: dict[str, RegulationSummary] = {}
        self._building = asyncio.Lock()

    async def refresh(self) -> None:
        """Rebuild the index if texts were loaded or a new day began. Cheap otherwise."""
        signature = await self._regulations.text_signature()
        if signature == self._signature:
            return
        async with self._building:
            if signature == self._signature:
                return
            articles = await self._regulations.articles_in_force()
            register = await self._regulations.list_regulations()
            index = await asyncio.to_thread(ArticleIndex, articles)
            names = [(name, r.short_name) for r in register for name in {r.short_name, r.name, *r.aliases}]
            self._index, self._reader = index, QuestionReader(names)
            self._register = {regulation.short_name: regulation for regulation in register}
            self._signature = signature

    async def ask(self, question: str, *, top: int = DEFAULT_TOP) -> Answer:
        """Answer a question. An article pointed to by number is looked up; anything else is ranked.

        A question that nothing answers is put on the trainers' list.
        """
        await self.refresh()
        parsed = self._reader.read(question)
        if parsed.references:
            return await self._look_up(parsed, top)
        if parsed.loose_numbers and not parsed.laws:
            return Answer(AnswerKind.LAW_MISSING, 0.0)
        for law in parsed.laws:
            if not self._register[law].is_loaded:
                return Answer(AnswerKind.TEXT_NOT_LOADED, 0.0, law=self._register[law])
        ranked = await asyncio.to_thread(self._index.rank, parsed.topic, min(top, MAX_TOP), parsed.laws)
        confidence = max((entry.coverage for entry in ranked[:3]), default=0.0)
        if confidence < ANSWER_THRESHOLD:
            await self._note(parsed.text)
            return Answer(AnswerKind.NOT_ANSWERED, confidence, nearest=tuple(r.article for r in ranked[:3] if r.coverage > 0.0))
        return Answer(AnswerKind.FOUND, confidence, tuple(Hit(r.article, round(r.score, 4)) for r in _best_first(ranked)))

    async def _look_up(self, parsed: ParsedQuestion, top: int) -> Answer:
        hits = []
        for reference in parsed.references[:top]:
            try:
                article = await self._regulations.get_article(reference.law, reference.number)
            except ArticleNotFound as missing:
                law = self._register[reference.law]
                kind = AnswerKind.NO_SUCH_ARTICLE if law.is_loaded else AnswerKind.TEXT_NOT_LOADED
                if not hits:
                    return Answer(kind, 0.0, law=law, article_count=missing.article_count)
            else:
                hits.append(Hit(article, 1.0))
        return Answer(AnswerKind.FOUND, 1.0, tuple(hits))

    async def _note(self, question: str) -> None:
        if not question.strip():
            return
        async with self._database.transaction() as session:
            await storage.note_unanswered(session, question, self._clock())


def _best_first(ranked: list[Ranked]) -> list[Ranked]:
    """Order by score times coverage: an article that speaks of all of the question beats one that repeats a part."""
    return sorted(ranked, key=lambda entry: -entry.score * (0.5 + entry.coverage))
