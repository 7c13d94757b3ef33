"""Reads a law from JSON: {"name", "effective", "promulgated", "version", "articles": [{"number" or "label", "text", …}]}."""

import datetime as dt
import json
from typing import Annotated

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from question_bank.regulations.importing.lines import tidy
from question_bank.regulations.importing.rules import ImportRefusal, ImportRefused, LawText
from question_bank.regulations.rules import ArticleNumber, ArticleText, split_paragraphs


class _Entry(BaseModel):
    """Further fields are allowed: such files carry notes of their own."""

    model_config = ConfigDict(strict=True, extra="ignore")

    label: Annotated[str | None, Field(validation_alias=AliasChoices("label", "number_label"))] = None
    number: Annotated[int, Field(ge=1, lt=10_000)] | None = None
    chapter: str | None = None
    section: str | None = None
    text: str


class _Law(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str | None = None
    version: str | None = None
    promulgated: dt.date | None = None
    effective: dt.date | None = None
    articles: list[_Entry]


def read_json(text: str) -> LawText:
    """A label wins over a number, which cannot tell 第…条之一. Raises ImportRefused with the place that is wrong."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ImportRefused(ImportRefusal.JSON_WRONG, place="?") from error
    try:
        law = _Law.model_validate(raw)
        articles = tuple(_article(entry) for entry in law.articles)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ImportRefused(ImportRefusal.JSON_WRONG, place=place or "?") from error
    title = "".join((law.name or "").split())
    return LawText(title or None, articles, _one_line(law.version), law.promulgated, law.effective)


def _article(entry: _Entry) -> ArticleText:
    try:
        number = ArticleNumber.parse(entry.label) if entry.label else ArticleNumber(entry.number or 0)
    except ValueError as error:
        raise ImportRefused(ImportRefusal.JSON_WRONG, place=f"articles: {_one_line(entry.label)}"[:80]) from error
    if not number.number:
        raise ImportRefused(ImportRefusal.JSON_WRONG, place="articles: number")
    text = "\n".join(tidy(line) for line in entry.text.splitlines())
    return ArticleText(number, _one_line(entry.chapter), _one_line(entry.section), split_paragraphs(text))


def _one_line(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None
