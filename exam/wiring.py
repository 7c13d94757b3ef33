"""Builds the services of this package over one database. Front ends take the ones they need."""

from dataclasses import dataclass

from exam.assessments.rounds import Rounds
from exam.assessments.service import Assessments
from exam.assessments.sitting import Sitting
from exam.attempts.rules import SubmittedBy
from exam.attempts.service import Attempts
from exam.attempts.storage import AttemptRow
from exam.notices.rules import NoticeKind
from exam.notices.service import Notices
from exam.people.accounts import Accounts
from exam.people.service import People
from exam.people.staff import Staff
from exam.practice.service import Practice
from exam.results.rules import DEFAULT_MINIMUM_N
from exam.results.service import Results
from question_bank.database import AsyncSession, Clock, Database
from question_bank.wiring import QuestionBank


@dataclass(frozen=True)
class Exam:
    people: People
    accounts: Accounts
    staff: Staff
    assessments: Assessments
    rounds: Rounds
    sitting: Sitting
    attempts: Attempts
    practice: Practice
    results: Results
    notices: Notices

    @classmethod
    def build(cls, database: Database, bank: QuestionBank, clock: Clock, *, minimum_n: int = DEFAULT_MINIMUM_N) -> "Exam":
        people = People(database, clock)
        notices = Notices(database, clock)
        attempts = Attempts(database, bank.questions, clock)

        async def tell_auto_submitted(session: AsyncSession, attempt: AttemptRow) -> None:
            if attempt.submitted_by is SubmittedBy.DEADLINE:
                await notices.write(session, NoticeKind.AUTO_SUBMITTED, attempt.id, [attempt.person_id])

        attempts.on_submitted(tell_auto_submitted)
        return cls(
            people=people,
            accounts=Accounts(database, people, clock),
            staff=Staff(database, people),
            assessments=Assessments(database, bank.questions, clock),
            rounds=Rounds(database, bank.questions, notices, clock),
            sitting=Sitting(database, bank.questions, attempts, clock),
            attempts=attempts,
            practice=Practice(database, bank.questions, attempts, clock),
            results=Results(database, clock, minimum_n=minimum_n),
            notices=notices,
        )

    async def tick(self) -> None:
        """Everything that is due by the clock. Safe to run at any time, in any number of processes.

        Where one thing fails the others are done all the same; what failed is raised together at the end.
        """
        failures: list[Exception] = []
        for work in (self.rounds.open_due, self.attempts.sweep_deadlines, self.rounds.close_over, self.notices.expire):
            try:
                await work()
            except Exception as error:
                failures.append(error)
        if failures:
            raise ExceptionGroup("; ".join(f"{type(error).__name__}: {error}" for error in failures), failures)
