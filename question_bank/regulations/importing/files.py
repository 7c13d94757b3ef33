"""A file to a law's text, or a refusal that says what is wrong with it."""

import codecs
import html
import re
import unicodedata
from bisect import bisect_left
from pathlib import Path

from question_bank.regulations.importing.docx import read_docx
from question_bank.regulations.importing.front import read_front
from question_bank.regulations.importing.json_file import read_json
from question_bank.regulations.importing.lines import read_statute
from question_bank.regulations.importing.rules import MAX_FILE_BYTES, ImportRefusal, ImportRefused, LawText
from question_bank.regulations.rules import ArticleText, find_gap

EXTENSIONS = (".docx", ".txt", ".md", ".json")
_ZIP = b"PK\x03\x04"
_OTHER_FORMATS = (_ZIP, b"%PDF", b"\xd0\xcf\x11\xe0", b"{\\rtf")
_MARKDOWN = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+)*|\*\*|__|\\$")
# Characters that reverse the order in which a text is read, so that it shows other than it is.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DAMAGE = "\ufffd"


def read_law_file(path: Path) -> LawText:
    """Read a law from a file, refusing by its size before anything of it is read. Blocking: run it in a thread."""
    try:
        if not path.is_file():
            raise ImportRefused(ImportRefusal.NOT_A_FILE)
        if (size := path.stat().st_size) > MAX_FILE_BYTES:
            raise ImportRefused(ImportRefusal.TOO_LARGE, megabytes=size / 2**20)
        data = path.read_bytes()
    except OSError as error:
        raise ImportRefused(ImportRefusal.NOT_A_FILE) from error
    return read_law(path.name, data)


def read_law(file_name: str, data: bytes) -> LawText:
    """A law from a file's content; its name tells the format (.docx, .txt, .md, .json).

    Raises ImportRefused: see ImportRefusal. What is returned has contiguous articles with text, free of control characters.
    """
    if len(data) > MAX_FILE_BYTES:
        raise ImportRefused(ImportRefusal.TOO_LARGE, megabytes=len(data) / 2**20)
    extension = Path(file_name).suffix.lower()
    if extension not in EXTENSIONS:
        raise ImportRefused(ImportRefusal.FORMAT_UNKNOWN, extension=extension or file_name)
    if not data.startswith(_ZIP) if extension == ".docx" else data.startswith(_OTHER_FORMATS):
        raise ImportRefused(ImportRefusal.NOT_WHAT_IT_SAYS, extension=extension)
    if extension == ".json":
        law = read_json(_decode(data, only_utf8=True))
        _check_characters("\n".join([law.title or "", law.version_label or "", *map(_all_text, law.articles)]))
    else:
        law = _read_lines(read_docx(data) if extension == ".docx" else _text_lines(data, is_markdown=extension == ".md"))
    _check_articles(law.articles)
    return law


def _read_lines(lines: list[str]) -> LawText:
    _check_characters("\n".join(lines))
    statute = read_statute(lines)
    front = read_front(statute.front, statute.articles)
    return LawText(
        title=front.title,
        articles=tuple(statute.articles),
        version_label=front.version_label,
        promulgated=front.promulgated,
        effective=front.effective,
        left_out=statute.left_out + front.preamble,
    )


def _text_lines(data: bytes, *, is_markdown: bool) -> list[str]:
    lines = re.split(r"\r\n|\r|\n", _decode(data))
    return [html.unescape(_MARKDOWN.sub("", line)) for line in lines] if is_markdown else lines


def _decode(data: bytes, *, only_utf8: bool = False) -> str:
    """UTF-8, UTF-16 with its mark, or GB18030 (and so GBK), which Windows still writes."""
    encodings = ["utf-8-sig"]
    if not only_utf8:
        has_mark = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        encodings = ["utf-16"] if has_mark else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ImportRefused(ImportRefusal.NOT_TEXT)


def _check_characters(text: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        for c in line:
            is_control = unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\r"
            if is_control or c in _REORDERING or c == _DAMAGE:
                raise ImportRefused(ImportRefusal.BAD_CHARACTER, character=f"U+{ord(c):04X}", line=number)


def _check_articles(articles: tuple[ArticleText, ...]) -> None:
    if not articles:
        raise ImportRefused(ImportRefusal.NO_ARTICLE)
    numbers = [article.number for article in articles]
    seen = set()
    for article in articles:
        if article.number in seen:
            raise ImportRefused(ImportRefusal.DUPLICATE_ARTICLE, label=article.label)
        seen.add(article.number)
        if not article.paragraphs:
            raise ImportRefused(ImportRefusal.EMPTY_ARTICLE, label=article.label)
    if (gap := find_gap(numbers)) is not None:
        place = bisect_left(range(len(numbers)), True, key=lambda i: find_gap(numbers[: i + 1]) is not None)
        raise ImportRefused(ImportRefusal.NOT_CONTIGUOUS, label=gap.label, found=numbers[place].label)


def _all_text(article: ArticleText) -> str:
    return "\n".join([article.chapter or "", article.section or "", *article.paragraphs])
