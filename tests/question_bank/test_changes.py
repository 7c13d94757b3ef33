"""Two texts of a law compared: by article number, and within an article word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.regulations.changes import MAX_WORDS, ChangeKind, Mark, MarkKind, compare, mark_words
from question_bank.regulations.rules import ArticleNumber, ArticleText
from tests.question_bank.samples import articles


def test_articles_are_added_removed_and_changed_in_the_order_of_the_statute() -> None:
    old = articles("同。", "旧。", "删。")
    new = [*articles("同。", "新。"), ArticleText(ArticleNumber(2, 1), None, None, ("加。",))]
    assert [(change.number.label, change.kind) for change in compare(old, new)] == [
        ("第二条", ChangeKind.CHANGED),
        ("第二条之一", ChangeKind.ADDED),
        ("第三条", ChangeKind.REMOVED),
    ]
    changed, added, removed = compare(old, new)
    assert (changed.old, changed.new) == (old[1], new[1])
    assert (added.old, added.new) == (None, new[2])
    assert (removed.old, removed.new) == (old[2], None)
    assert compare(old, old) == compare([], []) == []


@pytest.mark.parametrize("same", ["甲，称“鱼”。\n乙。", '甲，称"鱼"。乙。', "甲,称＂鱼＂。 \n　乙。", "甲，称„鱼‟。\r\n乙。"])
def test_spaces_line_breaks_width_and_quotation_marks_are_no_change(same: str) -> None:
    assert compare(articles("甲，称“鱼”。\n乙。"), articles(same)) == []


@pytest.mark.parametrize("other", ["甲，称“鱼”。乙", "甲。称“鱼”。\n乙。", "甲，称“虾”。\n乙。", ""])
def test_a_word_or_a_mark_that_differs_is_a_change(other: str) -> None:
    assert len(compare(articles("甲，称“鱼”。\n乙。"), articles(other))) == 1


def test_a_chapter_that_is_renamed_changes_no_article() -> None:
    assert compare(articles("甲。", chapter="第一章 池"), articles("甲。", chapter="第一章 水")) == []


def test_the_words_that_changed_are_marked() -> None:
    assert mark_words("每周更换池水。", "每月更换池水，并记录。") == [
        Mark(MarkKind.OLD, "每周"),
        Mark(MarkKind.NEW, "每月"),
        Mark(MarkKind.KEPT, "更换池水"),
        Mark(MarkKind.NEW, "，并记录"),
        Mark(MarkKind.KEPT, "。"),
    ]
    assert mark_words("甲。", "甲。") == [Mark(MarkKind.KEPT, "甲。")]


@given(st.text("锦鲤池水每周更换，。（一）\n", max_size=40), st.text("锦鲤池水每月更换，。（二）\n", max_size=40))
def test_kept_and_new_make_up_the_new_text_kept_and_old_the_old(old: str, new: str) -> None:
    marks = mark_words(old, new)
    assert "".join(mark.text for mark in marks if mark.kind is not MarkKind.OLD) == new
    assert "".join(mark.text for mark in marks if mark.kind is not MarkKind.NEW) == old


def test_a_text_of_monstrous_length_is_marked_as_a_whole() -> None:
    old, new = "鱼，" * MAX_WORDS, "虾，" * MAX_WORDS
    assert mark_words(old, new) == [Mark(MarkKind.OLD, old), Mark(MarkKind.NEW, new)]
