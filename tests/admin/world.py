"""A small province to open the panel on: real services over one database, schools with staff, and people who sign in."""

import datetime as dt
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from sqlalchemy import select

from exam.assessments.rounds import Rounds
from exam.assessments.rules import AssessmentPlan
from exam.assessments.service import Assessments
from exam.assessments.sitting import Sitting
from exam.attempts.rules import StepAction, Tap
from exam.attempts.service import Attempts
from exam.attempts.tables import Slot
from exam.notices.service import Notices
from exam.papers.rules import Blueprint, BlueprintPart
from exam.people.accounts import Accounts
from exam.people.rules import Actor, Grant, JobRole, OrganisationKind, Role
from exam.people.service import People
from exam.people.staff import Staff
from exam.results.service import Results
from question_bank.database import Database
from question_bank.questions.rules import QuestionType
from question_bank.search.storage import note_unanswered
from question_bank.wiring import QuestionBank
from tests.fakes import FakeClock

PASSWORD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

REGIONS = [
    ("410000", "河南省", None),
    ("410100", "郑州市", "410000"),
    ("410102", "中原区", "410100"),
    ("410105", "金水区", "410100"),
    ("410200", "开封市", "410000"),
]
GRANTS = {
    "admin": Grant(Role.ADMINISTRATOR),
    "regulator": Grant(Role.REGULATOR, region_code="410100"),
    "kaifeng": Grant(Role.REGULATOR, region_code="410200"),
    "trainer": Grant(Role.TRAINER),
}
"""Logins and what they may do. A further one, "manager", manages 金水一小."""
UNANSWERED = "雪柜的温度没人抄"
"""A question on the trainers' list: its entry is number 1."""


@dataclass
class World:
    """The services, the clock they share, and ids by name."""

    database: Database
    clock: FakeClock = field(default_factory=FakeClock)
    schools: dict[str, int] = field(default_factory=dict)
    people_ids: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        database, clock = self.database, self.clock
        self.bank = QuestionBank.build(database, clock)
        self.regulations, self.questions = self.bank.regulations, self.bank.questions
        self.people = People(database, clock)
        self.staff = Staff(database, self.people)
        self.accounts = Accounts(database, self.people, clock, CHEAP)
        self.assessments = Assessments(database, self.questions, clock)
        self.notices = Notices(database, clock)
        self.rounds = Rounds(database, self.questions, self.notices, clock)
        self.attempts = Attempts(database, self.questions, clock)
        self.sitting = Sitting(database, self.questions, self.attempts, clock)
        self.results = Results(database, clock)

    async def actor(self, login: str) -> Actor:
        return await self.people.get_actor(self.people_ids[login])

    async def fill(self) -> None:
        """Three schools with their staff, and everybody who signs in. Laws and questions are there already."""
        await self.people.add_regions(REGIONS)
        await self.add_school("金水一小", "410105", ["张三", "李四", "王五", "欧阳小明"])
        await self.add_school("中原二中", "410102", ["赵六", "钱七"])
        await self.add_school("开封三小", "410200", ["孙八", "周九", "吴十"])
        await self.add_account("manager", Grant(Role.ORGANISATION_MANAGER, organisation_id=self.schools["金水一小"]))
        for login, grant in GRANTS.items():
            await self.add_account(login, grant)
        async with self.database.transaction() as session:
            await note_unanswered(session, UNANSWERED, self.clock())

    async def add_school(self, name: str, region: str, staff: list[str], *, is_demo: bool = False) -> None:
        kind = OrganisationKind.SCHOOL_CANTEEN
        self.schools[name] = await self.people.add_organisation(name, kind, region, is_demo=is_demo)
        for person in staff:
            self.people_ids[person] = await self.people.add_person(
                person, [Grant(Role.STAFF)], organisation_id=self.schools[name], job_role=JobRole.SAFETY_OFFICER, is_demo=is_demo
            )

    async def add_account(self, login: str, grant: Grant) -> None:
        self.people_ids[login] = await self.people.add_person(login, [grant])
        await self.accounts.create(self.people_ids[login], login, PASSWORD)

    def plan(self, **changes: object) -> AssessmentPlan:
        settings: dict[str, object] = {
            "title": "秋季抽查",
            "region_code": "410100",
            "organisation_kinds": (OrganisationKind.SCHOOL_CANTEEN,),
            "job_roles": (JobRole.SAFETY_OFFICER,),
            "quota": 0,
            "blueprint": Blueprint((BlueprintPart("疫苗管理法", QuestionType.SINGLE_CHOICE, 2),)),
            "time_limit": dt.timedelta(minutes=30),
            "window": dt.timedelta(hours=2),
            "max_resits": 0,
        }
        return AssessmentPlan(**(settings | changes))  # type: ignore[arg-type]

    async def open_assessment(self, login: str = "admin", **changes: object) -> tuple[int, int]:
        """Publish and open an assessment; returns its id and the round's."""
        assessment_id = await self.assessments.create(await self.actor(login), self.plan(**changes))
        await self.rounds.open_due()
        view = await self.assessments.get_assessment(await self.actor("admin"), assessment_id)
        return assessment_id, view.rounds[0].id

    async def sit(self, person: str, round_id: int, *, wrong: int = 0) -> None:
        """The person sits the round's paper with so many wrong answers, and hands it in."""
        person_id = self.people_ids[person]
        attempt = await self.sitting.start(person_id, round_id)
        async with self.database.reading() as session:
            query = select(Slot).where(Slot.attempt_id == attempt.id).order_by(Slot.position)
            slots = (await session.scalars(query)).all()
        for slot in slots:
            content = (await self.questions.get_version(slot.question_version_id)).content
            answers = sorted(content.keys)
            if slot.position <= wrong:
                answers = [next(i for i in range(len(content.options)) if i not in content.keys)]
            if content.type is QuestionType.MULTIPLE_CHOICE:
                taps = [(StepAction.ADD, option) for option in answers] + [(StepAction.CONFIRM, None)]
            else:
                taps = [(StepAction.CHOOSE, option) for option in answers]
            for seen, (action, option) in enumerate(taps):
                await self.attempts.record_tap(person_id, attempt.id, slot.position, Tap(action, seen, option), self.clock())
        await self.attempts.submit(person_id, attempt.id)

    async def close_window(self) -> None:
        self.clock.advance(hours=3)
        await self.attempts.sweep_deadlines()
        await self.rounds.close_over()
