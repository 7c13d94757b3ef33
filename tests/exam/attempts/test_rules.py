"""How a tap changes an answer: judged by what the person saw, so that a repeated, late or out-of-order tap changes nothing."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exam.attempts.rules import (
    Outcome,
    PastStep,
    SlotState,
    StepAction,
    Tap,
    apply_tap,
)
from question_bank.questions.rules import QuestionType

CHOOSE, ADD, REMOVE, CONFIRM = StepAction
SINGLE = SlotState(QuestionType.SINGLE_CHOICE, 4)
MULTIPLE = SlotState(QuestionType.MULTIPLE_CHOICE, 4)
RECORDED, UNCHANGED = Outcome.RECORDED, Outcome.UNCHANGED


class Slot:
    """A slot with its history, as the service keeps it."""

    def __init__(self, state: SlotState) -> None:
        self.state = state
        self.steps: list[PastStep] = []

    def tap(self, action: StepAction, seen: int, option: int | None = None) -> Outcome:
        since = [step for step in self.steps if step.sequence > seen]
        outcome, changed = apply_tap(self.state, Tap(action, seen, option), since)
        if changed != self.state:
            assert changed.step_count == self.state.step_count + 1
            self.steps.append(PastStep(changed.step_count, action, option, changed.response))
        self.state = changed
        return outcome

    @property
    def answer(self) -> tuple[tuple[int, ...], bool]:
        return self.state.response, self.state.is_answered


def test_choosing_answers_at_once_and_can_be_changed() -> None:
    slot = Slot(SINGLE)
    assert (slot.tap(CHOOSE, 0, 2), slot.answer) == (RECORDED, ((2,), True))
    assert (slot.tap(CHOOSE, 1, 0), slot.answer) == (RECORDED, ((0,), True))
    assert (slot.tap(CHOOSE, 2, 0), slot.answer) == (UNCHANGED, ((0,), True))
    assert slot.state.step_count == 2


def test_a_choice_on_an_old_screen_does_not_count() -> None:
    slot = Slot(SINGLE)
    slot.tap(CHOOSE, 0, 2)
    assert slot.tap(CHOOSE, 0, 2) is UNCHANGED
    assert slot.tap(CHOOSE, 0, 3) is UNCHANGED
    assert slot.answer == ((2,), True)


def test_ticks_are_added_and_removed_until_they_are_confirmed() -> None:
    slot = Slot(MULTIPLE)
    assert (slot.tap(ADD, 0, 3), slot.answer) == (RECORDED, ((3,), False))
    assert (slot.tap(ADD, 1, 0), slot.answer) == (RECORDED, ((0, 3), False))
    assert (slot.tap(REMOVE, 2, 3), slot.answer) == (RECORDED, ((0,), False))
    assert (slot.tap(CONFIRM, 3), slot.answer) == (RECORDED, ((0,), True))
    assert (slot.tap(ADD, 4, 1), slot.answer) == (RECORDED, ((0, 1), False)), "to be confirmed again"
    assert (slot.tap(CONFIRM, 5), slot.answer) == (RECORDED, ((0, 1), True))


def test_quick_ticks_and_their_confirmation_on_one_screen_all_count() -> None:
    slot = Slot(MULTIPLE)
    assert [slot.tap(ADD, 0, option) for option in (2, 0, 1)] == [RECORDED] * 3
    assert slot.tap(CONFIRM, 0) is RECORDED
    assert slot.answer == ((0, 1, 2), True)


def test_a_tick_that_is_there_or_not_there_already_changes_nothing() -> None:
    slot = Slot(replace(MULTIPLE, response=(1,)))
    assert slot.tap(ADD, 0, 1) is UNCHANGED
    assert slot.tap(REMOVE, 0, 2) is UNCHANGED
    assert slot.steps == []


def test_a_late_tick_does_not_open_what_was_confirmed() -> None:
    slot = Slot(MULTIPLE)
    slot.tap(ADD, 0, 1)
    slot.tap(CONFIRM, 1)
    assert slot.tap(ADD, 1, 2) is UNCHANGED
    assert slot.tap(REMOVE, 1, 1) is UNCHANGED
    assert slot.tap(CONFIRM, 1) is UNCHANGED
    assert slot.answer == ((1,), True)


def test_an_untick_that_is_overtaken_by_its_tick_changes_nothing() -> None:
    slot = Slot(MULTIPLE)
    assert slot.tap(REMOVE, 1, 2) is UNCHANGED, "there is no such screen yet"
    assert slot.tap(ADD, 0, 2) is RECORDED
    assert slot.answer == ((2,), False)


def test_confirming_nothing_is_told_and_does_not_answer() -> None:
    slot = Slot(MULTIPLE)
    assert slot.tap(CONFIRM, 0) is Outcome.NOTHING_CHOSEN
    assert slot.answer == ((), False)
    assert slot.tap(ADD, 0, 1) is RECORDED, "a quick tick after it still counts"
    assert slot.tap(CONFIRM, 0) is UNCHANGED, "but its own repetition does not"
    assert slot.answer == ((1,), False)
    assert slot.tap(CONFIRM, 2) is RECORDED


def test_unticking_everything_leaves_the_slot_unanswered() -> None:
    slot = Slot(MULTIPLE)
    slot.tap(ADD, 0, 1)
    slot.tap(CONFIRM, 1)
    slot.tap(REMOVE, 2, 1)
    assert slot.answer == ((), False)
    assert slot.tap(CONFIRM, 3) is Outcome.NOTHING_CHOSEN


def test_what_is_answered_in_practice_is_locked() -> None:
    single = Slot(replace(SINGLE, locks_when_answered=True))
    assert [single.tap(CHOOSE, 0, 1), single.tap(CHOOSE, 1, 2), single.tap(CHOOSE, 0, 1)] == [
        RECORDED,
        Outcome.LOCKED,
        Outcome.LOCKED,
    ]
    multiple = Slot(replace(MULTIPLE, locks_when_answered=True))
    assert [multiple.tap(ADD, 0, 1), multiple.tap(REMOVE, 1, 1), multiple.tap(ADD, 2, 2)] == [RECORDED] * 3
    assert [multiple.tap(CONFIRM, 3), multiple.tap(CONFIRM, 4), multiple.tap(ADD, 4, 0)] == [
        RECORDED,
        Outcome.LOCKED,
        Outcome.LOCKED,
    ]
    assert (single.answer, multiple.answer) == (((1,), True), ((2,), True))


@pytest.mark.parametrize(
    ("state", "tap"),
    [
        (SINGLE, Tap(CHOOSE, 0, 4)),
        (SINGLE, Tap(CHOOSE, 0, -1)),
        (SINGLE, Tap(CHOOSE, 0)),
        (SINGLE, Tap(CHOOSE, 1, 0)),
        (SINGLE, Tap(CHOOSE, -1, 0)),
        (SINGLE, Tap(ADD, 0, 0)),
        (SINGLE, Tap(CONFIRM, 0)),
        (SlotState(QuestionType.TRUE_FALSE, 2), Tap(CHOOSE, 0, 2)),
        (SlotState(QuestionType.TRUE_FALSE, 2), Tap(REMOVE, 0, 0)),
        (MULTIPLE, Tap(CHOOSE, 0, 0)),
        (MULTIPLE, Tap(ADD, 0, 4)),
        (MULTIPLE, Tap(ADD, 0)),
        (MULTIPLE, Tap(CONFIRM, 1)),
    ],
)
def test_a_tap_that_no_screen_of_the_slot_has_changes_nothing(state: SlotState, tap: Tap) -> None:
    assert apply_tap(state, tap, []) == (UNCHANGED, state)


KINDS = {SINGLE: [CHOOSE], MULTIPLE: [ADD, REMOVE, CONFIRM], SlotState(QuestionType.TRUE_FALSE, 2): [CHOOSE]}


@st.composite
def taps_with_repetitions(draw: st.DrawFn, kind: SlotState) -> tuple[SlotState, list[Tap], list[Tap]]:
    """Taps as they first arrive, each on a screen that existed then, and the same with repetitions at any later place."""
    state = replace(kind, locks_when_answered=draw(st.booleans()))
    drawn = st.tuples(st.sampled_from(KINDS[kind]), st.integers(0, 1), st.integers(0, 2))
    slot, taps = Slot(state), []
    for action, option, screens_behind in draw(st.lists(drawn, min_size=1, max_size=6)):
        seen = max(0, slot.state.step_count - screens_behind)
        taps.append(Tap(action, seen, None if action is CONFIRM else option))
        slot.tap(action, seen, taps[-1].option)
    arrivals = [[tap] for tap in taps]
    indexes = st.integers(0, len(taps) - 1)
    for one, other in draw(st.lists(st.tuples(indexes, indexes), max_size=6)):
        arrivals[max(one, other)].append(taps[min(one, other)])
    return state, taps, [tap for group in arrivals for tap in group]


@pytest.mark.parametrize("kind", KINDS, ids=[kind.type for kind in KINDS])
@settings(max_examples=200)
@given(data=st.data())
def test_repeated_taps_in_any_order_end_in_the_same_state_as_without(kind: SlotState, data: st.DataObject) -> None:
    state, taps, arrivals = data.draw(taps_with_repetitions(kind))
    once, often = Slot(state), Slot(state)
    for tap in taps:
        once.tap(tap.action, tap.seen, tap.option)
    for tap in arrivals:
        often.tap(tap.action, tap.seen, tap.option)
    assert often.state == once.state
    assert often.steps == once.steps


@given(st.permutations([0, 1, 2, 3]), st.permutations([0, 1, 2, 3]))
def test_quick_ticks_give_the_same_answer_in_any_order(one: list[int], other: list[int]) -> None:
    slots = Slot(MULTIPLE), Slot(MULTIPLE)
    for slot, order in zip(slots, (one, other), strict=True):
        assert [slot.tap(ADD, 0, option) for option in order] == [RECORDED] * 4
    assert slots[0].state == slots[1].state
