"""What the front ends are shown of an attempt. A key is in here only when the feedback policy allows it."""

import datetime as dt
from dataclasses import dataclass

from exam.attempts.rules import AttemptMode, SubmittedBy
from question_bank.questions.rules import Citation, QuestionType


@dataclass(frozen=True)
class OptionView:
    """One option in the order shown. `index` names it in taps; `letter` is A, B, C … as shown."""

    index: int
    letter: str
    text: str
    is_chosen: bool


@dataclass(frozen=True)
class Feedback:
    """What may be told of an answered question once the policy allows: right or wrong, the key, why."""

    fraction: float
    key_letters: str
    explanation: str
    citations: tuple[Citation, ...]
    reasons: tuple[tuple[str, str], ...]
    """(letter, why it is wrong) of each chosen distractor that has a reason."""


@dataclass(frozen=True)
class SlotView:
    """One question as the candidate sees it. `seen` goes into every button of this screen."""

    position: int
    type: QuestionType
    stem: str
    options: tuple[OptionView, ...]
    is_answered: bool
    seen: int
    feedback: Feedback | None = None

    @property
    def chosen_letters(self) -> str:
        return "".join(option.letter for option in self.options if option.is_chosen)

    @property
    def has_response(self) -> bool:
        return any(option.is_chosen for option in self.options)


@dataclass(frozen=True)
class AttemptView:
    """One attempt of the person who asks. Scores are None until submitted; `passed` is None for practice."""

    id: int
    person_id: int
    mode: AttemptMode
    candidate_id: int | None
    ordinal: int
    title: str
    started_at: dt.datetime
    deadline: dt.datetime | None
    submitted_at: dt.datetime | None
    submitted_by: SubmittedBy | None
    pass_mark: int | None
    score: float | None
    max_score: float
    passed: bool | None
    slots: tuple[SlotView, ...]
    feedback_from: dt.datetime | None
    """The instant after which feedback may be seen; None: now, once handed in."""

    @property
    def is_submitted(self) -> bool:
        return self.submitted_at is not None

    @property
    def answered_count(self) -> int:
        return sum(1 for slot in self.slots if slot.has_response)

    def next_unanswered(self, after: int = 0) -> int | None:
        """Position of the next unanswered slot after `after`, going round to the start; None when all are answered."""
        ordered = self.slots[after:] + self.slots[:after]
        return next((slot.position for slot in ordered if not slot.is_answered), None)
