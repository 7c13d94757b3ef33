"""Use case of regulation Q&A: a question in, quoted articles out, or an honest "the loaded regulations do not answer"."""

import asyncio
import datetime as dt
import enum
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from question_bank.database import Clock, Database
from question_bank.regulations.rules import ArticleNotFound, RegulationStatus
from question_bank.regulations.service import Regulations
from question_bank.regulations.views import ArticleView, RegulationSummary
from question_bank.reviews.service import Reviews
from question_bank.search import storage
from question_bank.search.builder import Builder, Progress, Snapshot
from question_bank.search.corpus import is_liability
from question_bank.search.meaning import Model, wanted_vectors
from question_bank.search.query import ParsedQuestion, SmallTalk

DEFAULT_TOP = 4
MAX_TOP = 20
NEAREST = 3
"""Topics that are offered when nothing answers."""

NEAREST_FROM = 0.03
"""Least confidence at which a question has anything to do with what is loaded, so that topics near it are worth a look."""

WORK_SLICE = dt.timedelta(seconds=0.8)
"""How long one call computes vectors, so that a process that is to stop never waits long."""


class AnswerKind(enum.StrEnum):
    FOUND = "found"
    NOT_ANSWERED = "not_answered"
    NO_SUCH_ARTICLE = "no_such_article"
    TEXT_NOT_LOADED = "text_not_loaded"
    LAW_MISSING = "law_missing"
    """An article number without a law."""
    LAW_UNKNOWN = "law_unknown"
    """A law is named that the register does not know; `law_name` has the name."""
    SMALL_TALK = "small_talk"


@dataclass(frozen=True)
class Hit:
    """`digest` says the article's point in our words; `paragraph` (from 0) is the one that fits the question best."""

    article: ArticleView
    score: float
    digest: str | None = None
    paragraph: int | None = None
    status: RegulationStatus = RegulationStatus.IN_FORCE


@dataclass(frozen=True)
class Answer:
    """`hits` are quoted as the answer when kind is FOUND. `nearest` are topics to offer when nothing answers.

    `confidence` is 0..1. `law` and `article_count` go with NO_SUCH_ARTICLE and TEXT_NOT_LOADED. `beside` is the liability for
    a duty or the duty behind a liability. `on` is the past day that was asked about. `question` is what was understood, with
    what a follow-up left unsaid.
    """

    kind: AnswerKind
    confidence: float
    hits: tuple[Hit, ...] = ()
    nearest: tuple[ArticleView, ...] = ()
    law: RegulationSummary | None = None
    article_count: int = 0
    law_name: str | None = None
    small_talk: SmallTalk | None = None
    beside: ArticleView | None = None
    on: dt.date | None = None
    question: str = ""


