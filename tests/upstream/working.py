"""What a worker does in a second, as often as there is something to do."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from domain.upstream import sending
from kit.timers import TIMERS
from workers import firing

LEASE = timedelta(minutes=1)


async def work(now: datetime) -> None:
    """Send what waits and fire what is due at `now`, until there is nothing left to do."""
    while await sending.send_due(now=now) + await fire_due(now):
        pass


async def fire_due(now: datetime) -> int:
    """Fire the timers that are due; how many did."""
    claim = await TIMERS.claim(lease=LEASE, limit=1000, now=now)
    by_kind: dict[str, list[UUID]] = defaultdict(list)
    for row in claim.rows:
        by_kind[row["kind"]].append(row["id"])
    return sum(
        [
            await firing.fire(kind, timer_ids, token=claim.token, now=now)
            for kind, timer_ids in by_kind.items()
        ]
    )
