"""Tables of people: regions, organisations, persons with their roles, and the ways in (codes, bindings, accounts)."""

import datetime as dt

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from exam.people.rules import Channel, JobRole, OrganisationKind, Role
from question_bank.database import UtcDateTime, enum_type


class Region(SQLModel, table=True):
    """An administrative region. Codes are GB/T 2260's where there is one."""

    code: str = Field(primary_key=True)
    name: str
    parent_code: str | None = Field(default=None, foreign_key="region.code")


class Organisation(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("region_code", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    kind: OrganisationKind = Field(sa_type=enum_type(OrganisationKind))
    region_code: str = Field(foreign_key="region.code", index=True)
    is_demo: bool = False


class Person(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    job_role: JobRole | None = Field(default=None, sa_type=enum_type(JobRole))
    is_demo: bool = False
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class RoleGrant(SQLModel, table=True):
    __tablename__ = "role_grant"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    role: Role = Field(sa_type=enum_type(Role))
    region_code: str | None = Field(default=None, foreign_key="region.code")
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")


class JoinCode(SQLModel, table=True):
    """A one-time code, kept only as a hash. Used once: by a chat (a binding) or by the panel (an account)."""

    __tablename__ = "join_code"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    code_hash: str = Field(unique=True)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    used_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class Binding(SQLModel, table=True):
    """A chat account that belongs to a person: one account is bound to one person only."""

    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    channel: Channel = Field(sa_type=enum_type(Channel))
    external_id: str
    bound_at: dt.datetime = Field(sa_type=UtcDateTime)


class JoinAttempt(SQLModel, table=True):
    """A wrong join code from one chat account, kept for a while to slow guessing down."""

    __tablename__ = "join_attempt"

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    attempted_at: dt.datetime = Field(sa_type=UtcDateTime)


class Account(SQLModel, table=True):
    """A sign-in to the panel."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", unique=True)
    login: str = Field(unique=True)
    password_hash: str
    failed_sign_ins: int = 0
    locked_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class PanelSession(SQLModel, table=True):
    """A signed-in browser: the cookie's token is kept as a hash, and the row can be deleted to sign it out."""

    __tablename__ = "panel_session"

    token_hash: str = Field(primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    csrf_token: str
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
