"""What a delivery costs beside a bare loop of httpx: `python -m bench.webhooks [deliveries]`.

Ten endpoints of one partner at a receiver in another process, which answers at once. In turn, five
times: a bare loop posts signed bodies of the same size, a new connection for each as webhooks have
it, a hundred at a time; and the courier delivers as many events, from the log to the last attempt
written down. Both in this process; the ratio is of deliveries a second, the median of the rounds.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from uuid import UUID

import httpx
from pydantic import SecretStr

from bench.notes import note
from bench.servers import cpu_below, free_port, machine, parent_of, running, thrown_away
from domain.audit import relay
from domain.webhooks import endpoints, signing
from domain.webhooks.claims import PARALLEL
from kit import clock, database
from kit.ids import new_id
from partner_center import startup
from partner_center.embedded import Embedded
from partner_center.settings import Settings
from tests.factories import a_partner, an_administrator
from workers.webhooks import CAPACITY, Courier

ROUNDS = 5
ENDPOINTS = CAPACITY // PARALLEL
BODY = 420  # bytes, about what an event with two changes takes


@dataclass
class Way:
    """What came of one way to send: deliveries a second in each round, and CPU of all."""

    name: str
    rates: list[float] = field(default_factory=list)
    sent: int = 0
    ours: float = 0.0
    postgres: float = 0.0

    async def slice(
        self, send: Callable[[], Awaitable[object]], count: int, postmaster: int
    ) -> None:
        """One round of it."""
        began, ours, postgres = time.perf_counter(), time.process_time(), cpu_below(postmaster)
        await send()
        self.rates.append(count / (time.perf_counter() - began))
        self.sent += count
        self.ours += time.process_time() - ours
        self.postgres += cpu_below(postmaster) - postgres

    def told(self) -> str:
        """A line."""
        ours, postgres = self.ours / self.sent * 1e6, self.postgres / self.sent * 1e6
        return (
            f"{self.name:8} {median(self.rates):6,.0f} deliveries/s;"
            f" CPU each: {ours:5,.0f} µs here, {postgres:5,.0f} µs PostgreSQL"
        )


async def measure(count: int, embedded: Embedded, folder: Path, port: int) -> None:
    """Print all."""
    settings = Settings(
        database_url=embedded.database_url,
        redis_url=embedded.redis_url,
        data_dir=folder,
        sandbox=True,
        secret_key=SecretStr("for this measurement, and for nothing else"),
    )
    await startup.migrate(settings)
    async with _connected(settings):
        viewer = await an_administrator(await a_partner("Acme"))
        assert viewer.partner_id is not None
        url = f"http://127.0.0.1:{port}/hook"
        for number in range(ENDPOINTS):
            await endpoints.create(
                viewer=viewer,
                url=f"{url}/{number}",
                types=["usage_import.*"],
                description="ours",
                now=clock.wall(),
            )
        row = await database.row("select pg_backend_pid() as pid")
        assert row is not None
        postmaster = parent_of(row["pid"])
        bare, courier = Way("httpx"), Way("courier")
        print(f"{clock.wall():%Y-%m-%d}, {machine()}, {count:,} deliveries a round\n")
        for is_measured in [False] + [True] * ROUNDS:  # the first only warms
            await _happen(viewer.partner_id, count // ENDPOINTS)
            ways = (bare, courier) if is_measured else (Way(""), Way(""))
            await ways[0].slice(lambda: _bare(url, count), count, postmaster)
            await ways[1].slice(_courier, count, postmaster)
            await _all_arrived()
        ratio = median(a / b for a, b in zip(courier.rates, bare.rates, strict=True))
        note(
            "deliveries of webhooks",
            f"{median(courier.rates):,.0f}/s",
            beside=f"{median(bare.rates):,.0f}/s for a bare loop of httpx",
            ratio=ratio,
        )
        print(f"{bare.told()}\n{courier.told()}\n\nThe courier's rate is {ratio:.2f} of httpx's.")


async def _happen(partner_id: UUID, count: int) -> None:
    await database.execute(
        """
        insert into event (id, created_at, tenant_id, name, subject_type, subject_id, actor_kind,
            actor_name, before, after, occurred_at)
        select uuidv7(), $2, $1, 'usage_import.made', 'order', uuidv7(), 'SYSTEM', 'system',
            '{"status": "UNPAID"}', '{"status": "PAID", "paid_at": "2030-01-01T00:00:00+00:00"}', $2
        from generate_series(1, $3)""",
        partner_id,
        clock.wall(),
        count,
    )
    await relay.place_all(now=clock.wall())
    await database.execute("vacuum analyze webhook_delivery")


async def _bare(url: str, count: int) -> None:
    left = iter(range(count))
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    body, salts = b"x" * BODY, [signing.new_salt()]
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:

        async def loop() -> None:
            for _ in left:
                headers = signing.headers(
                    f"evt_{new_id().hex}", body, salts=salts, wall=clock.wall()
                )
                answer = await client.post(
                    url, content=body, headers=headers | {"connection": "close"}
                )
                assert answer.status_code == 200

        await asyncio.gather(*(loop() for _ in range(CAPACITY)))


async def _courier() -> None:
    stop = asyncio.Event()
    working = asyncio.create_task(Courier().run(stop))
    while await database.row(_LEFT):  # noqa: ASYNC110 -- PostgreSQL can't call us
        await asyncio.sleep(0.02)
    stop.set()
    await working


_LEFT = """
select 1 from webhook_delivery where state = 'WAITING'
union all
select 1 from webhook_endpoint endpoint join event_counter log on log.id = endpoint.partner_id
where endpoint.position < log.last_position limit 1
"""


async def _all_arrived() -> None:
    row = await database.row("select 1 from webhook_delivery where state <> 'DELIVERED' limit 1")
    assert row is None, "some did not arrive"


async def receive(port: int) -> None:
    """The receiver: reads a request whole, says 200, closes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            _, _, rest = head.partition(b"content-length: ")
            await reader.readexactly(int(rest.partition(b"\r\n")[0] or 0))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[None]:
    await startup.open_database(settings)
    try:
        yield
    finally:
        await startup.close()


def main() -> None:
    """Measure with servers of our own."""
    if sys.argv[1:2] == ["receiver"]:
        asyncio.run(receive(int(sys.argv[2])))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    port = free_port()
    with (
        thrown_away() as folder,
        Embedded(folder / "data") as embedded,
        running("receiver", "bench.webhooks", "receiver", str(port), port=port),
    ):
        asyncio.run(measure(count, embedded, folder, port))


if __name__ == "__main__":
    main()
