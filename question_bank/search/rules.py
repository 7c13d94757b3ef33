"""Nouns of search that are stored. Standard library only."""

import enum


class Vote(enum.StrEnum):
    UP = "up"
    DOWN = "down"


class TodoState(enum.StrEnum):
    """What became of an entry on the trainers' list."""

    OPEN = "open"
    TAUGHT = "taught"
    DISMISSED = "dismissed"
