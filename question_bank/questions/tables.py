"""Tables of the question bank. A version is never edited once written: a change is the next version."""

import datetime as dt

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from question_bank.database import UtcDateTime, enum_type
from question_bank.questions.rules import Audience, Dimension, Level, QuestionState, QuestionType


class Question(SQLModel, table=True):
    """A question through all its versions. `content_key` names shipped ones for ever."""

    id: int | None = Field(default=None, primary_key=True)
    content_key: str = Field(unique=True)
    state: QuestionState = Field(sa_type=enum_type(QuestionState), index=True)
    current_version: int
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class QuestionVersion(SQLModel, table=True):
    __tablename__ = "question_version"
    __table_args__ = (UniqueConstraint("question_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    number: int
    type: QuestionType = Field(sa_type=enum_type(QuestionType))
    level: Level = Field(sa_type=enum_type(Level))
    dimension: Dimension = Field(sa_type=enum_type(Dimension))
    topic: str
    stem: str
    explanation: str
    content_hash: str
    author: str
    reason: str
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class QuestionOption(SQLModel, table=True):
    __tablename__ = "question_option"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="question_version.id")
    position: int
    text: str
    is_key: bool
    reason: str | None


class QuestionAudience(SQLModel, table=True):
    """Whose work a version is about; a version without any is for everybody."""

    __tablename__ = "question_audience"

    version_id: int = Field(foreign_key="question_version.id", primary_key=True)
    audience: Audience = Field(sa_type=enum_type(Audience), primary_key=True)


class QuestionCitation(SQLModel, table=True):
    """法条依据 of a version: by regulation and article number, so that it stays when the law gets a new version."""

    __tablename__ = "question_citation"

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="question_version.id", index=True)
    regulation_id: int = Field(foreign_key="regulation.id", index=True)
    article_number: int
    article_suffix: int
    paragraph: int | None
