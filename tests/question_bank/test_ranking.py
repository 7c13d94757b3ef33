"""Ranking, on a handful of made-up articles and with the shipped word lists."""

import datetime as dt
import re

import pytest

from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.package_source import read_articles
from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.service import ArticleView
from question_bank.search.index import CONTENT_FOLDER, ArticleIndex, content_words, load_lexicon, load_stopwords


def view(number: int, text: str, law: str = "样例法", chapter: str | None = None) -> ArticleView:
    day = dt.date(2026, 1, 1)
    return ArticleView(law, f"中华人民共和国{law}", "2026年公布", day, ArticleNumber(number), chapter, None, (text,), False)


ARTICLES = [
    view(1, "食堂的冰箱要贴温度记录。"),
    view(2, "冷藏的食品要留样，留样不少于两天。"),
    view(3, "操场的跑道每年检修。"),
    view(1, "冰箱坏了要找人修理，食堂要登记。", law="另一法"),
    view(2, "从业人员每年健康检查，取得健康证明。", law="另一法", chapter="第二章 岗位"),
]
INDEX = ArticleIndex(ARTICLES)


def found(question: str, top: int = 5, laws: tuple[str, ...] = ()) -> list[tuple[str, int]]:
    return [(entry.article.short_name, entry.article.number.number) for entry in INDEX.rank(question, top, laws)]


def test_the_article_that_speaks_of_the_question_comes_first() -> None:
    ranked = INDEX.rank("跑道检修", 5)
    assert (ranked[0].article, ranked[0].coverage) == (ARTICLES[2], 1.0)
    assert ranked[0].score > 0
    assert [entry.score for entry in ranked] == sorted((entry.score for entry in ranked), reverse=True)


def test_only_named_laws_are_ranked_if_any_of_them_is_loaded() -> None:
    assert {law for law, _ in found("食堂冰箱")} == {"样例法", "另一法"}
    assert {law for law, _ in found("食堂冰箱", laws=("另一法",))} == {"另一法"}
    assert found("食堂冰箱", laws=("没有的法",)) == found("食堂冰箱")


def test_headings_and_everyday_words_find_an_article_too() -> None:
    assert found("岗位")[0] == ("另一法", 2), "by its chapter"
    assert found("厨师体检")[0] == ("另一法", 2), "by the lexicon: none of the two words is in the text"


@pytest.mark.parametrize("top", [1, 2])
def test_no_more_than_asked_for(top: int) -> None:
    assert len(found("食堂冰箱记录登记", top)) == top


@pytest.mark.parametrize("question", ["", "？！", "😀", "火箭发射", "SELECT 1", "的了吗", "a"])
def test_what_no_article_speaks_of_is_not_ranked(question: str) -> None:
    assert INDEX.rank(question, 5) == []
    assert ArticleIndex([]).rank(question, 5) == []
    assert len(ArticleIndex([])) == 0


@pytest.mark.parametrize(
    ("question", "coverage"),
    [
        ("跑道", 1.0),  # 2 of 2 characters
        ("跑道火箭", 0.5),  # 跑道 of 跑道, 火箭
        ("跑道火箭发射", 1 / 3),  # 2 of 6
        ("请问跑道怎么样", 1.0),  # the rest are words without meaning
    ],
)
def test_coverage_is_the_share_of_meaning_an_article_speaks_of(question: str, coverage: float) -> None:
    assert INDEX.rank(question, 1)[0].coverage == pytest.approx(coverage)


def test_content_words_leave_out_what_every_question_has() -> None:
    assert content_words("请问疫苗的冷链要怎么办？") == ["疫苗", "冷链"]
    assert content_words("吃") == ["吃"], "a single character counts when it is all there is"
    assert content_words("怎么办") == []


def test_every_term_of_the_lexicon_occurs_in_a_loaded_law() -> None:
    titles = [facts.source_title or "" for facts in load_catalog() if facts.load_by_default]
    statutes = "\n".join(article.text for _, articles in read_articles(titles) for article in articles)
    missing = sorted({(word, term) for word, terms in load_lexicon().items() for term in terms if term not in statutes})
    assert missing == []


def test_the_word_lists_are_clean() -> None:
    lexicon = load_lexicon()
    written = re.findall(r"^([^#\s]+): \[", (CONTENT_FOLDER / "lexicon.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert written == list(lexicon), "every entry on a line of its own, none twice"
    assert all(terms and len(terms) == len(set(terms)) for terms in lexicon.values())
    assert all(isinstance(word, str) and word.strip() == word for word in load_stopwords())
    assert not load_stopwords() & lexicon.keys(), "a word either means something or it does not"
    assert all(term != [word] for word, term in lexicon.items()), "an entry that leads from a word to itself adds nothing"
