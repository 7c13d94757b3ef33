"""Parses HTML-style formatting into plain text and entities, or refuses it as Telegram does."""

import re
from typing import NamedTuple

from .errors import ApiError, bad_request
from .formatting import Entity, FormattedText, utf16_length

_TYPES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("span", "tg-spoiler"), "spoiler"),
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_CHARACTER = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot));")
_PIECE = re.compile(r"[<>&]|[^<>&]+")
_NAME = re.compile(r"<([^\s>]*)")
_ATTRIBUTE = re.compile(r"""\s+([^\s=>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9.\-]+)(?=[\s>])))?""")
_END = re.compile(r"\s*>")
_END_TAG = re.compile(r"</([^\s>]*)\s*>")


class _Open(NamedTuple):
    name: str
    value: str | None
    offset: int


class _HtmlReader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.plain: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def read(self) -> FormattedText:
        while self.position < len(self.source):
            piece = _PIECE.match(self.source, self.position)
            assert piece is not None
            if piece[0] == "<" and self.source.startswith("</", self.position):
                self.end_tag()
            elif piece[0] == "<":
                self.start_tag()
            elif piece[0] == "&":
                self.character()
            elif piece[0] == ">":
                raise self.error('Unescaped ">"')
            else:
                self.add(piece[0])
                self.position = piece.end()
        if self.open:
            name = self.open[-1].name
            raise _parse_error(f'Can\'t find end tag corresponding to start tag "{name}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return FormattedText("".join(self.plain), self.entities)

    def add(self, text: str) -> None:
        self.plain.append(text)
        self.length += utf16_length(text)

    def error(self, reason: str) -> ApiError:
        offset = len(self.source[: self.position].encode())
        return _parse_error(f"{reason} at byte offset {offset}")

    def character(self) -> None:
        found = _CHARACTER.match(self.source, self.position)
        if found is None:
            raise self.error('Unescaped "&"')
        self.add(_character(found))
        self.position = found.end()

    def start_tag(self) -> None:
        found = _NAME.match(self.source, self.position)
        assert found is not None
        name, end = found[1].lower(), found.end()
        if end == len(self.source):
            raise self.error("Unclosed start tag")
        if name not in _TYPES:
            raise self.error(f'Unsupported start tag "{name}"')
        attributes: dict[str, str] = {}
        while attribute := _ATTRIBUTE.match(self.source, end):
            value = attribute[2] or attribute[3] or attribute[4] or ""
            attributes[attribute[1].lower()] = _CHARACTER.sub(_character, value)
            end = attribute.end()
        closing = _END.match(self.source, end)
        if closing is None:
            raise self.error("Unclosed start tag")
        self.open.append(_Open(name, self.value_of(name, attributes), self.length))
        self.position = closing.end()

    def value_of(self, name: str, attributes: dict[str, str]) -> str | None:
        match name:
            case "a":
                return attributes.get("href")
            case "code":
                return attributes.get("class", "").removeprefix("language-") or None
            case "blockquote":
                return "expandable" if "expandable" in attributes else None
            case "span" if attributes.get("class") != "tg-spoiler":
                raise self.error('Tag "span" must have class "tg-spoiler"')
            case "tg-emoji":
                emoji = attributes.get("emoji-id", "")
                if not (emoji.isdecimal() and 0 < int(emoji) < 2**63):
                    raise _parse_error("Invalid custom emoji identifier specified")
                return emoji
        return None

    def end_tag(self) -> None:
        found = _END_TAG.match(self.source, self.position)
        if not self.open:
            raise self.error("Unexpected end tag")
        if found is None:
            raise self.error("Unclosed end tag")
        tag, name = self.open.pop(), found[1].lower()
        if name and name != tag.name:
            place = len(self.source[: self.position].encode())
            raise _parse_error(f'Unmatched end tag at byte offset {place}, expected "</{tag.name}>", found "</{name}>"')
        if self.length > tag.offset:
            self.close(tag)
        self.position = found.end()

    def close(self, tag: _Open) -> None:
        entity: Entity = {
            "type": _TYPES[tag.name],
            "offset": tag.offset,
            "length": self.length - tag.offset,
        }
        last = self.entities[-1] if self.entities else None
        match tag.name:
            case "a":
                if not tag.value:
                    return
                entity["url"] = tag.value
            case "tg-emoji":
                entity["custom_emoji_id"] = tag.value
            case "blockquote" if tag.value:
                entity["type"] = "expandable_blockquote"
            case "code" if tag.value:
                entity["language"] = tag.value
            case "pre" if last and last["type"] == "code" and _same_place(last, entity):
                last["type"] = "pre"
                return
        self.entities.append(entity)


def _same_place(one: Entity, other: Entity) -> bool:
    return one["offset"] == other["offset"] and one["length"] == other["length"]


def _character(found: re.Match[str]) -> str:
    if found[3]:
        return _CHARACTERS[found[3]]
    code = int(found[1], 16) if found[1] else int(found[2])
    if not 0 < code < 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise _parse_error("Text contains invalid Unicode characters after decoding HTML entities")
    return chr(code)


def _parse_error(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def parse_html(source: str) -> FormattedText:
    """Parse HTML-style formatting as the documentation describes it, or refuse it.

    One thing is stricter than Telegram itself: "&" and ">" which are not escaped, as the
    documentation asks for, are refused, since they show text that was not escaped at all.
    """
    formatted = _HtmlReader(source).read()
    for entity in formatted.entities:
        if entity["type"] == "code":
            entity.pop("language", None)
    return formatted
