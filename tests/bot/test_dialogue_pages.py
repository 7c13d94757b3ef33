"""Splitting long texts, and screens at the edges of what the channels take. Pure: no database."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import messages
from bot.dialogue.events import Button, Reply
from bot.dialogue.pages import PART_LIMIT, BadAction, DialogueServices, action, join_parts, split_reply, text_length, whole_number
from bot.dialogue.paper import show_overview, show_result, show_slot
from exam.attempts.rules import AttemptMode
from exam.attempts.views import AttemptView, Feedback, OptionView, SlotView
from question_bank.questions.rules import MAX_EXPLANATION_LENGTH, MAX_OPTION_LENGTH, MAX_STEM_LENGTH, Citation, QuestionType
from question_bank.regulations.rules import ArticleNotFound, ArticleNumber
from tests.bot.checking import check_response, read_html, utf16_length
from tests.fakes import START, FakeClock


def test_whole_numbers_are_plain_digits_within_any_databases_integers() -> None:
    assert [whole_number(text) for text in ("0", "7", "007", "999999999")] == [0, 7, 7, 999999999]
    for text in ("", "-1", "+1", " 1", "1 ", "1.0", "1e3", "１", "一", "1000000000", "2147483648", "9" * 64):
        with pytest.raises(BadAction):
            whole_number(text)


def test_an_action_takes_64_bytes_and_not_one_more() -> None:
    assert len(Button("a", action("x", "法" * 20, "a")).action.encode()) == 64
    with pytest.raises(ValueError, match="64 bytes"):
        Button("a", "法" * 21 + "ab")
    with pytest.raises(ValueError, match="64 bytes"):
        Button("a", "")


@pytest.mark.parametrize(
    ("length", "count"), [(1, 1), (PART_LIMIT - 1, 1), (PART_LIMIT, 1), (PART_LIMIT + 1, 2), (2 * PART_LIMIT + 1, 3)]
)
def test_a_text_is_cut_only_beyond_the_limit(length: int, count: int) -> None:
    texts = join_parts(["字" * length])
    assert len(texts) == count
    assert "".join(texts) == "字" * length


def test_parts_are_joined_up_to_the_limit_and_kept_whole() -> None:
    half = "字" * (PART_LIMIT // 2 - 1)
    assert join_parts([half, half]) == [f"{half}\n\n{half}"]
    assert join_parts([half, half + "字"]) == [half, half + "字"]
    assert join_parts(["一", "二"]) == ["一\n\n二"]


def test_an_emoji_counts_twice_and_is_never_cut_in_two() -> None:
    assert text_length("字😀<b>&amp;</b>") == 4
    texts = join_parts(["字" + "😀" * PART_LIMIT])
    assert [text_length(text) for text in texts] == [PART_LIMIT - 1, PART_LIMIT, 2]
    assert "".join(texts) == "字" + "😀" * PART_LIMIT


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(st.lists(st.text("字a&<>\"'😀\n ;#x27lt", min_size=1, max_size=60), min_size=1, max_size=6))
def test_no_split_loses_breaks_or_lengthens_anything(raw: list[str]) -> None:
    texts = join_parts([messages.escape(part) for part in raw], limit=20)
    plain = [read_html(text) for text in texts]
    assert all(utf16_length(text) <= 20 for text in plain)
    assert "".join("".join(plain).split()) == "".join("".join(raw).split())


def test_the_first_part_takes_the_tapped_place_and_the_last_has_the_buttons() -> None:
    row = (Button("下一题", "q:1:2"),)
    first, last = split_reply(["一" * 3000, "二" * 3000], row, replaces=True, deadline=START, toast="好").replies
    assert first == Reply("一" * 3000, (), replaces=True)
    assert last == Reply("二" * 3000, (row,), deadline=START)


class NoTexts:
    """Regulations without any text loaded."""

    async def get_article(self, law: str, number: ArticleNumber) -> None:
        raise ArticleNotFound(law, number, 0)


class NobodySits:
    async def find_open(self, person_id: int, mode: AttemptMode) -> None:
        return None


SERVICES: Any = DialogueServices(
    people=None,
    sitting=None,
    attempts=NobodySits(),
    practice=None,
    regulations=NoTexts(),
    search=None,
    asking=None,
    clock=FakeClock(),
)


def slot(
    position: int, *, answered: bool = False, feedback: Feedback | None = None, stem: str = "题", option: str = "项"
) -> SlotView:
    options = tuple(OptionView(i, "ABCDEF"[i], option, answered and i < 5) for i in range(6))
    return SlotView(position, QuestionType.MULTIPLE_CHOICE, stem, options, answered, 9, feedback)


def attempt(*slots: SlotView, mode: AttemptMode = AttemptMode.ASSESSMENT, submitted: bool = False) -> AttemptView:
    return AttemptView(
        id=999999999,
        person_id=1,
        mode=mode,
        candidate_id=1,
        ordinal=2,
        title="&" * 80,
        started_at=START,
        deadline=START + dt.timedelta(minutes=90),
        submitted_at=START if submitted else None,
        submitted_by=None,
        pass_mark=90,
        score=2.0 if submitted else None,
        max_score=3.0,
        passed=False if submitted else None,
        slots=slots,
        feedback_from=None,
    )


async def test_the_longest_question_with_all_its_feedback_fits_the_channels() -> None:
    told = Feedback(
        fraction=0.0,
        key_letters="F",
        explanation="😀" * MAX_EXPLANATION_LENGTH,
        citations=tuple(Citation("学校食品安全与营养健康管理规定", ArticleNumber(n, 9), 9) for n in range(1, 40)),
        reasons=tuple((letter, "&<因为>😀" * 300) for letter in "ABCDE"),
    )
    longest = slot(1, answered=True, feedback=told, stem="😀" * MAX_STEM_LENGTH, option="😀" * MAX_OPTION_LENGTH)
    for paper in (attempt(longest, submitted=True), attempt(longest, mode=AttemptMode.PRACTICE)):
        response = await show_slot(SERVICES, paper, 1)
        check_response(response)
        assert len(response.replies) > 2
        assert "".join(read_html(reply.text) for reply in response.replies).count("因为") == 5 * 300


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (30, 1), (50, 1), (51, 2), (100, 2)])
def test_the_answer_card_of_any_paper_fits_the_channels(count: int, pages: int) -> None:
    paper = attempt(*(slot(n, answered=n == 1) for n in range(1, count + 1)))
    cells = []
    for page in range(pages):
        response = show_overview(SERVICES, paper, page)
        check_response(response)
        buttons = [button for row in response.replies[0].buttons for button in row]
        cells += [button.action for button in buttons if button.action.startswith("q:")]
        assert len(buttons) - len([b for b in buttons if b.action.startswith("q:")]) == pages  # other pages, and 交卷
    assert cells == [f"q:999999999:{n}" for n in range(1, count + 1)]
    with pytest.raises(BadAction):
        show_overview(SERVICES, paper, pages)


def test_the_answer_card_tells_ticked_but_unconfirmed_questions_apart() -> None:
    ticked = SlotView(2, QuestionType.MULTIPLE_CHOICE, "题", (OptionView(0, "A", "项", True),), False, 1)
    response = show_overview(SERVICES, attempt(slot(1, answered=True), ticked, slot(3)))
    assert [button.text for row in response.replies[0].buttons for button in row] == ["1 ✓", "2 未确定", "3 未答", "交卷"]
    assert "未答：第 3 题\n多选未点“确定”：第 2 题（已选的会保存并计分）" in response.replies[0].text


def test_a_rate_is_rounded_to_one_decimal_and_never_to_the_pass_mark() -> None:
    assert (
        "答对 2/3 题，正确率 66.7%（合格线 90%）：<b>不合格</b>" in show_result(attempt(slot(1), submitted=True)).replies[0].text
    )
