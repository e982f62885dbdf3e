"""What an export costs beside a bare COPY to disk: `python -m bench.exports [orders]`.

Orders × 20 columns of the demo of `bench.run`. The same rows are copied to a file by PostgreSQL
itself, in a session of the same settings, before and after; the ratio is to the mean of both.
Memory is what the process has at its peak, and what of that came with the export; CPU, that of this
process and of PostgreSQL, says what a busy machine hides. Then an API and a worker are started: how
long requests take while the worker makes such a file, beside an idle one's.
"""

import asyncio
import sys
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import SecretStr

from bench import beside, data
from bench.notes import note
from bench.servers import cpu_below, machine, parent_of, thrown_away
from bench.stage import PASSWORD
from domain.exports import queue, requesting, running, sources
from domain.exports.lists import LISTS
from domain.identity import passwords, recognition
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit import clock, columns
from kit.copying import inlined, literals
from kit.pool import readers
from models.exports import Export, ExportFormat, ExportLanguage
from models.identity import Person, StaffMember
from partner_center import startup
from partner_center.embedded import Embedded
from partner_center.settings import Settings

COLUMNS = 20
SECRET = "for this measurement, and for nothing else"
TARGET_MEMORY = 80  # MiB above what the process has at rest
TARGET_CSV = 1.3
TARGET_XLSX = 150_000


async def measure(orders: int, embedded: Embedded, folder: Path) -> bool:
    """Print all; whether the targets are met."""
    settings = Settings(
        database_url=embedded.database_url,
        redis_url=embedded.redis_url,
        data_dir=folder,
        sandbox=True,
        secret_key=SecretStr(SECRET),
    )
    await startup.migrate(settings)
    url = embedded.database_url.replace("asyncpg://", "postgresql://", 1)
    connection = await asyncpg.connect(url)
    midnight = clock.wall().replace(hour=0, minute=0, second=0, microsecond=0)
    hashed = await passwords.hash_of(PASSWORD)
    await data.fill(connection, password_hash=hashed, now=midnight, orders=orders)
    print(f"{clock.wall():%Y-%m-%d}, {machine()}, {orders:,} orders × {COLUMNS} columns\n")
    await connection.execute("vacuum (analyze)")  # else it comes while something is measured
    async with connected(settings):
        met = await measured(orders, folder)
        met &= await beside.measure(settings, requested_by_staff)
    await connection.close()
    return met


async def measured(orders: int, folder: Path) -> bool:
    """With the house's pools open."""
    connection = await readers().apart(**sources.SESSION)
    postmaster = parent_of(connection.get_server_pid())
    staff, listing = await reviewer(), LISTS["orders"]
    names = list(listing.columns)[:COLUMNS]
    rows = listing.listing.rows(
        [listing.columns[name].cell for name in names],
        arguments={},
        parent_id=None,
        viewers=[staff],
        now=await clock.now(),
    )
    written = [listing.columns[name].written(ExportLanguage.ZH) for name in names]
    bare = inlined(rows.sql, await literals(connection, rows.sql, rows.values))
    ours = columns.as_csv(written, bare)
    file = folder / "bare.csv"
    await to_disk(connection, bare, file)  # warm
    met = True
    after = await to_disk(connection, bare, file)
    for format in (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.JSONL):
        before = after
        export = await requested(staff, names, format)
        forget_peak()
        at_rest = peak()
        spent = time.process_time(), cpu_below(postmaster)
        began = time.perf_counter()
        claimed = await queue.claim(now=await clock.now())
        assert claimed is not None
        await running.run(claimed)
        took = time.perf_counter() - began
        here, postgres = time.process_time() - spent[0], cpu_below(postmaster) - spent[1]
        after = await to_disk(connection, bare, file)
        export = await Export.get(id=export.id)
        assert export.rows_done == orders, (export.state, export.last_error)
        bare_took = (before + after) / 2
        print(
            f"{format.value:5} {took:6.2f} s, {orders / took:9,.0f} rows/s,"
            f" {took / bare_took:4.2f} of a bare COPY's {bare_took:.2f} s;"
            f" {(export.size or 0) / 2**20:6.1f} MiB; peak {peak():.0f} MiB,"
            f" {peak() - at_rest:.0f} above what the process had at rest;"
            f" CPU of a row: {here / orders * 1e6:.1f} µs here,"
            f" {postgres / orders * 1e6:.1f} µs PostgreSQL"
        )
        met &= _noted(format, orders, took, bare_took, peak() - at_rest)
    same = await to_disk(connection, ours, file)
    print(f"\nThe CSV's own statement by COPY to disk: {same:.2f} s")
    await connection.close()
    return met


def _noted(format: ExportFormat, orders: int, took: float, bare: float, memory: float) -> bool:
    """Keep what one file took; whether that is as it should be."""
    target, is_met = "", None
    if format is ExportFormat.CSV:
        target, is_met = f"ratio {TARGET_CSV}", took / bare <= TARGET_CSV
    elif format is ExportFormat.XLSX:
        target, is_met = f"{TARGET_XLSX:,} rows/s", orders / took >= TARGET_XLSX
    note(
        f"{orders:,} orders × {COLUMNS} columns as {format.value}",
        f"{took:.1f} s, {orders / took:,.0f} rows/s",
        beside=f"{bare:.1f} s for a bare COPY to disk",
        ratio=took / bare,
        target=target,
        is_met=is_met,
    )
    note(
        "its memory above rest",
        f"{memory:.0f} MiB",
        target=f"{TARGET_MEMORY} MiB",
        is_met=memory <= TARGET_MEMORY,
    )
    return is_met is not False and memory <= TARGET_MEMORY


async def reviewer() -> Viewer:
    """Who sees all orders."""
    person = await Person.get(email=data.STAFF)
    await StaffMember.filter(person_id=person.id).update(items=[Item.ORDER_REVIEW.value])
    found = await recognition.by_person(person.id, until=clock.wall() + timedelta(hours=1))
    assert found is not None
    return found.viewer


async def requested_by_staff(format: ExportFormat) -> Export:
    """One of all orders, with as many columns as were measured."""
    names = list(LISTS["orders"].columns)[:COLUMNS]
    return await requested(await reviewer(), names, format)


async def requested(viewer: Viewer, names: list[str], format: ExportFormat) -> Export:
    """One of all orders."""
    return await requesting.create(
        viewer=viewer,
        listing="orders",
        arguments={},
        parent_id=None,
        columns=names,
        format=format,
        language=ExportLanguage.ZH,
        csv_bom=True,
        now=await clock.now(),
    )


async def to_disk(connection: asyncpg.Connection, sql: str, file: Path) -> float:
    """Seconds that PostgreSQL takes to write the rows to a file itself."""
    began = time.perf_counter()
    await connection.execute(f"copy ({sql}) to '{file}' (format csv)")
    return time.perf_counter() - began


def forget_peak() -> None:
    """Begin anew with the most memory that this process has had."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> float:
    """The most memory that this process has had since it was forgotten, in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@asynccontextmanager
async def connected(settings: Settings) -> Any:
    """The house's own pools on this database."""
    await startup.open_database(settings)
    try:
        yield
    finally:
        await startup.close()


def main() -> None:
    """Measure with servers of our own; end with 1 if a target was missed."""
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with (
        thrown_away() as folder,
        Embedded(folder / "data") as embedded,
    ):
        met = asyncio.run(measure(orders, embedded, folder))
    sys.exit(not met)


if __name__ == "__main__":
    main()
