"""Rates with their n: when one may be shown, and how sure it is. Standard library only."""

import math
from dataclasses import dataclass

DEFAULT_MINIMUM_N = 3
"""A rate over fewer people than this is suppressed: it would say more about persons than about the school."""


@dataclass(frozen=True)
class Tally:
    """Counts of candidates: drawn, sat (handed in at least one paper), passed (in any attempt), absent.

    While a round is open, drawn is more than sat + absent: the others may still come.
    """

    drawn: int
    sat: int
    passed: int
    absent: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.drawn + other.drawn, self.sat + other.sat, self.passed + other.passed, self.absent + other.absent)


def pass_rate(tally: Tally, minimum_n: int) -> float | None:
    """Passed / sat, or None when fewer than `minimum_n` sat (never shown as 0 or 1 then)."""
    return tally.passed / tally.sat if tally.sat >= max(1, minimum_n) else None


def wilson_interval(passed: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """The Wilson score interval of a proportion, 95 % by default; n must be at least 1.

    Source: Wilson, E. B. (1927), JASA 22, 209-212. Example: wilson_interval(8, 10) is about (0.490, 0.943).
    """
    p, z2 = passed / n, z * z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)
