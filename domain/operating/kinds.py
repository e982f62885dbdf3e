"""Which timed work there is, and whose; the composition root says so, since workers have it."""

from collections.abc import Iterable, Mapping

from domain.audit.subjects import PREFIXES
from kit.problems import InvalidInput
from kit.timers import Waits

# Tables that events call otherwise.
_CALLED = {"sales_order": "order"}

_waits: Mapping[str, Waits] = {}
_ticks: frozenset[str] = frozenset()


def connect(*, waits: Mapping[str, Waits], ticks: Iterable[str]) -> None:
    """Say by kind of timer which subjects wait for it, and what periodic work is called."""
    global _waits, _ticks
    _waits, _ticks = waits, frozenset(ticks)


def timers_known() -> list[str]:
    """The kinds of timers, sorted."""
    return sorted(_waits)


def ticks_known() -> list[str]:
    """The names of periodic work, sorted."""
    return sorted(_ticks)


def is_tick(kind: str) -> bool:
    """Whether it names periodic work."""
    return kind in _ticks


def checked(kind: str, *, path: tuple[str, ...]) -> str:
    """A kind of timers, or the name of periodic work. Raises InvalidInput for neither."""
    if kind not in _waits and kind not in _ticks:
        raise InvalidInput(
            reason=f"{kind[:80]!r} is no timed work; `ops.kinds` has all of it.",
            reason_zh="没有该类定时任务,可用 ops.kinds 查询全部类型。",
            path=path,
        )
    return kind


def prefix_of(kind: str) -> str | None:
    """What ids of the kind's subjects begin with; None for subjects without a type of the API."""
    waits = _waits.get(kind)
    return None if waits is None else PREFIXES.get(_CALLED.get(waits.table, waits.table))


def waiting_of(kind: str) -> Waits | None:
    """Which subjects the kind's timers are for; None for a kind that nobody knows (any more)."""
    return _waits.get(kind)
