"""BM25 as a share of the best that is possible, and topics learned from companions."""

import numpy as np
import pytest

from question_bank.search.lexical import Bm25, best_of_owner
from question_bank.search.topics import FLOOR, TopicModel, TopicSignal


def test_the_document_that_says_it_best_gets_the_whole_share() -> None:
    index = Bm25([["冷链", "温度"], ["冷链", "记录", "保存"], []])
    assert index.shares(["温度"]).tolist() == [1.0, 0.0, 0.0]
    shares = index.shares(["冷链", "温度"])
    assert shares[0] == pytest.approx(1.0)
    assert 0 < shares[1] < 0.5


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_an_index_without_words_finds_nothing(documents: list[list[str]]) -> None:
    index = Bm25(documents)
    assert index.shares(["冷链"]).tolist() == [0.0] * len(documents)
    assert index.unknown_share(["冷链"]) == 1.0


def test_unknown_words_are_told_as_a_share() -> None:
    index = Bm25([["冷链", "温度"]])
    assert index.unknown_share(["冷链", "火箭", "发射", "温度"]) == 0.5
    assert index.unknown_share([]) == 1.0, "a question without words is known in nothing"


def test_the_best_of_several_counts_for_their_owner() -> None:
    assert best_of_owner(np.array([1.0, 3.0, 2.0]), np.array([0, 0, 2]), 4, otherwise=-1.0).tolist() == [3.0, -1.0, 2.0, -1.0]


def test_a_topic_is_told_from_the_words_it_is_asked_with() -> None:
    model = TopicModel(["食堂的冷菜", "食堂的剩菜", "疫苗的冷链", "疫苗的接种"], ["食品", "食品", "疫苗", "疫苗"])
    assert model.labels == ["疫苗", "食品"]
    vaccine, food = model.log_probabilities("接种疫苗")
    assert vaccine > food
    assert np.exp([vaccine, food]).sum() == pytest.approx(1.0)
    assert model.log_probabilities("火箭") == pytest.approx(np.log([0.5, 0.5])), "no known word: nothing told"
    assert model.log_probabilities("疫苗" * 500).min() >= FLOOR


def test_an_article_without_companions_gets_the_value_for_unknown() -> None:
    signal = TopicSignal(TopicModel(["食堂", "疫苗"], ["食品", "疫苗"]), ["疫苗", "刑法", "食品"], unknown=-6.0)
    vaccine, other, food = signal.of("疫苗")
    assert vaccine > food
    assert other == -6.0
    assert TopicSignal(TopicModel([], []), ["疫苗"], unknown=-6.0).of("疫苗").tolist() == [-6.0]
