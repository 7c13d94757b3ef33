"""Formatted text: plain text with entities, counted in UTF-16 code units."""

from typing import Any, NamedTuple

from .errors import bad_request

Entity = dict[str, Any]


class FormattedText(NamedTuple):
    """A text as its reader sees it, and what is bold or a link in it."""

    text: str
    entities: list[Entity]


def utf16_length(text: str) -> int:
    """The number of UTF-16 code units of a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_utf8(text: str) -> bool:
    """Whether the text has no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_ENTITY_TYPES = {
    *("bold", "italic", "underline", "strikethrough", "spoiler", "blockquote"),
    *("expandable_blockquote", "code", "pre", "text_link", "text_mention", "custom_emoji"),
    *("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"),
    "date_time",
}


def check_entities(text: str, entities: list[Any]) -> None:
    """Refuse entities of an unknown type or outside of the text."""
    end_of_text = utf16_length(text)
    for entity in entities:
        if not isinstance(entity, dict) or entity.get("type") not in _ENTITY_TYPES:
            raise bad_request("can't parse MessageEntity: Unsupported type specified")
        offset, length = entity.get("offset"), entity.get("length")
        if not isinstance(offset, int) or not isinstance(length, int):
            raise bad_request("can't parse MessageEntity: Can't find field \"offset\"")
        if offset < 0:
            raise bad_request(f"receive an entity with incorrect offset {offset}")
        if offset > end_of_text:
            raise bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
        if offset + length > end_of_text:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {offset + length}"
            )
        if entity["type"] == "text_link" and not entity.get("url"):
            raise bad_request("can't parse MessageEntity: Can't find field \"url\"")


def trimmed(formatted: FormattedText) -> FormattedText:
    """The text as Telegram keeps it: without white space at its ends."""
    text, entities = formatted
    kept = text.rstrip()
    front = utf16_length(kept) - utf16_length(kept.lstrip())
    if any(entity["offset"] < front for entity in entities):
        front = 0
    else:
        kept = kept.lstrip()
    end, result = utf16_length(kept), []
    for entity in entities:
        offset = entity["offset"] - front
        length = min(entity["length"], end - offset)
        if length > 0:
            result.append({**entity, "offset": offset, "length": length})
    return FormattedText(kept, result)
