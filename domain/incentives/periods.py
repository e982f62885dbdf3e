"""Periods of incentives: months `2030-02` and quarters `2030-Q1`, both in Beijing."""

import re
from dataclasses import dataclass
from datetime import datetime

from domain.consumption.periods import period_of
from kit.problems import InvalidInput
from kit.workdays import business_month
from models.incentives import IncentivePeriod

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")


@dataclass(frozen=True, slots=True)
class Span:
    """A period: its name, its months as performance has them, and its instants, half open."""

    name: str
    months: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime

    @property
    def kind(self) -> IncentivePeriod:
        """Whether it is a month or a quarter."""
        return IncentivePeriod.MONTH if len(self.months) == 1 else IncentivePeriod.QUARTER


def span(name: str, *, path: tuple[str, ...] = ()) -> Span:
    """The period with this name. Raises InvalidInput for what names none."""
    if found := _MONTH.fullmatch(name):
        return _span(name, int(found[1]), [int(found[2])])
    if found := _QUARTER.fullmatch(name):
        first = 3 * int(found[2]) - 2
        return _span(name, int(found[1]), [first, first + 1, first + 2])
    raise InvalidInput(
        reason=f"{name[:20]!r} is no period: 2030-02 or 2030-Q1.",
        reason_zh="账期格式应为 2030-02 或 2030-Q1。",
        path=path,
    )


def containing(month: str, kind: IncentivePeriod) -> Span:
    """The period of this kind that a month belongs to."""
    if kind is IncentivePeriod.MONTH:
        return span(month)
    return span(f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}")


def running(kind: IncentivePeriod, *, now: datetime) -> Span:
    """The period of this kind that runs."""
    return containing(period_of(now), kind)


def before(period: Span) -> Span:
    """The period of the same kind before this one."""
    year, month = int(period.months[0][:4]), int(period.months[0][5:])
    last = f"{year - 1}-12" if month == 1 else f"{year}-{month - 1:02}"
    return containing(last, period.kind)


def _span(name: str, year: int, months: list[int]) -> Span:
    return Span(
        name=name,
        months=tuple(f"{year:04}-{month:02}" for month in months),
        starts_at=business_month(year, months[0])[0],
        ends_at=business_month(year, months[-1])[1],
    )
