"""Whether something that cites a changed article may still be used. Standard library only."""

import enum


class ReviewState(enum.StrEnum):
    """OPEN 待审: an amendment changed the cited article and nobody has confirmed that question or digest still holds."""

    OPEN = "open"
    CONFIRMED = "confirmed"
