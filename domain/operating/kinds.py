"""Which timed work there is, and whose; the composition root says so, since workers have it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

from domain.audit.subjects import PREFIXES
from kit import timers
from kit.problems import InvalidInput
from kit.timers import Mended, Waits

Sweep = Callable[..., Awaitable[Mended]]

# Tables that events call otherwise.
_CALLED = {"sales_order": "order"}

_sweeps: Mapping[str, Sweep] = {}
_tables: Mapping[str, str] = {}
_ticks: frozenset[str] = frozenset()


def connect(
    *, sweeps: Mapping[str, Sweep], tables: Mapping[str, str], ticks: Iterable[str]
) -> None:
    """Say by kind of timer which sweep knows its subjects and what table they are in; and ticks."""
    global _sweeps, _tables, _ticks
    _sweeps, _tables, _ticks = sweeps, tables, frozenset(ticks)


def timers_known() -> list[str]:
    """The kinds of timers, sorted."""
    return sorted(_sweeps)


def ticks_known() -> list[str]:
    """The names of periodic work, sorted."""
    return sorted(_ticks)


def is_tick(kind: str) -> bool:
    """Whether it names periodic work."""
    return kind in _ticks


def checked(kind: str, *, path: tuple[str, ...]) -> str:
    """A kind of timers, or the name of periodic work. Raises InvalidInput for neither."""
    if kind not in _sweeps and kind not in _ticks:
        raise InvalidInput(
            reason=f"{kind[:80]!r} is no timed work; `ops.kinds` has all of it.",
            reason_zh="没有该类定时任务,可用 ops.kinds 查询全部类型。",
            path=path,
        )
    return kind


def prefix_of(kind: str) -> str | None:
    """What ids of the kind's subjects begin with; None for subjects without a type of the API."""
    table = _tables.get(kind, "")
    return PREFIXES.get(_CALLED.get(table, table))


async def waiting_of(kind: str, *, now: datetime) -> Waits | None:
    """Which subjects the kind's timers are for; None for a kind that nobody knows (any more)."""
    sweep = _sweeps.get(kind)
    return None if sweep is None else await timers.waiting_of(sweep, now=now)
