"""Tables of assessments: the settings, the rounds (one a due time), and who was drawn in each."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from exam.assessments.rules import AssessmentState, FeedbackPolicy, RoundFailure, RoundState, ScheduleKind
from exam.people.rules import JobRole, OrganisationKind
from question_bank.database import UtcDateTime, enum_type


class Assessment(SQLModel, table=True):
    """抽查考核 as a regulator set it. Its settings are never changed once published; it can be cancelled."""

    id: int | None = Field(default=None, primary_key=True)
    title: str
    state: AssessmentState = Field(sa_type=enum_type(AssessmentState))
    region_code: str = Field(foreign_key="region.code")
    organisation_kinds: list[str] = Field(sa_type=JSON)
    job_roles: list[str] = Field(sa_type=JSON)
    quota: int
    blueprint: list[dict[str, Any]] = Field(sa_type=JSON)
    time_limit_seconds: int
    window_seconds: int
    pass_mark: int
    max_resits: int
    feedback: FeedbackPolicy = Field(sa_type=enum_type(FeedbackPolicy))
    schedule: ScheduleKind = Field(sa_type=enum_type(ScheduleKind))
    cron: str | None
    is_demo: bool = False
    created_by: int = Field(foreign_key="person.id")
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class AssessmentRound(SQLModel, table=True):
    """One occurrence. The unique key on its due time is what makes it happen once, whatever number of processes run.

    `seed` is secret until the round is closed; `seed_commitment` and, once drawn, `frame_hash` are public.
    """

    __tablename__ = "assessment_round"
    __table_args__ = (UniqueConstraint("assessment_id", "scheduled_for"),)

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(foreign_key="assessment.id")
    scheduled_for: dt.datetime = Field(sa_type=UtcDateTime)
    state: RoundState = Field(sa_type=enum_type(RoundState), index=True)
    seed: str
    seed_commitment: str
    frame: str | None = None
    frame_hash: str | None = None
    opened_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    closes_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure: RoundFailure | None = Field(default=None, sa_type=enum_type(RoundFailure))


class Candidate(SQLModel, table=True):
    """应考人员: a person drawn in a round, with organisation and role as they were at the draw."""

    __table_args__ = (UniqueConstraint("round_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="assessment_round.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    region_code: str
    organisation_kind: OrganisationKind = Field(sa_type=enum_type(OrganisationKind))
    job_role: JobRole = Field(sa_type=enum_type(JobRole))
    draw_position: int
