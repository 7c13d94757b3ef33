"""A BM25 index in memory over the articles in force. No I/O but the shipped word lists; built in well under a second."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import rjieba
import yaml

from question_bank.regulations.service import ArticleView

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it reports every build at debug level

CONTENT_FOLDER = Path(__file__).parent.parent / "content"
EXPANSION_WEIGHT = 0.6
"""What a term that the lexicon adds counts, against a word that the person typed."""

HEADING_WEIGHT = 2
"""How often chapter and section headings are counted into an article's words."""


@dataclass(frozen=True)
class Ranked:
    """One article with its score and how much of the question it speaks of (0..1)."""

    article: ArticleView
    score: float
    coverage: float


@cache
def load_lexicon() -> dict[str, list[str]]:
    """Everyday word -> terms of the statutes."""
    return dict(_read("lexicon.yaml"))


@cache
def load_stopwords() -> frozenset[str]:
    """Words that say nothing of what a question is about."""
    return frozenset(_read("stopwords.yaml"))


def _read(name: str) -> Any:
    return yaml.load((CONTENT_FOLDER / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def words_of(text: str) -> list[str]:
    """Words for ranking: dictionary words as a search engine cuts them, and pairs of neighbouring characters."""
    words = [word for word in rjieba.cut_for_search(text) if len(word) > 1 and _is_word(word)]
    pairs = [text[i : i + 2] for i in range(len(text) - 1) if _is_chinese(text[i]) and _is_chinese(text[i + 1])]
    return words + pairs


def content_words(text: str) -> list[str]:
    """The words that carry a question's meaning, each once: what an answer must speak of."""
    words = dict.fromkeys(word for word in rjieba.cut(text) if _is_word(word) and word not in load_stopwords())
    return [word for word in words if len(word) > 1] or list(words)


def _is_word(word: str) -> bool:
    return any(_is_chinese(c) or c.isalnum() for c in word)


def _is_chinese(c: str) -> bool:
    return "\u4e00" <= c <= "\u9fff"


class ArticleIndex:
    """Ranks articles for a question. Immutable: new texts make a new index."""

    def __init__(self, articles: Sequence[ArticleView]) -> None:
        self._articles = list(articles)
        headings = ((article.chapter or "") + (article.section or "") for article in articles)
        self._texts = [f"{heading}\n{article.text}" for article, heading in zip(articles, headings, strict=True)]
        corpus = [words_of(f"{(a.chapter or '') * HEADING_WEIGHT}{a.section or ''}") + words_of(a.text) for a in articles]
        self._bm25 = bm25s.BM25()
        if corpus:
            self._bm25.index(corpus, show_progress=False)
        self._known = set(self._bm25.vocab_dict) if corpus else set()
        self._by_law: dict[str, list[int]] = {}
        for position, article in enumerate(articles):
            self._by_law.setdefault(article.short_name, []).append(position)

    def __len__(self) -> int:
        return len(self._articles)

    def rank(self, question: str, top: int, laws: Iterable[str] = ()) -> list[Ranked]:
        """The best articles for a normalised question, best first; only of `laws`, if any of them is loaded."""
        if not self._articles:
            return []
        expansions = [term for word, terms in load_lexicon().items() if word in question for term in terms]
        scores = self._scores(words_of(question)) + EXPANSION_WEIGHT * self._scores(words_of(" ".join(expansions)))
        allowed = [position for law in laws for position in self._by_law.get(law, ())]
        if allowed:
            mask = np.zeros(len(scores))
            mask[allowed] = 1.0
            scores = scores * mask
        best = np.argsort(-scores, kind="stable")[:top]
        return [Ranked(self._articles[i], float(scores[i]), self._coverage(question, i)) for i in best if scores[i] > 0.0]

    def _scores(self, words: list[str]) -> np.ndarray:
        known = [word for word in words if word in self._known]
        if not known:
            return np.zeros(len(self._articles))
        return np.asarray(self._bm25.get_scores(known), dtype=float)

    def _coverage(self, question: str, position: int) -> float:
        """Share of the question's content words that the article uses, itself or by a lexicon term; long words count more."""
        text = self._texts[position] + self._articles[position].name
        spoken_of = [(everyday, terms) for everyday, terms in load_lexicon().items() if everyday in question]
        weight = matched = 0.0
        for word in content_words(question):
            weight += len(word)
            terms = [term for everyday, group in spoken_of if word in everyday or everyday in word for term in group]
            if word in text or any(term in text for term in terms):
                matched += len(word)
            elif len(word) > 2 and any(word[i : i + 2] in text for i in range(len(word) - 1)):
                matched += len(word) / 2
        return matched / weight if weight else 0.0
