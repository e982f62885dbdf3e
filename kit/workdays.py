"""Working days in mainland China, with the make-up days, and months as people there count them."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
SATURDAY = 5
ONE_DAY = timedelta(days=1)


_entered: Mapping[date, bool] = {}


def configure(*, off: Iterable[date], worked: Iterable[date]) -> None:
    """Enter days by hand, for every calendar from now on: nobody works then, or all do."""
    global _entered
    _entered = dict.fromkeys(off, False) | dict.fromkeys(worked, True)


class Workday(NamedTuple):
    """A working day that was counted out; `provisional` if an announcement may still move it."""

    date: date
    provisional: bool


@dataclass(frozen=True)
class WorkCalendar:
    """The official calendar, and over it what is entered by hand (date -> is a working day).

    Unless they are given, these are the days of `configure`.

    The State Council announces each year in the autumn before it. A day of a year that is not
    announced yet counts as Monday to Friday would have it, and what rests on it is provisional.
    """

    overrides: Mapping[date, bool] = field(default_factory=lambda: _entered)

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day; see `is_provisional` for how sure that is."""
        if day in self.overrides:
            return self.overrides[day]
        official = _official(day)
        return day.weekday() < SATURDAY if official is None else official

    def is_provisional(self, day: date) -> bool:
        """Whether the day lies outside what is announced and entered."""
        return day not in self.overrides and _official(day) is None

    def roll_forward(self, day: date) -> Workday:
        """The day itself if it is a working day, else the next one."""
        return self._first_from(day, ONE_DAY)

    def add_workdays(self, day: date, count: int) -> Workday:
        """The `count`-th working day after `day`, or before it if negative; `day` doesn't count.

        With 0 it is the day itself, rolled forward.
        """
        if count == 0:
            return self.roll_forward(day)
        step = ONE_DAY if count > 0 else -ONE_DAY
        provisional = False
        for _ in range(abs(count)):
            day, unsure = self._first_from(day + step, step)
            provisional |= unsure
        return Workday(day, provisional)

    def _first_from(self, day: date, step: timedelta) -> Workday:
        provisional = self.is_provisional(day)
        while not self.is_workday(day):
            day += step
            provisional |= self.is_provisional(day)
        return Workday(day, provisional)


def business_month(year: int, month: int) -> tuple[datetime, datetime]:
    """A calendar month in Shanghai as a half-open range of UTC instants."""
    first = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    return _midnight(first), _midnight(following)


def months_after(instant: datetime, months: int) -> datetime:
    """The same day and time in Shanghai so many months later, in UTC.

    A month that is too short ends on its last day: three months after 30 November is 28 February.
    """
    there = instant.astimezone(SHANGHAI)
    count = there.year * 12 + there.month - 1 + months
    year, month = count // 12, count % 12 + 1
    day = min(there.day, monthrange(year, month)[1])
    return there.replace(year=year, month=month, day=day).astimezone(UTC)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


@cache
def _official(day: date) -> bool | None:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
