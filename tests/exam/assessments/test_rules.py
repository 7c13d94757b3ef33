"""When the settings of an assessment are sound, and how people are drawn so that anyone can check it."""

import datetime as dt

import pytest

from exam.assessments.rules import (
    AssessmentPlan,
    DrawFault,
    FrameEntry,
    PlanProblem,
    ScheduleKind,
    close_of,
    deadline_of,
    draw_roster,
    find_plan_problems,
    frame_hash,
    seed_commitment,
    verify_draw,
    write_frame,
)
from exam.papers.rules import Blueprint, BlueprintPart
from exam.people.rules import JobRole, OrganisationKind
from question_bank.questions.rules import QuestionType
from tests.factories import plan
from tests.fakes import START

SECOND, MINUTE, HOUR, DAY = (dt.timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


def questions(*counts: int) -> Blueprint:
    return Blueprint(tuple(BlueprintPart("甲法", QuestionType.SINGLE_CHOICE, count) for count in counts))


GOOD = [
    plan(),
    plan(title="测" * 80),
    plan(quota=0),
    plan(quota=1000),
    plan(blueprint=questions(1)),
    plan(blueprint=questions(100)),
    plan(blueprint=questions(60, 40)),
    plan(time_limit=SECOND, window=SECOND),
    plan(time_limit=4 * HOUR, window=4 * HOUR),
    plan(window=60 * DAY),
    plan(pass_mark=1),
    plan(pass_mark=100),
    plan(max_resits=0),
    plan(max_resits=5),
    plan(schedule=ScheduleKind.AT, starts_at=START),
    plan(schedule=ScheduleKind.CRON, cron="0 9 * * 1"),
]
BAD = [
    (plan(title=""), PlanProblem.TITLE_EMPTY),
    (plan(title=" \u3000\n"), PlanProblem.TITLE_EMPTY),
    (plan(title="测" * 81), PlanProblem.TITLE_LONG),
    (plan(organisation_kinds=()), PlanProblem.NO_KINDS),
    (plan(job_roles=()), PlanProblem.NO_JOB_ROLES),
    (plan(quota=-1), PlanProblem.QUOTA_INVALID),
    (plan(quota=1001), PlanProblem.QUOTA_INVALID),
    (plan(blueprint=Blueprint(())), PlanProblem.BLUEPRINT_EMPTY),
    (plan(blueprint=questions(0)), PlanProblem.BLUEPRINT_EMPTY),
    (plan(blueprint=questions(5, -3)), PlanProblem.BLUEPRINT_EMPTY),
    (plan(blueprint=questions(101)), PlanProblem.BLUEPRINT_LARGE),
    (plan(blueprint=questions(60, 41)), PlanProblem.BLUEPRINT_LARGE),
    (plan(time_limit=dt.timedelta(0)), PlanProblem.TIME_LIMIT_INVALID),
    (plan(time_limit=-MINUTE), PlanProblem.TIME_LIMIT_INVALID),
    (plan(time_limit=4 * HOUR + SECOND), PlanProblem.TIME_LIMIT_INVALID),
    (plan(window=60 * DAY + SECOND), PlanProblem.WINDOW_INVALID),
    (plan(time_limit=30 * MINUTE, window=30 * MINUTE - SECOND), PlanProblem.WINDOW_SHORTER_THAN_TIME_LIMIT),
    (plan(pass_mark=0), PlanProblem.PASS_MARK_INVALID),
    (plan(pass_mark=101), PlanProblem.PASS_MARK_INVALID),
    (plan(max_resits=-1), PlanProblem.RESITS_INVALID),
    (plan(max_resits=6), PlanProblem.RESITS_INVALID),
    (plan(schedule=ScheduleKind.AT), PlanProblem.START_MISSING),
    (plan(schedule=ScheduleKind.AT, starts_at=START - SECOND), PlanProblem.START_PAST),
    (plan(schedule=ScheduleKind.CRON), PlanProblem.CRON_INVALID),
    (plan(schedule=ScheduleKind.CRON, cron=""), PlanProblem.CRON_INVALID),
]


@pytest.mark.parametrize("good", GOOD)
def test_settings_up_to_the_limit_are_sound(good: AssessmentPlan) -> None:
    assert find_plan_problems(good, START) == []


@pytest.mark.parametrize(("bad", "problem"), BAD)
def test_settings_past_the_limit_have_exactly_that_problem(bad: AssessmentPlan, problem: PlanProblem) -> None:
    assert find_plan_problems(bad, START) == [problem]


def test_no_window_at_all_is_told_with_what_follows_from_it() -> None:
    problems = find_plan_problems(plan(window=dt.timedelta(0)), START)
    assert problems == [PlanProblem.WINDOW_INVALID, PlanProblem.WINDOW_SHORTER_THAN_TIME_LIMIT]


def test_all_problems_are_told_at_once_in_the_order_of_the_form() -> None:
    problems = find_plan_problems(plan(title="", quota=-1, pass_mark=0, max_resits=9), START)
    assert problems == [
        PlanProblem.TITLE_EMPTY,
        PlanProblem.QUOTA_INVALID,
        PlanProblem.PASS_MARK_INVALID,
        PlanProblem.RESITS_INVALID,
    ]


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        find_plan_problems(plan(schedule=ScheduleKind.AT, starts_at=START.replace(tzinfo=None)), START)


FRAME = "7 1\n7 12\n12 3\n"
# printf '7 1\n7 12\n12 3\n' | sha256sum
HASH = "d411c5f550cd72e0078768c9438d27aea6dc1b6f2a5d61a94ce5ca8f7aea66d1"
# printf seed | sha256sum
COMMITMENT = "19b25856e1c150ca834cffc8b59b23adbd0ec0389e58eb22b3b64768098d002b"
# printf seed/person/N | sha256sum begins 78ce for 3, dcf3 for 12, e0db for 1
BY_RANK = [3, 12, 1]


def entry(person_id: int, organisation_id: int) -> FrameEntry:
    return FrameEntry(person_id, organisation_id, "410105", OrganisationKind.SCHOOL_CANTEEN, JobRole.PRINCIPAL)


def test_the_frame_is_a_line_a_person_in_numeric_order() -> None:
    assert write_frame([entry(3, 12), entry(12, 7), entry(1, 7)]) == FRAME
    assert write_frame([]) == ""
    assert frame_hash(FRAME) == HASH
    assert seed_commitment("seed") == COMMITMENT


@pytest.mark.parametrize(("quota", "roster"), [(0, BY_RANK), (1, [3, 12]), (2, BY_RANK), (3, BY_RANK)])
def test_the_draw_takes_the_smallest_ranks_of_each_organisation(quota: int, roster: list[int]) -> None:
    assert draw_roster(FRAME, quota, "seed") == roster


def test_an_empty_frame_gives_nobody() -> None:
    assert draw_roster("", 3, "seed") == []


def test_who_is_drawn_depends_on_the_seed_alone() -> None:
    frame = write_frame([entry(person, person % 5) for person in range(1, 101)])
    draws = {tuple(draw_roster(frame, 3, str(seed))) for seed in range(40)}
    assert len(draws) == 40
    assert {len(draw) for draw in draws} == {15}
    assert all(len(set(draw)) == 15 for draw in draws)


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({}, []),
        ({"frame": "7 1\n7 12\n12 4\n"}, [DrawFault.FRAME_CHANGED, DrawFault.ROSTER_DIFFERS]),
        ({"frame": "7 1\n7 12\n12 3"}, [DrawFault.FRAME_CHANGED]),
        ({"frame": "7 1\n7 12\n12\n"}, [DrawFault.FRAME_CHANGED, DrawFault.ROSTER_DIFFERS]),
        ({"frame": ""}, [DrawFault.FRAME_CHANGED, DrawFault.ROSTER_DIFFERS]),
        ({"published_frame_hash": HASH.upper()}, [DrawFault.FRAME_CHANGED]),
        ({"seed": "seeds"}, [DrawFault.SEED_NOT_COMMITTED]),
        ({"commitment": HASH}, [DrawFault.SEED_NOT_COMMITTED]),
        ({"roster": [12, 3]}, [DrawFault.ROSTER_DIFFERS]),
        ({"roster": [3]}, [DrawFault.ROSTER_DIFFERS]),
        ({"roster": [3, 12, 1]}, [DrawFault.ROSTER_DIFFERS]),
        ({"quota": 0}, [DrawFault.ROSTER_DIFFERS]),
    ],
)
def test_checking_a_draw_finds_what_was_changed(changed: dict[str, object], faults: list[DrawFault]) -> None:
    published = {"frame": FRAME, "published_frame_hash": HASH, "seed": "seed", "commitment": COMMITMENT, "quota": 1}
    found = verify_draw(**{**published, "roster": [3, 12], **changed})  # type: ignore[arg-type]
    if "seed" in changed:  # another seed may draw others too
        found = [fault for fault in found if fault is not DrawFault.ROSTER_DIFFERS]
    assert found == faults


def test_a_deadline_is_never_past_the_window() -> None:
    closes = close_of(START, 8 * HOUR)
    assert closes == START + 8 * HOUR
    assert deadline_of(START, 30 * MINUTE, closes) == START + 30 * MINUTE
    assert deadline_of(closes - 30 * MINUTE, 30 * MINUTE, closes) == closes
    assert deadline_of(closes - SECOND, 30 * MINUTE, closes) == closes
