"""Whether something that cites a changed article may still be used. Standard library only."""

import datetime as dt
import enum
from dataclasses import dataclass

from question_bank.regulations.rules import ArticleNumber


class ReviewState(enum.StrEnum):
    """OPEN 待审: an amendment changed the cited article and nobody has confirmed that question or digest still holds."""

    OPEN = "open"
    CONFIRMED = "confirmed"


class ReviewSubject(enum.StrEnum):
    """What is to be looked at again."""

    QUESTION = "question"
    DIGEST = "digest"


class ReviewNotFound(LookupError):
    """No review of that id."""


@dataclass(frozen=True)
class ReviewEntry:
    """One question or digest that an amendment touches. `text` is the question's stem or the digest; a digest has no `key`.

    From `due_on`, the day on which the version takes effect, an open review keeps the question out of papers and the digest
    off the screen.
    """

    id: int
    law: str
    article: ArticleNumber
    version_label: str
    due_on: dt.date
    state: ReviewState
    subject: ReviewSubject
    key: str | None
    text: str
    decided_by: str | None
    decided_at: dt.datetime | None
