"""Finding a school by a name typed from memory: RapidFuzz over the names, best first."""

from collections.abc import Sequence

from rapidfuzz import fuzz, process

NAME_CUTOFF = 60.0
"""Least share (per cent) of the typed name that must be found: 第一小雪 still finds 第一小学."""


def match_names(typed: str, names: Sequence[str]) -> list[int]:
    """Positions of the names that a typed one may mean, best first; names that contain it to the letter come alone."""
    typed = "".join(typed.split())
    exact = [position for position, name in enumerate(names) if typed in name]
    if exact:
        return exact
    found = process.extract(typed, names, scorer=fuzz.partial_ratio, score_cutoff=NAME_CUTOFF, limit=None)
    return [position for _, _, position in found]
