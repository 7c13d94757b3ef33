"""The trainers' list of questions that the loaded regulations did not answer."""

import datetime as dt

from sqlmodel import Field, SQLModel

from question_bank.database import UtcDateTime


class UnansweredQuestion(SQLModel, table=True):
    """A question as typed, without who asked; asked again, it counts up."""

    __tablename__ = "unanswered_question"

    id: int | None = Field(default=None, primary_key=True)
    question: str = Field(unique=True)
    times: int
    first_asked_at: dt.datetime = Field(sa_type=UtcDateTime)
    last_asked_at: dt.datetime = Field(sa_type=UtcDateTime)
