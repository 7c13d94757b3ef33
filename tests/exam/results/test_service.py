"""Pass rates by school, worked by hand, and who sees which."""

import pytest

from exam.people.rules import Actor, Grant, NotPermitted, OrganisationKind, Role
from exam.results.rules import Tally
from exam.results.service import PassRates, Results
from exam.wiring import Exam
from question_bank.database import Database
from question_bank.wiring import QuestionBank
from tests import factories
from tests.factories import CITY, DISTRICT, OTHER_DISTRICT, School
from tests.fakes import FakeClock


async def sit(exam: Exam, bank: QuestionBank, person: int, round_id: int, right: int) -> None:
    """Answer so many questions, all right, and hand in."""
    attempt = await exam.sitting.start(person, round_id)
    for position in range(1, right + 1):
        attempt = await factories.answer(exam, bank.questions, attempt, position, right=True)
    await exam.attempts.submit(person, attempt.id)


@pytest.fixture
async def schools(exam: Exam, administrator: Actor, bank: QuestionBank) -> tuple[School, School]:
    """Two schools in two districts, a round open since half an hour, and what became of eight people.

    一小: passed; failed and passed the resit; failed twice; timed out with nothing; has not come. 二小: passed twice; not come.
    """
    one = await factories.add_school(exam, "一小", 5)
    two = await factories.add_school(exam, "二小", 3, OTHER_DISTRICT)
    round_id = await factories.open_round(exam, administrator)
    passed, resat, failed, timed_out, _ = one.people
    for person, right in ((passed, 3), (resat, 2), (resat, 5), (failed, 0), (failed, 1), *((p, 4) for p in two.people[:2])):
        await sit(exam, bank, person, round_id, right)
    await exam.sitting.start(timed_out, round_id)
    return one, two


def by_school(rates: PassRates) -> dict[str, tuple[Tally, float | None]]:
    return {line.organisation_name: (line.tally, line.rate) for line in rates.lines}


async def test_rates_by_school_as_worked_by_hand(
    exam: Exam, administrator: Actor, schools: tuple[School, School], clock: FakeClock
) -> None:
    running = await exam.results.pass_rates(administrator)
    assert by_school(running) == {"一小": (Tally(5, 3, 2, 0), 2 / 3), "二小": (Tally(3, 2, 2, 0), None)}
    assert (running.total, running.total_rate) == (Tally(8, 5, 4, 0), 0.8)

    clock.advance(minutes=31)
    await exam.tick()  # hands in for the one whose time is over; the window is still open, so nobody is absent yet
    assert by_school(await exam.results.pass_rates(administrator))["一小"] == (Tally(5, 4, 2, 0), 0.5)

    clock.advance(hours=8)
    await exam.tick()
    over = await exam.results.pass_rates(administrator)
    assert by_school(over) == {"一小": (Tally(5, 4, 2, 1), 0.5), "二小": (Tally(3, 2, 2, 1), None)}
    assert (over.total, over.total_rate) == (Tally(8, 6, 4, 2), 4 / 6)
    assert (over.minimum_n, over.at) == (3, clock())
    first, last = over.lines
    assert (first.organisation_id, first.kind, first.region_name) == (
        schools[0].organisation_id,
        OrganisationKind.SCHOOL_CANTEEN,
        "金水区",
    )
    assert first.interval == pytest.approx((0.150, 0.850), abs=0.0005)
    assert (last.organisation_name, last.interval) == ("二小", None), "suppressed ones come last"


async def test_a_rate_is_suppressed_just_below_the_minimum(
    exam: Exam, administrator: Actor, schools: tuple[School, School], database: Database, clock: FakeClock
) -> None:
    for minimum_n, one, two, total in (
        (0, 2 / 3, 1.0, 0.8),
        (2, 2 / 3, 1.0, 0.8),
        (3, 2 / 3, None, 0.8),
        (4, None, None, 0.8),
        (5, None, None, 0.8),
        (6, None, None, None),
    ):
        rates = await Results(database, clock, minimum_n=minimum_n).pass_rates(administrator)
        shown = by_school(rates)
        assert (shown["一小"][1], shown["二小"][1], rates.total_rate) == (one, two, total), minimum_n
        assert all((line.interval is None) == (line.rate is None) for line in rates.lines)


