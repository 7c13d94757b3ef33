"""Signing in to the panel: what opens a session, what ends it, and what slows guessing down."""

import asyncio
import datetime as dt

import pytest
from argon2 import PasswordHasher

from exam.people.accounts import AccountRefusal, AccountRefused, Accounts, SignInRefused
from exam.people.rules import Actor, Grant, Role
from exam.wiring import Exam
from question_bank.database import Database
from tests import factories
from tests.fakes import FakeClock

LOGIN, PASSWORD, WRONG = "zhang.san", "correct horse", "battery staple"


class CountingHasher(PasswordHasher):
    """argon2 with the least work, counting the checks."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.checked: list[str] = []

    def verify(self, hash: str, password: str) -> bool:
        self.checked.append(str(hash))
        return super().verify(hash, password)


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
async def accounts(exam: Exam, database: Database, clock: FakeClock, hasher: CountingHasher) -> Accounts:
    """With one account, of a regulator of Zhengzhou."""
    await factories.add_regions(exam)
    accounts = Accounts(database, exam.people, clock, hasher)
    await accounts.create_with_person("张三", [Grant(Role.REGULATOR, region_code="410100")], LOGIN, PASSWORD)
    return accounts


async def refused(accounts: Accounts, password: str = WRONG, login: str = LOGIN) -> dt.datetime | None:
    """Sign in, which must be refused; returns until when the account is locked."""
    with pytest.raises(SignInRefused) as caught:
        await accounts.sign_in(login, password)
    return caught.value.locked_until


async def test_the_right_password_opens_a_session(accounts: Accounts) -> None:
    signed_in = await accounts.sign_in(LOGIN, PASSWORD)
    found = await accounts.find_session(signed_in.token)
    assert found is not None
    assert (found.login, found.actor, found.csrf_token) == (LOGIN, signed_in.actor, signed_in.csrf_token)
    assert found.actor.regions() == ("410100",)
    assert found.token == "", "the token is known right after sign-in only"
    assert await accounts.find_session(signed_in.csrf_token) is None
    assert await accounts.find_session("") is None


async def test_every_sign_in_is_a_session_of_its_own_and_signing_out_ends_one(accounts: Accounts) -> None:
    one, other = await accounts.sign_in(LOGIN, PASSWORD), await accounts.sign_in(LOGIN, PASSWORD)
    assert one.token != other.token
    assert one.csrf_token != other.csrf_token
    await accounts.sign_out(one.token)
    await accounts.sign_out(one.token)
    assert await accounts.find_session(one.token) is None
    assert await accounts.find_session(other.token) is not None


async def test_a_session_lasts_twelve_hours(accounts: Accounts, clock: FakeClock) -> None:
    token = (await accounts.sign_in(LOGIN, PASSWORD)).token
    clock.advance(hours=12, seconds=-1)
    assert await accounts.find_session(token) is not None
    clock.advance(seconds=1)
    assert await accounts.find_session(token) is None


async def test_a_wrong_password_and_an_unknown_login_are_refused_alike(accounts: Accounts, hasher: CountingHasher) -> None:
    assert await refused(accounts, WRONG) is None
    assert await refused(accounts, PASSWORD, login="nobody") is None
    assert await refused(accounts, PASSWORD, login=LOGIN.upper()) is None
    assert len(hasher.checked) == 3, "an unknown login costs a hash too"
    assert len(set(hasher.checked)) == 2


async def test_five_failures_lock_the_account_for_five_minutes(accounts: Accounts, clock: FakeClock) -> None:
    for _ in range(4):
        assert await refused(accounts) is None
    until = clock() + dt.timedelta(minutes=5)
    assert await refused(accounts) == until
    assert await refused(accounts, PASSWORD) == until
    clock.advance(minutes=5, seconds=-1)
    assert await refused(accounts, PASSWORD) == until
    clock.advance(seconds=1)
    assert (await accounts.sign_in(LOGIN, PASSWORD)).login == LOGIN


async def test_after_a_lock_five_more_failures_are_needed(accounts: Accounts, clock: FakeClock) -> None:
    for _ in range(5):
        await refused(accounts)
    clock.advance(minutes=5)
    for _ in range(4):
        assert await refused(accounts) == clock(), "the old lock, which is over"
    assert await refused(accounts) == clock() + dt.timedelta(minutes=5)


async def test_a_success_forgets_the_failures_before_it(accounts: Accounts) -> None:
    for _ in range(2):
        for _ in range(4):
            assert await refused(accounts) is None
        await accounts.sign_in(LOGIN, PASSWORD)


async def test_while_an_account_is_locked_no_hash_is_worked_out(accounts: Accounts, hasher: CountingHasher) -> None:
    for _ in range(6):
        await refused(accounts)
    assert len(hasher.checked) == 5


class GatedHasher(CountingHasher):
    """Stops at the check of the right password until it is let go, like a guess among many made at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self.reached, self.let_go = asyncio.Event(), asyncio.Event()

    def verify(self, hash: str, password: str) -> bool:
        if password == PASSWORD:
            self._loop.call_soon_threadsafe(self.reached.set)
            asyncio.run_coroutine_threadsafe(self.let_go.wait(), self._loop).result(10)
        return super().verify(hash, password)


