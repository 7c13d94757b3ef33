"""One page of a long list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Page(Generic[_Item]):
    """`number` counts from 1. `first` is the position, from 1, of the first item shown."""

    items: Sequence[_Item]
    number: int
    pages: int
    total: int
    first: int


def take_page(items: Sequence[_Item], asked: str, size: int) -> Page[_Item]:
    """The page asked for in an address; what is no number is page 1, what is past the end the last page."""
    pages = max(1, -(-len(items) // size))
    number = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    start = (number - 1) * size
    return Page(items[start : start + size], number, pages, len(items), start + 1)
