"""After the storm: everybody is there again, and what is under way comes to its end."""

import asyncio
import signal
import time
from random import Random

from kit import clock, database
from tests.faults.chaos.book import Book
from tests.faults.chaos.client import Client
from tests.faults.chaos.edge_flows import SYSTEMS
from tests.faults.chaos.house import House
from tests.faults.chaos.load import advance
from tests.faults.chaos.visitor import Visit, Visitor

LEASED = ("timer", "tick", "mail", "text_message", "upstream_request", "export", "webhook_delivery")
LEAP = 8 * 24  # hours; twice that is longer than any deadline of the load but a voucher's
NUDGE = 0.2  # hours: longer than whatever failed is put off for

# What is still to be done, by what it is; `moment` has business time and wall time.
_UNDER_WAY = {
    "timers": "timer where state = 'SCHEDULED' and due_at <= moment.now",
    "ticks": "tick where state = 'SCHEDULED' and scheduled_for <= moment.now",
    "events without a position": "event where position is null",
    "logs that notifications are behind of": "event_counter log left join notification_reader"
    " reader on reader.id = log.id where coalesce(reader.position, 0) < log.last_position",
    "mails": "mail where status = 'QUEUED' or status = 'HELD' and next_attempt_at <= moment.now",
    "text messages": "text_message where status = 'QUEUED'",
    "upstream requests": "upstream_request where state = 'WAITING'",
    "exports": "export where state in ('QUEUED', 'RUNNING')",
    "settlement runs": "settlement_run where state = 'RUNNING'",
    "endpoints behind their log": "webhook_endpoint endpoint join event_counter log"
    " on log.id = endpoint.partner_id where endpoint.state = 'ACTIVE'"
    " and endpoint.position < log.last_position",
    "webhooks due": "webhook_delivery delivery join webhook_endpoint endpoint"
    " on endpoint.id = delivery.endpoint_id where delivery.state = 'WAITING'"
    " and delivery.next_attempt_at <= moment.wall and endpoint.state = 'ACTIVE'",
}
_MOMENT = "(select $1::timestamptz as now, $2::timestamptz as wall) moment"


async def under_way() -> dict[str, int]:
    """What waits for a worker now, and how much of it."""
    now, wall = await clock.now(), clock.wall()
    left = {}
    for what, rest in _UNDER_WAY.items():
        [row] = await database.rows(f"select count(*) from {_MOMENT} cross join {rest}", now, wall)
        if row["count"]:
            left[what] = row["count"]
    return left


async def rest(house: House, visit: Visit, *, hurry: bool, patience: float) -> None:
    """Return when nothing is under way; business time hardly goes on.

    In a `hurry`, nobody waits a minute for leases of the dead: all of them end now.
    """
    await house.until_ready()
    if hurry:
        for table in LEASED:
            await database.execute(
                f"update {table} set leased_until = $1 where lease_token is not null", clock.wall()
            )
    visitor = Visitor(visit, Random(0))
    try:
        await _calm(visitor.by(visit.world.staff))
        await _quiet(visitor, patience=patience)
    finally:
        await visitor.close()


async def settle(house: House, visit: Visit, book: Book, *, patience: float) -> None:
    """Let every deadline be over, and return when nothing is under way, with all stopped.

    What still waits then is a finding.
    """
    visitor = Visitor(visit, Random(0))
    try:
        for _ in range(2):
            await advance(visitor, hours=LEAP)
            left = await _quiet(visitor, patience=patience)
    finally:
        await visitor.close()
    for what, count in left.items():
        book.wrong("comes to rest", f"{count} {what} still wait")
    for member in house.members:
        await member.end(signal.SIGTERM)
        if member.ended not in (0, -signal.SIGTERM):
            book.wrong("processes", f"{member.name} was told to stop and ended by {member.ended}")


async def _quiet(visitor: Visitor, *, patience: float) -> dict[str, int]:
    """Wait until nothing is under way, or for so long; what was put off gets its time."""
    end, looks = time.monotonic() + patience, 0
    while (left := await under_way()) and time.monotonic() < end:
        looks += 1
        if looks % 20 == 0:
            await advance(visitor, hours=NUDGE)
        await asyncio.sleep(0.25)
    return left


async def _calm(client: Client) -> None:
    client.flow = "upstream"
    for system in SYSTEMS:
        await client.does(
            "sandboxUpstreamSet", "behaviour", system=system, behaviour="PROMPT", after="PT0S"
        )
