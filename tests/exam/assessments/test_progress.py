"""A round as a regulator watches it: where every candidate stands, read with the same few queries however many there are."""

import pytest

from exam.assessments.rules import RoundState
from exam.assessments.service import CandidateStatus
from exam.assessments.sitting import InvitationState
from exam.people.rules import Actor, Channel
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.wiring import QuestionBank
from tests import factories
from tests.exam.queries import sent_to
from tests.factories import plan
from tests.fakes import FakeClock


@pytest.fixture
async def school(exam: Exam, administrator: Actor) -> factories.School:
    return await factories.add_school(exam, "一小", 5)


async def test_a_round_is_shown_as_it_stands(
    exam: Exam, administrator: Actor, school: factories.School, bank: QuestionBank, clock: FakeClock
) -> None:
    round_id = await factories.open_round(exam, administrator)
    passed, failed, resitting, sitting, waiting = school.people
    await factories.sit(exam, bank.questions, passed, round_id, right=3)
    await factories.sit(exam, bank.questions, failed, round_id, right=1)
    await factories.sit(exam, bank.questions, failed, round_id, right=2)
    await factories.sit(exam, bank.questions, resitting, round_id, right=2)
    for person in (resitting, sitting):
        await exam.sitting.start(person, round_id)

    progress = await exam.assessments.get_progress(administrator, round_id)
    order = await exam.assessments.list_drawn(administrator, round_id)
    found = {person: (line.status, line.attempts, line.score) for person, line in zip(order, progress.lines, strict=True)}
    assert found == {
        passed: (CandidateStatus.PASSED, 1, 3.0),
        failed: (CandidateStatus.FAILED, 2, 2.0),  # the better of 1 and 2
        resitting: (CandidateStatus.SITTING, 2, 2.0),
        sitting: (CandidateStatus.SITTING, 1, None),
        waiting: (CandidateStatus.WAITING, 0, None),
    }
    assert progress.by_status == {"passed": 1, "failed": 1, "sitting": 2, "waiting": 1}
    assert [line.draw_position for line in progress.lines] == [1, 2, 3, 4, 5]
    assert {(line.organisation_name, line.is_notified) for line in progress.lines} == {("一小", False)}

    clock.advance(hours=8, seconds=1)
    await exam.tick()
    progress = await exam.assessments.get_progress(administrator, round_id)
    assert progress.round.state is RoundState.CLOSED
    assert progress.by_status == {"passed": 1, "failed": 3, "absent": 1}


async def test_who_was_reached_is_shown(exam: Exam, administrator: Actor, school: factories.School) -> None:
    round_id = await factories.open_round(exam, administrator)
    for person in school.people[:2]:
        await exam.people.join(Channel.TELEGRAM, str(person), await exam.people.issue_join_code(person))
    one, other = await exam.notices.claim(Channel.TELEGRAM, None, 10)
    await exam.notices.mark_sent(one, Channel.TELEGRAM)
    await exam.notices.mark_failed(other, "blocked", final=True)
    progress = await exam.assessments.get_progress(administrator, round_id)
    assert progress.notified == 1
    order = await exam.assessments.list_drawn(administrator, round_id)
    assert [person for person, line in zip(order, progress.lines, strict=True) if line.is_notified] == [one.person_id]


async def test_progress_takes_the_same_queries_for_few_and_for_many(
    exam: Exam, administrator: Actor, school: factories.School, database: Database
) -> None:
    await factories.add_school(exam, "二小", 12)
    counts = []
    for quota in (1, 0):
        round_id = await factories.open_round(exam, administrator, quota=quota)
        for person in await exam.assessments.list_drawn(administrator, round_id):
            if person in school.people:
                await exam.sitting.start(person, round_id)
        with sent_to(database) as statements:
            progress = await exam.assessments.get_progress(administrator, round_id)
        counts.append((len(progress.lines), len(statements)))
    assert [lines for lines, _ in counts] == [2, 17]
    assert counts[0][1] == counts[1][1] <= 6


async def test_an_assessment_is_read_with_the_same_queries_whatever_others_there_are(
    exam: Exam, administrator: Actor, school: factories.School, database: Database
) -> None:
    round_id = await factories.open_round(exam, administrator)
    view = (await exam.assessments.list_assessments(administrator))[0]
    for _ in range(6):
        await exam.assessments.create(administrator, plan())
    with sent_to(database) as for_one:
        assert await exam.assessments.get_assessment(administrator, view.id) == view
    with sent_to(database) as for_all:
        views = await exam.assessments.list_assessments(administrator)
    assert len(for_one) == len(for_all) == 2
    assert [len(v.rounds) for v in views] == [1] * 7
    assert [v.id for v in views] == sorted((v.id for v in views), reverse=True)
    assert views[-1].rounds[0].id == round_id


async def test_invitations_take_the_same_queries_for_one_round_and_for_ten(
    exam: Exam, administrator: Actor, school: factories.School, database: Database, clock: FakeClock
) -> None:
    person, counts, opened = school.people[0], [], []
    for number in range(1, 13):
        clock.advance(minutes=1)
        opened.append(await factories.open_round(exam, administrator, title=f"第{number}次"))
        if number in (1, 12):
            await exam.sitting.start(person, opened[-1])
            with sent_to(database) as statements:
                invitations = await exam.sitting.list_invitations(person)
            counts.append((len(invitations), len(statements)))
    assert counts == [(1, 2), (10, 2)]
    assert [invitation.round_id for invitation in invitations] == opened[:1:-1], "the newest ten"
    first = await exam.sitting.get_invitation(person, opened[0])
    assert (first.title, first.state) == ("第1次", InvitationState.SITTING), "an older one is still found"
