"""Faults which a test orders: error answers, broken connections, and the rate limit."""

import math
from collections import defaultdict, deque
from collections.abc import Callable

from .errors import ApiError, too_many_requests
from .parameters import METHODS

_DESCRIPTIONS = {
    403: "Forbidden: bot was blocked by the user",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class Faults:
    """The faults still to happen, per method."""

    def __init__(self) -> None:
        self._errors: dict[str, deque[ApiError]] = defaultdict(deque)
        self._drops: dict[str, int] = defaultdict(int)

    def fail_next(
        self,
        method: str,
        error_code: int,
        description: str | None,
        retry_after: int | None,
        times: int,
    ) -> None:
        """The next calls of the method are answered with this error and not applied."""
        _check(method)
        if error_code == 429:
            retry_after = 1 if retry_after is None else retry_after
            description = description or f"Too Many Requests: retry after {retry_after}"
        description = description or _DESCRIPTIONS.get(error_code, "Bad Request: test")
        error = ApiError(error_code, description, retry_after=retry_after, asked_for=True)
        self._errors[method].extend([error] * times)

    def drop_next(self, method: str, times: int) -> None:
        """The next calls of the method are applied, but the bot gets no answer."""
        _check(method)
        self._drops[method] += times

    def next_error(self, method: str) -> ApiError | None:
        """The error with which this call is answered, if any."""
        errors = self._errors.get(method)
        return errors.popleft() if errors else None

    def next_drop(self, method: str) -> bool:
        """Whether this call is applied and its connection closed."""
        if not self._drops.get(method):
            return False
        self._drops[method] -= 1
        return True


def _check(method: str) -> None:
    if method not in METHODS:
        raise ValueError(f"there is no method {method}")


class RateLimit:
    """At most so many messages a second, in all and into one chat."""

    def __init__(self, per_second: float, per_chat_per_second: float, clock: Callable[[], float]) -> None:
        self._rates = (per_second, per_chat_per_second)
        self._all: deque[float] = deque()
        self._by_chat: dict[int, deque[float]] = defaultdict(deque)
        self._clock = clock

    def check(self, chat_id: int, *, sends: bool) -> None:
        """Count a message, or refuse it with 429. An edit counts only into the total."""
        now, windows = self._clock(), [(self._all, self._rates[0])]
        if sends:
            windows.append((self._by_chat[chat_id], self._rates[1]))
        for times, rate in windows:
            seconds = max(1.0, 1 / rate)
            while times and times[0] <= now - seconds:
                times.popleft()
            if len(times) >= max(1, int(rate)):
                raise too_many_requests(math.ceil(times[0] + seconds - now))
        for times, _ in windows:
            times.append(now)
