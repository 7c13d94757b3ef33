"""The trainers' list: questions that nothing answered, and answers that were voted down."""

import datetime as dt
import enum
from dataclasses import dataclass

from question_bank.regulations.rules import ArticleNumber
from question_bank.search.rules import TodoState


class TodoKind(enum.StrEnum):
    UNANSWERED = "unanswered"
    VOTED_DOWN = "voted_down"


@dataclass(frozen=True)
class TodoRef:
    """What an entry goes by: one of several equal votes stands for all of them."""

    kind: TodoKind
    id: int


@dataclass(frozen=True)
class TodoEntry:
    """One question to look at. `law`, `article` and `words` (what people wrote with their votes) go with VOTED_DOWN."""

    ref: TodoRef
    question: str
    times: int
    first_at: dt.datetime
    last_at: dt.datetime
    state: TodoState
    decided_by: str | None
    decided_at: dt.datetime | None
    law: str | None = None
    article: ArticleNumber | None = None
    words: tuple[str, ...] = ()


class TodoNotFound(LookupError):
    """No entry of that kind and id."""
