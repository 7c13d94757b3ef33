"""Stand-ins for what tests must steer: the clock, the sentence model."""

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

START = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
"""24 November 2026, 9:00 in China: a Tuesday."""


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: dt.datetime = START) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        """Move on by a timedelta's parts: clock.advance(minutes=5)."""
        self.now += dt.timedelta(**parts)


class FakeModel:
    """A sentence model made of the text's own characters: the same text, the same vector. `means` says what stands for what."""

    name = "fake 1"

    def __init__(self, means: Mapping[str, str] | None = None) -> None:
        self.means = means or {}
        self.calls = 0

    def query(self, texts: Sequence[str]) -> np.ndarray:
        return self._vectors(texts)

    def passage(self, texts: Sequence[str]) -> np.ndarray:
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> np.ndarray:
        self.calls += len(texts)
        vectors = np.full((len(texts), 384), 0.5, dtype=np.float32)  # all near each other, as this model's are
        for row, text in zip(vectors, texts, strict=True):
            for character in self.means.get(text, text):
                row[ord(character) % 384] += 1.0
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
