"""Accounts are made for people with a role in the panel only: by an administrator, or with a one-time code."""

import asyncio

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from exam.people.accounts import AccountRefusal, AccountRefused, Accounts
from exam.people.rules import Channel, Grant, Role
from exam.people.service import WRONG_CODE_LIMIT, JoinRefusal, JoinRefused
from exam.people.tables import Account, Person
from exam.wiring import Exam
from question_bank.database import Database
from tests.fakes import FakeClock

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse"


@pytest.fixture
def accounts(exam: Exam, database: Database, clock: FakeClock) -> Accounts:
    return Accounts(database, exam.people, clock, CHEAP)


async def add_person(exam: Exam, role: Role) -> tuple[int, str]:
    person_id = await exam.people.add_person(f"某{role}", [Grant(role)])
    return person_id, await exam.people.issue_join_code(person_id)


async def refusal(
    accounts: Accounts, code: str, login: str = "li.si", password: str = PASSWORD, source: str = "panel:here"
) -> AccountRefusal | JoinRefusal | None:
    try:
        await accounts.activate(code, login, password, source)
    except (AccountRefused, JoinRefused) as refused:
        return refused.reason
    return None


async def count(database: Database, table: type) -> int:
    async with database.reading() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def test_a_code_opens_the_panel_to_every_role_that_works_there(accounts: Accounts, exam: Exam) -> None:
    for role in (Role.ADMINISTRATOR, Role.REGULATOR, Role.TRAINER, Role.ORGANISATION_MANAGER):
        person_id, code = await add_person(exam, role)
        assert await refusal(accounts, code, role) is None
        assert (await accounts.sign_in(role, PASSWORD)).actor.person_id == person_id
        assert await refusal(accounts, code, "other") is JoinRefusal.USED


async def test_a_code_of_a_person_without_a_role_in_the_panel_is_refused_and_stays_good(accounts: Accounts, exam: Exam) -> None:
    person_id, code = await add_person(exam, Role.STAFF)
    assert await refusal(accounts, code) is AccountRefusal.NO_PANEL_ROLE
    assert (await exam.people.join(Channel.WEBCHAT, "7", code)).person_id == person_id


async def test_what_cannot_be_an_account_is_refused_and_the_code_stays_good(accounts: Accounts, exam: Exam) -> None:
    await accounts.create((await add_person(exam, Role.TRAINER))[0], "taken", PASSWORD)
    _, code = await add_person(exam, Role.REGULATOR)
    for login in ("", "z", "z" * 41, "li si", "li.si\n"):
        assert await refusal(accounts, code, login) is AccountRefusal.LOGIN_INVALID
    assert await refusal(accounts, code, "taken") is AccountRefusal.LOGIN_TAKEN
    assert await refusal(accounts, code, "li.si", "123456789") is AccountRefusal.PASSWORD_SHORT
    assert await refusal(accounts, code, "李四", "1234567890") is None


async def test_two_letters_and_forty_are_a_login(accounts: Accounts, exam: Exam) -> None:
    for login in ("李四", "z" * 40):
        await accounts.create((await add_person(exam, Role.TRAINER))[0], login, PASSWORD)


async def test_nobody_gets_a_second_account(accounts: Accounts, exam: Exam) -> None:
    person_id, code = await add_person(exam, Role.TRAINER)
    await accounts.create(person_id, "first", PASSWORD)
    assert await refusal(accounts, code, "second") is AccountRefusal.HAS_ACCOUNT


async def test_guessing_codes_in_the_panel_is_slowed_down_by_source(accounts: Accounts, exam: Exam) -> None:
    _, code = await add_person(exam, Role.TRAINER)
    for _ in range(WRONG_CODE_LIMIT):
        assert await refusal(accounts, "2222-2222") is JoinRefusal.UNKNOWN
    assert await refusal(accounts, code) is JoinRefusal.TOO_MANY_TRIES
    assert await refusal(accounts, code, source="panel:elsewhere") is None


async def test_of_two_activations_with_one_code_exactly_one_wins(
    accounts: Accounts, exam: Exam, second: Exam, database: Database, database_url: str, clock: FakeClock
) -> None:
    elsewhere = Database(database_url)
    others = Accounts(elsewhere, second.people, clock, CHEAP)
    for race in range(4):
        _, code = await add_person(exam, Role.TRAINER)
        outcomes = await asyncio.gather(
            refusal(accounts, code, f"a{race}", source="a"), refusal(others, code, f"b{race}", source="b")
        )
        assert sorted(outcomes, key=str) == [None, JoinRefusal.USED]
    await elsewhere.close()
    assert await count(database, Account) == 4


async def test_a_person_and_the_account_are_made_together_or_not_at_all(accounts: Accounts, database: Database) -> None:
    trainer, staff = [Grant(Role.TRAINER)], [Grant(Role.STAFF)]
    await accounts.create_with_person("李四", trainer, "li.si", PASSWORD)
    for grants, login, reason in (
        (trainer, "li.si", AccountRefusal.LOGIN_TAKEN),
        (staff, "wang.wu", AccountRefusal.NO_PANEL_ROLE),
        (trainer, "?", AccountRefusal.LOGIN_INVALID),
    ):
        with pytest.raises(AccountRefused) as caught:
            await accounts.create_with_person("王五", grants, login, PASSWORD)
        assert caught.value.reason is reason
    assert await count(database, Person) == 1
    assert await count(database, Account) == 1
