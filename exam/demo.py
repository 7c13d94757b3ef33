"""The demonstration municipality 示例: invented schools and people, and one finished assessment that invented people sat.

Everything goes through the real services. Nothing in it is a real organisation or person, and every name says 示例.
"""

import contextlib
import datetime as dt
import random
from dataclasses import dataclass

from exam.assessments.rules import AssessmentPlan, FeedbackPolicy, RoundState
from exam.assessments.service import AssessmentView
from exam.assessments.sitting import StartRefused
from exam.attempts.rules import StepAction, Tap
from exam.attempts.views import AttemptView
from exam.papers.rules import Blueprint, BlueprintPart
from exam.people.regions import CITY
from exam.people.rules import Actor, Grant, JobRole, OrganisationKind, Role
from exam.wiring import Exam
from question_bank.database import Clock, Database
from question_bank.questions.rules import QuestionType
from question_bank.wiring import QuestionBank

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗"
_ORGANISATIONS: tuple[tuple[str, OrganisationKind, str, int], ...] = (
    ("示例第一小学食堂", OrganisationKind.SCHOOL_CANTEEN, "410102", 6),
    ("示例第二小学食堂", OrganisationKind.SCHOOL_CANTEEN, "410105", 5),
    ("示例第三中学食堂", OrganisationKind.SCHOOL_CANTEEN, "410103", 7),
    ("示例第四中学食堂", OrganisationKind.SCHOOL_CANTEEN, "410184", 5),
    ("示例向阳幼儿园食堂", OrganisationKind.KINDERGARTEN_CANTEEN, "410105", 4),
    ("示例职业学院食堂", OrganisationKind.UNIVERSITY_CANTEEN, "410172", 8),
    ("示例康养中心食堂", OrganisationKind.CARE_HOME_CANTEEN, "410108", 4),
    ("示例惠民大药房", OrganisationKind.PHARMACY, "410105", 4),
    ("示例社区接种门诊", OrganisationKind.VACCINATION, "410104", 5),
)
_CANTEEN_JOBS = (
    JobRole.PRINCIPAL,
    JobRole.SAFETY_DIRECTOR,
    JobRole.SAFETY_OFFICER,
    JobRole.CANTEEN_MANAGER,
    JobRole.FOOD_HANDLER,
    JobRole.FOOD_HANDLER,
)
_DRUG_KINDS = (OrganisationKind.PHARMACY, OrganisationKind.VACCINATION)
SAMPLE_TITLE = "示例：两法知识抽查考核"


@dataclass(frozen=True)
class DemoCode:
    """A join code to be shown once: for whom, and where it is used."""

    role: Role
    who: str
    code: str


async def load_demo(exam: Exam) -> list[tuple[Role, str, int]]:
    """Write the municipality, once; returns (role, description, person id) of one person a role. Idempotent."""
    people = exam.people
    holders: list[tuple[Role, str, int]] = []
    regulator = await people.ensure_person("示例监管员", [Grant(Role.REGULATOR, region_code=CITY)], is_demo=True)
    trainer = await people.ensure_person("示例题库员", [Grant(Role.TRAINER)], is_demo=True)
    rng = random.Random(20200507)  # noqa: S311 - invented names need no secrecy
    managers: list[tuple[Role, str, int]] = []
    staff: list[tuple[Role, str, int]] = []
    for name, kind, region_code, size in _ORGANISATIONS:
        organisation_id = await people.add_organisation(name, kind, region_code, is_demo=True)
        for number in range(size):
            job = JobRole.DRUG_HANDLER if kind in _DRUG_KINDS else _CANTEEN_JOBS[number % len(_CANTEEN_JOBS)]
            role = Role.ORGANISATION_MANAGER if number == 0 else Role.STAFF
            person = f"{rng.choice(_SURNAMES)}示例{number + 1}"
            grants = [Grant(Role.STAFF, organisation_id=organisation_id)]
            if role is Role.ORGANISATION_MANAGER:
                grants.append(Grant(role, organisation_id=organisation_id))
            person_id = await people.ensure_person(person, grants, organisation_id=organisation_id, job_role=job, is_demo=True)
            (managers if number == 0 else staff).append((role, f"{person}，{name}", person_id))
    holders += [(Role.REGULATOR, "示例监管员，郑州市", regulator), (Role.TRAINER, "示例题库员", trainer), managers[0]]
    return [
        *holders,
        staff[0],
        next(entry for entry in staff if "第二小学" in entry[1]),
        next(e for e in staff if "接种门诊" in e[1]),
    ]


