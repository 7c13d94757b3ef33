"""The three forms of a lesson: read into the lesson, or into what is wrong with it in words for the screen."""

import re
import unicodedata
from dataclasses import dataclass, field

from multidict import MultiDict

from admin import words
from admin.forms import FieldError, FieldReader
from question_bank.regulations.numerals import NUMERAL, parse_numeral
from question_bank.regulations.rules import ArticleNumber
from question_bank.search.lessons import AliasLesson, Lesson, LessonKind, LexiconLesson, Problem, QuestionLesson

_ARTICLE = re.compile(rf"第?\s*({NUMERAL})\s*条?(?:\s*[-之]\s*({NUMERAL}))?")
_FIRST_FIELDS = {LessonKind.LEXICON: "everyday", LessonKind.QUESTION: "text", LessonKind.ALIAS: "alias"}
_FIELDS_OF_PROBLEMS = {
    (LessonKind.LEXICON, Problem.TERM_UNKNOWN): "term",
    (LessonKind.QUESTION, Problem.LAW_UNKNOWN): "law",
    (LessonKind.QUESTION, Problem.LAW_UNVERIFIED): "law",
    (LessonKind.QUESTION, Problem.LAW_NOT_LOADED): "law",
    (LessonKind.QUESTION, Problem.ARTICLE_MISSING): "article",
    (LessonKind.ALIAS, Problem.LAW_UNKNOWN): "alias_law",
}


@dataclass
class LessonForm:
    """What stands in the forms, and the lesson of the one that was sent, if it is complete."""

    values: dict[str, str] = field(default_factory=dict)
    kind: LessonKind | None = None
    lesson: Lesson | None = None
    errors: list[FieldError] = field(default_factory=list)

    def refuse(self, problem: Problem) -> None:
        """Say in the form why the lesson is not taken."""
        assert self.kind is not None
        place = _FIELDS_OF_PROBLEMS.get((self.kind, problem), _FIRST_FIELDS[self.kind])
        self.errors.append(FieldError(place, words.lesson_problem(self.kind, problem)))


def read_lesson(form: MultiDict[str]) -> LessonForm:
    """The form that was sent; an empty or unreadable field is an error."""
    reader = FieldReader(form)
    kind = reader.choice("kind", tuple(LessonKind))
    names = {
        LessonKind.LEXICON: ("everyday", "term"),
        LessonKind.QUESTION: ("law", "article", "text"),
        LessonKind.ALIAS: ("alias", "alias_law"),
    }[kind]
    values = {name: reader.text(name) for name in names}
    for name in names:
        if not values[name]:
            reader.refuse(name, words.FIELD_EMPTY)
    number = read_article_number(values["article"]) if values.get("article") else None
    if values.get("article") and number is None:
        reader.refuse("article", words.ARTICLE_NUMBER_UNREADABLE)
    lesson: Lesson | None = None
    if not reader.errors:
        if kind is LessonKind.LEXICON:
            lesson = LexiconLesson(values["everyday"], values["term"])
        elif kind is LessonKind.ALIAS:
            lesson = AliasLesson(values["alias"], values["alias_law"])
        elif number is not None:
            lesson = QuestionLesson(values["law"], number, values["text"])
    return LessonForm(values, kind, lesson, reader.errors)


def read_article_number(typed: str) -> ArticleNumber | None:
    """45, 第45条, 第四十五条, 142-1 or 第一百四十二条之一."""
    match = _ARTICLE.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    if match is None:
        return None
    try:
        return ArticleNumber(parse_numeral(match[1]), parse_numeral(match[2]) if match[2] else 0)
    except ValueError:
        return None
