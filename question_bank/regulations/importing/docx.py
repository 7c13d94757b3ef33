"""Reads the paragraphs of a Word file (.docx): a zip whose part word/document.xml holds the text.

Only as much of the format as statutes need. No tree is built and every size is bounded, so that a hostile file costs little.
"""

import io
import zipfile
import zlib

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from question_bank.regulations.importing.rules import ImportRefusal, ImportRefused

PART = "word/document.xml"
MAX_PART_BYTES = 32 * 1024 * 1024
"""Unpacked; the longest code in force needs about a fifth of it."""

MAX_RATIO = 300
"""Unpacked to packed; a statute's markup, which repeats much, packs to about a twentieth."""

MAX_DEPTH = 200
_CHUNK = 64 * 1024
_SKIPPED = frozenset({"del", "moveFrom", "Fallback", "txbxContent", "instrText", "delText", "rPr", "pPr", "sectPr"})
"""Deleted text, copies for older programs, text boxes, field codes, properties: not the text that a reader sees."""

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ParseError, DefusedXmlException, RuntimeError, ValueError)
"""What the readers of zip and XML raise: encryption is a RuntimeError, a document type definition a DefusedXmlException."""


def read_docx(data: bytes) -> list[str]:
    """The text of the document's paragraphs, a soft line break being a new line. Raises ImportRefused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = archive.getinfo(PART)
            if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # Word writes no other
                raise ImportRefused(ImportRefusal.DAMAGED)
            if part.file_size > MAX_PART_BYTES or part.file_size > MAX_RATIO * max(part.compress_size, 1):
                raise ImportRefused(ImportRefusal.ZIP_BOMB)
            with archive.open(part) as stream:
                return _paragraphs(stream)
    except KeyError as error:
        raise ImportRefused(ImportRefusal.NOT_WHAT_IT_SAYS, extension=".docx") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ParseError,
        DefusedXmlException,
        RuntimeError,
        ValueError,
    ) as error:
        if isinstance(error, ImportRefused):
            raise
        raise ImportRefused(ImportRefusal.DAMAGED) from error


def _paragraphs(stream: io.BufferedIOBase) -> list[str]:
    target = _Paragraphs()
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    total = 0
    while chunk := stream.read(_CHUNK):  # the directory of a zip can lie about sizes, so the real one is counted
        total += len(chunk)
        if total > MAX_PART_BYTES:
            raise ImportRefused(ImportRefusal.ZIP_BOMB)
        parser.feed(chunk)
    parser.close()
    return "".join(target.pieces).split("\n")


class _Paragraphs:
    """What the parser tells: keeps the text runs of paragraphs, whatever they are nested in."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._path: list[str] = []
        self._skipping = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if len(self._path) >= MAX_DEPTH:
            raise ImportRefused(ImportRefusal.DAMAGED)
        self._path.append(name)
        if name in _SKIPPED:
            self._skipping += 1
        elif not self._skipping and name in ("br", "cr", "tab"):
            self.pieces.append("\t" if name == "tab" else "\n")

    def end(self, tag: str) -> None:
        name = self._path.pop()
        if name in _SKIPPED:
            self._skipping -= 1
        elif name == "p" and not self._skipping:
            self.pieces.append("\n")

    def data(self, text: str) -> None:
        if not self._skipping and self._path[-1] == "t":
            self.pieces.append(text.replace("\n", " "))

    def close(self) -> None:
        """Nothing is held back."""
