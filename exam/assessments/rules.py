"""What an assessment is, when its rules are sound, and how people are drawn so that anyone can check it.

Standard library only. The draw: before it, the hash of the ordered frame and SHA-256 of the seed are published. In each
organisation the people with the smallest SHA-256("seed/person reference") are drawn. Afterwards the seed is published.
"""

import datetime as dt
import enum
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exam.papers.rules import MAX_QUESTIONS, Blueprint, rank
from exam.people.rules import JobRole, OrganisationKind


class ScheduleKind(enum.StrEnum):
    NOW = "now"
    AT = "at"
    CRON = "cron"


class AssessmentState(enum.StrEnum):
    ACTIVE = "active"
    CANCELLED = "cancelled"


class RoundState(enum.StrEnum):
    """One occurrence of an assessment. FAILED: at its time nobody could be drawn, or the bank could not fill a paper."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RoundFailure(enum.StrEnum):
    FRAME_EMPTY = "frame_empty"
    BANK_TOO_SMALL = "bank_too_small"


class FeedbackPolicy(enum.StrEnum):
    """When a candidate may see keys and explanations."""

    IMMEDIATE = "immediate"
    AFTER_SUBMISSION = "after_submission"
    AFTER_WINDOW = "after_window"


class PlanProblem(enum.StrEnum):
    TITLE_EMPTY = "title_empty"
    TITLE_LONG = "title_long"
    NO_KINDS = "no_kinds"
    NO_JOB_ROLES = "no_job_roles"
    QUOTA_INVALID = "quota_invalid"
    BLUEPRINT_EMPTY = "blueprint_empty"
    BLUEPRINT_LARGE = "blueprint_large"
    TIME_LIMIT_INVALID = "time_limit_invalid"
    WINDOW_INVALID = "window_invalid"
    WINDOW_SHORTER_THAN_TIME_LIMIT = "window_shorter_than_time_limit"
    PASS_MARK_INVALID = "pass_mark_invalid"  # noqa: S105 - no password
    RESITS_INVALID = "resits_invalid"
    START_MISSING = "start_missing"
    START_PAST = "start_past"
    CRON_INVALID = "cron_invalid"
    REGION_UNKNOWN = "region_unknown"
    FRAME_EMPTY = "frame_empty"
    BANK_TOO_SMALL = "bank_too_small"


MAX_TITLE_LENGTH = 80
MAX_QUOTA = 1000
MAX_RESITS = 5
MAX_WINDOW = dt.timedelta(days=60)
MAX_TIME_LIMIT = dt.timedelta(hours=4)


@dataclass(frozen=True)
class AssessmentPlan:
    """The settings of an assessment. `quota` is people per organisation (0: everybody); `pass_mark` is a percentage."""

    title: str
    region_code: str
    organisation_kinds: tuple[OrganisationKind, ...]
    job_roles: tuple[JobRole, ...]
    quota: int
    blueprint: Blueprint
    time_limit: dt.timedelta
    window: dt.timedelta
    pass_mark: int = 90
    max_resits: int = 1
    feedback: FeedbackPolicy = FeedbackPolicy.AFTER_WINDOW
    schedule: ScheduleKind = ScheduleKind.NOW
    starts_at: dt.datetime | None = None
    cron: str | None = None


def find_plan_problems(plan: AssessmentPlan, now: dt.datetime) -> list[PlanProblem]:
    """What is wrong with the settings themselves, apart from the bank and the people; in the order of the form."""
    one_second = dt.timedelta(seconds=1)
    checks = [
        (not plan.title.strip(), PlanProblem.TITLE_EMPTY),
        (len(plan.title) > MAX_TITLE_LENGTH, PlanProblem.TITLE_LONG),
        (not plan.organisation_kinds, PlanProblem.NO_KINDS),
        (not plan.job_roles, PlanProblem.NO_JOB_ROLES),
        (not 0 <= plan.quota <= MAX_QUOTA, PlanProblem.QUOTA_INVALID),
        (not plan.blueprint.parts or any(part.count < 1 for part in plan.blueprint.parts), PlanProblem.BLUEPRINT_EMPTY),
        (plan.blueprint.question_count > MAX_QUESTIONS, PlanProblem.BLUEPRINT_LARGE),
        (not one_second <= plan.time_limit <= MAX_TIME_LIMIT, PlanProblem.TIME_LIMIT_INVALID),
        (not one_second <= plan.window <= MAX_WINDOW, PlanProblem.WINDOW_INVALID),
        (plan.window < plan.time_limit, PlanProblem.WINDOW_SHORTER_THAN_TIME_LIMIT),
        (not 1 <= plan.pass_mark <= 100, PlanProblem.PASS_MARK_INVALID),
        (not 0 <= plan.max_resits <= MAX_RESITS, PlanProblem.RESITS_INVALID),
        (plan.schedule is ScheduleKind.AT and plan.starts_at is None, PlanProblem.START_MISSING),
        (plan.schedule is ScheduleKind.AT and plan.starts_at is not None and plan.starts_at < now, PlanProblem.START_PAST),
        (plan.schedule is ScheduleKind.CRON and not plan.cron, PlanProblem.CRON_INVALID),
    ]
    return [problem for wrong, problem in checks if wrong]


@dataclass(frozen=True)
class FrameEntry:
    """One person who may be drawn. In published data a person is only a number and the organisation's."""

    person_id: int
    organisation_id: int
    region_code: str
    organisation_kind: OrganisationKind
    job_role: JobRole

    @property
    def line(self) -> str:
        return f"{self.organisation_id} {self.person_id}"


