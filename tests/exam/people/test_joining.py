"""One code binds one chat account to one person, once."""

import asyncio

from sqlalchemy import select

from exam.people.rules import Actor, Channel, Grant, JobRole, Role
from exam.people.service import WRONG_CODE_LIMIT, JoinRefusal, JoinRefused, Member
from exam.people.tables import Binding, JoinAttempt, JoinCode
from exam.wiring import Exam
from question_bank.database import Database
from tests import factories
from tests.fakes import FakeClock

WEB, TELEGRAM = Channel.WEBCHAT, Channel.TELEGRAM
UNKNOWN = "2222-2222"
RACES = 6


async def add_person(exam: Exam, name: str = "张三") -> tuple[int, str]:
    person_id = await exam.people.add_person(name, [Grant(Role.STAFF)])
    return person_id, await exam.people.issue_join_code(person_id)


async def refusal(exam: Exam, external_id: str, code: str) -> JoinRefusal | None:
    try:
        await exam.people.join(TELEGRAM, external_id, code)
    except JoinRefused as refused:
        return refused.reason
    return None


async def rows(database: Database, table: type) -> list:  # type: ignore[type-arg]
    async with database.reading() as session:
        return list((await session.scalars(select(table))).all())


async def test_a_code_binds_a_chat_account_to_its_person(exam: Exam, administrator: Actor, database: Database) -> None:
    school = await factories.add_school(exam, "一小", 1)
    code = await exam.people.issue_join_code(school.people[0])
    assert await exam.people.find_member(TELEGRAM, "7") is None

    member = await exam.people.join(TELEGRAM, "7", code.lower().replace("-", "—"))

    assert member == Member(school.people[0], "一小1号", school.organisation_id, "一小", JobRole.SAFETY_OFFICER)
    assert await exam.people.find_member(TELEGRAM, "7") == member
    assert await exam.people.find_member(WEB, "7") is None, "the same number in another channel is somebody else"
    assert [row.used_at is not None for row in await rows(database, JoinCode)] == [True]


async def test_a_used_code_is_refused(exam: Exam, database: Database) -> None:
    _, code = await add_person(exam)
    await exam.people.join(TELEGRAM, "7", code)
    assert await refusal(exam, "8", code) is JoinRefusal.USED
    assert [binding.external_id for binding in await rows(database, Binding)] == ["7"]


async def test_an_unknown_code_is_refused_and_counted_but_what_is_no_code_is_not(exam: Exam, database: Database) -> None:
    assert await refusal(exam, "7", UNKNOWN) is JoinRefusal.UNKNOWN
    for text in ("你好", "", " ", "K7QM-2XRD" * 400):
        assert await refusal(exam, "7", text) is JoinRefusal.NOT_A_CODE
    assert [row.source for row in await rows(database, JoinAttempt)] == ["telegram:7"]


async def test_a_code_expires_after_thirty_days(exam: Exam, clock: FakeClock) -> None:
    _, first = await add_person(exam)
    _, second = await add_person(exam, "李四")
    clock.advance(days=30, seconds=-1)
    assert await refusal(exam, "7", first) is None
    clock.advance(seconds=1)
    assert await refusal(exam, "8", second) is JoinRefusal.EXPIRED


async def test_after_eight_wrong_codes_an_account_waits_an_hour(exam: Exam, clock: FakeClock, database: Database) -> None:
    _, code = await add_person(exam)
    for _ in range(WRONG_CODE_LIMIT):
        assert await refusal(exam, "7", UNKNOWN) is JoinRefusal.UNKNOWN
    assert await refusal(exam, "7", code) is JoinRefusal.TOO_MANY_TRIES
    clock.advance(hours=1, seconds=-1)
    assert await refusal(exam, "7", code) is JoinRefusal.TOO_MANY_TRIES
    clock.advance(seconds=1)
    assert await refusal(exam, "7", code) is None


async def test_seven_wrong_codes_do_no_harm_and_others_are_not_made_to_wait(exam: Exam) -> None:
    _, first = await add_person(exam)
    _, second = await add_person(exam, "李四")
    for _ in range(WRONG_CODE_LIMIT - 1):
        await refusal(exam, "7", UNKNOWN)
    for _ in range(WRONG_CODE_LIMIT):
        await refusal(exam, "8", UNKNOWN)
    assert await refusal(exam, "7", first) is None
    assert await refusal(exam, "8", second) is JoinRefusal.TOO_MANY_TRIES
    assert await refusal(exam, "9", second) is None


async def test_a_bound_account_is_told_so_and_the_code_stays_good(exam: Exam, database: Database) -> None:
    person, code = await add_person(exam)
    _, other = await add_person(exam, "李四")
    await exam.people.join(TELEGRAM, "7", code)
    assert await refusal(exam, "7", code) is JoinRefusal.ALREADY_BOUND
    assert await refusal(exam, "7", other) is JoinRefusal.ALREADY_BOUND
    member = await exam.people.find_member(TELEGRAM, "7")
    assert member is not None
    assert member.person_id == person
    assert await refusal(exam, "8", other) is None
    assert await rows(database, JoinAttempt) == []


async def test_of_two_accounts_racing_for_one_code_exactly_one_wins(exam: Exam, second: Exam, database: Database) -> None:
    for race in range(RACES):
        person, code = await add_person(exam)
        outcomes = await asyncio.gather(refusal(exam, f"a{race}", code), refusal(second, f"b{race}", code))
        assert sorted(outcomes, key=str) == [None, JoinRefusal.USED]
        bound = [binding.external_id for binding in await rows(database, Binding) if binding.person_id == person]
        assert bound == [f"{'ab'[outcomes.index(None)]}{race}"]


async def test_an_account_joining_twice_at_the_same_instant_is_bound_once(exam: Exam, second: Exam, database: Database) -> None:
    for race in range(RACES):
        _, code = await add_person(exam)
        outcomes = await asyncio.gather(refusal(exam, f"a{race}", code), refusal(second, f"a{race}", code))
        assert sorted(outcomes, key=str) == [None, JoinRefusal.ALREADY_BOUND]
    assert len(await rows(database, Binding)) == RACES
    assert await rows(database, JoinAttempt) == [], "nobody guessed"


async def test_of_two_codes_at_the_same_instant_an_account_uses_one(exam: Exam, second: Exam, database: Database) -> None:
    for race in range(RACES):
        codes = [(await add_person(exam))[1], (await add_person(exam, "李四"))[1]]
        outcomes = await asyncio.gather(*(refusal(e, f"a{race}", code) for e, code in zip((exam, second), codes, strict=True)))
        assert sorted(outcomes, key=str) == [None, JoinRefusal.ALREADY_BOUND]
        spare = codes[1 - outcomes.index(None)]
        assert await refusal(exam, f"b{race}", spare) is None, "the other code is still good"
    assert len(await rows(database, Binding)) == 2 * RACES


async def test_every_new_code_works_and_older_ones_stay_good(exam: Exam) -> None:
    person, first = await add_person(exam)
    second = await exam.people.issue_join_code(person)
    for external_id, code in (("7", second), ("8", first)):
        assert (await exam.people.join(TELEGRAM, external_id, code)).person_id == person
