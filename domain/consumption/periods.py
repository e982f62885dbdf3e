"""Months of consumption (账期): calendar months in Shanghai, and how far back they are shown."""

from datetime import datetime, time, timedelta

from kit.problems import Problem
from kit.workdays import SHANGHAI, business_month

MONTHS_BACK = 18  # K-02

# K-04 has 12:00; whoever is late by an outage of some hours is in time nevertheless.
BILLED_ON, BILLED_AT = 5, time(6)

# Over the present moment `{now}`: the first month that is shown.
FIRST_SHOWN = (
    f"to_char({{now}} at time zone 'Asia/Shanghai' - interval '{MONTHS_BACK} months', 'YYYY-MM')"
)


class ConsumptionTooOld(Problem):
    """Consumption can be looked at for the month that runs and the eighteen before it (K-02)."""

    en = "Consumption of {period} is no longer shown; the first month is {first}."
    zh = "最多支持前溯 18 个月,最早可查询 {first},无法查询 {period}。"
    about = {"period": "The month that was asked for.", "first": "The first that is shown."}
    period: str
    first: str


def period_of(instant: datetime) -> str:
    """The month of an instant in Shanghai, `2030-01`."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m}"


def first_shown(now: datetime) -> str:
    """The first month that is shown (K-02)."""
    there = now.astimezone(SHANGHAI)
    count = there.year * 12 + there.month - 1 - MONTHS_BACK
    return f"{count // 12:04}-{count % 12 + 1:02}"


def closed_at(period: str) -> datetime:
    """When the bills of a month are made: from then on its usage isn't corrected any more."""
    year, month = (int(part) for part in period.split("-"))
    _, ends_at = business_month(year, month)
    day = ends_at.astimezone(SHANGHAI).replace(day=BILLED_ON).date()
    return datetime.combine(day, BILLED_AT, SHANGHAI)


def before(instant: datetime) -> str:
    """The month before the one of an instant."""
    there = instant.astimezone(SHANGHAI)
    first, _ = business_month(there.year, there.month)
    return period_of(first - timedelta(microseconds=1))


def today(now: datetime) -> datetime:
    """The midnight with which the day in Shanghai began: until then a summary knows (K-06)."""
    return now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def refuse_old(period: str, *, path: tuple[str, ...], now: datetime) -> None:
    """Raise ConsumptionTooOld for a month that is no longer shown."""
    first = first_shown(now)
    if period < first:
        raise ConsumptionTooOld(period=period, first=first, path=path)
