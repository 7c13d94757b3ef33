import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.regulations.numerals import NUMERAL, chinese_numeral, parse_numeral

WRITTEN = {
    1: "一", 2: "二", 9: "九", 10: "十", 11: "十一", 19: "十九", 20: "二十", 21: "二十一", 99: "九十九",
    100: "一百", 101: "一百零一", 110: "一百一十", 111: "一百一十一", 120: "一百二十", 122: "一百二十二", 155: "一百五十五",
    505: "五百零五", 1000: "一千", 1001: "一千零一", 1010: "一千零一十", 1100: "一千一百", 1260: "一千二百六十",
    9009: "九千零九", 9990: "九千九百九十", 9999: "九千九百九十九",
}  # fmt: skip
SPOKEN = {
    "0": 0, "007": 7, "51": 51, "999999999": 999_999_999, "〇": 0, "零": 0, "一二〇": 120, "一二零": 120, "五一": 51,
    "一十": 10, "一十二": 12, "二百五": 250, "一百二": 120, "一百零二": 102, "一百〇二": 102, "两百": 200, "三千五": 3500,
    "三千零五": 3005, "一千二百五": 1250, "两千零二十": 2020, "一百十二": 112,
}  # fmt: skip


@pytest.mark.parametrize(("number", "written"), WRITTEN.items())
def test_numbers_are_written_as_statutes_write_them(number: int, written: str) -> None:
    assert chinese_numeral(number) == written
    assert parse_numeral(written) == number


@pytest.mark.parametrize(("text", "number"), SPOKEN.items())
def test_numbers_are_read_as_people_type_them(text: str, number: int) -> None:
    assert parse_numeral(text) == number


@given(st.integers(1, 9999))
@settings(max_examples=500, derandomize=True)
def test_every_article_number_survives_the_round_trip(number: int) -> None:
    written = chinese_numeral(number)
    assert parse_numeral(written) == number
    assert re.fullmatch(NUMERAL, written), "whatever is written is found in a text again"


def test_all_numbers_of_statutes_are_written_differently() -> None:
    assert len({chinese_numeral(number) for number in range(1, 10_000)}) == 9999


@pytest.mark.parametrize("number", [-1, 0, 10_000])
def test_a_number_outside_1_to_9999_is_not_written(number: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        chinese_numeral(number)


@pytest.mark.parametrize(
    "text", ["", " ", "十百", "百", "一二百", "千千", "百一", "一万", "十十", "51条", "-1", "5.1", "法", "壹"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_numeral(text)


@given(st.text("〇零○一二两三四五六七八九十百千0123456789", max_size=9))
@settings(max_examples=500, derandomize=True)
def test_any_run_of_numerals_is_a_number_or_refused(text: str) -> None:
    try:
        number = parse_numeral(text)
    except ValueError:
        return
    assert 0 <= number < 2**31, "a number always fits a database's integers"
