"""Performance made by the real workflows and ticks; name only what the test is about."""

from datetime import datetime

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.performance import closing, writing
from kit.workdays import business_month
from models.performance import PerformanceLine, PerformanceSheet
from tests.factories import a_staff_viewer


async def write(now: datetime) -> int:
    """What the tick does: lines for what was spent; how many there were."""
    return await writing.write_lines(scheduled_for=now, now=now)


async def close(year: int, month: int) -> list[PerformanceSheet]:
    """What the tick does five minutes after the end of a month: its sheets."""
    _, end = business_month(year, month)
    at = datetime.combine(end.date(), end.time(), end.tzinfo).replace(minute=5)
    await closing.make_sheets(scheduled_for=at, now=at)
    return await PerformanceSheet.filter(period=f"{year}-{month:02}").order_by("id")


async def lines() -> list[PerformanceLine]:
    """All lines in the order of their making."""
    return await PerformanceLine.all().order_by("id")


async def told() -> list[tuple[str, str, str]]:
    """Of each line: its kind, month and amount."""
    return [(line.kind.value, line.period, str(line.amount)) for line in await lines()]


async def a_reviewer() -> Viewer:
    """Somebody of the platform who approves sheets and answers questions."""
    return await a_staff_viewer(Item.PERFORMANCE_REVIEW, Item.PERFORMANCE_VIEW)