class Search:
    """Keeps one snapshot in memory and follows what is loaded and taught; a new one is built in a thread."""

    def __init__(
        self,
        database: Database,
        regulations: Regulations,
        reviews: Reviews,
        clock: Clock,
        load_model: Callable[[], Model | None],
    ) -> None:
        self._database = database
        self._regulations = regulations
        self._clock = clock
        self.builder = Builder(database, regulations, reviews, load_model)
        self._signature: tuple[object, ...] | None = None
        self._snapshot: Snapshot | None = None
        self._past: tuple[tuple[object, ...], Snapshot] | None = None
        self._building = asyncio.Lock()
        self._forced = False

    async def refresh(self) -> Snapshot:
        """The snapshot of what is loaded now; rebuilt if that changed or a new day began. Cheap otherwise."""
        signature = await self.builder.signature()
        if self._snapshot is None or signature != self._signature or self._forced:
            async with self._building:
                if self._snapshot is None or signature != self._signature or self._forced:
                    self._forced = False
                    self._snapshot, self._signature = await self.builder.build(), signature
        return self._snapshot

    async def knows_meaning(self) -> bool:
        """Whether answers use sentence vectors now."""
        return (await self.refresh()).ranker.knows_meaning

    async def work_on_vectors(self, progress: Progress = lambda done, total: None) -> bool:
        """Compute vectors that are missing, for a moment; True when all are there. To be called again and again."""
        snapshot = await self.refresh()
        if snapshot.ranker.knows_meaning or self.builder.model is None or not snapshot.corpus.questions:
            return True
        missing = await self.builder.missing_vectors(snapshot.corpus)
        total = len(wanted_vectors(snapshot.corpus))
        stop_at = time.monotonic() + WORK_SLICE.total_seconds()
        done = await self.builder.add_vectors(missing, until=stop_at)
        progress(total - len(missing) + done, total)
        if done == len(missing):
            self._forced = True
            await self.refresh()
        return done == len(missing)

    async def ask(
        self, question: str, *, top: int = DEFAULT_TOP, previous: str | None = None, keeps_unanswered: bool = True
    ) -> Answer:
        """Answer a question. An article pointed to by number is looked up; anything else is ranked.

        `previous` is what the same person asked before: a follow-up (罚多少呢) is read together with it. A question that
        nothing answers is put on the trainers' list, unless it may be half typed (`keeps_unanswered` is off).
        """
        snapshot = await self.refresh()
        parsed = snapshot.reader.read(question)
        if parsed.small_talk is not None:
            return Answer(AnswerKind.SMALL_TALK, 0.0, small_talk=parsed.small_talk, question=parsed.text)
        wants_liability = False
        if previous and parsed.is_follow_up:
            wants_liability = parsed.asks_penalty
            parsed = snapshot.reader.read(f"{previous} {question}")
        on = self._past_day(parsed)
        if on is not None:
            snapshot = await self._snapshot_of(on)
        answer = await self._answer(snapshot, parsed, min(top, MAX_TOP), on)
        if answer.kind is AnswerKind.NOT_ANSWERED and keeps_unanswered:
            await self._note(parsed.text)
        if wants_liability:
            answer = self._liability_first(snapshot, answer)
        return replace(answer, on=on, question=parsed.text)

    def _past_day(self, parsed: ParsedQuestion) -> dt.date | None:
        """The day a question asks about, if it lies in the past."""
        return parsed.day if parsed.day is not None and parsed.day < self._regulations.today() else None

    async def _snapshot_of(self, day: dt.date) -> Snapshot:
        """What was in force on a past day. The last one is kept."""
        key = (day, await self.builder.signature())
        if self._past is None or self._past[0] != key:
            self._past = (key, await self.builder.build(day))
        return self._past[1]

    async def _answer(self, snapshot: Snapshot, parsed: ParsedQuestion, top: int, on: dt.date | None) -> Answer:
        if parsed.references:
            return await self._look_up(snapshot, parsed, top, on)
        for law in parsed.laws:
            if not snapshot.register[law].is_loaded:
                return Answer(AnswerKind.TEXT_NOT_LOADED, 0.0, law=snapshot.register[law])
        if parsed.unknown_law is not None and not parsed.laws:
            return Answer(AnswerKind.LAW_UNKNOWN, 0.0, law_name=parsed.unknown_law)
        if parsed.loose_numbers and not parsed.laws:
            return Answer(AnswerKind.LAW_MISSING, 0.0)
        ranking = await asyncio.to_thread(snapshot.ranker.rank, parsed.topic, max(top, NEAREST), parsed.laws)
        if not ranking.is_answer:
            nearest = tuple(entry.article for entry in ranking.entries[:NEAREST])
            return Answer(
                AnswerKind.NOT_ANSWERED, ranking.confidence, nearest=nearest if ranking.confidence > NEAREST_FROM else ()
            )
        hits = tuple(
            self._hit(snapshot, entry.article, round(entry.score, 4), entry.paragraph) for entry in ranking.entries[:top]
        )
        return Answer(AnswerKind.FOUND, ranking.confidence, hits, beside=ranking.beside)

    async def _look_up(self, snapshot: Snapshot, parsed: ParsedQuestion, top: int, on: dt.date | None) -> Answer:
        hits = []
        for reference in parsed.references[:top]:
            try:
                article = await self._regulations.get_article(reference.law, reference.number, on)
            except ArticleNotFound as missing:
                law = snapshot.register[reference.law]
                kind = AnswerKind.NO_SUCH_ARTICLE if law.is_loaded else AnswerKind.TEXT_NOT_LOADED
                if not hits:
                    return Answer(kind, 0.0, law=law, article_count=missing.article_count)
            else:
                paragraph = reference.paragraph - 1 if reference.paragraph else None
                if paragraph is not None and paragraph >= len(article.paragraphs):
                    paragraph = None
                hits.append(self._hit(snapshot, article, 1.0, paragraph))
        return Answer(AnswerKind.FOUND, 1.0, tuple(hits))

    def _liability_first(self, snapshot: Snapshot, answer: Answer) -> Answer:
        """What was a duty before is asked about as a penalty now: the two change places."""
        if answer.beside is None or not answer.hits or not is_liability(answer.beside):
            return answer
        duty, *others = answer.hits
        hits = [self._hit(snapshot, answer.beside, duty.score, None), duty]
        hits += [hit for hit in others if hit.article != answer.beside]
        return replace(answer, hits=tuple(hits[: len(answer.hits)]), beside=duty.article)

    @staticmethod
    def _hit(snapshot: Snapshot, article: ArticleView, score: float, paragraph: int | None) -> Hit:
        status = snapshot.register[article.short_name].status
        return Hit(article, score, snapshot.digest_of(article), paragraph, status)

    async def _note(self, question: str) -> None:
        if not question.strip():
            return
        async with self._database.transaction() as session:
            await storage.note_unanswered(session, question, self._clock())
