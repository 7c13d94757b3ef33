"""What a file gives of a law, and why a file or its import is refused. Standard library only."""

import datetime as dt
import enum
from dataclasses import dataclass

from question_bank.regulations.rules import ArticleText

MAX_FILE_BYTES = 20 * 1024 * 1024


class ImportRefusal(enum.StrEnum):
    """Why a law is not imported. Nothing is written then."""

    # the file
    NOT_A_FILE = "not_a_file"
    TOO_LARGE = "too_large"
    FORMAT_UNKNOWN = "format_unknown"
    NOT_WHAT_IT_SAYS = "not_what_it_says"
    DAMAGED = "damaged"
    ZIP_BOMB = "zip_bomb"
    NOT_TEXT = "not_text"
    BAD_CHARACTER = "bad_character"
    JSON_WRONG = "json_wrong"
    # its articles
    NO_ARTICLE = "no_article"
    EMPTY_ARTICLE = "empty_article"
    DUPLICATE_ARTICLE = "duplicate_article"
    NOT_CONTIGUOUS = "not_contiguous"
    # what it is to be
    TITLE_MISSING = "title_missing"
    LAW_UNKNOWN = "law_unknown"
    OTHER_LAW = "other_law"
    HAS_SHORT_NAME = "has_short_name"
    SHORT_NAME_TAKEN = "short_name_taken"
    EFFECTIVE_MISSING = "effective_missing"
    EFFECTIVE_TOO_EARLY = "effective_too_early"
    VERSION_EXISTS = "version_exists"


class ImportRefused(Exception):
    """`reason` says why; `details` are what a message about it can name."""

    def __init__(self, reason: ImportRefusal, **details: object) -> None:
        super().__init__(f"{reason}: {details}" if details else reason)
        self.reason = reason
        self.details = details


@dataclass(frozen=True)
class LawText:
    """A law as a file gives it; what the file does not state is None.

    `left_out` counts lines that are text but of no article: a preamble before the first one, annexes after the last.
    """

    title: str | None
    articles: tuple[ArticleText, ...]
    version_label: str | None = None
    promulgated: dt.date | None = None
    effective: dt.date | None = None
    left_out: int = 0
