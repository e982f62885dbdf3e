"""Months as strategies are asked for: by what holds when they end (G-08)."""

from datetime import datetime, timedelta

from kit.problems import InvalidInput
from kit.workdays import business_month

_FIRST, _LAST = 2000, 2100


def last_instant(month: str) -> datetime:
    """The last microsecond of a month (`2030-01`) in Asia/Shanghai, in UTC. Raises InvalidInput."""
    year, number = (int(part) for part in month.split("-"))
    if not _FIRST <= year <= _LAST:
        raise InvalidInput(
            reason=f"A month of the years {_FIRST} to {_LAST} is needed.",
            reason_zh=f"月份须在 {_FIRST} 年至 {_LAST} 年之间。",
        )
    _, following = business_month(year, number)
    return following - timedelta(microseconds=1)
