"""What will be told, and is not begun yet."""

from collections.abc import Callable, Coroutine, Generator
from typing import Any


class Later:
    """Begins when it is awaited: the standard executor lets go of what stands beside a problem.

    A coroutine would complain, at any time later, that nobody has awaited it.
    """

    def __init__(self, begin: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self._begin = begin

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._begin().__await__()