@pytest.fixture
async def gated(exam: Exam, database: Database, clock: FakeClock, accounts: Accounts) -> tuple[Accounts, GatedHasher]:
    hasher = GatedHasher(asyncio.get_running_loop())
    return Accounts(database, exam.people, clock, hasher), hasher


async def test_a_right_guess_among_many_at_once_does_not_outrun_the_lock(
    accounts: Accounts, gated: tuple[Accounts, GatedHasher], clock: FakeClock
) -> None:
    slow, hasher = gated
    guess = asyncio.create_task(refused(slow, PASSWORD))
    await hasher.reached.wait()
    for _ in range(5):
        await refused(accounts)
    hasher.let_go.set()
    assert await guess == clock() + dt.timedelta(minutes=5)


async def test_the_old_password_opens_nothing_when_it_is_reset_meanwhile(
    accounts: Accounts, gated: tuple[Accounts, GatedHasher]
) -> None:
    slow, hasher = gated
    guess = asyncio.create_task(refused(slow, PASSWORD))
    await hasher.reached.wait()
    assert await accounts.reset_password(LOGIN, "a new password")
    hasher.let_go.set()
    assert await guess is None


async def test_a_reset_unlocks_ends_all_sessions_and_retires_the_old_password(accounts: Accounts) -> None:
    token = (await accounts.sign_in(LOGIN, PASSWORD)).token
    for _ in range(5):
        await refused(accounts)
    assert await accounts.reset_password(LOGIN, "a new password")
    assert await accounts.find_session(token) is None
    assert await refused(accounts, PASSWORD) is None
    assert (await accounts.sign_in(LOGIN, "a new password")).login == LOGIN


async def test_a_reset_of_nobody_and_a_short_password_do_nothing(accounts: Accounts) -> None:
    assert not await accounts.reset_password("nobody", "a new password")
    with pytest.raises(AccountRefused) as caught:
        await accounts.reset_password(LOGIN, "9 letters")
    assert caught.value.reason is AccountRefusal.PASSWORD_SHORT
    await accounts.sign_in(LOGIN, PASSWORD)


async def test_a_session_shows_the_roles_of_now(accounts: Accounts, exam: Exam) -> None:
    person_id = await exam.people.add_person("李四", [Grant(Role.TRAINER)])
    await accounts.create(person_id, "li.si", PASSWORD)
    assert (await accounts.sign_in("li.si", PASSWORD)).actor == Actor(person_id, "李四", (Grant(Role.TRAINER),))
    assert await accounts.exists_any(Role.TRAINER)
    assert not await accounts.exists_any(Role.ADMINISTRATOR)
