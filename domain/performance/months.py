"""Which month performance counts in: once a month has its sheets, nothing more comes into it."""

from datetime import datetime

from domain.consumption.periods import period_of
from kit import database
from kit.transaction import assert_open

# Whoever writes lines and whoever makes sheets wait for each other.
_LEDGER = 0x706572666F726D


async def hold() -> None:
    """Keep everybody else from writing lines and making sheets until the commit."""
    assert_open()
    await database.execute("select pg_advisory_xact_lock($1)", _LEDGER)


async def first_open() -> str:
    """The first month without sheets, `2030-02`; of a new house "", before any month."""
    row = await database.row("select max(period) as last from performance_closing")
    return after(row["last"]) if row and row["last"] else ""


async def open_at(now: datetime) -> str:
    """The month that runs: what is entered now counts in it."""
    return max(period_of(now), await first_open())


def after(period: str) -> str:
    """`2030-12` -> `2031-01`."""
    count = int(period[:4]) * 12 + int(period[5:])
    return f"{count // 12:04}-{count % 12 + 1:02}"
