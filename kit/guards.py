"""Guards: pure functions of a row, the viewer and the time that name what stands in the way.

The same guard refuses in a workflow and explains in `availableActions`, so the two can't differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit.problems import Problem

Guard = Callable[[Any, Any, datetime], Problem | None]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that could be done to a row, and what forbids it at this moment, if anything."""

    name: str
    blocked_by: Problem | None

    @property
    def allowed(self) -> bool:
        """Whether nothing known from the row stands in the way."""
        return self.blocked_by is None


def refuse(problem: Problem | None) -> None:
    """Raise what a guard found, if it found anything."""
    if problem is not None:
        raise problem


def actions(guards: Mapping[str, Guard], row: Any, viewer: Any, now: datetime) -> list[Action]:
    """What the guards say of this row, in their order. `row` needs only the columns they read."""
    return [Action(name, guard(row, viewer, now)) for name, guard in guards.items()]
