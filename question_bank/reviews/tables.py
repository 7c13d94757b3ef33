"""Table of reviews: what an amendment touches, to be confirmed by a trainer from the day it takes effect."""

import datetime as dt

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from question_bank.database import UtcDateTime, enum_type
from question_bank.reviews.rules import ReviewState


class Review(SQLModel, table=True):
    """One question or digest that cites an article which `version_id` changes.

    While it is open and `due_on` (the version's effective date) has come, the question is not drawn and the digest not shown.
    """

    __table_args__ = (
        UniqueConstraint("version_id", "article_number", "article_suffix", "question_id"),
        UniqueConstraint("version_id", "article_number", "article_suffix", "companion_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="regulation_version.id")
    article_number: int
    article_suffix: int
    question_id: int | None = Field(default=None, foreign_key="question.id", index=True)
    companion_id: int | None = Field(default=None, foreign_key="companion.id", index=True)
    due_on: dt.date
    state: ReviewState = Field(sa_type=enum_type(ReviewState))
    decided_by: str | None = None
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
