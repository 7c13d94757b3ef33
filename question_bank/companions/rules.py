"""What a companion of an article is. Standard library only."""

import enum
from dataclasses import dataclass

from question_bank.regulations.rules import ArticleNumber


class CompanionKind(enum.StrEnum):
    DIGEST = "digest"
    QUESTION = "question"


class Origin(enum.StrEnum):
    """Who keeps a row: the shipped content, replaced with it, or a trainer, never touched by it."""

    SHIPPED = "shipped"
    TRAINER = "trainer"


MAX_DIGEST_LENGTH = 80
MAX_QUESTION_LENGTH = 60


@dataclass(frozen=True)
class ArticleCompanions:
    """What stands beside one article: `digest` says in a sentence what it requires, `questions` are how people ask for it."""

    law: str
    article: ArticleNumber
    digest: str | None
    questions: tuple[str, ...]
