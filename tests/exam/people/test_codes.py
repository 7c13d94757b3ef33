"""Join codes: printed in one way, typed in many."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam.people.codes import ALPHABET, hash_join_code, new_join_code, normalise_join_code

CODE = "K7QM2XRD"


def test_a_new_code_is_two_groups_of_four_without_characters_that_look_alike() -> None:
    code = new_join_code()
    assert len(code) == 9
    assert code[4] == "-"
    assert set(code.replace("-", "")) <= set(ALPHABET)
    assert not set("01OIL") & set(ALPHABET)
    assert len({new_join_code() for _ in range(200)}) == 200


@pytest.mark.parametrize(
    "typed",
    [
        "K7QM-2XRD",
        "K7QM2XRD",
        "k7qm-2xrd",
        "Ｋ７ＱＭ－２ＸＲＤ",
        "ｋ７ｑｍ２ｘｒｄ",
        "  K7QM 2XRD\n",
        "K7QM　2XRD",
        "K7QM—2XRD",
        "K7QM——2XRD",
        "K7QM–2XRD",
        "K7QM\N{MINUS SIGN}2XRD",
        "K7QM\N{NON-BREAKING HYPHEN}2XRD",
        "K7QM_2XRD",
        "\N{ZERO WIDTH SPACE}K7QM-2XRD\N{LEFT-TO-RIGHT MARK}",
        "K-7-Q-M-2-X-R-D",
    ],
)
def test_a_code_is_read_however_it_was_typed_or_pasted(typed: str) -> None:
    assert normalise_join_code(typed) == CODE
    assert hash_join_code(typed) == hash_join_code(CODE)


@pytest.mark.parametrize(
    "typed", ["", "-", "K7QM2XR", "K7QM2XRDD", "K7QM-2XR0", "K7QM-2XRI", "K7QM.2XRD", "邀请码K7QM", "你好你好你好你好"]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert normalise_join_code(typed) is None
    with pytest.raises(ValueError, match="not a join code"):
        hash_join_code(typed)


@given(st.text(ALPHABET, min_size=8, max_size=8), st.lists(st.sampled_from(" -—－_\t"), min_size=9, max_size=9), st.booleans())
def test_separators_and_case_never_change_a_code(code: str, separators: list[str], is_small: bool) -> None:
    typed = "".join(a + b for a, b in zip(separators, [*code, ""], strict=True))
    assert normalise_join_code(typed.lower() if is_small else typed) == code


def test_only_a_hash_is_kept_and_it_is_no_plain_hash_of_the_code() -> None:
    assert hash_join_code(CODE) == hashlib.sha256(b"yushi-join:K7QM2XRD").hexdigest()
    assert hash_join_code(CODE) != hash_join_code("K7QM2XRE")
