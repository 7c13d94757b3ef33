"""What a question is and when its content is sound. Standard library only."""

import enum
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from question_bank.regulations.rules import ArticleNumber


class QuestionType(enum.StrEnum):
    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"


class Level(enum.StrEnum):
    """The author's estimate of how hard a question is, until answers tell (facility index)."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Dimension(enum.StrEnum):
    """The two things the spot assessment guide of 2024 tests: 基础知识 and 基本能力."""

    KNOWLEDGE = "knowledge"
    ABILITY = "ability"


class Audience(enum.StrEnum):
    """Whose work a question is about."""

    CANTEEN = "canteen"
    CATERING = "catering"
    FOOD_PRODUCTION = "food_production"
    FOOD_SALES = "food_sales"
    ONLINE_PLATFORM = "online_platform"
    PHARMACY = "pharmacy"
    DRUG_WHOLESALE = "drug_wholesale"
    DRUG_MAKER = "drug_maker"
    MEDICAL = "medical"
    VACCINATION = "vaccination"
    MARKET_REGULATOR = "market_regulator"
    DRUG_REGULATOR = "drug_regulator"
    GSP_INSPECTOR = "gsp_inspector"


class QuestionState(enum.StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    RETIRED = "retired"


class Problem(enum.StrEnum):
    """What can be wrong with a question's content, whoever wrote it."""

    STEM_EMPTY = "stem_empty"
    EXPLANATION_EMPTY = "explanation_empty"
    TOO_FEW_OPTIONS = "too_few_options"
    TOO_MANY_OPTIONS = "too_many_options"
    OPTIONS_REPEAT = "options_repeat"
    KEY_COUNT_WRONG = "key_count_wrong"
    NO_CITATION = "no_citation"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Citation:
    """法条依据: a regulation by short name, an article, and optionally the paragraph 款 (counted from 1)."""

    law: str
    article: ArticleNumber
    paragraph: int | None = None


@dataclass(frozen=True)
class Option:
    """An option as written. `reason` says why a distractor is wrong; the key needs none."""

    text: str
    is_key: bool
    reason: str | None = None


@dataclass(frozen=True)
class QuestionContent:
    """Everything one version of a question says. A true_false question has two options, true first, never shuffled."""

    type: QuestionType
    level: Level
    dimension: Dimension
    topic: str
    stem: str
    options: tuple[Option, ...]
    explanation: str
    citations: tuple[Citation, ...]
    audience: tuple[Audience, ...] = ()
    """Sorted; empty means everybody."""

    @property
    def keys(self) -> frozenset[int]:
        """Positions (from 0) of the options that are keys."""
        return frozenset(i for i, option in enumerate(self.options) if option.is_key)

    @property
    def may_shuffle(self) -> bool:
        return self.type is not QuestionType.TRUE_FALSE

    @property
    def content_hash(self) -> str:
        """SHA-256 of the content in a canonical form: equal hashes mean nothing changed."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class StoredQuestion:
    """One version of a question as read back: its identity and its content."""

    question_id: int
    version_id: int
    version: int
    content_key: str
    state: QuestionState
    content: QuestionContent


@dataclass(frozen=True)
class PoolEntry:
    """What drawing a paper needs to know of a published question. `law` is that of its first citation."""

    content_key: str
    version_id: int
    type: QuestionType
    level: Level
    dimension: Dimension
    topic: str
    option_count: int
    law: str


MAX_OPTIONS = 6
MAX_STEM_LENGTH = 1000
MAX_OPTION_LENGTH = 200
MAX_EXPLANATION_LENGTH = 1200
MAX_REASON_LENGTH = 100
"""So that a question with its options and feedback always fits one chat message of 4,096 characters."""


def find_problems(content: QuestionContent) -> list[Problem]:
    """What keeps this content from being used, in a fixed order; empty when it is sound."""
    problems = []
    if not content.stem.strip():
        problems.append(Problem.STEM_EMPTY)
    if not content.explanation.strip():
        problems.append(Problem.EXPLANATION_EMPTY)
    smallest = 2 if content.type is QuestionType.TRUE_FALSE else 3
    if len(content.options) < smallest:
        problems.append(Problem.TOO_FEW_OPTIONS)
    if len(content.options) > MAX_OPTIONS or (content.type is QuestionType.TRUE_FALSE and len(content.options) > 2):
        problems.append(Problem.TOO_MANY_OPTIONS)
    texts = [option.text.strip() for option in content.options]
    if len(set(texts)) < len(texts) or "" in texts:
        problems.append(Problem.OPTIONS_REPEAT)
    if not _key_count_fits(content.type, len(content.keys)):
        problems.append(Problem.KEY_COUNT_WRONG)
    if not content.citations:
        problems.append(Problem.NO_CITATION)
    if _too_long(content, texts):
        problems.append(Problem.TOO_LONG)
    return problems


def _key_count_fits(question_type: QuestionType, count: int) -> bool:
    return count >= 2 if question_type is QuestionType.MULTIPLE_CHOICE else count == 1


def _too_long(content: QuestionContent, texts: Sequence[str]) -> bool:
    return (
        len(content.stem) > MAX_STEM_LENGTH
        or len(content.explanation) > MAX_EXPLANATION_LENGTH
        or any(len(text) > MAX_OPTION_LENGTH for text in texts)
        or any(len(option.reason or "") > MAX_REASON_LENGTH for option in content.options)
    )
