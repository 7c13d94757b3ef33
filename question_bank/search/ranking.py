"""Signals of many kinds become one order of articles, and one number that says whether the first is an answer at all.

Weights are data, fitted by benchmarks/qa/fit.py: a weighted sum orders the articles; a logistic model on a handful of
features of the best one gives the confidence.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from question_bank.regulations.views import ArticleView
from question_bank.search.corpus import CRIMINAL_LAW, Corpus, is_liability
from question_bank.search.lexical import Signal, best_of_owner, index_of
from question_bank.search.meaning import Meaning, Model
from question_bank.search.topics import TopicModel, TopicSignal, topic_model
from question_bank.search.words import content_words, load_fields, sounds_of, words_of

RANKING_PATH = Path(__file__).parent.parent / "content" / "ranking.yaml"
SHARE_SCALE = 10.0
TOPIC_SCALE = 3.0
"""What signals are divided or multiplied by, so that fitted weights are of one size."""

LENGTH_COUNTED = 40
"""A question that is longer than this is not surer of its answer for it."""

NAMED_LAW_EASE = 0.5
"""A question that names one of the laws needs half the confidence: that it is about them is already said."""

Features = dict[str, float]


@dataclass(frozen=True)
class Weights:
    """One fitted set: `signals` weigh an article, `confidence` weighs features of the best (with a `bias`)."""

    signals: Mapping[str, float]
    confidence: Mapping[str, float]
    threshold: float


@cache
def load_weights(path: Path = RANKING_PATH) -> dict[str, Weights]:
    """Weight sets by name: `lexical`, and `meaning` for when sentence vectors are there."""
    data: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {name: Weights(**values) for name, values in data.items()}


@dataclass(frozen=True)
class Ranked:
    """One article with its score, which only means something beside the others of the same question.

    `paragraph` (from 0) is the one that fits the question best; None where an article has only one.
    """

    article: ArticleView
    score: float
    paragraph: int | None = None


@dataclass(frozen=True)
class Ranking:
    """Best first. `confidence` (0..1) is how sure we are that the first answers; `is_answer` whether that is enough.

    `beside` is the other half of the best article: the liability for a duty, the duty behind a liability.
    """

    entries: tuple[Ranked, ...]
    confidence: float
    is_answer: bool
    beside: ArticleView | None = None


NOTHING = Ranking((), 0.0, is_answer=False)


class Ranker:
    """Ranks the articles of one corpus. Immutable, so that one can answer while the next is built."""

    def __init__(self, corpus: Corpus, model: Model | None = None, meaning: Meaning | None = None) -> None:
        self._corpus, self._model, self._meaning = corpus, model, meaning
        articles = corpus.articles
        companions = [""] * len(articles)
        for position, text in [*corpus.digests.items(), *corpus.questions]:
            companions[position] += f"\n{text}"
        headings = [(article.chapter or "") * 2 + (article.section or "") for article in articles]
        headed = tuple(f"{head}\n{article.text}" for head, article in zip(headings, articles, strict=True))
        self._texts = index_of(headed, words_of)
        self._text_sounds = index_of(tuple(article.text for article in articles), sounds_of)
        self._companion_texts = companions
        self._companions = index_of(tuple(companions), words_of)
        self._companion_sounds = index_of(tuple(companions), sounds_of)
        self._questions = index_of(tuple(text for _, text in corpus.questions), words_of)
        self._question_owners = np.array([position for position, _ in corpus.questions], dtype=np.int64)
        self._has_companions = np.array([bool(text) for text in companions], dtype=np.float32)
        self._liability = np.array([is_liability(article) for article in articles], dtype=bool)
        self._topics = self._build_topics()
        self._others = PlainRanker(corpus) if corpus.others else None
        self._by_law: dict[str, list[int]] = {}
        for position, article in enumerate(articles):
            self._by_law.setdefault(article.short_name, []).append(position)

    def __len__(self) -> int:
        return len(self._corpus.articles)

    @property
    def knows_meaning(self) -> bool:
        return self._meaning is not None

    def _build_topics(self) -> dict[str, TopicSignal]:
        owners = [*self._corpus.digests.items(), *self._corpus.questions]
        texts = [text for _, text in owners]
        laws = [article.short_name for article in self._corpus.articles]
        chapters = [(article.short_name, article.chapter) for article in self._corpus.articles]
        liabilities = self._liability.tolist()
        fields = [(word, law) for law, words in load_fields().items() if law in laws for word in words]
        law_texts = (*texts, *(word for word, _ in fields))
        law_model = topic_model(law_texts, (*(laws[position] for position, _ in owners), *(law for _, law in fields)))

        def model(labels: Sequence[Hashable]) -> TopicModel:
            return topic_model(tuple(texts), tuple(labels[position] for position, _ in owners))

        return {
            "law": TopicSignal(law_model, laws, -6.0),
            "chapter": TopicSignal(model(chapters), chapters, -10.0),
            "liability": TopicSignal(model(liabilities), liabilities, 0.0),
        }

    def signals(self, question: str) -> tuple[dict[str, Signal], Features]:
        """Every signal over all articles, and what is known of the question as a whole."""
        words, sounds = list(dict.fromkeys(words_of(question))), list(dict.fromkeys(sounds_of(question)))
        terms = self._corpus.terms_for(question)
        count = len(self)
        signals = {
            "text": self._texts.shares(words) * SHARE_SCALE,
            "lexicon": self._texts.shares(words_of(" ".join(terms))) * SHARE_SCALE,
            "text_sounds": self._text_sounds.shares(sounds) * SHARE_SCALE,
            "companions": self._companions.shares(words) * SHARE_SCALE,
            "companion_sounds": self._companion_sounds.shares(sounds) * SHARE_SCALE,
            "question": best_of_owner(self._questions.shares(words), self._question_owners, count) * SHARE_SCALE,
            "has_companions": self._has_companions,
            **{name: topic.of(question) / TOPIC_SCALE for name, topic in self._topics.items()},
        }
        features = {
            "unknown_words": self._companions.unknown_share(words),
            "unknown_sounds": self._companion_sounds.unknown_share(sounds),
            "length": float(np.log(min(max(len(question), 1), LENGTH_COUNTED))),
        }
        if self._meaning is not None and self._model is not None:
            near, passage, mean = self._meaning.signals(self._model.query([question])[0])
            signals |= {"meaning": near, "passage": passage}
            features["mean_nearness"] = mean
        return signals, features

    def rank(self, question: str, top: int, laws: tuple[str, ...] = ()) -> Ranking:
        """The best articles for a normalised question; only of `laws`, if any of them is loaded. Blocking, milliseconds."""
        if self._others is not None and laws and not any(law in self._by_law for law in laws):
            return self._others.rank(question, top, laws)
        if not words_of(question):
            return NOTHING
        if not len(self):
            return self._others.rank(question, top) if self._others is not None else NOTHING
        weights = load_weights()["meaning" if self.knows_meaning else "lexical"]
        signals, features = self.signals(question)
        scores = combine(signals, weights.signals)
        if allowed := [position for law in laws for position in self._by_law.get(law, ())]:
            outside = np.ones(len(self), dtype=bool)
            outside[allowed] = False
            scores = np.where(outside, -np.inf, scores)
        order = np.argsort(-scores, kind="stable")[: max(top, 6)]
        order = order[np.isfinite(scores[order])]
        articles = self._corpus.articles
        confidence = _logistic(best_features(signals, features, scores, order), weights.confidence)
        words = set(words_of(question))
        entries = tuple(Ranked(articles[i], float(scores[i]), best_paragraph(articles[i], words)) for i in order[:top])
        beside = self._beside(signals, scores, weights, int(order[0]))
        threshold = weights.threshold * (NAMED_LAW_EASE if laws else 1.0)
        ranking = Ranking(entries, confidence, confidence >= threshold, beside)
        if self._others is None or laws:
            return ranking
        best_text = f"{_all_text(articles[order[0]])}\n{self._companion_texts[order[0]]}"
        spoken_of = share_spoken_of(question, best_text, self._corpus.lexicon)
        return _merge(ranking, spoken_of, self._others.rank(question, top), top)

    def _beside(self, signals: dict[str, Signal], scores: Signal, weights: Weights, best: int) -> ArticleView | None:
        """The article of the same law, of the other kind, that fits the question best once its kind is not held against it."""
        law = self._by_law[self._corpus.articles[best].short_name]
        others = [position for position in law if self._liability[position] != self._liability[best]]
        if not others or self._corpus.articles[best].short_name == CRIMINAL_LAW:
            return None
        without_kind = scores - weights.signals.get("liability", 0.0) * signals["liability"]
        return self._corpus.articles[max(others, key=lambda position: without_kind[position])]


TERM_WEIGHT = 0.6
"""What the lexicon's terms count for unverified and imported laws, against the question's own words."""

PLAIN_THRESHOLD = 0.62
"""Least share of a question's content words, weighed by length, that an unverified law's article must have to be an answer."""


class PlainRanker:
    """Ranks articles that nobody wrote companions for, by their words and the lexicon alone."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._articles = articles = corpus.others
        heads = (f"{article.short_name}{article.chapter or ''}{article.section or ''}" for article in articles)
        self._texts = index_of(tuple(f"{head}\n{a.text}" for head, a in zip(heads, articles, strict=True)), words_of)
        self._by_law: dict[str, list[int]] = {}
        for position, article in enumerate(articles):
            self._by_law.setdefault(article.short_name, []).append(position)

    def rank(self, question: str, top: int, laws: tuple[str, ...] = ()) -> Ranking:
        terms = self._corpus.terms_for(question)
        scores = self._texts.shares(words_of(question))
        if terms:
            scores = scores + TERM_WEIGHT * self._texts.shares(words_of(" ".join(terms)))
        if allowed := [position for law in laws for position in self._by_law.get(law, ())]:
            only = np.zeros_like(scores)
            only[allowed] = scores[allowed]
            scores = only
        size = min(max(top, 3), len(scores))
        best = np.argpartition(-scores, size - 1)[:size]
        order = best[np.argsort(-scores[best], kind="stable")]
        order = order[scores[order] > 0]
        if not len(order):
            return NOTHING
        words = set(words_of(question))
        entries = tuple(
            Ranked(self._articles[i], float(scores[i]), best_paragraph(self._articles[i], words)) for i in order[:top]
        )
        texts = [_all_text(self._articles[i]) for i in order[:3]]
        confidence = max(share_spoken_of(question, text, self._corpus.lexicon) for text in texts)
        return Ranking(entries, confidence, confidence >= PLAIN_THRESHOLD)


