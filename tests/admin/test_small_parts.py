"""The panel's pure parts: how things are written, paging, the proposal for a blueprint, once per form."""

import datetime as dt

import pytest
from multidict import MultiDict

from admin import formats, words
from admin.forms import FieldReader
from admin.once import REMEMBERED, OncePerForm
from admin.paging import take_page
from admin.pool_counts import count_pool, propose_counts
from exam import terms
from exam.people.rules import JobRole, OrganisationKind, Role
from question_bank.questions.rules import Dimension, Level, PoolEntry, QuestionState, QuestionType
from question_bank.reviews.rules import ReviewSubject
from question_bank.search.lessons import LessonKind, Problem
from question_bank.search.rules import TodoState
from question_bank.search.todo import TodoKind

SINGLE, MULTIPLE, JUDGE = QuestionType


def test_moments_are_written_in_beijing_time() -> None:
    moment = dt.datetime(2026, 12, 31, 16, 5, 7, tzinfo=dt.UTC)
    assert formats.when(moment) == "2027-01-01 00:05"
    assert formats.clock_time(moment) == "00:05:07"
    assert formats.day(dt.date(2026, 3, 1)) == "2026年3月1日"


@pytest.mark.parametrize(
    ("span", "written"),
    [
        ({"minutes": 45}, "45分钟"),
        ({"hours": 1}, "1小时"),
        ({"minutes": 90}, "1小时30分钟"),
        ({"hours": 24}, "24小时"),
        ({"days": 3}, "3天"),
        ({"seconds": 90}, "90秒"),
        ({}, "0秒"),
    ],
)
def test_durations_are_written_as_people_say_them(span: dict[str, float], written: str) -> None:
    assert formats.duration(dt.timedelta(**span)) == written


@pytest.mark.parametrize(
    ("share", "written"),
    [(0, "0.0%"), (1, "100.0%"), (5 / 6, "83.3%"), (0.99999, "99.9%"), (0.00001, "0.1%"), (2e-17, "0.0%"), (1 - 1e-16, "100.0%")],
)
def test_only_nothing_is_zero_and_only_all_is_a_hundred_per_cent(share: float, written: str) -> None:
    assert formats.percent(share) == written


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张＊"),
        ("王小明", "王＊"),
        ("欧阳小明", "欧阳＊"),
        ("欧阳", "欧＊"),
        ("买买提·吐尔逊", "买＊"),
        ("", "＊"),
        (" 李四", "李＊"),
    ],
)
def test_a_masked_name_keeps_the_surname(name: str, masked: str) -> None:
    assert formats.mask_name(name) == masked


@pytest.mark.parametrize(
    ("length", "short"), [(10, "一二三四五六七八九十"), (9, "一二三四…七八九十"), (8, "一二三…七八九十"), (3, "一…十")]
)
def test_a_long_name_loses_its_middle(length: int, short: str) -> None:
    assert formats.shorten("一二三四五六七八九十", length) == short
    assert len(short) == min(length, 10)


def test_every_member_of_every_enum_on_screen_has_a_term() -> None:
    for members in (OrganisationKind, JobRole, Role, QuestionType, Level, Dimension, QuestionState):
        assert all(words.term(member) for member in members)
    for members in (TodoKind, TodoState, LessonKind, ReviewSubject):
        assert all(words.term(member) for member in members)
    assert words.term(OrganisationKind.SCHOOL_CANTEEN) == terms.ORGANISATION_KINDS[OrganisationKind.SCHOOL_CANTEEN]


@pytest.mark.parametrize("kind", list(LessonKind))
def test_whatever_is_wrong_with_a_lesson_can_be_said(kind: LessonKind) -> None:
    assert all(words.lesson_problem(kind, problem) for problem in Problem)


