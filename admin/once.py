"""Remembers what a form made, so that pressing the button twice, or sending the page again, makes it once."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

REMEMBERED = 500


class OncePerForm:
    """One process's memory of forms sent. The key holds the form's own number and what was typed: a changed form is a new one."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._made: OrderedDict[Hashable, int] = OrderedDict()

    async def run(self, key: Hashable, make: Callable[[], Awaitable[int]]) -> int:
        """The id that `make` returned for this key, calling it only the first time. What it raises is not remembered."""
        async with self._lock:
            if key not in self._made:
                self._made[key] = await make()
                if len(self._made) > REMEMBERED:
                    self._made.popitem(last=False)
            return self._made[key]
