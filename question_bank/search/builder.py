"""Builds what questions are answered from: reads the corpus out of the database, gives it vectors, makes the ranker."""

import asyncio
import datetime as dt
import math
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from question_bank.companions import storage as companion_storage
from question_bank.companions.rules import CompanionKind
from question_bank.database import Database
from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.service import Regulations
from question_bank.regulations.views import ArticleView, RegulationSummary
from question_bank.reviews.service import Reviews
from question_bank.search import storage
from question_bank.search.corpus import Corpus
from question_bank.search.known_queries import KnownQueries
from question_bank.search.meaning import Meaning, Model, VectorKey, text_hash, wanted_vectors
from question_bank.search.query import QuestionReader
from question_bank.search.ranking import Ranker
from question_bank.search.words import load_lexicon

BATCH = 16
"""Texts that are given vectors in one call: a few tenths of a second, so that stopping never waits long."""

Progress = Callable[[int, int], None]
"""Hears how many vectors are there and how many there will be."""


@dataclass(frozen=True)
class Snapshot:
    """All that answering needs, as of one day; never changed, only replaced."""

    ranker: Ranker
    reader: QuestionReader
    register: Mapping[str, RegulationSummary]
    digests: Mapping[tuple[str, ArticleNumber], str]
    corpus: Corpus

    def digest_of(self, article: ArticleView) -> str | None:
        return self.digests.get((article.short_name, article.number))


class Builder:
    def __init__(
        self, database: Database, regulations: Regulations, reviews: Reviews, load_model: Callable[[], Model | None]
    ) -> None:
        self._database = database
        self._regulations = regulations
        self._reviews = reviews
        self._load_model = load_model

    @cached_property
    def model(self) -> KnownQueries | None:
        model = self._load_model()
        return KnownQueries(model) if model is not None else None

    async def signature(self) -> tuple[object, ...]:
        """A value that changes when anything that a snapshot holds may have changed, the day included."""
        async with self._database.reading() as session:
            return await storage.signature(session, self._regulations.today())

    async def read_corpus(self, on: dt.date | None = None) -> tuple[Corpus, list[RegulationSummary], list[tuple[str, str]]]:
        """(corpus, register, names of laws that trainers added) as of a day."""
        articles = await self._regulations.articles_in_force(on)
        register = await self._regulations.list_regulations(on)
        async with self._database.reading() as session:
            companions = await companion_storage.list_all(session)
            taught = await storage.list_lexicon(session)
            aliases = await storage.list_aliases(session)
        in_review = await self._reviews.digests_in_review(on)
        known = {c.law for c in companions} | {facts.short_name for facts in load_catalog() if facts.load_by_default}
        curated = [article for article in articles if article.short_name in known]
        position = {(article.short_name, article.number): i for i, article in enumerate(curated)}
        lexicon = defaultdict(list, {word: list(terms) for word, terms in load_lexicon().items()})
        for everyday, term in taught:
            lexicon[everyday].append(term)
        placed = [(position[c.law, c.article], c) for c in companions if (c.law, c.article) in position]
        corpus = Corpus(
            articles=curated,
            digests={i: c.text for i, c in placed if c.kind is CompanionKind.DIGEST and c.companion_id not in in_review},
            questions=tuple((i, c.text) for i, c in placed if c.kind is CompanionKind.QUESTION),
            lexicon=dict(lexicon),
            others=[article for article in articles if article.short_name not in known],
        )
        return corpus, register, aliases

    async def build(self, on: dt.date | None = None) -> Snapshot:
        """A snapshot with whatever vectors are cached; lexical where some are missing."""
        corpus, register, aliases = await self.read_corpus(on)
        return await self.build_from(corpus, register, aliases)

    async def build_from(
        self, corpus: Corpus, register: Sequence[RegulationSummary], aliases: Sequence[tuple[str, str]]
    ) -> Snapshot:
        ranker = await self._ranker(corpus)
        digests = {(corpus.articles[i].short_name, corpus.articles[i].number): text for i, text in corpus.digests.items()}
        reader = await asyncio.to_thread(QuestionReader, all_names(register, aliases))
        return Snapshot(ranker, reader, {r.short_name: r for r in register}, digests, corpus)

    async def with_names(self, snapshot: Snapshot, aliases: Sequence[tuple[str, str]]) -> Snapshot:
        """The same snapshot, reading questions with these names of laws added to the register's."""
        names = all_names(list(snapshot.register.values()), aliases)
        return replace(snapshot, reader=await asyncio.to_thread(QuestionReader, names))

    async def _ranker(self, corpus: Corpus) -> Ranker:
        if self.model is None or not corpus.questions:
            return await asyncio.to_thread(Ranker, corpus)
        vectors = await self._cached(corpus)
        if len(vectors) < len(wanted_vectors(corpus)):
            return await asyncio.to_thread(Ranker, corpus)
        return await asyncio.to_thread(lambda: Ranker(corpus, self.model, Meaning(corpus, vectors)))

    async def _cached(self, corpus: Corpus) -> dict[VectorKey, np.ndarray]:
        return await self._read_vectors(wanted_vectors(corpus))

    async def _read_vectors(self, keys: Sequence[VectorKey]) -> dict[VectorKey, np.ndarray]:
        assert self.model is not None
        hashes = await asyncio.to_thread(lambda: [text_hash(key) for key in keys])
        async with self._database.reading() as session:
            found = await storage.read_vectors(session, self.model.name, hashes)
        return {key: found[h] for key, h in zip(keys, hashes, strict=True) if h in found}

    async def missing_vectors(self, corpus: Corpus) -> list[VectorKey]:
        """Texts of a corpus that have no vector yet; none without a model."""
        if self.model is None or not corpus.questions:
            return []
        cached = await self._cached(corpus)
        return [key for key in wanted_vectors(corpus) if key not in cached]

    async def know_queries(self, questions: Sequence[str]) -> None:
        """Have the vectors of these questions in memory; those that are in no cache are computed now, and kept."""
        if self.model is None:
            return
        keys = [(True, question) for question in dict.fromkeys(questions)]
        cached = await self._read_vectors(keys)
        await self.add_vectors([key for key in keys if key not in cached])
        self.model.know({text: vector for (_, text), vector in (await self._read_vectors(keys)).items()})

    async def add_vectors(
        self, missing: Sequence[VectorKey], progress: Progress = lambda done, total: None, until: float = math.inf
    ) -> int:
        """Compute and keep vectors, a batch at a time, in a thread; returns how many.

        What was kept stays when this is cut off. No batch is begun after the monotonic clock says `until`.
        """
        done = 0
        for is_query in (True, False):
            texts = [text for query, text in missing if query is is_query]
            for start in range(0, len(texts), BATCH):
                if time.monotonic() >= until:
                    return done
                batch = texts[start : start + BATCH]
                await self._add_batch(is_query, batch)
                done += len(batch)
                progress(done, len(missing))
        return done

    async def _add_batch(self, is_query: bool, batch: Sequence[str]) -> None:
        model = self.model
        assert model is not None
        vectors = await asyncio.to_thread(model.query if is_query else model.passage, batch)
        kept = {text_hash((is_query, text)): vector for text, vector in zip(batch, vectors, strict=True)}
        async with self._database.transaction() as session:
            await storage.write_vectors(session, model.name, kept)


def all_names(register: Sequence[RegulationSummary], aliases: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Every name that a law goes by, with its short name; those that trainers added come last."""
    return [(name, r.short_name) for r in register for name in {r.short_name, r.name, *r.aliases}] + list(aliases)
