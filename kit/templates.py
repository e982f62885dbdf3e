"""SQL with holes: `{t}` an alias, `{now}` business time, `{viewer.x}`, `{value}`, `{arg.x}`.

Only names of our own code become text; everything that comes from outside becomes a bind value.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

_HOLE = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")

Getter = Callable[[Any], Any]


@cache
def holes(template: str) -> tuple[str, ...]:
    """The names of the holes, in order of appearance."""
    return tuple(_HOLE.findall(template))


def fill(template: str, filler: Callable[[str], str]) -> str:
    """Replace every hole by what `filler` answers to its name."""
    return _HOLE.sub(lambda match: filler(match[1]), template)


class Binds:
    """The bind values of one statement: each distinct source gets one number."""

    def __init__(self) -> None:
        self.getters: list[Getter] = []
        self._numbers: dict[Any, int] = {}

    def add(self, key: Any, getter: Getter) -> str:
        """`$n` for the source named `key`; asking again gives the same number."""
        number = self._numbers.get(key)
        if number is None:
            self.getters.append(getter)
            number = self._numbers[key] = len(self.getters)
        return f"${number}"

    def named(self, beginning: str) -> frozenset[str]:
        """What comes after this beginning in the names of sources that have it."""
        names = (key for key in self._numbers if isinstance(key, str))
        return frozenset(
            name.removeprefix(beginning) for name in names if name.startswith(beginning)
        )

    def values(self, request: Any) -> list[Any]:
        """What the getters answer for this request, in the order of the numbers."""
        return [get(request) for get in self.getters]