def write_frame(entries: Iterable[FrameEntry]) -> str:
    """抽样框 in its canonical form: a line "organisation person" each, in numeric order. This text is what is hashed."""
    ordered = sorted(entries, key=lambda entry: (entry.organisation_id, entry.person_id))
    return "".join(f"{entry.line}\n" for entry in ordered)


def frame_hash(frame: str) -> str:
    return hashlib.sha256(frame.encode()).hexdigest()


def seed_commitment(seed: str) -> str:
    """SHA-256 of the seed's text, published before the draw; the seed itself is published after the window."""
    return hashlib.sha256(seed.encode()).hexdigest()


def draw_roster(frame: str, quota: int, seed: str) -> list[int]:
    """应考名单: ids of the people drawn, up to `quota` in each organisation (0: all), in the order of their ranks."""
    by_organisation: defaultdict[str, list[str]] = defaultdict(list)
    for line in frame.splitlines():
        organisation, person = line.split(" ")
        by_organisation[organisation].append(person)
    drawn: list[tuple[str, int]] = []
    for people in by_organisation.values():
        ranked = sorted((rank(seed, f"person/{person}"), int(person)) for person in people)
        drawn += ranked[: quota or len(ranked)]
    return [person for _, person in sorted(drawn)]


class DrawFault(enum.StrEnum):
    """What recomputing a draw from published data can find wrong."""

    FRAME_CHANGED = "frame_changed"
    SEED_NOT_COMMITTED = "seed_not_committed"
    ROSTER_DIFFERS = "roster_differs"


def verify_draw(
    frame: str, published_frame_hash: str, seed: str, commitment: str, quota: int, roster: Sequence[int]
) -> list[DrawFault]:
    """Recompute a draw from published data alone; empty when everything agrees. The roster's order counts."""
    try:
        redrawn = draw_roster(frame, quota, seed)
    except ValueError:  # not even a frame
        redrawn = None
    faults = []
    if frame_hash(frame) != published_frame_hash:
        faults.append(DrawFault.FRAME_CHANGED)
    if seed_commitment(seed) != commitment:
        faults.append(DrawFault.SEED_NOT_COMMITTED)
    if redrawn != list(roster):
        faults.append(DrawFault.ROSTER_DIFFERS)
    return faults


def close_of(opened_at: dt.datetime, window: dt.timedelta) -> dt.datetime:
    """When a round's window closes: for starting, and for being at it."""
    return opened_at + window


def deadline_of(started_at: dt.datetime, time_limit: dt.timedelta, closes_at: dt.datetime) -> dt.datetime:
    """A candidate's own deadline: the time limit from their start, but never past the window."""
    return min(started_at + time_limit, closes_at)
