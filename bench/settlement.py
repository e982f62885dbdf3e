"""How long a month's statements take: `python -m bench.settlement [lines] [partners]`.

So many sales wait; a run is begun, and two loops make its shares as two workers would. Beside it
the bare arithmetic and grouping of the same rows, in one statement. Everything is checked: each
line once, statements that add up. Real servers, a durable directory.
"""

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import SecretStr

from bench.data import defaults
from bench.notes import note
from bench.servers import machine, thrown_away
from domain.identity.viewer import SYSTEM
from domain.settlement import formula, runs, sharing
from domain.settlement.rules import CURRENT, RULES
from kit import database
from kit.transaction import transactional
from models.certification import BusinessInformation
from models.orders import Order, OrderLine
from models.partners import Partner
from models.payments import PaymentPart, PaymentShare
from models.settlement import StatementKind
from partner_center import effects, startup
from partner_center.embedded import Embedded
from partner_center.settings import Settings

LINES, PARTNERS, LOOPS = 1_000_000, 50, 2
SECONDS, MEGABYTES = 20.0, 150

PERIOD = "2025-10"
STARTS_AT = datetime(2025, 9, 30, 16, tzinfo=UTC)
NOW = datetime(2025, 11, 2, 18, 30, tzinfo=UTC)

MIGRATE = """
import asyncio, sys
from pathlib import Path
from bench.settlement import settings_of
from partner_center import startup
asyncio.run(startup.migrate(settings_of(sys.argv[1], Path(sys.argv[2]))))
"""

_RULES = RULES[CURRENT]
_ABOVE = formula.numerator(
    _RULES,
    model="l.share_model",
    kind="l.kind",
    cash="s.amount",
    deal="l.due_amount",
    floor="l.floor_amount",
    ratio="l.share_ratio",
    fee_tax="0.06",
)
_BELOW = formula.denominator(model="l.share_model", goods_tax="l.tax_rate")
BARE = f"""
select o.seller_id, l.tax_rate, count(*), sum({formula.rounded(_ABOVE, _BELOW)}) as amount
from unsettled u join order_line l on l.id = u.order_line_id
join sales_order o on o.id = l.order_id join payment_share s on s.line_id = l.id
join payment_part p on p.id = s.part_id and p.counts_performance
group by 1, 2
"""

WRONG = """
select (select count(*) from settlement_line) as lines,
  (select count(distinct order_line_id) from settlement_line) as sales,
  (select count(*) from unsettled) as waiting, (select count(*) from statement) as statements,
  (select sum(amount) from settlement_line) as amount,
  (select sum(total_amount) from statement) as total,
  (select state from settlement_run) as state
"""


async def measure(lines: int, partners: int, embedded: Embedded, folder: Path) -> bool:
    """Print what was measured; whether the targets were met."""
    settings = settings_of(embedded.database_url, folder)
    url = embedded.database_url.replace("asyncpg://", "postgresql://", 1)
    bare = await asyncpg.connect(url)
    await _fill(bare, lines, partners)
    began = time.perf_counter()
    counted = await bare.fetch(BARE)
    arithmetic = time.perf_counter() - began
    expected = sum(row["amount"] for row in counted)
    await bare.close()

    await startup.open_database(settings)
    effects.connect()
    before = _peak()
    began = time.perf_counter()
    await _start()
    await asyncio.gather(*(_work() for _ in range(LOOPS)))
    took = time.perf_counter() - began
    peak = _peak()
    found = await database.row(WRONG)
    await startup.close()
    assert found is not None
    assert found["state"] == "DONE"
    assert (found["lines"], found["sales"], found["waiting"]) == (lines, lines, 0)
    assert found["amount"] == found["total"] == expected
    print(
        f"{lines} lines of {partners} partners: {found['statements']} statements in {took:.1f} s"
        f" (target {SECONDS:.0f}), the process held {peak} MB at most (target {MEGABYTES}),"
        f" {before} before it began;"
        f" the bare arithmetic and grouping {arithmetic:.1f} s"
    )
    note(
        f"statements of {lines:,} lines of {partners} partners",
        f"{took:.1f} s",
        beside=f"{arithmetic:.1f} s for the bare arithmetic and grouping",
        ratio=took / arithmetic,
        target=f"{SECONDS:.0f} s",
        is_met=took <= SECONDS,
    )
    note(
        "its memory at most",
        f"{peak} MB",
        beside=f"{before} MB before it begins",
        ratio=peak / before,
        target=f"{MEGABYTES} MB",
        is_met=peak <= MEGABYTES,
    )
    return took <= SECONDS and peak <= MEGABYTES


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@transactional
async def _start() -> None:
    await runs.start(kind=StatementKind.BASIC, period=PERIOD, viewer=SYSTEM, now=NOW)


async def _work() -> None:
    """What a worker does: shares until there are none."""
    while await sharing.settle_next(now=NOW):
        pass


def settings_of(database_url: str, folder: Path) -> Settings:
    """The settings of what is measured."""
    return Settings(
        database_url=database_url,
        redis_url="redis://localhost",
        secret_key=SecretStr("for this measurement, and for nothing else"),
        data_dir=folder / "files",
    )


async def _fill(connection: asyncpg.Connection, lines: int, partners: int) -> None:
    await connection.execute(
        "create function pg_temp.id(thing text, n bigint, at timestamptz) returns uuid"
        " language sql immutable return (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12,"
        " '0') || '7' || substr(md5(thing || n), 1, 3) || '8' || substr(md5(thing || n), 4, 15"
        "))::uuid"
    )
    text = (Path(__file__).parent / "settlement.sql").read_text()
    values: dict[str, Any] = {
        ":lines": str(lines),
        ":partners": str(partners),
        ":starts_at": f"timestamptz '{STARTS_AT.isoformat()}'",
        ":long_ago": f"timestamptz '{(STARTS_AT - timedelta(days=900)).isoformat()}'",
    }
    for name, value in values.items():
        text = text.replace(name, value)
    async with connection.transaction():
        await connection.execute("".join(f"{column} set default {v};" for column, v in _defaults()))
        await connection.execute(text)
        await connection.execute("".join(f"{column} drop default;" for column, _ in _defaults()))
    await connection.execute("vacuum analyze")


def _defaults() -> Iterator[tuple[str, str]]:
    return defaults((Order, OrderLine, PaymentPart, PaymentShare, Partner, BusinessInformation))


def main() -> None:
    """Measure with servers of our own; end with 1 if a target was missed."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    partners = int(sys.argv[2]) if len(sys.argv) > 2 else PARTNERS
    print(machine())
    with (
        thrown_away() as folder,
        Embedded(folder / "data") as embedded,
    ):
        # A process of its own, as with a deployment: what it takes in memory is no worker's.
        subprocess.run(
            [sys.executable, "-c", MIGRATE, embedded.database_url, str(folder)], check=True
        )
        met = asyncio.run(measure(lines, partners, embedded, folder))
    sys.exit(not met)


if __name__ == "__main__":
    main()
