"""How much of a question each text says, by words: BM25 (the library bm25s), as a share of the best possible score.

A share, unlike a raw score, means the same for a short and a long question and for few and many articles, so that fitted
weights hold when laws are loaded or removed.
"""

import logging
from collections.abc import Callable, Iterable
from functools import lru_cache

import bm25s
import numpy as np

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it reports every build at debug level

Signal = np.ndarray
"""One float32 an article."""


class Bm25:
    """An immutable index over documents that are given as lists of words, in the order of their positions."""

    def __init__(self, documents: Iterable[list[str]]) -> None:
        vocabulary: dict[str, int] = {}
        ids = [np.fromiter((vocabulary.setdefault(word, len(vocabulary)) for word in words), np.int32) for words in documents]
        self._count = len(ids)
        self._vocabulary = vocabulary
        self._index = bm25s.BM25()
        if not vocabulary:
            return
        self._index.index((ids, vocabulary), show_progress=False, create_empty_token=False)
        data, starts = self._index.scores["data"], self._index.scores["indptr"]
        self._best = np.maximum.reduceat(data, starts[:-1]) if len(data) else np.zeros(0)
        """The best score that any document gets for each word."""

    def shares(self, words: list[str]) -> Signal:
        """For each document, its score for these words as a share (0..1) of the best that is possible for them."""
        known = [self._vocabulary[word] for word in words if word in self._vocabulary]
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        best = float(self._best[known].sum())
        return self._index.get_scores_from_ids(known) / max(best, 1e-6)

    def unknown_share(self, words: list[str]) -> float:
        """The share of these words that no document has; 1.0 when there are none at all."""
        if not words:
            return 1.0
        return sum(word not in self._vocabulary for word in words) / len(words)


@lru_cache(maxsize=12)
def index_of(texts: tuple[str, ...], cut: Callable[[str], list[str]]) -> Bm25:
    """The index over texts cut into words; the latest are kept, since most texts stay when something is taught or loaded."""
    return Bm25(map(cut, texts))


def best_of_owner(values: Signal, owners: np.ndarray, count: int, otherwise: float = 0.0) -> Signal:
    """For each of `count` owners the largest of its values; `otherwise` for one without any."""
    best = np.full(count, otherwise, dtype=np.float32)
    np.maximum.at(best, owners, values)
    return best
