import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.regulations.rules import (
    ArticleNotFound,
    ArticleNumber,
    ArticleText,
    find_gap,
    split_paragraphs,
    text_hash,
)

LABELS = {
    "第一条": (1, 0),
    "第十条": (10, 0),
    "第五十一条": (51, 0),
    "第51条": (51, 0),
    "第一百零八条": (108, 0),
    "第一百二十二条": (122, 0),
    "第一百四十二条之一": (142, 1),
    "第142条之1": (142, 1),
    "第一百三十四条之二十": (134, 20),
    " 第一条\n": (1, 0),
}


@pytest.mark.parametrize(("label", "number"), LABELS.items())
def test_a_label_is_read_with_its_suffix(label: str, number: tuple[int, int]) -> None:
    assert ArticleNumber.parse(label) == ArticleNumber(*number)


@pytest.mark.parametrize(
    "label", ["", "第条", "五十一", "51", "第一条第二款", "第一条之", "第一章", "第十百条", "附则", "前第一条"]
)
def test_what_is_no_label_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        ArticleNumber.parse(label)


@given(st.integers(1, 9999), st.integers(0, 30))
@settings(derandomize=True)
def test_every_label_is_read_back(number: int, suffix: int) -> None:
    article = ArticleNumber(number, suffix)
    assert ArticleNumber.parse(article.label) == article


@pytest.mark.parametrize(("number", "label"), [(0, "第0条"), (9999, "第九千九百九十九条"), (10_000, "第10000条"), (-1, "第-1条")])
def test_a_number_that_no_statute_has_can_still_be_named(number: int, label: str) -> None:
    missing = ArticleNotFound("药品管理法", ArticleNumber(number), 155)
    assert (missing.number.label, missing.article_count, str(missing)) == (label, 155, f"药品管理法 has no {label}")


def test_articles_are_ordered_as_the_statute_is() -> None:
    right = [ArticleNumber(9), ArticleNumber(142), ArticleNumber(142, 1), ArticleNumber(142, 2), ArticleNumber(143)]
    assert sorted([right[3], right[1], right[4], right[0], right[2]]) == right


def test_each_line_is_a_paragraph_and_items_stay_in_theirs() -> None:
    text = "  第一款：\n（一）甲；\n\n　（十二）乙。 \n第二款\r\n（不是项）第三款"
    assert split_paragraphs(text) == ("第一款：\n（一）甲；\n（十二）乙。", "第二款", "（不是项）第三款")


def test_an_article_that_begins_with_an_item_keeps_it_as_a_paragraph() -> None:
    assert split_paragraphs("（一）甲\n（二）乙") == ("（一）甲\n（二）乙",)


@pytest.mark.parametrize("text", ["", "\n", " \n　\n"])
def test_no_text_is_no_paragraph(text: str) -> None:
    assert split_paragraphs(text) == ()


def numbers(*labels: str) -> list[ArticleNumber]:
    return [ArticleNumber.parse(f"第{label.replace('-', '条之')}{'' if '-' in label else '条'}") for label in labels]


@pytest.mark.parametrize(
    ("present", "gap"),
    [
        ([], None),
        (["1"], None),
        (["1", "2", "3"], None),
        (["1", "2", "2-1", "2-2", "3"], None),
        (["2"], "第一条"),
        (["1", "3"], "第二条"),
        (["1", "2", "4", "5"], "第三条"),
        (["1", "1", "2"], "第二条"),
        (["1", "2-1", "2"], "第二条"),
        (["1-1"], "第一条"),
        (["1", "3-1"], "第三条"),
        (["1", "1-2"], "第一条之一"),
        (["1", "1-1", "1-3"], "第一条之二"),
    ],
)
def test_the_first_missing_article_is_found(present: list[str], gap: str | None) -> None:
    found = find_gap(numbers(*present))
    assert (found.label if found else None) == gap


def test_a_text_has_a_hash_of_its_own() -> None:
    def hash_of(*texts: tuple[int, str]) -> str:
        return text_hash([ArticleText(ArticleNumber(n), None, None, (text,)) for n, text in texts])

    assert hash_of((1, "甲"), (2, "乙")) == hash_of((1, "甲"), (2, "乙"))
    others = [hash_of(), hash_of((1, "甲")), hash_of((1, "甲乙")), hash_of((1, "甲"), (2, "乙")), hash_of((2, "乙"), (1, "甲"))]
    assert len({*others, hash_of((1, "甲"), (3, "乙"))}) == 6