@pytest.mark.parametrize(
    ("asked", "number", "items"),
    [
        ("", 1, [0, 1, 2]),
        ("1", 1, [0, 1, 2]),
        ("3", 3, [6]),
        ("4", 3, [6]),
        ("0", 1, [0, 1, 2]),
        ("٣", 1, [0, 1, 2]),
        ("9" * 30, 1, [0, 1, 2]),
    ],
)
def test_a_page_is_always_one_that_exists(asked: str, number: int, items: list[int]) -> None:
    page = take_page(range(7), asked, 3)
    assert (page.number, page.pages, page.total, list(page.items)) == (number, 3, 7, items)
    assert page.first == items[0] + 1


def test_an_empty_list_has_one_empty_page() -> None:
    assert (take_page([], "2", 3).pages, list(take_page([], "2", 3).items)) == (1, [])


def _entry(key: str, law: str, question_type: QuestionType) -> PoolEntry:
    return PoolEntry(key, 1, question_type, Level.EASY, Dimension.KNOWLEDGE, "topic", 4, law)


def test_the_pool_is_counted_by_law_and_type_most_first() -> None:
    pool = [_entry("a", "甲法", SINGLE), _entry("b", "乙法", SINGLE), _entry("c", "乙法", JUDGE)]
    assert count_pool(pool) == {"乙法": {SINGLE: 1, MULTIPLE: 0, JUDGE: 1}, "甲法": {SINGLE: 1, MULTIPLE: 0, JUDGE: 0}}
    assert list(count_pool(pool)) == ["乙法", "甲法"]


@pytest.mark.parametrize(
    ("available", "proposed"),
    [
        ({"甲": (50, 50, 50)}, {"甲": (15, 8, 7)}),
        ({"甲": (50, 50, 50), "乙": (50, 50, 50)}, {"甲": (7, 4, 4), "乙": (7, 4, 4)}),
        ({"甲": (2, 0, 1), "乙": (50, 0, 0)}, {"甲": (2, 0, 1), "乙": (27, 0, 0)}),
        ({"甲": (2, 0, 1)}, {"甲": (2, 0, 1)}),
        ({}, {}),
    ],
)
def test_the_proposal_is_spread_evenly_and_never_more_than_there_is(
    available: dict[str, tuple[int, ...]], proposed: dict[str, tuple[int, ...]]
) -> None:
    counts = {law: dict(zip(QuestionType, numbers, strict=True)) for law, numbers in available.items()}
    assert {law: tuple(types.values()) for law, types in propose_counts(counts).items()} == proposed


@pytest.mark.parametrize(
    ("typed", "number", "is_wrong"),
    [
        ("7", 7, False),
        (" ７ ", 7, False),
        ("+7", 7, False),
        ("-7", -7, False),
        ("007", 7, False),
        ("1" * 7, 999_999, False),
        ("-" + "1" * 7, -999_999, False),
        ("٣", 5, True),
        ("七", 5, True),
        ("1e3", 5, True),
        ("", 5, True),
        ("--1", 5, True),
    ],
)
def test_a_whole_number_is_digits_of_either_width(typed: str, number: int, is_wrong: bool) -> None:
    reader = FieldReader(MultiDict(n=typed))
    assert reader.whole_number("n", 5) == number
    assert bool(reader.errors) is is_wrong


def test_a_blank_may_stand_for_a_number() -> None:
    reader = FieldReader(MultiDict(n=" "))
    assert (reader.whole_number("n", 5, blank=0), reader.errors) == (0, [])


@pytest.mark.asyncio
async def test_a_form_makes_its_thing_once_and_a_refusal_is_not_remembered() -> None:
    once, made = OncePerForm(), []

    async def make() -> int:
        if not made:
            made.append(0)
            raise ValueError
        made.append(len(made))
        return made[-1]

    with pytest.raises(ValueError, match=r"^$"):
        await once.run("a", make)
    assert [await once.run(key, make) for key in ("a", "a", "b", "a")] == [1, 1, 2, 1]


@pytest.mark.asyncio
async def test_only_so_many_forms_are_remembered() -> None:
    once = OncePerForm()

    async def make() -> int:
        return 1

    for number in range(REMEMBERED + 10):
        await once.run(number, make)
    assert len(once._made) == REMEMBERED
