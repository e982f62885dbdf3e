"""What workflows that move money cost beside their statements: `python -m bench.money [how many]`.

Three copies of one database. On the first, each order payment (and each issue of vouchers) is done
once and every statement written down with its values; on the second the workflows are timed, on the
third the same statements in the same transactions by bare asyncpg on one connection. The two take
turns by small batches, and the ratio is the median of the batches'.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import SecretStr
from tortoise import Tortoise

from bench.notes import note
from bench.servers import machine, thrown_away
from domain.identity.viewer import Viewer
from domain.orders import paying, placing
from domain.orders.wishes import Wanted
from domain.vouchers import issuing
from domain.vouchers.terms import Terms
from kit import clock
from models.customers import AssociationType, Customer
from partner_center import startup
from partner_center.embedded import Embedded
from partner_center.settings import Settings
from tests.customers.factories import a_customer
from tests.factories import LONG_AGO, a_distributor, an_administrator
from tests.orders.factories import a_shop, fund
from tests.vouchers.factories import a_quota

BATCH = 25
RECEIVERS = 10

Statements = list[tuple[str, tuple[Any, ...]]]
Act = Callable[[int], Awaitable[object]]


class Scene:
    """What is prepared once: orders that wait for their payment, and quota to issue from."""

    buyer: Viewer
    seller: Viewer
    order_ids: list[UUID]
    coupon_ids: list[UUID]
    quota_id: UUID
    receiver_ids: list[UUID]
    now: datetime

    async def pay(self, number: int) -> None:
        """An order of two lines by a voucher and cash."""
        await paying.pay(
            viewer=self.buyer,
            order_id=self.order_ids[number],
            coupons={self.coupon_ids[number]: None},
            now=self.now,
        )

    async def issue(self, number: int) -> None:
        """A voucher to each of ten customers."""
        await issuing.issue(
            viewer=self.seller,
            quota_id=self.quota_id,
            customer_ids=self.receiver_ids,
            face_value=Decimal("1.00"),
            terms=Terms(),
            now=self.now,
        )


async def measure(count: int, embedded: Embedded, folder: Path) -> bool:
    """Print both ratios; whether each is at least a half."""
    settings = Settings(
        database_url=embedded.database_url,
        redis_url=embedded.redis_url,
        data_dir=folder,
        sandbox=True,
        db_pool_min=1,
        db_pool_max=1,
        secret_key=SecretStr("for this measurement, and for nothing else"),
    )
    await startup.migrate(settings)
    async with connected(settings):
        scene = await prepared(count)
    address = embedded.database_url.replace("asyncpg://", "postgresql://", 1)
    copies = await copied(address, ("written", "ours", "bare"))

    written: dict[str, list[Statements]] = {}
    acts: dict[str, Act] = {"order payment": scene.pay, "voucher issue": scene.issue}
    async with connected(settings.model_copy(update={"database_url": copies["written"]})):
        for name, act in acts.items():
            written[name] = [await statements_of(act, number) for number in range(count)]
    bare = await asyncpg.connect(copies["bare"].replace("asyncpg://", "postgresql://", 1))
    print(f"{clock.wall():%Y-%m-%d}, {machine()}, {count} of each\n")
    met = True
    async with connected(settings.model_copy(update={"database_url": copies["ours"]})):
        for name, act in acts.items():
            met &= await compared(name, act, written[name], bare, count)
    await bare.close()
    return met


async def compared(
    name: str, act: Act, written: Sequence[Statements], bare: asyncpg.Connection, count: int
) -> bool:
    """Print how the workflow does beside its statements; the first batch warms both up."""
    ratios, ours, theirs = [], [], []
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        began = time.perf_counter()
        for number in numbers:
            await act(number)
        between = time.perf_counter()
        for number in numbers:
            await replay(bare, written[number])
        ended = time.perf_counter()
        if first:
            ours.append((between - began) / len(numbers))
            theirs.append((ended - between) / len(numbers))
            ratios.append(theirs[-1] / ours[-1])
    print(
        f"{name}: {median(ours) * 1e3:.2f} ms, its {len(written[-1])} statements alone"
        f" {median(theirs) * 1e3:.2f} ms; {median(ratios):.2f} of their rate (target 0.5)"
    )
    note(
        name,
        f"{1 / median(ours):,.0f}/s",
        beside=f"{1 / median(theirs):,.0f}/s for its statements by bare asyncpg",
        ratio=median(ratios),
        target="0.5",
        is_met=median(ratios) >= 0.5,
    )
    return median(ratios) >= 0.5


async def replay(connection: asyncpg.Connection, statements: Statements) -> None:
    """The same once more, without us."""
    for query, values in statements:
        if _are_rows(query, values):
            await connection.executemany(query, values)
        elif values:
            await connection.fetch(query, *values)
        else:
            await connection.execute(query)


def _are_rows(query: str, values: tuple[Any, ...]) -> bool:
    """Whether it was said by `executemany`: a list of values for each time, and no array."""
    arrays = "any(" in query.lower() or "unnest(" in query.lower()
    return bool(values) and not arrays and all(isinstance(row, list | tuple) for row in values)


async def statements_of(act: Act, number: int) -> Statements:
    """What a workflow says to the database, in order."""
    said: Statements = []
    client = Tortoise.get_connection("default")
    await client.execute_query("select 1")  # which opens it
    connections = client._pool
    connection = await connections.acquire()
    connection.add_query_logger(lambda each: said.append((each.query, tuple(each.args or ()))))
    await connections.release(connection)
    await act(number)
    connection = await connections.acquire()
    connection._query_loggers.clear()
    await connections.release(connection)
    return said


async def prepared(count: int) -> Scene:
    """So many orders, vouchers, customers."""
    scene = Scene()
    scene.now = LONG_AGO + timedelta(days=365)
    distributor = await a_distributor()
    shop = await a_shop(partner=distributor, type=AssociationType.AGENCY)
    scene.buyer, scene.seller = shop.buyer, await an_administrator(distributor)
    await fund(shop.customer, "100000000.00", now=scene.now)
    quota = await a_quota(distributor, 100_000_000, now=scene.now)
    scene.quota_id = quota.id
    scene.receiver_ids = [
        (await a_customer(of=distributor, type=AssociationType.AGENCY)).id for _ in range(RECEIVERS)
    ]
    scene.order_ids, scene.coupon_ids = [], []
    for _ in range(count):
        lines = [Wanted(sku_id=shop.sku.id, quantity=1), Wanted(sku_id=shop.sku.id, quantity=2)]
        order = await placing.place(viewer=shop.buyer, lines=lines, now=scene.now)
        scene.order_ids.append(order.id)
        scene.coupon_ids.append(await voucher(quota.id, shop.customer, scene))
    return scene


async def voucher(quota_id: UUID, customer: Customer, scene: Scene) -> UUID:
    """One of ten yuan."""
    issued = await issuing.issue(
        viewer=scene.seller,
        quota_id=quota_id,
        customer_ids=[customer.id],
        face_value=Decimal("10.00"),
        terms=Terms(),
        now=scene.now,
    )
    return issued.coupons[customer.id]


@asynccontextmanager
async def connected(settings: Settings) -> Any:
    """The house's own pools on this database."""
    await startup.open_database(settings)
    try:
        yield
    finally:
        await startup.close()


async def copied(address: str, names: Sequence[str]) -> dict[str, str]:
    """Copies of the database, by name their addresses."""
    base, _, database = address.partition("?")[0].rpartition("/")
    query = address.partition("?")[2]
    # From another database, since one that is copied may have no sessions.
    other = await asyncpg.connect(f"{base}/postgres?{query}")
    found = {}
    for name in names:
        await other.execute(f'create database "{name}" template "{database}"')
        found[name] = f"{base}/{name}?{query}".replace("postgresql://", "asyncpg://", 1)
    await other.close()
    return found


def main() -> None:
    """Measure with servers of our own; end with 1 if a target was missed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with (
        thrown_away() as folder,
        Embedded(folder / "data") as embedded,
    ):
        met = asyncio.run(measure(count, embedded, folder))
    sys.exit(not met)


if __name__ == "__main__":
    main()
