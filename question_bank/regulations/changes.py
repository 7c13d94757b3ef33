"""What an amendment does to a law: articles added, removed and changed, and the words that changed. No I/O."""

import difflib
import enum
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import rjieba

from question_bank.regulations.rules import ArticleNumber, ArticleText

MAX_WORDS = 4_000
"""Past so many words an article is marked as a whole: comparing takes the square of the length."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟〝〞＂", '"') | dict.fromkeys("‘’‚‛", "'"))


class ChangeKind(enum.StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class MarkKind(enum.StrEnum):
    KEPT = "kept"
    OLD = "old"
    NEW = "new"


@dataclass(frozen=True)
class ArticleChange:
    """One article that differs between two versions; `old` is None for an added one, `new` for a removed one."""

    number: ArticleNumber
    kind: ChangeKind
    old: ArticleText | None
    new: ArticleText | None


@dataclass(frozen=True)
class Mark:
    """A run of words that both versions have, or only one of them."""

    kind: MarkKind
    text: str


def compare(old: Sequence[ArticleText], new: Sequence[ArticleText]) -> list[ArticleChange]:
    """The articles that differ, in the order of the statute. Articles are the same by number, as citations are.

    Line breaks, spaces, the width of characters and the form of quotation marks are the source's, not the law's: a text
    that differs in these only has not changed.
    """
    before, after = ({article.number: article for article in version} for version in (old, new))
    changes = []
    for number in sorted(before.keys() | after.keys()):
        was, now = before.get(number), after.get(number)
        if was is None:
            changes.append(ArticleChange(number, ChangeKind.ADDED, None, now))
        elif now is None:
            changes.append(ArticleChange(number, ChangeKind.REMOVED, was, None))
        elif was.paragraphs != now.paragraphs and plain(was.text) != plain(now.text):
            changes.append(ArticleChange(number, ChangeKind.CHANGED, was, now))
    return changes


def plain(text: str) -> str:
    """`text` without what only its source decides: for telling whether two texts say the same."""
    return "".join(unicodedata.normalize("NFKC", text.translate(_QUOTES)).split())


def mark_words(old: str, new: str) -> list[Mark]:
    """`new` and what it left out of `old`, word by word: the marks NEW and KEPT make up `new`, OLD and KEPT `old`."""
    was, now = rjieba.cut(old), rjieba.cut(new)
    if max(len(was), len(now)) > MAX_WORDS:
        return [Mark(MarkKind.OLD, old), Mark(MarkKind.NEW, new)]
    marks = []
    for operation, i1, i2, j1, j2 in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if operation == "equal":
            marks.append(Mark(MarkKind.KEPT, "".join(now[j1:j2])))
            continue
        if i1 < i2:
            marks.append(Mark(MarkKind.OLD, "".join(was[i1:i2])))
        if j1 < j2:
            marks.append(Mark(MarkKind.NEW, "".join(now[j1:j2])))
    return marks
