"""The form of a new assessment: its first proposal, and reading what was typed into a plan or into messages beside the fields."""

import datetime as dt
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from multidict import MultiDict

from admin import words
from admin.forms import FieldError, FieldReader
from admin.pool_counts import Counts, propose_counts
from exam.assessments.rules import AssessmentPlan, FeedbackPolicy, PlanProblem, ScheduleKind, find_plan_problems
from exam.assessments.service import PlanRefused
from exam.papers.rules import Blueprint, BlueprintPart, Shortfall, find_shortfalls
from exam.people.rules import JobRole, OrganisationKind, region_prefix
from exam.people.tables import Region
from question_bank.questions.rules import PoolEntry, QuestionType
from question_bank.regulations.service import CHINA

CANTEENS = tuple(kind for kind in OrganisationKind if kind.value.endswith("_canteen"))
MANAGERS = (JobRole.PRINCIPAL, JobRole.SAFETY_DIRECTOR, JobRole.SAFETY_OFFICER, JobRole.CANTEEN_MANAGER)
FEEDBACK_CHOICES = (FeedbackPolicy.AFTER_SUBMISSION, FeedbackPolicy.AFTER_WINDOW)
WINDOW_UNITS = {"hours": "小时", "minutes": "分钟"}
MAX_CRON_LENGTH = 100
FARTHEST_START = dt.timedelta(days=5 * 366)

_COUNT = "count:"
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", re.ASCII)


def count_field(law: str, question_type: QuestionType) -> str:
    """The name of a blueprint cell's field."""
    return f"{_COUNT}{law}:{question_type.value}"


def first_form(regions: Sequence[Region], available: Counts) -> MultiDict[str]:
    """What a new form proposes: the widest region, canteens and their managers, 33号公告's 30 questions and 90 %."""
    widest = min(regions, key=lambda region: (len(region_prefix(region.code)), region.code), default=None)
    form: MultiDict[str] = MultiDict(
        form_id=secrets.token_urlsafe(12),
        title="",
        region=widest.code if widest else "",
        quota="3",
        time_limit="45",
        window="24",
        window_unit="hours",
        pass_mark="90",  # noqa: S106
        resits="1",
        feedback=FeedbackPolicy.AFTER_WINDOW.value,
        schedule=ScheduleKind.NOW.value,
    )
    form.extend(("kinds", kind.value) for kind in CANTEENS)
    form.extend(("job_roles", role.value) for role in MANAGERS)
    for law, types in propose_counts(available).items():
        form.extend((count_field(law, question_type), str(count)) for question_type, count in types.items())
    return form


@dataclass(frozen=True)
class ParsedPlan:
    """What was typed. With errors the plan has stand-ins in the fields they name and must not be used."""

    plan: AssessmentPlan
    errors: list[FieldError]


def parse_plan(form: MultiDict[str], now: dt.datetime, pool: Sequence[PoolEntry]) -> ParsedPlan:
    """Read a posted form; the errors are those of the fields, of the plan they make, and of the bank (`pool`) to fill it."""
    reader = FieldReader(form)
    schedule = reader.choice("schedule", tuple(ScheduleKind))
    plan = AssessmentPlan(
        title=reader.text("title"),
        region_code=_region(reader),
        organisation_kinds=reader.choices("kinds", tuple(OrganisationKind)),
        job_roles=reader.choices("job_roles", tuple(JobRole)),
        quota=reader.whole_number("quota", 1),
        blueprint=_blueprint(reader),
        time_limit=dt.timedelta(minutes=reader.whole_number("time_limit", 1)),
        window=_window(reader),
        pass_mark=reader.whole_number("pass_mark", 1),
        max_resits=reader.whole_number("resits", 0),
        feedback=reader.choice("feedback", FEEDBACK_CHOICES),
        schedule=schedule,
        starts_at=_starts_at(reader, now) if schedule is ScheduleKind.AT else None,
        cron=_cron(reader) if schedule is ScheduleKind.CRON else None,
    )
    named = {error.field for error in reader.errors}
    if any(field.startswith(_COUNT) for field in named):
        named.add("blueprint")
    if "time_limit" in named:
        named.add("window")
    for problem in find_plan_problems(plan, now):
        field, message = words.PLAN_PROBLEMS[problem]
        if field not in named:
            reader.refuse(field, message)
    shortfalls = _describe_shortfalls(find_shortfalls(plan.blueprint, pool))
    return ParsedPlan(plan, in_form_order(reader.errors + shortfalls))


