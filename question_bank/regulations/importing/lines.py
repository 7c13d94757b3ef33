"""Lines of a statute to its articles: recognises 编, 章, 节, 条 and 第…条之一, the contents at the top and annexes at the end."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from question_bank.regulations.numerals import NUMERAL, parse_numeral
from question_bank.regulations.rules import ArticleNumber, ArticleText, split_paragraphs

_ARTICLE = re.compile(rf"第\s*({NUMERAL})\s*条(?:\s*之\s*({NUMERAL}))?(.*)")
_SEPARATED = re.compile(r"\s|：|:|【|$")
_REFERENCE = re.compile(r"[第所的、至到和或与及以中款项，。；]|规定")
_HEADING = re.compile(rf"(第\s*(?:{NUMERAL})\s*(编|分编|章|节))\s*(.*)")
_STRUCTURE = re.compile(rf"第\s*(?:{NUMERAL})\s*(?:编|分编|章|节|条)")
_BARE_HEADINGS = {"总则", "分则", "附则"}
_LEADER = re.compile(r"(?:[\s.．…·]{2,}|\t)\d*$")
_CONTENTS = re.compile(r"目\s*[录次]$")
_ANNEX = re.compile(r"附\s*(?:件|表|录|图)\s*[一二三四五六七八九十\d]*(?:[：:\s].*)?$|附[：:]?$")
_HALF_WIDTH_ITEM = re.compile(r"^\(\s*([一二三四五六七八九十百]+)\s*\)")
_STRAIGHT_QUOTES = re.compile(r'"([^"\n]*)"')
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
MAX_HEADING_LENGTH = 60
_LEVELS = ("编", "分编", "章", "节")
_SECTION = _LEVELS.index("节")


def tidy(line: str) -> str:
    """A line as statutes have it: without invisible characters, （一） and quotation marks in full width."""
    line = line.translate(_INVISIBLE).replace("\u00a0", " ").strip()
    return _STRAIGHT_QUOTES.sub(r"“\1”", _HALF_WIDTH_ITEM.sub(r"（\1）", line))


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    is_first: bool
    """第一编 or 第一章: where the headings begin anew after the contents."""


@dataclass
class Statute:
    """`front` are the lines before the first article that are no headings: title, history, preamble."""

    front: list[str] = field(default_factory=list)
    articles: list[ArticleText] = field(default_factory=list)
    left_out: int = 0


def read_statute(lines: Iterable[str]) -> Statute:
    """Divide a text into articles. Nothing is judged here: gaps and repetitions are in the result as in the text."""
    reader = _Reader()
    for line in lines:
        if line := tidy(line):
            reader.read(line)
    return reader.finish()


class _Reader:
    """Takes one line after the other. `_body` are the lines of the article that is open, if one is."""

    def __init__(self) -> None:
        self._statute = Statute()
        self._early: list[Heading] = []
        self._over: dict[int, str] = {}
        self._untitled: Heading | None = None
        self._last = ArticleNumber(0)
        self._body: list[str] | None = None
        self._annex: list[str] | None = None
        self._has_parts = False

    def read(self, line: str) -> None:
        if self._untitled is not None:
            heading, self._untitled = self._untitled, None
            if _may_be_title(line):
                self._take(Heading(heading.level, f"{heading.text} {_compact(line)}", heading.is_first))
                return
            self._take(heading)
        if (found := self._article(line)) is not None:
            self._begin(*found)
        elif self._annex is not None:
            self._annex.append(line)
        elif self._last.number and _ANNEX.match(line):
            self._annex = [line]
        elif (heading := self._heading(line)) is not None:
            if " " in heading.text or heading.text in _BARE_HEADINGS:
                self._take(heading)
            else:
                self._untitled = heading
        elif self._body is not None:
            self._body.append(line)
        elif self._last.number:
            self._statute.left_out += 1
        elif not _CONTENTS.match(line):
            self._statute.front.append(line)

    def finish(self) -> Statute:
        self._end()
        self._statute.left_out += len(self._annex or ())
        return self._statute

    def _article(self, line: str) -> tuple[ArticleNumber, str] | None:
        match = _ARTICLE.fullmatch(line)
        if not match:
            return None
        try:
            number = ArticleNumber(parse_numeral(match[1]), parse_numeral(match[2]) if match[2] else 0)
        except ValueError:
            return None
        follows = number in (ArticleNumber(self._last.number + 1), ArticleNumber(self._last.number, self._last.suffix + 1))
        if self._annex is not None and not follows:
            return None  # an annex may have articles of its own
        if not _SEPARATED.match(match[3]) and (not follows or _REFERENCE.match(match[3])):
            return None  # a paragraph that begins by citing an article
        return number, match[3].lstrip(" \t\u3000：:")

    def _heading(self, line: str) -> Heading | None:
        if _compact(line) in _BARE_HEADINGS:
            return Heading(0 if self._has_parts else _LEVELS.index("章"), _compact(line), is_first=False)
        match = _HEADING.fullmatch(line)
        if not match or not _may_be_title(match[3]):
            return None
        numbered, kind, title = _compact(match[1]), match[2], _compact(_LEADER.sub("", match[3]))
        self._has_parts = self._has_parts or kind == "编"
        is_first = numbered in (f"第一{kind}", f"第1{kind}")
        return Heading(_LEVELS.index(kind), f"{numbered} {title}".rstrip(), is_first)

    def _take(self, heading: Heading) -> None:
        if self._last.number:
            self._end()
            self._place(heading)
        else:
            self._early.append(heading)

    def _place(self, heading: Heading) -> None:
        self._over = {level: text for level, text in self._over.items() if level < heading.level} | {heading.level: heading.text}

    def _begin(self, number: ArticleNumber, rest: str) -> None:
        if not self._last.number:
            for heading in _without_contents(self._early):
                self._place(heading)
        if self._annex is not None and self._body is not None:  # articles go on: it was no annex but a part of the article
            self._body += self._annex
        self._annex = None
        self._end()
        self._last, self._body = number, [rest] if rest else []

    def _end(self) -> None:
        if self._body is None:
            return
        chapter = " ".join(self._over[level] for level in range(_SECTION) if level in self._over)
        paragraphs = split_paragraphs("\n".join(self._body))
        self._statute.articles.append(ArticleText(self._last, chapter or None, self._over.get(_SECTION), paragraphs))
        self._body = None


def _without_contents(headings: list[Heading]) -> list[Heading]:
    """Of the headings before the first article those that stand over it, without the contents' list of all."""
    if not headings:
        return []
    top = min(heading.level for heading in headings)
    starts = [i for i, heading in enumerate(headings) if heading.level == top and heading.is_first]
    over = headings[starts[-1] :] if starts else headings
    return over if sum(heading.level == top for heading in over) == 1 else []


def _may_be_title(line: str) -> bool:
    return len(line) <= MAX_HEADING_LENGTH and not line.endswith(tuple("。；：，、")) and not _STRUCTURE.match(line)


def _compact(text: str) -> str:
    return "".join(text.split())