CLEARLY_MORE = 0.15
"""By how much more of the question an article of the other laws must speak to come before a curated answer."""


def _merge(ranking: Ranking, spoken_of: float, plain: Ranking, top: int) -> Ranking:
    """Curated laws and the others in one list. `spoken_of` is the share of the question that the best curated article has."""
    if not plain.is_answer:
        return ranking
    if not ranking.is_answer or plain.confidence > spoken_of + CLEARLY_MORE:
        return Ranking((plain.entries + ranking.entries)[:top] if ranking.is_answer else plain.entries, plain.confidence, True)
    return replace(ranking, entries=(*ranking.entries[: max(top - 1, 1)], plain.entries[0])[:top])


def _all_text(article: ArticleView) -> str:
    return f"{article.name}{article.chapter or ''}{article.section or ''}{article.text}"


def share_spoken_of(question: str, text: str, lexicon: Mapping[str, Sequence[str]]) -> float:
    """The share of a question's content words that a text has, itself or by a term of the lexicon; long words count more."""
    words = content_words(question)
    meant = [(everyday, terms) for everyday, terms in lexicon.items() if everyday in question]

    def is_spoken_of(word: str) -> bool:
        return word in text or any(word in everyday and any(term in text for term in terms) for everyday, terms in meant)

    total = sum(map(len, words))
    return sum(len(word) for word in words if is_spoken_of(word)) / total if total else 0.0


