"""Use cases of panel sign-in: accounts with argon2 passwords, sessions kept in the database, slow-down after failures."""

import asyncio
import datetime as dt
import enum
import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy.exc import IntegrityError

from exam.people import storage
from exam.people.rules import Actor, Grant, Role
from exam.people.service import JoinRefusal, JoinRefused, People
from exam.people.tables import Account, PanelSession, Person
from question_bank.database import AsyncSession, Clock, Database

SESSION_LIFETIME = dt.timedelta(hours=12)
FAILURES_BEFORE_LOCK = 5
LOCK_TIME = dt.timedelta(minutes=5)
MIN_PASSWORD_LENGTH = 10
PANEL_ROLES = (Role.ADMINISTRATOR, Role.REGULATOR, Role.TRAINER, Role.ORGANISATION_MANAGER)
_LOGIN = re.compile(r"[\w.@-]{2,40}")


class AccountRefusal(enum.StrEnum):
    LOGIN_INVALID = "login_invalid"
    LOGIN_TAKEN = "login_taken"
    PASSWORD_SHORT = "password_short"  # noqa: S105 - no password
    HAS_ACCOUNT = "has_account"
    NO_PANEL_ROLE = "no_panel_role"


class AccountRefused(Exception):
    """An account was not made; `reason` says why."""

    def __init__(self, reason: AccountRefusal) -> None:
        super().__init__(reason)
        self.reason = reason


class SignInRefused(Exception):
    """Wrong login or password, or locked for a while (`locked_until`). Which of the first two is never told."""

    def __init__(self, locked_until: dt.datetime | None = None) -> None:
        super().__init__("locked" if locked_until else "refused")
        self.locked_until = locked_until


@dataclass(frozen=True)
class SignedIn:
    """A live panel session. `token` is only there right after sign-in: it goes into the cookie and nowhere else."""

    actor: Actor
    login: str
    csrf_token: str
    token: str = ""


