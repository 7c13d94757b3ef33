"""Table of companions: what stands beside an article in plain language, so that people's own words find it."""

import datetime as dt

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from question_bank.companions.rules import CompanionKind, Origin
from question_bank.database import UtcDateTime, enum_type


class Companion(SQLModel, table=True):
    """A digest 要点 of an article, or a question that people would ask of it. By article number, so it outlives a version."""

    __table_args__ = (UniqueConstraint("regulation_id", "article_number", "article_suffix", "kind", "text"),)

    id: int | None = Field(default=None, primary_key=True)
    regulation_id: int = Field(foreign_key="regulation.id")
    article_number: int
    article_suffix: int
    kind: CompanionKind = Field(sa_type=enum_type(CompanionKind))
    text: str
    origin: Origin = Field(sa_type=enum_type(Origin))
    author: str
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
