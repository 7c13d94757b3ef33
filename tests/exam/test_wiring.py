"""The tick: all that is due by the clock, each part whether or not another fails."""

import dataclasses

import pytest
from sqlalchemy import select

from exam.assessments.rounds import Rounds
from exam.assessments.rules import RoundState
from exam.attempts.rules import SubmittedBy
from exam.notices.rules import NoticeKind, NoticeState
from exam.notices.tables import Notice
from exam.people.rules import Actor
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.wiring import QuestionBank
from tests import factories
from tests.factories import plan
from tests.fakes import FakeClock


class BrokenRounds(Rounds):
    """Cannot open a round."""

    async def open_due(self) -> int:
        raise ConnectionError("out of order")


async def test_a_tick_opens_hands_in_closes_and_gives_up_what_is_due(
    exam: Exam, administrator: Actor, database: Database, clock: FakeClock
) -> None:
    person = (await factories.add_school(exam, "一小", 1)).people[0]
    assessment_id = await exam.assessments.create(administrator, plan())
    await exam.tick()
    [summary] = (await exam.assessments.get_assessment(administrator, assessment_id)).rounds
    assert summary.state is RoundState.OPEN
    attempt = await exam.sitting.start(person, summary.id)
    clock.advance(hours=8, seconds=1)
    for _ in range(2):
        await exam.tick()
    [summary] = (await exam.assessments.get_assessment(administrator, assessment_id)).rounds
    assert summary.state is RoundState.CLOSED
    assert (await exam.attempts.get(person, attempt.id)).submitted_by is SubmittedBy.DEADLINE
    async with database.reading() as session:
        notices = (await session.scalars(select(Notice).order_by(Notice.id))).all()
    assert [(notice.kind, notice.state) for notice in notices] == [
        (NoticeKind.ASSESSMENT_OPENED, NoticeState.FAILED),  # too late now
        (NoticeKind.AUTO_SUBMITTED, NoticeState.PENDING),
    ]


async def test_what_fails_in_a_tick_is_told_and_stops_nothing_else(
    exam: Exam, administrator: Actor, database: Database, bank: QuestionBank, clock: FakeClock
) -> None:
    person = (await factories.add_school(exam, "一小", 1)).people[0]
    round_id = await factories.open_round(exam, administrator)
    attempt = await exam.sitting.start(person, round_id)
    clock.advance(hours=8, seconds=1)
    broken = BrokenRounds(database, bank.questions, exam.notices, clock)
    with pytest.raises(ExceptionGroup, match="ConnectionError: out of order"):
        await dataclasses.replace(exam, rounds=broken).tick()
    assert (await exam.attempts.get(person, attempt.id)).is_submitted
    assert (await exam.assessments.get_progress(administrator, round_id)).round.state is RoundState.CLOSED
