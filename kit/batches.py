"""Doing the same to many things at once: at most a hundred, each with an outcome of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kit.problems import InvalidInput, Problem

MOST = 100


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What became of one thing: done, or refused by `problem` while the others were done.

    `made` are the ids of what that has made, if it is something new.
    """

    id: UUID
    problem: Problem | None = None
    made: tuple[UUID, ...] = ()


def made(outcomes: Sequence[ItemOutcome]) -> list[UUID]:
    """The ids of all that is new, in the order of the outcomes."""
    return [id for outcome in outcomes for id in outcome.made]


def checked(ids: Sequence[UUID], *, path: tuple[str, ...]) -> list[UUID]:
    """The ids, each once, in the order given. Raises InvalidInput for none or too many."""
    distinct = list(dict.fromkeys(ids))
    if not 1 <= len(distinct) <= MOST:
        raise InvalidInput(
            reason=f"Name 1 to {MOST} of them; these are {len(distinct)}.",
            reason_zh=f"一次须指定 1 至 {MOST} 个对象。",
            path=path,
        )
    return distinct
