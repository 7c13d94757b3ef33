"""Tables of search: what trainers taught it, what it was asked, and the cache of vectors."""

import datetime as dt

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from question_bank.database import UtcDateTime, enum_type
from question_bank.search.rules import TodoState, Vote


class UnansweredQuestion(SQLModel, table=True):
    """A question as typed, without who asked; asked again, it counts up."""

    __tablename__ = "unanswered_question"

    id: int | None = Field(default=None, primary_key=True)
    question: str = Field(unique=True)
    times: int
    first_asked_at: dt.datetime = Field(sa_type=UtcDateTime)
    last_asked_at: dt.datetime = Field(sa_type=UtcDateTime)
    state: TodoState = Field(sa_type=enum_type(TodoState), default=TodoState.OPEN, sa_column_kwargs={"server_default": "open"})
    decided_by: str | None = None
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class GivenAnswer(SQLModel, table=True):
    """An answer that quoted an article, without who asked, and whether it helped. Trainers look at those that did not."""

    __tablename__ = "given_answer"

    id: int | None = Field(default=None, primary_key=True)
    question: str
    regulation_id: int = Field(foreign_key="regulation.id")
    article_number: int
    article_suffix: int
    answered_at: dt.datetime = Field(sa_type=UtcDateTime)
    vote: Vote | None = Field(default=None, sa_type=enum_type(Vote), index=True)
    word: str | None = None
    state: TodoState = Field(sa_type=enum_type(TodoState))
    decided_by: str | None = None
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class AskingContext(SQLModel, table=True):
    """What one chat talked about last, for follow-ups such as 罚多少呢. `asker` is an opaque key that the front end gives."""

    __tablename__ = "asking_context"

    asker: str = Field(primary_key=True)
    answer_id: int | None = Field(default=None, foreign_key="given_answer.id")
    awaits_word: bool
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class LexiconEntry(SQLModel, table=True):
    """An everyday word and a term of the statutes to look for beside it, added by a trainer (the shipped ones are a file)."""

    __tablename__ = "lexicon_entry"
    __table_args__ = (UniqueConstraint("everyday", "term"),)

    id: int | None = Field(default=None, primary_key=True)
    everyday: str
    term: str
    author: str
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class LawAlias(SQLModel, table=True):
    """A further name that people use for a regulation, added by a trainer."""

    __tablename__ = "law_alias"

    id: int | None = Field(default=None, primary_key=True)
    regulation_id: int = Field(foreign_key="regulation.id")
    alias: str = Field(unique=True)
    author: str
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class TextVector(SQLModel, table=True):
    """The vector that a model gave a text: little-endian float32, kept because computing it costs milliseconds."""

    __tablename__ = "text_vector"

    model: str = Field(primary_key=True)
    text_hash: str = Field(primary_key=True)
    vector: bytes = Field(sa_type=LargeBinary)
