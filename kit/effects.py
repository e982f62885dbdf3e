"""What else happens when something happens: said by the domains above, run by the one below."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from kit.transaction import assert_open

F = TypeVar("F")
A = TypeVar("A")


class Effects(Generic[F, A]):
    """Async callables by name, which all learn of a fact and answer, in the transaction of it.

    The domain to which the fact belongs declares the list and runs it; the composition root
    connects what the domains above do about it, in the order in which it is to happen. Nothing
    below knows what is above.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._effects: dict[str, Callable[[F], Awaitable[A]]] | None = None

    def connect(self, **effects: Callable[[F], Awaitable[A]]) -> None:
        """Say all that happens, in this order; what was said before is forgotten."""
        self._effects = effects

    async def run(self, fact: F) -> dict[str, A]:
        """Let all of it happen, one after the other; the answers by name.

        What an effect raises is raised here, and undoes the fact itself with the rest. A process
        that connected nothing can't run it: half a fact is worse than none.
        """
        assert_open()
        assert self._effects is not None, f"nobody said what happens when {self._what}"
        return {name: await effect(fact) for name, effect in self._effects.items()}

    @contextmanager
    def also(self, **more: Callable[[F], Awaitable[A]]) -> Iterator[None]:
        """Let this happen, too, as the last, while the context is open. For tests."""
        before = self._effects
        self._effects = (before or {}) | more
        try:
            yield
        finally:
            self._effects = before
