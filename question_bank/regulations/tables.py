"""Tables of regulations: the register, the dated versions of each, and the articles of each version."""

import datetime as dt

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from question_bank.database import UtcDateTime, enum_type
from question_bank.regulations.rules import RegulationStatus


class Regulation(SQLModel, table=True):
    """One rule of law in the register, whether its text is loaded or not."""

    id: int | None = Field(default=None, primary_key=True)
    short_name: str = Field(unique=True)
    name: str
    aliases: list[str] = Field(sa_type=JSON)
    issuer: str
    document_number: str | None
    promulgated: dt.date | None
    effective: dt.date
    status: RegulationStatus = Field(sa_type=enum_type(RegulationStatus))
    article_count: int | None


class RegulationVersion(SQLModel, table=True):
    """A loaded text of a regulation, in force from `effective` (until the next version's)."""

    __tablename__ = "regulation_version"
    __table_args__ = (UniqueConstraint("regulation_id", "effective"),)

    id: int | None = Field(default=None, primary_key=True)
    regulation_id: int = Field(foreign_key="regulation.id")
    label: str
    promulgated: dt.date | None
    effective: dt.date
    text_hash: str
    source: str
    loaded_at: dt.datetime = Field(sa_type=UtcDateTime)


class Article(SQLModel, table=True):
    """One article of one version. `number` and `suffix` order it; `suffix` is 1 for 第…条之一."""

    __table_args__ = (UniqueConstraint("version_id", "number", "suffix"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="regulation_version.id")
    number: int
    suffix: int
    label: str
    chapter: str | None
    section: str | None
    paragraphs: list[str] = Field(sa_type=JSON)
    is_outdated: bool = False
