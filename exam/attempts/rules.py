"""How a tap changes an answer, what an answer is worth, and whether a score passes. Standard library only."""

import datetime as dt
import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from question_bank.questions.rules import QuestionType


class AttemptMode(enum.StrEnum):
    ASSESSMENT = "assessment"
    PRACTICE = "practice"


class SubmittedBy(enum.StrEnum):
    PERSON = "person"
    DEADLINE = "deadline"


class StepAction(enum.StrEnum):
    """CHOOSE answers a single choice or true/false; ADD and REMOVE tick a multiple choice; CONFIRM ends it."""

    CHOOSE = "choose"
    ADD = "add"
    REMOVE = "remove"
    CONFIRM = "confirm"


class Outcome(enum.StrEnum):
    """What became of a tap."""

    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    NOTHING_CHOSEN = "nothing_chosen"
    LOCKED = "locked"
    SUBMITTED = "submitted"
    TOO_LATE = "too_late"


@dataclass(frozen=True)
class Tap:
    """One tap on an option or on 确定. `seen` is the slot's step count on the screen that was tapped."""

    action: StepAction
    seen: int
    option: int | None = None


@dataclass(frozen=True)
class SlotState:
    """What a slot holds now. `response` has positions in the question's own order, sorted."""

    type: QuestionType
    option_count: int
    response: tuple[int, ...] = ()
    is_answered: bool = False
    step_count: int = 0
    locks_when_answered: bool = False


@dataclass(frozen=True)
class PastStep:
    """What a staleness check needs of a recorded step. `response` is what the slot held after it."""

    sequence: int
    action: StepAction
    option: int | None
    response: tuple[int, ...] = ()


def apply_tap(state: SlotState, tap: Tap, steps_since_seen: Iterable[PastStep]) -> tuple[Outcome, SlotState]:
    """Judge a tap by what the person saw: it counts unless what it changes has changed since that screen.

    So a repeated, late or out-of-order tap changes nothing, and quick ticks of different options all count.
    `steps_since_seen` are the slot's steps with a sequence above tap.seen. A step is to be recorded when the state that is
    returned is another one. Every 确定 that was not stale is a step, even one with nothing chosen or without effect:
    otherwise a repetition of it that arrives after the next tick would count.
    """
    if state.is_answered and state.locks_when_answered:
        return Outcome.LOCKED, state
    if not _is_possible(state, tap) or _is_stale(tap, list(steps_since_seen)):
        return Outcome.UNCHANGED, state
    if tap.action is StepAction.CONFIRM:
        outcome = Outcome.RECORDED if state.response else Outcome.NOTHING_CHOSEN
        return outcome, _next(state, state.response, bool(state.response))
    assert tap.option is not None
    if tap.action is StepAction.CHOOSE:
        if state.response == (tap.option,):
            return Outcome.UNCHANGED, state
        return Outcome.RECORDED, _next(state, (tap.option,), True)
    chosen = set(state.response)
    changed = chosen | {tap.option} if tap.action is StepAction.ADD else chosen - {tap.option}
    if changed == chosen:
        return Outcome.UNCHANGED, state
    return Outcome.RECORDED, _next(state, tuple(sorted(changed)), False)


def _is_possible(state: SlotState, tap: Tap) -> bool:
    """Whether such a tap can come from a screen of this slot at all."""
    if tap.seen > state.step_count or tap.seen < 0:
        return False
    if (tap.action is StepAction.CHOOSE) == (state.type is QuestionType.MULTIPLE_CHOICE):
        return False
    return tap.action is StepAction.CONFIRM or (tap.option is not None and 0 <= tap.option < state.option_count)


def _is_stale(tap: Tap, since: Sequence[PastStep]) -> bool:
    if tap.action is StepAction.CHOOSE:
        return bool(since)
    if tap.action is StepAction.CONFIRM:
        return any(step.action is StepAction.CONFIRM for step in since)
    return any(step.option == tap.option or (step.action is StepAction.CONFIRM and step.response) for step in since)


def _next(state: SlotState, response: tuple[int, ...], is_answered: bool) -> SlotState:
    return replace(state, response=response, is_answered=is_answered, step_count=state.step_count + 1)


def fraction_right(response: Iterable[int], keys: frozenset[int]) -> float:
    """得分率 of a response, all or nothing: 1.0 when exactly the keys are chosen, otherwise 0.0."""
    return 1.0 if frozenset(response) == keys else 0.0


def is_pass(score: float, max_score: float, pass_mark: int) -> bool:
    """Whether a score reaches the pass mark (per cent of max_score). Exactly on the mark passes: 27 of 30 at 90."""
    return score * 100 >= pass_mark * max_score


def is_over(deadline: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether the clock has run out. A tap at the very deadline still counts."""
    return deadline is not None and now > deadline
