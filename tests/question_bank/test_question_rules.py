"""When a question's content is sound, rule by rule, at every limit."""

import pytest

from question_bank.questions.rules import (
    MAX_EXPLANATION_LENGTH,
    MAX_OPTION_LENGTH,
    MAX_OPTIONS,
    MAX_REASON_LENGTH,
    MAX_STEM_LENGTH,
    Citation,
    Option,
    Problem,
    QuestionType,
    find_problems,
)
from question_bank.regulations.rules import ArticleNumber
from tests.question_bank.samples import question

SINGLE, MULTIPLE, TRUE_FALSE = QuestionType.SINGLE_CHOICE, QuestionType.MULTIPLE_CHOICE, QuestionType.TRUE_FALSE


def options(count: int, keys: int = 1) -> tuple[Option, ...]:
    return tuple(Option(f"选项{n}", n < keys) for n in range(count))


def test_sound_content_has_no_problem() -> None:
    assert find_problems(question()) == []


@pytest.mark.parametrize("blank", ["", " ", "\n　"])
def test_stem_and_explanation_must_say_something(blank: str) -> None:
    assert find_problems(question(stem=blank)) == [Problem.STEM_EMPTY]
    assert find_problems(question(explanation=blank)) == [Problem.EXPLANATION_EMPTY]


@pytest.mark.parametrize(
    ("question_type", "count", "keys", "problems"),
    [
        (SINGLE, 0, 0, [Problem.TOO_FEW_OPTIONS, Problem.KEY_COUNT_WRONG]),
        (SINGLE, 2, 1, [Problem.TOO_FEW_OPTIONS]),
        (SINGLE, 3, 1, []),
        (SINGLE, MAX_OPTIONS, 1, []),
        (SINGLE, MAX_OPTIONS + 1, 1, [Problem.TOO_MANY_OPTIONS]),
        (MULTIPLE, 2, 2, [Problem.TOO_FEW_OPTIONS]),
        (MULTIPLE, 3, 2, []),
        (MULTIPLE, MAX_OPTIONS, 2, []),
        (MULTIPLE, MAX_OPTIONS + 1, 2, [Problem.TOO_MANY_OPTIONS]),
        (TRUE_FALSE, 1, 1, [Problem.TOO_FEW_OPTIONS]),
        (TRUE_FALSE, 2, 1, []),
        (TRUE_FALSE, 3, 1, [Problem.TOO_MANY_OPTIONS]),
    ],
)
def test_each_type_has_its_number_of_options(question_type: QuestionType, count: int, keys: int, problems: list[Problem]) -> None:
    assert find_problems(question(type=question_type, options=options(count, keys))) == problems


@pytest.mark.parametrize(
    ("question_type", "keys", "sound"),
    [
        (SINGLE, 0, False),
        (SINGLE, 1, True),
        (SINGLE, 2, False),
        (MULTIPLE, 0, False),
        (MULTIPLE, 1, False),
        (MULTIPLE, 2, True),
        (MULTIPLE, 4, True),  # all of them: a person must still read each
        (TRUE_FALSE, 0, False),
        (TRUE_FALSE, 1, True),
        (TRUE_FALSE, 2, False),
    ],
)
def test_each_type_has_its_number_of_keys(question_type: QuestionType, keys: int, sound: bool) -> None:
    content = question(type=question_type, options=options(2 if question_type is TRUE_FALSE else 4, keys))
    assert find_problems(content) == ([] if sound else [Problem.KEY_COUNT_WRONG])


@pytest.mark.parametrize("second", ["选项0", " 选项0 ", "", "　"])
def test_options_must_differ_and_say_something(second: str) -> None:
    content = question(options=(*options(3), Option(second, is_key=False)))
    assert find_problems(content) == [Problem.OPTIONS_REPEAT]


def test_a_question_must_cite_an_article() -> None:
    assert find_problems(question(citations=())) == [Problem.NO_CITATION]


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_nothing_is_longer_than_a_chat_message_can_hold(over: int) -> None:
    expected = [Problem.TOO_LONG] if over > 0 else []
    assert find_problems(question(stem="字" * (MAX_STEM_LENGTH + over))) == expected
    assert find_problems(question(explanation="字" * (MAX_EXPLANATION_LENGTH + over))) == expected
    long_option = Option("字" * (MAX_OPTION_LENGTH + over), is_key=False)
    assert find_problems(question(options=(*options(3), long_option))) == expected
    long_reason = Option("选项", is_key=False, reason="字" * (MAX_REASON_LENGTH + over))
    assert find_problems(question(options=(*options(3), long_reason))) == expected


def test_a_question_at_every_limit_fits_one_message_of_4096_characters() -> None:
    wrong_options = MAX_OPTIONS - 2  # a multiple choice question has two keys at least; reasons are shown of wrong ones only
    longest = MAX_STEM_LENGTH + MAX_OPTIONS * MAX_OPTION_LENGTH + MAX_EXPLANATION_LENGTH + wrong_options * MAX_REASON_LENGTH
    assert longest == 3800


def test_all_problems_are_told_at_once_in_a_fixed_order() -> None:
    content = question(stem="", explanation="", options=(Option("", is_key=False),), citations=())
    assert find_problems(content) == [
        Problem.STEM_EMPTY,
        Problem.EXPLANATION_EMPTY,
        Problem.TOO_FEW_OPTIONS,
        Problem.OPTIONS_REPEAT,
        Problem.KEY_COUNT_WRONG,
        Problem.NO_CITATION,
    ]


def test_only_true_false_keeps_the_order_of_its_options() -> None:
    assert [question(type=t).may_shuffle for t in (SINGLE, MULTIPLE, TRUE_FALSE)] == [True, True, False]


def test_keys_are_positions() -> None:
    assert question().keys == {0}
    assert question(options=options(4, keys=3)).keys == {0, 1, 2}


def test_any_change_of_content_changes_its_hash_and_nothing_else_does() -> None:
    same = question()
    assert same.content_hash == question().content_hash
    changed = [
        question(stem="别的？"),
        question(options=same.options[::-1]),
        question(options=(*same.options[:3], Option("排队", False, "理由。"))),
        question(explanation="别的。"),
        question(topic="other"),
        question(citations=(Citation("疫苗管理法", ArticleNumber(45), 1),)),
        question(citations=(Citation("疫苗管理法", ArticleNumber(45, 1), 2),)),
    ]
    assert len({same.content_hash, *(content.content_hash for content in changed)}) == len(changed) + 1
