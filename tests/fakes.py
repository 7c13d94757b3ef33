"""Stand-ins for what tests must steer: the clock."""

import datetime as dt

START = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
"""24 November 2026, 9:00 in China: a Tuesday."""


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: dt.datetime = START) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        """Move on by a timedelta's parts: clock.advance(minutes=5)."""
        self.now += dt.timedelta(**parts)
