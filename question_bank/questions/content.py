"""Reads the shipped question content: YAML files that people review in a diff, one file a law.

docs/question-format.md describes the format. A file with an unknown field, a wrong value or unsound content is refused
whole, with the entry's key and what is wrong, so that nothing half-read reaches the bank.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from question_bank.questions.rules import (
    Audience,
    Citation,
    Dimension,
    Level,
    Option,
    QuestionContent,
    QuestionType,
    find_problems,
)
from question_bank.regulations.rules import ArticleNumber

CONTENT_FOLDER = Path(__file__).parent.parent / "content" / "questions"
TOPICS_PATH = Path(__file__).parent.parent / "content" / "topics.yaml"
TRUE_TEXT, FALSE_TEXT = "正确", "错误"


class ContentError(ValueError):
    """A content file cannot be used; the message names file, entry and fault."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class _OptionEntry(_Strict):
    text: str
    key: bool = False
    reason: str | None = None


class _CitationEntry(_Strict):
    law: str
    article: Annotated[int, Field(ge=1)]
    suffix: Annotated[int, Field(ge=0)] = 0
    paragraph: Annotated[int, Field(ge=1)] | None = None


class _CheckEntry(_Strict):
    """What somebody answered who saw only the question and the law: letters in the file's order, or true/false."""

    date: dt.date
    answer: str | bool


class _QuestionEntry(_Strict):
    key: Annotated[str, Field(pattern=r"^[a-z0-9-]{3,60}$")]
    type: QuestionType
    level: Level
    dimension: Dimension
    topic: str
    audience: list[Audience] = []
    cites: list[_CitationEntry]
    stem: str
    options: list[_OptionEntry] = []
    answer: bool | None = None
    explanation: str
    checked: _CheckEntry | None = None

    @model_validator(mode="after")
    def _answer_or_options(self) -> Self:
        if (self.type is QuestionType.TRUE_FALSE) != (self.answer is not None) or (self.answer is not None and self.options):
            raise ValueError("true_false takes `answer`, the other types take `options`")
        return self


@dataclass(frozen=True)
class Entry:
    """One question as a content file gives it, and the name of that file."""

    file: str
    content: QuestionContent


@cache
def load_topics() -> dict[str, str]:
    """The Chinese name of each topic by its slug, in the order of the tree."""
    tree = yaml.load(TOPICS_PATH.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {slug: name for topics in tree.values() for slug, name in topics.items()}


def load_content(folder: Path = CONTENT_FOLDER) -> dict[str, Entry]:
    """All shipped questions by content key, in file order. Raises ContentError for the first fault."""
    entries: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.yaml")):
        for key, content in read_file(path):
            if key in entries:
                raise ContentError(f"{path.name}: {key}: key used twice")
            entries[key] = Entry(path.name, content)
    return entries


def read_file(path: Path) -> Iterator[tuple[str, QuestionContent]]:
    """Yield (content key, content) for each entry of one file."""
    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContentError(f"{path.name}: {error}") from error
    if not isinstance(entries, list | None):
        raise ContentError(f"{path.name}: not a list of questions")
    for raw in entries or []:
        name = raw.get("key", "?") if isinstance(raw, dict) else "?"
        try:
            entry = _QuestionEntry.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ContentError(f"{path.name}: {name}: {place}: {first['msg']}") from error
        if entry.topic not in load_topics():
            raise ContentError(f"{path.name}: {name}: topic: {entry.topic} is not in topics.yaml")
        content = _content(entry)
        if problems := find_problems(content):
            raise ContentError(f"{path.name}: {name}: {', '.join(problems)}")
        if entry.checked is not None and not _agrees(entry.checked.answer, content):
            raise ContentError(f"{path.name}: {name}: the blind answer {entry.checked.answer} is not the key")
        yield entry.key, content


def _content(entry: _QuestionEntry) -> QuestionContent:
    if entry.answer is not None:
        options = (Option(TRUE_TEXT, entry.answer), Option(FALSE_TEXT, not entry.answer))
    else:
        options = tuple(Option(o.text, o.key, o.reason) for o in entry.options)
    return QuestionContent(
        type=entry.type,
        level=entry.level,
        dimension=entry.dimension,
        topic=entry.topic,
        stem=entry.stem,
        options=options,
        explanation=entry.explanation,
        audience=tuple(sorted(set(entry.audience))),
        citations=tuple(Citation(c.law, ArticleNumber(c.article, c.suffix), c.paragraph) for c in entry.cites),
    )


def _agrees(answer: str | bool, content: QuestionContent) -> bool:
    if content.type is QuestionType.TRUE_FALSE:
        return isinstance(answer, bool) and content.keys == {0 if answer else 1}
    return isinstance(answer, str) and content.keys == {ord(letter) - ord("A") for letter in answer}
