"""Rates with their n: suppressed when few sat, and how sure one can be."""

import pytest

from exam.results.rules import Tally, pass_rate, wilson_interval


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [
        (8, 10, 0.490, 0.943),  # Wilson's own method on a common textbook example
        (81, 263, 0.2553, 0.3662),  # these four: Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_the_interval_is_the_published_one(passed: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(passed, n) == pytest.approx((low, high), abs=0.0005)


@pytest.mark.parametrize("n", [1, 2, 30, 100_000])
def test_an_interval_never_leaves_zero_to_one_and_holds_the_rate(n: int) -> None:
    for passed in {0, 1, n // 2, n - 1, n}:
        low, high = wilson_interval(passed, n)
        assert 0.0 <= low <= high <= 1.0
        assert low - 1e-12 <= passed / n <= high + 1e-12


@pytest.mark.parametrize(("minimum_n", "rate"), [(0, 0.5), (1, 0.5), (3, 0.5), (4, 0.5), (5, None), (100, None)])
def test_a_rate_over_too_few_is_suppressed(minimum_n: int, rate: float | None) -> None:
    assert pass_rate(Tally(drawn=6, sat=4, passed=2, absent=1), minimum_n) == rate


@pytest.mark.parametrize("minimum_n", [0, 1, 3])
def test_a_rate_over_nobody_is_none_at_all(minimum_n: int) -> None:
    assert pass_rate(Tally(drawn=6, sat=0, passed=0, absent=6), minimum_n) is None


def test_tallies_add_up() -> None:
    assert Tally(6, 4, 2, 1) + Tally(3, 3, 0, 0) == Tally(9, 7, 2, 1)