class Accounts:
    def __init__(self, database: Database, people: People, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._database = database
        self._people = people
        self._clock = clock
        self._hasher = hasher or PasswordHasher()

    async def exists_any(self, role: Role) -> bool:
        """Whether anybody with this role can sign in to the panel."""
        async with self._database.reading() as session:
            return await storage.role_has_account(session, role)

    async def create(self, person_id: int, login: str, password: str) -> None:
        """Make an account for a person. Raises AccountRefused."""
        self._check(login, password)
        password_hash = await asyncio.to_thread(self._hasher.hash, password)
        async with self._database.transaction() as session:
            await self._add(session, person_id, login, password_hash)

    async def create_with_person(self, name: str, grants: Iterable[Grant], login: str, password: str) -> int:
        """Add a person and their account, both or neither; returns the person's id. Raises AccountRefused."""
        self._check(login, password)
        password_hash = await asyncio.to_thread(self._hasher.hash, password)
        async with self._database.transaction() as session:
            person_id = await storage.insert_person(session, Person(name=name, created_at=self._clock()), grants)
            await self._add(session, person_id, login, password_hash)
        return person_id

    async def activate(self, typed_code: str, login: str, password: str, source: str) -> None:
        """Make an account with a one-time join code. Raises JoinRefused or AccountRefused; the code then stays good."""
        self._check(login, password)
        password_hash = await asyncio.to_thread(self._hasher.hash, password)
        try:
            async with self._database.transaction() as session:
                person_id = await self._people.redeem(session, typed_code, source)
                await self._add(session, person_id, login, password_hash)
        except JoinRefused as refused:
            await self._people.note_refusal(refused.reason, source)
            raise

    def _check(self, login: str, password: str) -> None:
        if not _LOGIN.fullmatch(login):
            raise AccountRefused(AccountRefusal.LOGIN_INVALID)
        if len(password) < MIN_PASSWORD_LENGTH:
            raise AccountRefused(AccountRefusal.PASSWORD_SHORT)

    async def _add(self, session: AsyncSession, person_id: int, login: str, password_hash: str) -> None:
        actor = await storage.get_actor(session, person_id)
        if actor is None or not actor.has_role(*PANEL_ROLES):
            raise AccountRefused(AccountRefusal.NO_PANEL_ROLE)
        if await storage.find_account_of(session, person_id) is not None:
            raise AccountRefused(AccountRefusal.HAS_ACCOUNT)
        if await storage.find_account(session, login) is not None:
            raise AccountRefused(AccountRefusal.LOGIN_TAKEN)
        session.add(Account(person_id=person_id, login=login, password_hash=password_hash, created_at=self._clock()))
        try:
            await session.flush()
        except IntegrityError as error:
            raise AccountRefused(AccountRefusal.LOGIN_TAKEN) from error

    async def sign_in(self, login: str, password: str) -> SignedIn:
        """Check a password and open a session. Raises SignInRefused. Takes about as long for an unknown login."""
        now = self._clock()
        async with self._database.reading() as session:
            account = await storage.find_account(session, login)
        if account is not None and account.locked_until is not None and account.locked_until > now:
            raise SignInRefused(account.locked_until)
        stored = account.password_hash if account else None
        matches = await asyncio.to_thread(self._verify, stored, password)
        if account is None:
            raise SignInRefused
        async with self._database.transaction() as session:
            account = await storage.lock_account(session, login)
            if account is None:
                raise SignInRefused
            if account.locked_until is not None and account.locked_until > now:  # by tries made at the same time
                raise SignInRefused(account.locked_until)
            if matches and account.password_hash == stored:  # and not reset meanwhile
                account.failed_sign_ins, account.locked_until = 0, None
                return await self._open(session, account, now)
            account.failed_sign_ins += 1
            if account.failed_sign_ins >= FAILURES_BEFORE_LOCK:
                account.failed_sign_ins, account.locked_until = 0, now + LOCK_TIME
            locked_until = account.locked_until
        raise SignInRefused(locked_until)

    def _verify(self, stored: str | None, password: str) -> bool:
        """Whether a password fits; for an unknown login (None) the same work is done against a hash that nothing fits."""
        nobodys_hash = self._nobodys_hash  # made here in both cases, so that the first sign-in does not tell them apart
        try:
            return self._hasher.verify(nobodys_hash if stored is None else stored, password)
        except VerificationError:
            return False

    @cached_property
    def _nobodys_hash(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(16))

    async def _open(self, session: AsyncSession, account: Account, now: dt.datetime) -> SignedIn:
        await storage.delete_expired_sessions(session, now)
        token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        session.add(
            PanelSession(
                token_hash=_hash(token),
                account_id=account.id,
                csrf_token=csrf_token,
                created_at=now,
                expires_at=now + SESSION_LIFETIME,
            )
        )
        actor = await storage.get_actor(session, account.person_id)
        if actor is None:
            raise SignInRefused
        return SignedIn(actor, account.login, csrf_token, token)

    async def find_session(self, token: str) -> SignedIn | None:
        """Who is signed in with this cookie, with roles as they are now."""
        async with self._database.reading() as session:
            row = await storage.find_session(session, _hash(token), self._clock())
            if row is None:
                return None
            panel_session, account = row
            actor = await storage.get_actor(session, account.person_id)
        return None if actor is None else SignedIn(actor, account.login, panel_session.csrf_token)

    async def reset_password(self, login: str, password: str) -> bool:
        """Give an account a new password, unlock it and end its sessions; False when there is no such login."""
        if len(password) < MIN_PASSWORD_LENGTH:
            raise AccountRefused(AccountRefusal.PASSWORD_SHORT)
        password_hash = await asyncio.to_thread(self._hasher.hash, password)
        async with self._database.transaction() as session:
            account = await storage.lock_account(session, login)
            if account is None or account.id is None:
                return False
            account.password_hash, account.failed_sign_ins, account.locked_until = password_hash, 0, None
            await storage.delete_sessions_of(session, account.id)
        return True

    async def sign_out(self, token: str) -> None:
        async with self._database.transaction() as session:
            await storage.delete_session(session, _hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


__all__ = ["AccountRefusal", "AccountRefused", "Accounts", "JoinRefusal", "SignInRefused", "SignedIn"]
