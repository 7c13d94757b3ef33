"""The outbox: what people are to be told, written in the transaction that gave rise to it."""

import datetime as dt

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from exam.notices.rules import NoticeKind, NoticeState
from exam.people.rules import Channel
from question_bank.database import UtcDateTime, enum_type


class Notice(SQLModel, table=True):
    """One thing to tell one person. `unique_key` makes it exist once; a lease makes one process send it.

    Holds no text: the front end words it when it is sent, from `kind` and the round or attempt named by `subject_id`.
    """

    __table_args__ = (Index("ix_notice_due", "state", "not_before"),)

    id: int | None = Field(default=None, primary_key=True)
    unique_key: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: NoticeKind = Field(sa_type=enum_type(NoticeKind))
    subject_id: int
    state: NoticeState = Field(sa_type=enum_type(NoticeState))
    not_before: dt.datetime = Field(sa_type=UtcDateTime)
    not_after: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    tries: int = 0
    leased_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_by: Channel | None = Field(default=None, sa_type=enum_type(Channel))
    sent_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure: str | None = None
