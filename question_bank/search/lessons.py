"""What a trainer can teach the search, and when it is refused. No I/O."""

import enum
from dataclasses import dataclass, replace

from question_bank.companions.rules import MAX_QUESTION_LENGTH
from question_bank.regulations.rules import ArticleNumber, RegulationStatus
from question_bank.search.builder import Snapshot
from question_bank.search.corpus import Corpus
from question_bank.search.query import normalise
from question_bank.search.words import content_words

MAX_WORD_LENGTH = 20
MAX_ALIAS_LENGTH = 30
MIN_LENGTH = 2
"""A single character stands in nearly every question."""


class LessonKind(enum.StrEnum):
    LEXICON = "lexicon"
    QUESTION = "question"
    ALIAS = "alias"


@dataclass(frozen=True)
class LexiconLesson:
    """Where a question has `everyday`, the statutes' `term` is looked for as well."""

    everyday: str
    term: str


@dataclass(frozen=True)
class QuestionLesson:
    """`text` is one more way to ask for this article."""

    law: str
    article: ArticleNumber
    text: str


@dataclass(frozen=True)
class AliasLesson:
    """`alias` is one more name of a law."""

    alias: str
    law: str


Lesson = LexiconLesson | QuestionLesson | AliasLesson


class Problem(enum.StrEnum):
    EMPTY = "empty"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    SAYS_NOTHING = "says_nothing"
    """Nothing but words that every question has."""
    SAME_WORD = "same_word"
    ALREADY_THERE = "already_there"
    TERM_UNKNOWN = "term_unknown"
    """The term is in no article that questions are answered from."""
    LAW_UNKNOWN = "law_unknown"
    LAW_UNVERIFIED = "law_unverified"
    """Ways to ask are only looked at in laws whose dates somebody checked."""
    LAW_NOT_LOADED = "law_not_loaded"
    ARTICLE_MISSING = "article_missing"
    ALIAS_TAKEN = "alias_taken"


def tidy(lesson: Lesson) -> Lesson:
    """The lesson with its texts written as questions are read: simplified characters, plain width, single blanks."""
    match lesson:
        case LexiconLesson():
            return LexiconLesson(normalise(lesson.everyday), normalise(lesson.term))
        case QuestionLesson():
            return replace(lesson, text=normalise(lesson.text))
        case AliasLesson():
            return replace(lesson, alias=normalise(lesson.alias).strip("《》"))


def find_problem(lesson: Lesson, snapshot: Snapshot, names: dict[str, str]) -> Problem | None:
    """Why a tidied lesson cannot be taken; `names` are all names of laws with the short name each stands for."""
    match lesson:
        case LexiconLesson():
            return _problem_of_word(lesson, snapshot.corpus)
        case QuestionLesson():
            return _problem_of_question(lesson, snapshot)
        case AliasLesson():
            return _problem_of_alias(lesson, snapshot, names)


def _problem_of_word(lesson: LexiconLesson, corpus: Corpus) -> Problem | None:
    problem = _problem_of_text(lesson.everyday, MAX_WORD_LENGTH) or _problem_of_text(lesson.term, MAX_WORD_LENGTH)
    if problem is not None:
        return problem
    if lesson.everyday == lesson.term:
        return Problem.SAME_WORD
    if lesson.term in corpus.lexicon.get(lesson.everyday, ()):
        return Problem.ALREADY_THERE
    is_known = any(
        lesson.term in text for a in (*corpus.articles, *corpus.others) for text in (a.text, a.chapter or "", a.section or "")
    )
    return None if is_known else Problem.TERM_UNKNOWN


def _problem_of_question(lesson: QuestionLesson, snapshot: Snapshot) -> Problem | None:
    regulation = snapshot.register.get(lesson.law)
    if regulation is None:
        return Problem.LAW_UNKNOWN
    if regulation.status is RegulationStatus.UNVERIFIED:
        return Problem.LAW_UNVERIFIED
    if not regulation.is_loaded:
        return Problem.LAW_NOT_LOADED
    corpus = snapshot.corpus.with_curated(lesson.law)
    position = find_position(corpus, lesson)
    if position is None:
        return Problem.ARTICLE_MISSING
    if (position, lesson.text) in corpus.questions:
        return Problem.ALREADY_THERE
    return _problem_of_text(lesson.text, MAX_QUESTION_LENGTH)


def find_position(corpus: Corpus, lesson: QuestionLesson) -> int | None:
    """Where the article that a lesson names stands in a corpus."""
    return next((i for i, a in enumerate(corpus.articles) if (a.short_name, a.number) == (lesson.law, lesson.article)), None)


def _problem_of_alias(lesson: AliasLesson, snapshot: Snapshot, names: dict[str, str]) -> Problem | None:
    if lesson.law not in snapshot.register:
        return Problem.LAW_UNKNOWN
    if lesson.alias in names:
        return Problem.ALREADY_THERE if names[lesson.alias] == lesson.law else Problem.ALIAS_TAKEN
    return _problem_of_text(lesson.alias, MAX_ALIAS_LENGTH)


def _problem_of_text(text: str, longest: int) -> Problem | None:
    if not text:
        return Problem.EMPTY
    if len(text) < MIN_LENGTH:
        return Problem.TOO_SHORT
    if len(text) > longest:
        return Problem.TOO_LONG
    return None if content_words(text) else Problem.SAYS_NOTHING


def with_lesson(corpus: Corpus, lesson: Lesson) -> Corpus:
    """The corpus as it will be when a sound lesson is kept. A law's name is not part of it."""
    match lesson:
        case LexiconLesson():
            terms = [*corpus.lexicon.get(lesson.everyday, ()), lesson.term]
            return replace(corpus, lexicon={**corpus.lexicon, lesson.everyday: terms})
        case QuestionLesson():
            corpus = corpus.with_curated(lesson.law)
            position = find_position(corpus, lesson)
            assert position is not None
            return replace(corpus, questions=(*corpus.questions, (position, lesson.text)))
        case AliasLesson():
            return corpus
