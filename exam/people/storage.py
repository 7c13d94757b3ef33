"""SQL of the people subject. Every function works inside the session it is given."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, false, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from exam.people.rules import Actor, Channel, Grant, Role, covering_prefixes
from exam.people.tables import Account, Binding, JoinAttempt, JoinCode, Organisation, PanelSession, Person, Region, RoleGrant

MAX_ID = 2**31 - 1
"""PostgreSQL's integer: a larger number typed as an id is no row's, and the drivers refuse it."""


def in_regions(column: Any, codes: Iterable[str] | None) -> ColumnElement[bool]:
    """SQL for "this region code lies inside one of `codes`"; None means no restriction."""
    if codes is None:
        return true()
    prefixes = covering_prefixes(codes)
    return or_(*(column.like(f"{prefix}%") for prefix in prefixes)) if prefixes else false()


async def upsert_regions(session: AsyncSession, regions: Iterable[tuple[str, str, str | None]]) -> None:
    """Write (code, name, parent code) rows, parents first; those that are there take the name and parent given."""
    known = {row.code: row for row in (await session.scalars(select(Region))).all()}
    for code, name, parent_code in regions:
        if code in known:
            known[code].name, known[code].parent_code = name, parent_code
        else:
            known[code] = Region(code=code, name=name, parent_code=parent_code)
            session.add(known[code])
    await session.flush()


async def list_regions(session: AsyncSession, codes: Iterable[str] | None) -> Sequence[Region]:
    return (await session.scalars(select(Region).where(in_regions(Region.code, codes)).order_by(Region.code))).all()


async def list_organisations(
    session: AsyncSession, regions: Iterable[str] | None, ids: Iterable[int] = ()
) -> Sequence[tuple[Organisation, str, int]]:
    """(Organisation, name of its region, number of staff) inside the regions, or with one of `ids`."""
    staff = select(Person.organisation_id, func.count().label("n")).group_by(Person.organisation_id).subquery()
    wanted = list(ids)
    scope = in_regions(Organisation.region_code, regions)
    query = (
        select(Organisation, Region.name, func.coalesce(staff.c.n, 0))
        .join(Region, Region.code == Organisation.region_code)
        .outerjoin(staff, staff.c.organisation_id == Organisation.id)
        .where(or_(scope, Organisation.id.in_(wanted)) if wanted else scope)
        .order_by(Organisation.region_code, Organisation.name)
    )
    return [(organisation, region, n) for organisation, region, n in await session.execute(query)]


async def find_organisation(session: AsyncSession, region_code: str, name: str) -> Organisation | None:
    query = select(Organisation).where(Organisation.region_code == region_code, Organisation.name == name)
    return (await session.execute(query)).scalar_one_or_none()


async def find_person(session: AsyncSession, name: str, organisation_id: int | None) -> int | None:
    query = select(Person.id).where(Person.name == name, Person.organisation_id.is_not_distinct_from(organisation_id))
    return (await session.scalars(query.order_by(Person.id).limit(1))).first()


async def insert_person(session: AsyncSession, person: Person, grants: Iterable[Grant]) -> int:
    """Write a person with their roles; returns the id."""
    session.add(person)
    await session.flush()
    assert person.id is not None
    for grant in grants:
        session.add(
            RoleGrant(person_id=person.id, role=grant.role, region_code=grant.region_code, organisation_id=grant.organisation_id)
        )
    return person.id


async def lock_person(session: AsyncSession, person_id: int) -> None:
    """Let one transaction at a time do what must not happen twice for a person (rows that only refer to them may be written)."""
    await session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


async def get_actor(session: AsyncSession, person_id: int) -> Actor | None:
    if person_id > MAX_ID:
        return None
    person = await session.get(Person, person_id)
    if person is None or person.id is None:
        return None
    grants = (await session.scalars(select(RoleGrant).where(RoleGrant.person_id == person_id).order_by(RoleGrant.id))).all()
    return Actor(person.id, person.name, tuple(Grant(g.role, g.region_code, g.organisation_id) for g in grants))


async def find_bound_person(session: AsyncSession, channel: Channel, external_id: str) -> Row[Any] | None:
    """(Person, Organisation or None) that this chat account belongs to."""
    query = (
        select(Person, Organisation)
        .join(Binding, Binding.person_id == Person.id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(Binding.channel == channel, Binding.external_id == external_id)
    )
    return (await session.execute(query)).one_or_none()


async def claim_join_code(session: AsyncSession, code_hash: str, now: dt.datetime) -> bool:
    """Mark an unused, unexpired code as used; False when it was not to be had. Exactly one caller ever gets True."""
    claimed = await session.execute(
        update(JoinCode)
        .where(JoinCode.code_hash == code_hash, JoinCode.used_at.is_(None), JoinCode.expires_at > now)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return claimed.rowcount == 1


async def find_join_code(session: AsyncSession, code_hash: str) -> JoinCode | None:
    return (await session.execute(select(JoinCode).where(JoinCode.code_hash == code_hash))).scalar_one_or_none()


async def count_wrong_codes(session: AsyncSession, source: str, since: dt.datetime) -> int:
    query = select(func.count()).select_from(JoinAttempt).where(JoinAttempt.source == source, JoinAttempt.attempted_at > since)
    return (await session.execute(query)).scalar_one()


async def note_wrong_code(session: AsyncSession, source: str, now: dt.datetime, forget_before: dt.datetime) -> None:
    await session.execute(delete(JoinAttempt).where(JoinAttempt.attempted_at < forget_before))
    session.add(JoinAttempt(source=source, attempted_at=now))


async def find_account(session: AsyncSession, login: str) -> Account | None:
    return (await session.execute(select(Account).where(Account.login == login))).scalar_one_or_none()


async def find_account_of(session: AsyncSession, person_id: int) -> Account | None:
    return (await session.execute(select(Account).where(Account.person_id == person_id))).scalar_one_or_none()


async def find_session(session: AsyncSession, token_hash: str, now: dt.datetime) -> Row[Any] | None:
    """(PanelSession, Account) for a live session."""
    query = (
        select(PanelSession, Account)
        .join(Account, Account.id == PanelSession.account_id)
        .where(PanelSession.token_hash == token_hash, PanelSession.expires_at > now)
    )
    return (await session.execute(query)).one_or_none()


async def delete_session(session: AsyncSession, token_hash: str) -> None:
    await session.execute(delete(PanelSession).where(PanelSession.token_hash == token_hash))


async def delete_expired_sessions(session: AsyncSession, now: dt.datetime) -> None:
    await session.execute(delete(PanelSession).where(PanelSession.expires_at <= now))


async def lock_account(session: AsyncSession, login: str) -> Account | None:
    """The account, held until the transaction ends, so that failures are counted one by one."""
    return (await session.execute(select(Account).where(Account.login == login).with_for_update())).scalar_one_or_none()


async def role_has_account(session: AsyncSession, role: Role) -> bool:
    query = select(Account.id).join(RoleGrant, RoleGrant.person_id == Account.person_id).where(RoleGrant.role == role).limit(1)
    return (await session.execute(query)).first() is not None


async def delete_sessions_of(session: AsyncSession, account_id: int) -> None:
    await session.execute(delete(PanelSession).where(PanelSession.account_id == account_id))


async def list_staff(session: AsyncSession, organisation_id: int) -> Sequence[Row[Any]]:
    """(id, name, job role, whether a chat account is bound) of everybody in an organisation, in the order they were added."""
    is_bound = select(Binding.id).where(Binding.person_id == Person.id).exists()
    query = select(Person.id, Person.name, Person.job_role, is_bound).where(Person.organisation_id == organisation_id)
    return (await session.execute(query.order_by(Person.id))).all()
