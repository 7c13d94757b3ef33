"""How questions are read, as people type them: no database, the names of the shipped register."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.regulations.catalog import load_catalog
from question_bank.search.query import MAX_QUESTION_LENGTH, QuestionReader, normalise

READER = QuestionReader(
    (name, facts.short_name) for facts in load_catalog() for name in (facts.short_name, facts.name, *facts.aliases)
)


def pointed_at(question: str) -> list[tuple[str, int, int]]:
    return [(r.law, r.number.number, r.number.suffix) for r in READER.read(question).references]


@pytest.mark.parametrize(
    "question",
    [
        "药品管理法第51条",
        "药品管理法第五十一条",
        "药品管理法51条",
        "药品管理法五十一条",
        "药品管理法 第 51 条",
        "药品管理法第５１条",
        "药管法51条",
        "药品法第五十一条怎么说的？",
        "《药品管理法》第五十一条",
        "《中华人民共和国药品管理法》五十一条",
        "中华人民共和国药品管理法第五一条",
        "药品管里法第五十一条",
        "药品管理发法第五十一条",
        "第51条 药品管理法",
        "51条 药管法",
        "请问药品管理法里的51条是什么",
        "药品管理法第五十一条第二款",
        "药品管理法\n第五十一条",
    ],
)
def test_one_article_is_found_in_many_spellings(question: str) -> None:
    assert pointed_at(question) == [("药品管理法", 51, 0)]


@pytest.mark.parametrize(
    ("question", "articles"),
    [
        ("疫苗法四十六条", [("疫苗管理法", 46, 0)]),
        ("食安法一百三十六条", [("食品安全法", 136, 0)]),
        ("食安法实施条例第三条", [("食品安全法实施条例", 3, 0)]),
        ("食品安全法实施条例第三条", [("食品安全法实施条例", 3, 0)]),
        ("食品安全法的实施条例第三条", [("食品安全法实施条例", 3, 0)]),
        ("刑法第一百四十二条之一", [("刑法", 142, 1)]),
        ("刑法142条之1", [("刑法", 142, 1)]),
        ("刑法第142条 之 一", [("刑法", 142, 1)]),
        ("药管法51条和52条", [("药品管理法", 51, 0), ("药品管理法", 52, 0)]),
        ("疫苗法第三条、药管法第三条", [("疫苗管理法", 3, 0), ("药品管理法", 3, 0)]),
        ("疫苗法第三条，再说一遍疫苗管理法第三条", [("疫苗管理法", 3, 0)]),
        ("药品管理法第999条", [("药品管理法", 999, 0)]),
        ("药品管理法第10051条", [("药品管理法", 10051, 0)]),
        ("药品管理法第0条", [("药品管理法", 0, 0)]),
        ("药品管理法第九九九九九条", [("药品管理法", 99999, 0)]),
    ],
)
def test_laws_and_articles_are_read(question: str, articles: list[tuple[str, int, int]]) -> None:
    assert pointed_at(question) == articles


@pytest.mark.parametrize(
    "question",
    [
        "疫苗管理法里哪一条规定了冷链",
        "违反了食品安全法的哪条",
        "食品安全法有154条吗",
        "药品管理法一共有一百五十五条吗",
        "食品安全法的每一条都要背吗",
        "药品管理法第1000000051条",
        "药品管理法第九千千条",
        "疫苗管理法第三章",
    ],
)
def test_not_every_number_or_tiao_points_to_an_article(question: str) -> None:
    parsed = READER.read(question)
    assert len(parsed.laws) == 1
    assert (parsed.references, parsed.loose_numbers) == ((), ())


@pytest.mark.parametrize(
    "question",
    [
        "传染病防治法实施办法第5条",
        "疫苗管理法实施细则第5条",
        "《食品安全法》实施办法第5条",
        "刑法修正案第5条",
        "食品卫生法第5条",
        "产品质量法第5条",
        "宪法第5条",
        "民法典第5条",
        "第5条",
        "5条",
        "五条",
    ],
)
def test_an_article_of_a_law_that_is_not_ours_is_not_taken_for_one_of_ours(question: str) -> None:
    parsed = READER.read(question)
    assert (parsed.laws, parsed.references) == ((), ())
    assert [number.number for number in parsed.loose_numbers] == [5]


@pytest.mark.parametrize(
    "question", ["一条鱼坏了能卖吗", "学校有两条规定", "警戒线里有3条狗", "哪一条规定了疫苗冷链", "条", "第条"]
)
def test_a_tiao_that_counts_something_else_is_no_article(question: str) -> None:
    parsed = READER.read(question)
    assert (parsed.references, parsed.loose_numbers) == ((), ())


def test_what_is_looked_for_does_not_hold_the_name_of_where_to_look() -> None:
    assert READER.read("药品管理法今天天气").topic.strip() == "今天天气"
    assert READER.read("假药在《药品管理法》里怎么罚").topic.split() == ["假药在《", "》里怎么罚"]
    assert READER.read("《药品管理法》").topic == "《药品管理法》", "the name is all there is to look for"
    assert READER.read("今天天气").topic == "今天天气"


def test_a_reader_without_names_finds_no_law() -> None:
    assert QuestionReader([]).read("药品管理法第51条").laws == ()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ""),
        (" \t\r\n　", ""),
        ("药品\n管理法\t第５１条", "药品 管理法 第51条"),
        ("ＡＢＣ？", "ABC?"),
        ("甲\x00乙\x1b[31m", "甲 乙 [31m"),
        ("甲\ud800乙", "甲 乙"),
        ("长" * MAX_QUESTION_LENGTH, "长" * MAX_QUESTION_LENGTH),
        ("长" * (MAX_QUESTION_LENGTH + 1), "长" * MAX_QUESTION_LENGTH),
        ("长" * (MAX_QUESTION_LENGTH - 1) + " 短", "长" * (MAX_QUESTION_LENGTH - 1)),
        ("㍿" * 4096, ("株式会社" * 4096)[:MAX_QUESTION_LENGTH]),
    ],
)
def test_questions_are_normalised(typed: str, read: str) -> None:
    assert normalise(typed) == read


@given(st.text(st.characters(), max_size=2100))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_a_normalised_question_can_be_stored_and_stays_as_it_is(typed: str) -> None:
    read = normalise(typed)
    assert len(read) <= MAX_QUESTION_LENGTH
    assert read.encode("utf-8").count(0) == 0
    assert normalise(read) == read
