"""Reads a posted form within its size limit, and reads single fields so that nonsense becomes a message, never an error page."""

import enum
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from admin import words

MAX_BODY_BYTES = 64 * 1024
MAX_FIELDS = 1000
LARGE_NUMBER = 999_999
"""Stands for every number longer than six digits: the rules refuse it by its size, with their own message."""

_FORM_TYPE = "application/x-www-form-urlencoded"
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_Choice = TypeVar("_Choice", bound=enum.StrEnum)


async def read_form(request: web.Request) -> MultiDict[str]:
    """The fields of an urlencoded body of at most 64 KiB. Not request.post(): its limit is that of the application around us."""
    if request.content_type != _FORM_TYPE:
        raise web.HTTPUnsupportedMediaType
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise web.HTTPRequestEntityTooLarge(MAX_BODY_BYTES, len(body))
    text = body.decode("utf-8", "replace").replace("\x00", "")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace")
    except ValueError:
        raise web.HTTPBadRequest from None
    return MultiDict((name.replace("\x00", ""), value.replace("\x00", "")) for name, value in pairs)


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field, in words for the screen. `label` names the field where the message alone does not."""

    field: str
    message: str
    label: str = ""

    @property
    def in_full(self) -> str:
        """The message as it can stand away from its field."""
        return f"{self.label}：{self.message}" if self.label else self.message


@dataclass
class FieldReader:
    """Reads fields one by one and collects what is wrong with them; a field in error reads as its fallback."""

    form: MultiDict[str]
    errors: list[FieldError] = field(default_factory=list)

    def refuse(self, name: str, message: str) -> None:
        self.errors.append(FieldError(name, message))

    def text(self, name: str) -> str:
        """The field on one line, without blanks around it; empty when missing. Coming twice is an error."""
        values = self.form.getall(name, [])
        if len(values) > 1:
            self.refuse(name, words.FIELD_REPEATED)
        return " ".join(values[0].split()) if values else ""

    def whole_number(self, name: str, fallback: int, *, blank: int | None = None) -> int:
        """A whole number in digits of either width; `blank` is what an empty field means, if it may be empty."""
        typed = unicodedata.normalize("NFKC", self.text(name))
        if not typed and blank is not None:
            return blank
        if not _WHOLE_NUMBER.fullmatch(typed):
            self.refuse(name, words.FIELD_NOT_A_NUMBER if typed else words.FIELD_EMPTY)
            return fallback
        digits = typed.lstrip("+-").lstrip("0")
        number = LARGE_NUMBER if len(digits) > 6 else int(digits or "0")
        return -number if typed.startswith("-") else number

    def choice(self, name: str, allowed: tuple[_Choice, ...]) -> _Choice:
        """One of the values on offer."""
        found = _member(self.text(name), allowed)
        if found is None:
            self.refuse(name, words.FIELD_NOT_A_CHOICE)
            return allowed[0]
        return found

    def choices(self, name: str, allowed: tuple[_Choice, ...]) -> tuple[_Choice, ...]:
        """The ticked ones of the values on offer, in the order of the offer."""
        ticked = [_member(value, allowed) for value in self.form.getall(name, [])]
        if None in ticked:
            self.refuse(name, words.FIELD_NOT_A_CHOICE)
        return tuple(member for member in allowed if member in ticked)


def _member(value: str, allowed: tuple[_Choice, ...]) -> _Choice | None:
    return next((member for member in allowed if member.value == value), None)
