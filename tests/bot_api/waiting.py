"""Waiting for something to become true without polling for it."""

import asyncio
from collections.abc import Callable
from typing import Self, TypeVar

Result = TypeVar("Result")


class Waiting:
    """Something that changes, and whose changes can be waited for."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()

    async def tell(self) -> None:
        """Let the waiting tests look again (for the server)."""
        async with self._changed:
            self._changed.notify_all()

    async def wait_for(self, predicate: Callable[[Self], Result | None], timeout: float = 5) -> Result:  # noqa: ASYNC109
        """Wait until predicate(this) is true and return its result.

        The predicate may raise IndexError while there are too few messages.
        """
        result: Result | None = None

        def holds() -> bool:
            nonlocal result
            try:
                result = predicate(self)
            except IndexError:
                return False
            return bool(result)

        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(holds)
        except TimeoutError:
            message = f"it did not come true within {timeout} s in {self.describe()}"
            raise TimeoutError(message) from None
        assert result is not None
        return result

    def describe(self) -> str:
        """The present state, for error messages."""
        return repr(self)