async def hold_sample_assessment(database: Database, bank: QuestionBank, clock: Clock, administrator_id: int) -> None:
    """Hold one assessment two days in the past, with invented answers, so that the first look at the panel shows rates.

    Idempotent; when it was killed half-way, it goes on.
    """
    moment = [clock() - dt.timedelta(days=2)]
    exam = Exam.build(database, bank, lambda: moment[0])
    actor = await exam.people.get_actor(administrator_id)
    sample = await _find_sample(exam, actor)
    if sample is None:
        await exam.assessments.create(actor, _sample_plan(), is_demo=True)
    elif sample.rounds[0].state is RoundState.CLOSED:
        return
    await exam.rounds.open_due()
    sample = await _find_sample(exam, actor)
    assert sample is not None
    round_id = sample.rounds[0].id
    keys = {stored.content.stem: stored.content.keys for stored in await bank.questions.list_questions()}
    rng = random.Random(12)  # noqa: S311 - invented answers need no secrecy
    for person_id in await exam.assessments.list_drawn(actor, round_id):
        is_absent, skill = rng.random() < 0.08, rng.choice((0.55, 0.75, 0.9, 0.97))
        if is_absent:
            continue
        moment[0] += dt.timedelta(seconds=30)
        with contextlib.suppress(StartRefused):  # sat before the kill
            await _answer_all(exam, await exam.sitting.start(person_id, round_id), keys, skill, rng)
    moment[0] += dt.timedelta(hours=9)
    await exam.tick()


async def _find_sample(exam: Exam, actor: Actor) -> AssessmentView | None:
    views = await exam.assessments.list_assessments(actor)
    return next((view for view in views if view.title == SAMPLE_TITLE and view.is_demo), None)


def _sample_plan() -> AssessmentPlan:
    types = ((QuestionType.SINGLE_CHOICE, 3), (QuestionType.MULTIPLE_CHOICE, 1), (QuestionType.TRUE_FALSE, 1))
    return AssessmentPlan(
        title=SAMPLE_TITLE,
        region_code=CITY,
        organisation_kinds=tuple(dict.fromkeys(kind for _, kind, _, _ in _ORGANISATIONS)),
        job_roles=tuple(JobRole),
        quota=0,
        blueprint=Blueprint(tuple(BlueprintPart(law, kind, n) for law in ("疫苗管理法", "药品管理法") for kind, n in types)),
        time_limit=dt.timedelta(minutes=20),
        window=dt.timedelta(hours=8),
        pass_mark=80,
        max_resits=0,
        feedback=FeedbackPolicy.AFTER_WINDOW,
    )


async def _answer_all(
    exam: Exam, attempt: AttemptView, keys: dict[str, frozenset[int]], skill: float, rng: random.Random
) -> None:
    for slot in attempt.slots:
        right = sorted(keys[slot.stem])
        wrong = [option.index for option in slot.options if option.index not in keys[slot.stem]]
        chosen = right if rng.random() < skill or not wrong else [rng.choice(wrong)]
        if slot.type is QuestionType.MULTIPLE_CHOICE:
            taps = [Tap(StepAction.ADD, 0, option) for option in chosen] + [Tap(StepAction.CONFIRM, 0)]
        else:
            taps = [Tap(StepAction.CHOOSE, 0, chosen[0])]
        for tap in taps:
            await exam.attempts.record_tap(attempt.person_id, attempt.id, slot.position, tap, attempt.started_at)
    await exam.attempts.submit(attempt.person_id, attempt.id)
