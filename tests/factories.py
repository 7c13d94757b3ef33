"""Makes what tests need through the real services: schools with staff, a plan for an assessment, taps."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from exam.assessments.rules import AssessmentPlan, FeedbackPolicy
from exam.attempts.rules import StepAction, Tap
from exam.attempts.views import AttemptView, SlotView
from exam.papers.rules import Blueprint, BlueprintPart
from exam.people.regions import ZHENGZHOU
from exam.people.rules import Actor, Grant, JobRole, OrganisationKind, Role
from exam.wiring import Exam
from question_bank.questions.rules import QuestionType
from question_bank.questions.service import Questions

VACCINE_LAW, DRUG_LAW = "疫苗管理法", "药品管理法"
DISTRICT, OTHER_DISTRICT, CITY = "410105", "410102", "410100"


@dataclass(frozen=True)
class School:
    organisation_id: int
    people: tuple[int, ...]


async def add_regions(exam: Exam) -> None:
    await exam.people.add_regions(ZHENGZHOU)


async def add_administrator(exam: Exam) -> Actor:
    return await exam.people.get_actor(await exam.people.add_person("管理员", [Grant(Role.ADMINISTRATOR)]))


async def add_regulator(exam: Exam, region_code: str = CITY) -> Actor:
    person_id = await exam.people.add_person(f"监管{region_code}", [Grant(Role.REGULATOR, region_code=region_code)])
    return await exam.people.get_actor(person_id)


async def add_school(exam: Exam, name: str, staff: int, region_code: str = DISTRICT, **more: Any) -> School:
    """A school canteen with so many food safety officers; regions must be there."""
    kind = more.pop("kind", OrganisationKind.SCHOOL_CANTEEN)
    job_role = more.pop("job_role", JobRole.SAFETY_OFFICER)
    organisation_id = await exam.people.add_organisation(name, kind, region_code)
    grants = [Grant(Role.STAFF, organisation_id=organisation_id)]
    people = []
    for number in range(1, staff + 1):
        name_of_person = f"{name}{number}号"
        people.append(await exam.people.add_person(name_of_person, grants, organisation_id=organisation_id, job_role=job_role))
    return School(organisation_id, tuple(people))


def plan(**changes: Any) -> AssessmentPlan:
    """Five questions on the Vaccine Administration Law: two single, two multiple, one true/false; 60 % passes."""
    blueprint = Blueprint(
        (
            BlueprintPart(VACCINE_LAW, QuestionType.SINGLE_CHOICE, 2),
            BlueprintPart(VACCINE_LAW, QuestionType.MULTIPLE_CHOICE, 2),
            BlueprintPart(VACCINE_LAW, QuestionType.TRUE_FALSE, 1),
        )
    )
    base = AssessmentPlan(
        title="秋季抽查考核",
        region_code=CITY,
        organisation_kinds=(OrganisationKind.SCHOOL_CANTEEN,),
        job_roles=(JobRole.SAFETY_OFFICER,),
        quota=0,
        blueprint=blueprint,
        time_limit=dt.timedelta(minutes=30),
        window=dt.timedelta(hours=8),
        pass_mark=60,
        max_resits=1,
        feedback=FeedbackPolicy.AFTER_WINDOW,
    )
    return replace(base, **changes)


async def open_round(exam: Exam, actor: Actor, **changes: Any) -> int:
    """Publish an assessment that begins now and open its round; returns the round's id."""
    assessment_id = await exam.assessments.create(actor, plan(**changes))
    await exam.rounds.open_due()
    view = await exam.assessments.get_assessment(actor, assessment_id)
    return view.rounds[0].id


_keys: WeakKeyDictionary[Questions, dict[str, list[int]]] = WeakKeyDictionary()


async def keys_of(questions: Questions, slot: SlotView) -> list[int]:
    """Indexes of the keys of the question in a slot, found in the bank by its stem (the bank is read once)."""
    if slot.stem not in _keys.setdefault(questions, {}):
        _keys[questions] = {stored.content.stem: sorted(stored.content.keys) for stored in await questions.list_questions()}
    return _keys[questions][slot.stem]


async def answer(exam: Exam, questions: Questions, attempt: AttemptView, position: int, *, right: bool) -> AttemptView:
    """Answer one slot right or wrong, as a person would by tapping."""
    slot = attempt.slots[position - 1]
    keys = await keys_of(questions, slot)
    chosen = keys if right else [next(option.index for option in slot.options if option.index not in keys)]
    if slot.type is QuestionType.MULTIPLE_CHOICE:
        taps = [Tap(StepAction.ADD, slot.seen, index) for index in chosen] + [Tap(StepAction.CONFIRM, slot.seen)]
    else:
        taps = [Tap(StepAction.CHOOSE, slot.seen, chosen[0])]
    for tap in taps:
        _, attempt = await exam.attempts.record_tap(attempt.person_id, attempt.id, position, tap, attempt.started_at)
    return attempt


async def sit(exam: Exam, questions: Questions, person_id: int, round_id: int, *, right: int) -> AttemptView:
    """Sit a whole paper with so many right answers, and hand it in."""
    attempt = await exam.sitting.start(person_id, round_id)
    for slot in attempt.slots:
        attempt = await answer(exam, questions, attempt, slot.position, right=slot.position <= right)
    return await exam.attempts.submit(person_id, attempt.id)