async def test_everybody_sees_the_schools_in_scope_only(exam: Exam, administrator: Actor, schools: tuple[School, School]) -> None:
    manages_two = Grant(Role.ORGANISATION_MANAGER, organisation_id=schools[1].organisation_id)

    async def seen(*grants: Grant) -> list[str]:
        rates = await exam.results.pass_rates(Actor(1, "某人", grants))
        assert rates.total.drawn == sum(line.tally.drawn for line in rates.lines)
        return sorted(line.organisation_name for line in rates.lines)

    assert await seen(Grant(Role.REGULATOR, region_code=CITY)) == ["一小", "二小"]
    assert await seen(Grant(Role.REGULATOR)) == ["一小", "二小"]
    assert await seen(Grant(Role.REGULATOR, region_code=DISTRICT)) == ["一小"]
    assert await seen(Grant(Role.REGULATOR, region_code="410103")) == []
    assert await seen(manages_two) == ["二小"]
    assert await seen(Grant(Role.REGULATOR, region_code=DISTRICT), manages_two) == ["一小", "二小"]
    assert await seen(Grant(Role.ORGANISATION_MANAGER)) == []
    for role in (Role.TRAINER, Role.STAFF):
        with pytest.raises(NotPermitted):
            await seen(Grant(role, CITY, schools[0].organisation_id))


async def test_one_assessment_is_counted_apart_from_the_others(
    exam: Exam, administrator: Actor, schools: tuple[School, School], bank: QuestionBank, clock: FakeClock
) -> None:
    clock.advance(minutes=1)
    round_id = await factories.open_round(exam, administrator, title="第二次", region_code=DISTRICT, quota=3)
    for person in await exam.assessments.list_drawn(administrator, round_id):
        await exam.attempts.submit(person, (await exam.sitting.start(person, round_id)).id)
    second, first = await exam.assessments.list_assessments(administrator)
    assert by_school(await exam.results.pass_rates(administrator, second.id)) == {"一小": (Tally(3, 3, 0, 0), 0.0)}
    assert by_school(await exam.results.pass_rates(administrator, first.id))["一小"] == (Tally(5, 3, 2, 0), 2 / 3)
    assert by_school(await exam.results.pass_rates(administrator))["一小"] == (Tally(8, 6, 2, 0), 2 / 6)
    assert (await exam.results.pass_rates(administrator, second.id + 1)).lines == ()


async def test_schools_nobody_was_drawn_from_and_rounds_to_come_are_not_listed(
    exam: Exam, administrator: Actor, clock: FakeClock
) -> None:
    await factories.add_school(exam, "三小", 2)
    await exam.assessments.create(administrator, factories.plan())
    assert (await exam.results.pass_rates(administrator)).lines == ()
    assert (await exam.results.pass_rates(administrator)).total_rate is None
    clock.advance(hours=9)
    await exam.rounds.open_due()
    clock.advance(hours=8, seconds=1)
    await exam.tick()
    assert by_school(await exam.results.pass_rates(administrator)) == {"三小": (Tally(2, 0, 0, 2), None)}


async def test_the_lowest_rate_comes_first(exam: Exam, administrator: Actor, bank: QuestionBank) -> None:
    schools = {name: await factories.add_school(exam, name, 3) for name in ("甲小", "乙小", "丙小")}
    round_id = await factories.open_round(exam, administrator, max_resits=0)
    for name, passing in (("甲小", 2), ("乙小", 0), ("丙小", 1)):
        for number, person in enumerate(schools[name].people):
            await sit(exam, bank, person, round_id, 3 if number < passing else 0)
    rates = await exam.results.pass_rates(administrator)
    assert [(line.organisation_name, line.rate) for line in rates.lines] == [("乙小", 0.0), ("丙小", 1 / 3), ("甲小", 2 / 3)]
