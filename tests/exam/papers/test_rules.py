"""Choosing questions: the same seed gives the same paper, no question comes twice, and a shortfall is told with numbers."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam.papers.rules import (
    Blueprint,
    BlueprintPart,
    PaperCannotBeFilled,
    Shortfall,
    assemble_paper,
    find_shortfalls,
    rank,
    shuffle_options,
)
from question_bank.questions.rules import Dimension, Level, PoolEntry, QuestionType

SINGLE, MULTIPLE, JUDGE = QuestionType.SINGLE_CHOICE, QuestionType.MULTIPLE_CHOICE, QuestionType.TRUE_FALSE
LAWS = ("甲法", "乙法")


def entry(number: int, law: str = "甲法", question_type: QuestionType = SINGLE, options: int = 4) -> PoolEntry:
    return PoolEntry(f"q{number}", number, question_type, Level.EASY, Dimension.KNOWLEDGE, "topic", options, law)


def part(count: int, law: str = "甲法", question_type: QuestionType = SINGLE) -> BlueprintPart:
    return BlueprintPart(law, question_type, count)


def ids(paper: list) -> list[int]:  # type: ignore[type-arg]
    return [slot.version_id for slot in paper]


@st.composite
def pools(draw: st.DrawFn) -> list[PoolEntry]:
    kinds = draw(st.lists(st.tuples(st.sampled_from(LAWS), st.sampled_from(QuestionType)), max_size=30))
    return [entry(n, law, kind, 2 if kind is JUDGE else 4) for n, (law, kind) in enumerate(kinds, start=1)]


blueprints = st.lists(st.builds(part, st.integers(1, 4), st.sampled_from(LAWS), st.sampled_from(QuestionType)), max_size=6).map(
    lambda parts: Blueprint(tuple(parts))
)


def test_a_rank_is_the_sha256_of_seed_and_name() -> None:
    assert rank("s", "a") == "51b369cc0a639a242a2ac6ba8b05c225c669d0e21f44b079af43148ef0fca8ca"  # printf s/a | sha256sum


def test_the_smallest_ranks_are_taken_in_the_order_of_the_parts() -> None:
    pool = [entry(1), entry(2), entry(3), entry(4, question_type=JUDGE, options=2)]
    by_rank = sorted((1, 2, 3), key=lambda n: rank("s", f"q{n}"))
    paper = assemble_paper(Blueprint((part(1, question_type=JUDGE), part(2))), pool, "s")
    assert ids(paper) == [4, *by_rank[:2]]


@given(pools(), blueprints, st.integers(0, 99), st.text(max_size=5))
def test_the_same_seed_gives_the_same_paper_whatever_the_order_of_the_pool(pool, blueprint, order, seed) -> None:  # type: ignore[no-untyped-def]
    shuffled = random.Random(order).sample(pool, len(pool))
    if find_shortfalls(blueprint, pool):
        assert find_shortfalls(blueprint, shuffled) == find_shortfalls(blueprint, pool)
    else:
        assert assemble_paper(blueprint, pool, seed) == assemble_paper(blueprint, shuffled, seed)


@given(pools(), blueprints, st.frozensets(st.integers(1, 30)))
def test_a_paper_has_what_the_blueprint_asks_for_and_no_question_twice(pool, blueprint, exclude) -> None:  # type: ignore[no-untyped-def]
    kinds = {e.version_id: (e.law, e.type) for e in pool}
    if shortfalls := find_shortfalls(blueprint, pool):
        with pytest.raises(PaperCannotBeFilled) as caught:
            assemble_paper(blueprint, pool, "seed", exclude)
        assert list(caught.value.shortfalls) == shortfalls
        return
    paper = assemble_paper(blueprint, pool, "seed", exclude)
    assert len(set(ids(paper))) == len(paper) == blueprint.question_count
    assert [kinds[i] for i in ids(paper)] == [(p.law, p.type) for p in blueprint.parts for _ in range(p.count)]


@given(st.integers(1, 12), st.frozensets(st.integers(1, 12)))
def test_excluded_questions_are_used_last(count: int, exclude: frozenset[int]) -> None:
    pool = [entry(n) for n in range(1, 13)]
    drawn = ids(assemble_paper(Blueprint((part(count),)), pool, "seed", exclude))
    assert sum(1 for i in drawn if i in exclude) == max(0, count - (12 - len(exclude)))


def test_another_seed_gives_another_paper() -> None:
    pool = [entry(n) for n in range(1, 41)]
    papers = {tuple(ids(assemble_paper(Blueprint((part(10),)), pool, str(seed)))) for seed in range(50)}
    assert len(papers) == 50


def test_a_bank_that_just_suffices_has_no_shortfall() -> None:
    pool = [entry(1), entry(2), entry(3, law="乙法")]
    assert find_shortfalls(Blueprint((part(2), part(1, "乙法"))), pool) == []
    assert sorted(ids(assemble_paper(Blueprint((part(2), part(1, "乙法"))), pool, "s"))) == [1, 2, 3]


def test_a_shortfall_is_told_with_numbers_part_by_part() -> None:
    pool = [entry(1), entry(2), entry(3, question_type=MULTIPLE)]
    blueprint = Blueprint((part(3), part(1, question_type=MULTIPLE), part(2, "乙法")))
    expected = (Shortfall(part(3), 2), Shortfall(part(2, "乙法"), 0))
    assert find_shortfalls(blueprint, pool) == list(expected)
    with pytest.raises(PaperCannotBeFilled) as caught:
        assemble_paper(blueprint, pool, "s")
    assert caught.value.shortfalls == expected


def test_parts_that_ask_for_the_same_kind_share_what_is_there() -> None:
    pool = [entry(1), entry(2), entry(3)]
    assert find_shortfalls(Blueprint((part(2), part(1))), pool) == []
    assert sorted(ids(assemble_paper(Blueprint((part(2), part(1))), pool, "s"))) == [1, 2, 3]
    assert find_shortfalls(Blueprint((part(2), part(2))), pool) == [Shortfall(part(2), 1)]
    assert find_shortfalls(Blueprint((part(4), part(1))), pool) == [Shortfall(part(4), 3), Shortfall(part(1), 0)]


@given(st.text(max_size=8), st.integers(1, 99))
def test_true_false_is_never_shuffled(seed: str, number: int) -> None:
    assert shuffle_options(entry(number, question_type=JUDGE, options=2), seed) == (0, 1)


@given(st.text(max_size=8), st.integers(3, 6), st.sampled_from([SINGLE, MULTIPLE]))
def test_other_options_are_shown_in_some_order_each_once(seed: str, options: int, kind: QuestionType) -> None:
    order = shuffle_options(entry(1, question_type=kind, options=options), seed)
    assert sorted(order) == list(range(options))
    assert order == shuffle_options(entry(1, question_type=kind, options=options), seed)


def test_options_really_are_shuffled() -> None:
    assert len({shuffle_options(entry(1), str(seed)) for seed in range(300)}) == 24  # all orders of four


@given(blueprints)
def test_a_blueprint_survives_being_stored(blueprint: Blueprint) -> None:
    assert Blueprint.from_json(blueprint.to_json()) == blueprint
