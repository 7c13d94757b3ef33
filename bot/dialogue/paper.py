"""Showing a question and taking a tap on it: the same screen for assessments and practice."""

import datetime as dt

from bot import messages
from bot.dialogue.events import Button, Response
from bot.dialogue.pages import (
    HOME_ROW,
    BadAction,
    DialogueServices,
    Row,
    action,
    one,
    pause_while_sitting,
    split_reply,
    whole_number,
)
from bot.dialogue.reading import article_button
from exam.attempts.rules import AttemptMode, Outcome, StepAction, Tap
from exam.attempts.views import AttemptView, SlotView
from exam.people.service import Member
from exam.practice.service import law_of_set
from question_bank.questions.rules import QuestionType
from question_bank.regulations.rules import ArticleNotFound, RegulationNotFound

_ACTIONS = {"c": StepAction.CHOOSE, "a": StepAction.ADD, "r": StepAction.REMOVE, "k": StepAction.CONFIRM}
OVERVIEW_COLUMNS = 5
OVERVIEW_PAGE = 50
"""Questions of one answer card: Telegram takes 100 buttons a message, and a paper may have 100 questions."""


async def show_slot(services: DialogueServices, attempt: AttemptView, position: int, toast: str | None = None) -> Response:
    """One question of an attempt, with its feedback where the policy allows. Position 0: the next unanswered."""
    is_sitting = attempt.mode is AttemptMode.ASSESSMENT and not attempt.is_submitted
    if attempt.is_submitted and attempt.mode is AttemptMode.ASSESSMENT and not any(slot.feedback for slot in attempt.slots):
        return show_result(attempt, toast)
    if not is_sitting and (paused := await pause_while_sitting(services, attempt.person_id)):
        return paused
    if position == 0:
        position = attempt.next_unanswered() or (1 if attempt.is_submitted else 0)
    if position == 0:
        return show_overview(services, attempt, toast=toast)
    if not 1 <= position <= len(attempt.slots):
        raise BadAction(str(position))
    slot = attempt.slots[position - 1]
    parts = [messages.question(attempt, slot, services.clock())]
    rows: list[Row] = []
    if slot.feedback is None:
        rows += _answer_rows(attempt, slot)
    else:
        parts.append(messages.feedback(slot))
        if not is_sitting:
            rows += await _law_rows(services, slot)
    rows.append(_navigation_row(attempt, slot))
    return split_reply(parts, *rows, replaces=True, deadline=attempt.deadline if is_sitting else None, toast=toast)


def _answer_rows(attempt: AttemptView, slot: SlotView) -> list[Row]:
    if slot.type is not QuestionType.MULTIPLE_CHOICE:
        return [
            tuple(
                Button(messages.option_button(slot, option), action("t", attempt.id, slot.position, "c", option.index, slot.seen))
                for option in slot.options
            )
        ]
    ticks = tuple(
        Button(
            messages.option_button(slot, option),
            action("t", attempt.id, slot.position, "r" if option.is_chosen else "a", option.index, slot.seen),
        )
        for option in slot.options
    )
    return [ticks, (Button(messages.confirm_button(slot), action("t", attempt.id, slot.position, "k", 0, slot.seen)),)]


def _navigation_row(attempt: AttemptView, slot: SlotView) -> Row:
    """From a question on an assessment's paper to its neighbours; in practice on to the next, or to the result."""
    if attempt.mode is AttemptMode.PRACTICE:
        if slot.feedback is None:
            return HOME_ROW
        if attempt.is_submitted:
            return (Button(messages.RESULT, action("res", attempt.id)), *HOME_ROW)
        return (Button(messages.NEXT, action("q", attempt.id, attempt.next_unanswered(slot.position) or 0)), *HOME_ROW)
    row = []
    if slot.position > 1:
        row.append(Button(messages.PREVIOUS, action("q", attempt.id, slot.position - 1)))
    row += HOME_ROW if attempt.is_submitted else [Button(messages.OVERVIEW, action("ov", attempt.id))]
    if slot.position < len(attempt.slots):
        row.append(Button(messages.NEXT, action("q", attempt.id, slot.position + 1)))
    return tuple(row)


