"""Tables of attempts: an attempt is a list of slots, and each slot has an append-only list of steps."""

import datetime as dt

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from exam.assessments.rules import FeedbackPolicy
from exam.attempts.rules import AttemptMode, StepAction, SubmittedBy
from question_bank.database import UtcDateTime, enum_type


class Attempt(SQLModel, table=True):
    """答卷: one person's sitting of one paper. `candidate_id` is empty for practice, which never counts."""

    __table_args__ = (UniqueConstraint("candidate_id", "ordinal"), Index("ix_attempt_open", "submitted_at", "deadline"))

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    mode: AttemptMode = Field(sa_type=enum_type(AttemptMode))
    candidate_id: int | None = Field(default=None, foreign_key="candidate.id")
    ordinal: int
    title: str
    feedback: FeedbackPolicy = Field(sa_type=enum_type(FeedbackPolicy))
    pass_mark: int | None
    started_at: dt.datetime = Field(sa_type=UtcDateTime)
    deadline: dt.datetime | None = Field(sa_type=UtcDateTime)
    window_closes_at: dt.datetime | None = Field(sa_type=UtcDateTime)
    submitted_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    submitted_by: SubmittedBy | None = Field(default=None, sa_type=enum_type(SubmittedBy))
    score: float | None = None
    max_score: float
    passed: bool | None = None


class Slot(SQLModel, table=True):
    """题位. `response` and `step_count` repeat the last step, so that reading a paper is one query."""

    __table_args__ = (UniqueConstraint("attempt_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    attempt_id: int = Field(foreign_key="attempt.id")
    position: int
    question_version_id: int = Field(foreign_key="question_version.id", index=True)
    option_order: list[int] = Field(sa_type=JSON)
    max_mark: float = 1.0
    response: list[int] = Field(sa_type=JSON, default_factory=list)
    is_answered: bool = False
    step_count: int = 0
    fraction: float | None = None
    mark: float | None = None


class Step(SQLModel, table=True):
    """作答记录: one thing a person did in a slot. Never changed, never deleted."""

    __table_args__ = (UniqueConstraint("slot_id", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    slot_id: int = Field(foreign_key="slot.id")
    sequence: int
    action: StepAction = Field(sa_type=enum_type(StepAction))
    option: int | None
    response: list[int] = Field(sa_type=JSON)
    occurred_at: dt.datetime = Field(sa_type=UtcDateTime)
    recorded_at: dt.datetime = Field(sa_type=UtcDateTime)