def describe_refusal(refused: PlanRefused) -> list[FieldError]:
    """The messages for what the service would not publish: a shortfall stands beside its own cell."""
    errors = []
    for problem in dict.fromkeys(refused.problems):
        if problem is PlanProblem.BANK_TOO_SMALL:
            errors += _describe_shortfalls(refused.shortfalls)
        else:
            errors.append(FieldError(*words.PLAN_PROBLEMS[problem]))
    return in_form_order(errors)


def _describe_shortfalls(shortfalls: Sequence[Shortfall]) -> list[FieldError]:
    return [FieldError(count_field(s.part.law, s.part.type), f"{words.describe_shortfall(s)}，请减少") for s in shortfalls]


def in_form_order(errors: list[FieldError]) -> list[FieldError]:
    """In the order of the form, and with the field's name where the message alone would not tell which it is."""
    order = list(words.PLAN_FIELDS)
    named = [replace(error, label=_label(error.field)) if error.message in words.NOT_TELLING else error for error in errors]
    return sorted(named, key=lambda error: order.index("blueprint" if error.field.startswith(_COUNT) else error.field))


def _label(field: str) -> str:
    if not field.startswith(_COUNT):
        return words.PLAN_FIELDS[field]
    law, _, type_value = field.removeprefix(_COUNT).rpartition(":")
    return f"《{law}》{words.term(QuestionType(type_value))}"


def _region(reader: FieldReader) -> str:
    code = reader.text("region")
    if not code:
        reader.refuse("region", words.FIELD_EMPTY)
    return code


def _blueprint(reader: FieldReader) -> Blueprint:
    """The cells with a number in them, also those of laws that are no longer in the bank: the service judges them."""
    parts = []
    for name in dict.fromkeys(reader.form):
        law, _, type_value = name.removeprefix(_COUNT).rpartition(":")
        if not name.startswith(_COUNT) or type_value not in set(QuestionType):
            continue
        count = reader.whole_number(name, 0, blank=0)
        if count < 0:
            reader.refuse(name, words.COUNT_NEGATIVE)
        elif count:
            parts.append(BlueprintPart(law, QuestionType(type_value), count))
    return Blueprint(tuple(parts))


def _window(reader: FieldReader) -> dt.timedelta:
    unit = reader.text("window_unit")
    if unit not in WINDOW_UNITS:
        reader.refuse("window", words.FIELD_NOT_A_CHOICE)
        unit = "hours"
    return dt.timedelta(**{unit: reader.whole_number("window", 24)})


def _starts_at(reader: FieldReader, now: dt.datetime) -> dt.datetime | None:
    typed = reader.text("starts_at")
    if not typed:
        return None
    try:
        if not _LOCAL_TIME.fullmatch(typed):
            raise ValueError(typed)
        starts_at = dt.datetime.fromisoformat(typed).replace(tzinfo=CHINA).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        reader.refuse("starts_at", words.START_NOT_A_TIME)
        return None
    if starts_at > now + FARTHEST_START:
        reader.refuse("starts_at", words.START_FAR)
    return starts_at


def _cron(reader: FieldReader) -> str:
    chosen = reader.text("cron_choice")
    typed = chosen if chosen in words.CRON_CHOICES else reader.text("cron")
    return typed[:MAX_CRON_LENGTH]