async def _law_rows(services: DialogueServices, slot: SlotView) -> list[Row]:
    assert slot.feedback is not None
    rows: list[Row] = []
    for cited in {(c.law, c.article): c for c in slot.feedback.citations}.values():
        try:
            rows.append((article_button(await services.regulations.get_article(cited.law, cited.article)),))
        except (ArticleNotFound, RegulationNotFound):  # a rule whose text is not loaded has nothing to show
            continue
    return rows


def show_overview(services: DialogueServices, attempt: AttemptView, page: int = 0, toast: str | None = None) -> Response:
    """The answer card: every question with its state, one tap away, a page of them at a time."""
    starts = range(0, len(attempt.slots), OVERVIEW_PAGE)
    if page not in range(len(starts)):
        raise BadAction(str(page))
    slots = attempt.slots[starts[page] : starts[page] + OVERVIEW_PAGE]
    cells = [Button(messages.overview_cell(slot), action("q", attempt.id, slot.position)) for slot in slots]
    rows = [tuple(cells[i : i + OVERVIEW_COLUMNS]) for i in range(0, len(cells), OVERVIEW_COLUMNS)]
    for other, start in enumerate(starts):
        if other != page:
            label = messages.overview_page_button(start + 1, min(start + OVERVIEW_PAGE, len(attempt.slots)))
            rows.append((Button(label, action("ov", attempt.id, other)),))
    rows.append((Button(messages.SUBMIT, action("sub", attempt.id)),))
    return one(messages.overview(attempt, services.clock()), *rows, deadline=attempt.deadline, toast=toast)


def show_result(attempt: AttemptView, toast: str | None = None) -> Response:
    if attempt.mode is AttemptMode.PRACTICE:
        again = Button(messages.AGAIN, action("pr!", law_of_set(attempt.title) or "*"))
        return one(messages.result(attempt), (again, *HOME_ROW), toast=toast)
    rows: list[Row] = []
    if attempt.feedback_from is None:
        rows.append((Button(messages.REVIEW, action("q", attempt.id, 1)),))
    rows.append((Button(messages.EXAM, "ex"), *HOME_ROW))  # a resit, if there is one, is offered there
    return one(messages.result(attempt), *rows, toast=toast)


async def take_tap(services: DialogueServices, member: Member, arguments: list[str], occurred_at: dt.datetime) -> Response:
    """A tap on an option or on 确定: arguments are attempt, position, kind, option, seen."""
    if len(arguments) != 5 or arguments[2] not in _ACTIONS:
        raise BadAction(":".join(arguments))
    attempt_id, position, option, seen = (whole_number(arguments[i]) for i in (0, 1, 3, 4))
    kind = _ACTIONS[arguments[2]]
    tap = Tap(kind, seen, None if kind is StepAction.CONFIRM else option)
    outcome, attempt = await services.attempts.record_tap(member.person_id, attempt_id, position, tap, occurred_at)
    if attempt.mode is AttemptMode.PRACTICE:  # of a finished set the last question stays in sight, also after a double tap
        outcome = Outcome.LOCKED if outcome is Outcome.SUBMITTED else outcome
    elif attempt.is_submitted:
        return show_result(attempt, messages.TAP_REMARKS[outcome])
    slot = attempt.slots[position - 1]
    is_done = outcome is Outcome.RECORDED or _says_what_stands(slot, tap)
    if is_done and slot.is_answered and slot.feedback is None:
        return await show_slot(services, attempt, attempt.next_unanswered(position) or 0)
    return await show_slot(services, attempt, position, messages.TAP_REMARKS.get(outcome))


def _says_what_stands(slot: SlotView, tap: Tap) -> bool:
    """Whether a tap repeats what is recorded, as a double tap does: it leads where the first one led."""
    if tap.action is StepAction.CHOOSE:
        return any(option.is_chosen and option.index == tap.option for option in slot.options)
    return tap.action is StepAction.CONFIRM
