"""The shipped questions as a whole: enough of them, each with its basis, and no pattern that gives the key away."""

from collections import Counter
from itertools import combinations

import pytest
import yaml
from rapidfuzz import fuzz

from question_bank.questions.content import CONTENT_FOLDER, load_content
from question_bank.questions.rules import QuestionContent, QuestionType
from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.package_source import read_articles

LAWS = ["疫苗管理法", "药品管理法", "食品安全法"]
CONTENTS = {key: entry.content for key, entry in load_content().items()}


def of(law: str, *types: QuestionType) -> list[QuestionContent]:
    return [c for c in CONTENTS.values() if c.citations[0].law == law and (not types or c.type in types)]


@pytest.mark.parametrize("law", LAWS)
def test_each_law_has_at_least_30_questions_of_all_types(law: str) -> None:
    counts = Counter(content.type for content in of(law))
    assert sum(counts.values()) >= 30
    assert all(counts[question_type] >= 5 for question_type in QuestionType), counts
    assert {content.level for content in of(law)} == {"easy", "medium", "hard"}


def test_every_cited_article_and_paragraph_exists() -> None:
    titles = {facts.source_title or "": facts.short_name for facts in load_catalog() if facts.load_by_default}
    paragraphs = {(titles[t], a.number): len(a.paragraphs) for t, articles in read_articles(list(titles)) for a in articles}
    missing = [
        (key, cited)
        for key, content in CONTENTS.items()
        for cited in content.citations
        if (cited.paragraph or 1) > paragraphs.get((cited.law, cited.article), 0)
    ]
    assert missing == []


def test_a_key_names_the_article_that_the_question_cites() -> None:
    prefixes = {"vaccine": "疫苗管理法", "drug": "药品管理法", "food": "食品安全法"}
    for key, content in CONTENTS.items():
        prefix, article, _ = key.split("-")
        assert (prefixes[prefix], int(article)) in {(c.law, c.article.number) for c in content.citations}, key


def test_every_entry_is_explained_and_was_answered_blind() -> None:
    entries = [entry for path in CONTENT_FOLDER.glob("*.yaml") for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]
    assert len(entries) == len(CONTENTS)
    assert [entry["key"] for entry in entries if "checked" not in entry] == []
    assert [key for key, content in CONTENTS.items() if len(content.explanation) < 20] == []


@pytest.mark.parametrize("law", LAWS)
def test_the_position_of_the_key_tells_nothing(law: str) -> None:
    singles = of(law, QuestionType.SINGLE_CHOICE)
    places = Counter(place for content in singles for place in content.keys)
    assert set(places) == {0, 1, 2, 3}
    assert max(places.values()) <= 0.4 * len(singles), places
    assert min(places.values()) >= 0.1 * len(singles), places


@pytest.mark.parametrize("law", LAWS)
def test_true_and_false_are_balanced(law: str) -> None:
    judged = of(law, QuestionType.TRUE_FALSE)
    true = sum(content.keys == {0} for content in judged)
    assert 0.4 <= true / len(judged) <= 0.6


@pytest.mark.parametrize("law", LAWS)
def test_ticking_everything_is_seldom_right_and_the_number_of_keys_varies(law: str) -> None:
    multiples = of(law, QuestionType.MULTIPLE_CHOICE)
    assert sum(len(content.keys) == len(content.options) for content in multiples) <= 0.2 * len(multiples)
    assert len({len(content.keys) for content in multiples}) >= 3


def test_the_longest_option_is_not_the_key_too_often() -> None:
    singles = [content for law in LAWS for content in of(law, QuestionType.SINGLE_CHOICE)]
    longest = sum(
        all(len(content.options[key].text) > len(other.text) for other in content.options if not other.is_key)
        for content in singles
        for key in content.keys
    )
    assert longest <= 0.4 * len(singles)


def test_no_two_stems_are_alike() -> None:
    pairs = combinations(((key, content.stem) for key, content in CONTENTS.items()), 2)
    assert [(one[0], two[0]) for one, two in pairs if fuzz.ratio(one[1], two[1]) > 90] == []
