"""Reads the shipped companions: YAML files that people review in a diff, one file a law (docs/companion-format.md)."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from question_bank.companions.rules import MAX_DIGEST_LENGTH, MAX_QUESTION_LENGTH, ArticleCompanions
from question_bank.questions.content import ContentError
from question_bank.regulations.rules import ArticleNumber

CONTENT_FOLDER = Path(__file__).parent.parent / "content" / "companions"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


_Question = Annotated[str, Field(min_length=3, max_length=MAX_QUESTION_LENGTH)]


class _ArticleEntry(_Strict):
    article: Annotated[int, Field(ge=1)]
    suffix: Annotated[int, Field(ge=0)] = 0
    digest: Annotated[str, Field(min_length=5, max_length=MAX_DIGEST_LENGTH)]
    questions: Annotated[list[_Question], Field(min_length=4, max_length=8)]


class _File(_Strict):
    law: str
    effective: dt.date
    articles: list[_ArticleEntry]


def load_companions(folder: Path = CONTENT_FOLDER) -> list[ArticleCompanions]:
    """All shipped companions in file order. Raises ContentError for the first fault, naming file and place."""
    found = [entry for path in sorted(folder.glob("*.yaml")) for entry in read_file(path)]
    seen: set[str] = set()
    for entry in found:
        for question in entry.questions:
            if question in seen:
                raise ContentError(f"{entry.law} {entry.article.label}: question used twice: {question}")
            seen.add(question)
    return found


def read_file(path: Path) -> Iterator[ArticleCompanions]:
    """Yield what stands beside each article of one file's law."""
    try:
        file = _File.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContentError(f"{path.name}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ContentError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    numbers = [ArticleNumber(entry.article, entry.suffix) for entry in file.articles]
    if numbers != sorted(set(numbers)):
        raise ContentError(f"{path.name}: articles must be in order, each once")
    for number, entry in zip(numbers, file.articles, strict=True):
        yield ArticleCompanions(file.law, number, entry.digest, tuple(entry.questions))
