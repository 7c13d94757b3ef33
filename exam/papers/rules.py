"""Choosing questions for a paper by blueprint. Standard library only.

A draw is a ranking: each question's rank is SHA-256 of "seed/content key", and the smallest ranks are taken. Whoever knows
the seed and the pool gets the same paper, in any programming language, and no order of the pool can be preferred.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from question_bank.questions.rules import PoolEntry, QuestionType

MAX_QUESTIONS = 100


@dataclass(frozen=True)
class BlueprintPart:
    """So many questions of one type on one law."""

    law: str
    type: QuestionType
    count: int


@dataclass(frozen=True)
class Blueprint:
    """组卷蓝图: what a paper is made of. Questions come in the order of the parts."""

    parts: tuple[BlueprintPart, ...]

    @property
    def question_count(self) -> int:
        return sum(part.count for part in self.parts)

    def to_json(self) -> list[dict[str, Any]]:
        return [asdict(part) for part in self.parts]

    @classmethod
    def from_json(cls, data: list[dict[str, Any]]) -> "Blueprint":
        return cls(tuple(BlueprintPart(part["law"], QuestionType(part["type"]), part["count"]) for part in data))


@dataclass(frozen=True)
class Shortfall:
    """A part of a blueprint that the bank cannot fill: it asks for part.count and there are only `available`."""

    part: BlueprintPart
    available: int


@dataclass(frozen=True)
class PaperSlot:
    """One position of a paper: a question version and the order in which its options are shown."""

    version_id: int
    option_order: tuple[int, ...]


class PaperCannotBeFilled(Exception):
    """The bank has too few questions for the blueprint; `shortfalls` says where."""

    def __init__(self, shortfalls: Sequence[Shortfall]) -> None:
        super().__init__(f"{len(shortfalls)} part(s) of the blueprint cannot be filled")
        self.shortfalls = tuple(shortfalls)


def find_shortfalls(blueprint: Blueprint, pool: Iterable[PoolEntry]) -> list[Shortfall]:
    """Parts that the pool cannot fill; empty when a paper can be drawn. What one part takes, a later one cannot have."""
    left = Counter((entry.law, entry.type) for entry in pool)
    shortfalls = []
    for part in blueprint.parts:
        available = left[part.law, part.type]
        if available < part.count:
            shortfalls.append(Shortfall(part, available))
        left[part.law, part.type] -= min(part.count, available)
    return shortfalls


def assemble_paper(
    blueprint: Blueprint, pool: Iterable[PoolEntry], seed: str, exclude: frozenset[int] = frozenset()
) -> list[PaperSlot]:
    """Draw a paper. The same seed, blueprint and pool give the same paper; no question comes twice.

    `exclude` holds version ids to avoid (those of earlier attempts, in a resit); where the pool is too small without
    them, they are used again, last. Raises PaperCannotBeFilled.
    """
    entries = list(pool)
    if shortfalls := find_shortfalls(blueprint, entries):
        raise PaperCannotBeFilled(shortfalls)
    ranked = _rank_by_kind(entries, seed, exclude)
    drawn = [entry for part in blueprint.parts for entry in islice(ranked.get((part.law, part.type), ()), part.count)]
    return [PaperSlot(entry.version_id, shuffle_options(entry, seed)) for entry in drawn]


def _rank_by_kind(
    entries: Iterable[PoolEntry], seed: str, exclude: frozenset[int]
) -> dict[tuple[str, QuestionType], Iterator[PoolEntry]]:
    """For each law and type the questions in the order of the draw; each can be taken once."""
    kinds: defaultdict[tuple[str, QuestionType], list[PoolEntry]] = defaultdict(list)
    for entry in entries:
        kinds[entry.law, entry.type].append(entry)
    return {
        kind: iter(sorted(members, key=lambda entry: (entry.version_id in exclude, rank(seed, entry.content_key))))
        for kind, members in kinds.items()
    }


def shuffle_options(entry: PoolEntry, seed: str) -> tuple[int, ...]:
    """The order in which options are shown; true_false always shows 正确 first."""
    positions = range(entry.option_count)
    if entry.type is QuestionType.TRUE_FALSE:
        return tuple(positions)
    return tuple(sorted(positions, key=lambda position: rank(seed, f"{entry.content_key}/{position}")))


def rank(seed: str, name: str) -> str:
    """The hexadecimal SHA-256 of "seed/name": what draws of people and of questions sort by."""
    return hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()