def best_paragraph(article: ArticleView, words: set[str]) -> int | None:
    """Which paragraph has most of the question's words, for its length; None for an article of one, or when none has any."""
    if len(article.paragraphs) < 2:
        return None
    shared = [len(words & set(words_of(paragraph))) for paragraph in article.paragraphs]
    if max(shared) == 0:
        return None
    return max(range(len(shared)), key=lambda i: shared[i] - len(article.paragraphs[i]) / 1000)


def combine(signals: Mapping[str, Signal], weights: Mapping[str, float]) -> Signal:
    """The weighted sum of signals, one number an article."""
    return np.sum([weight * signals[name] for name, weight in weights.items()], axis=0)


def best_features(signals: Mapping[str, Signal], features: Features, scores: Signal, order: np.ndarray) -> Features:
    """What the confidence is judged by: how the best article compares with the next, and what it has of the question."""
    best = order[0]
    told = {
        **features,
        "margin": float(scores[best] - scores[order[1]]) if len(order) > 1 else 0.0,
        "margin5": float(scores[best] - scores[order[5]]) if len(order) > 5 else 0.0,
        "companions": float(signals["companions"][best]),
        "companion_sounds": float(signals["companion_sounds"][best]),
        "text": float(signals["text"][best]),
    }
    if "meaning" in signals:
        told |= {"meaning": float(signals["meaning"].max()), "passage": float(signals["passage"].max())}
    return told


def _logistic(features: Features, weights: Mapping[str, float]) -> float:
    total = weights["bias"] + sum(weight * features[name] for name, weight in weights.items() if name != "bias")
    return float(1 / (1 + np.exp(-total)))
