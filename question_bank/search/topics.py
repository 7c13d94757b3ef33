"""What field a question belongs to: which law, which chapter, duty or penalty. Naive Bayes over the companions' words.

A multivariate-Bernoulli-style model (Manning, Raghavan, Schütze, Introduction to Information Retrieval, ch. 13) that looks
at the words which occur only; the companions say of each of their words in which law and chapter it is used.
"""

from collections.abc import Hashable, Sequence
from functools import lru_cache

import numpy as np

from question_bank.search.lexical import Signal
from question_bank.search.words import is_chinese, words_of

SMOOTHING = 0.3
FLOOR = -12.0
"""Log-probabilities are not counted below this: the model is surer of itself than it should be."""


class TopicModel:
    """Log-probability of each label given a question. `texts` and `labels` go in pairs."""

    def __init__(self, texts: Sequence[str], labels: Sequence[Hashable]) -> None:
        self.labels = sorted(set(labels), key=str)
        position = {label: i for i, label in enumerate(self.labels)}
        features = [_features(text) for text in texts]
        self._vocabulary = {word: i for i, word in enumerate(dict.fromkeys(word for words in features for word in words))}
        counts = np.zeros((len(self._vocabulary), len(self.labels)), dtype=np.float32)
        documents = np.zeros(len(self.labels), dtype=np.float32)
        for words, label in zip(features, labels, strict=True):
            counts[[self._vocabulary[word] for word in words], position[label]] += 1.0
            documents[position[label]] += 1.0
        self._log = np.log((counts + SMOOTHING) / (documents + 2 * SMOOTHING))

    def log_probabilities(self, question: str) -> Signal:
        """One number a label, FLOOR at least. All equal for a question of which no word is known."""
        known = [self._vocabulary[word] for word in _features(question) if word in self._vocabulary]
        if not self.labels:
            return np.zeros(0, dtype=np.float32)
        scores = self._log[known].sum(axis=0)
        scores -= scores.max()
        return np.maximum(scores - np.log(np.exp(scores).sum()), FLOOR)


def _features(text: str) -> set[str]:
    return {*words_of(text), *filter(is_chinese, text)}


@lru_cache(maxsize=6)
def topic_model(texts: tuple[str, ...], labels: tuple[Hashable, ...]) -> TopicModel:
    """The model for these texts; the latest are kept, since most texts stay when something is taught or loaded."""
    return TopicModel(texts, labels)


class TopicSignal:
    """Spreads a topic model's verdict over articles: each gets the log-probability of its label.

    Articles whose label the companions say nothing of get `unknown`.
    """

    def __init__(self, model: TopicModel, article_labels: Sequence[Hashable], unknown: float) -> None:
        self._model = model
        self._unknown = unknown
        position = {label: i for i, label in enumerate(model.labels)}
        self._column = np.array([position.get(label, len(model.labels)) for label in article_labels], dtype=np.int32)

    def of(self, question: str) -> Signal:
        values = np.append(self._model.log_probabilities(question), self._unknown)
        return values[self._column].astype(np.float32)
