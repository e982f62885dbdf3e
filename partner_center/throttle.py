"""How fast clients may spend points: buckets in Valkey, one for each client and one for its tenant.

A bucket is one number, the moment at which it will be full again. What is asked at the same moment
goes there together, in one round trip. When Valkey doesn't answer, everything is let through for a
while, which the log and the metrics tell.
"""

import asyncio
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from redis.exceptions import RedisError

from domain.identity.viewer import Viewer, ViewerKind
from kit import clock, metrics, valkey
from kit.graphql.refusals import Throttled
from schema.context import Allowance

# What a tenant's clients have together, times what each of them has.
TENANT = 5

# Seconds that an answer may take, and that nobody is asked after none came.
PATIENCE = 0.25
PAUSE = 5.0

_PASSED, _REFUSED, _FAILED_OPEN = (
    metrics.THROTTLE.labels(outcome) for outcome in ("passed", "refused", "failed_open")
)

# Asks of one call; the script holds up Valkey as long as it runs.
TOGETHER = 200

# For each ask the keys of two buckets and a cost; told are the milliseconds that each has to spare,
# less than none where the ask is refused. Both are charged or neither.
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local burst = tonumber(ARGV[1])
local each = {tonumber(ARGV[2]), tonumber(ARGV[3])}
local told = {}
for ask = 1, #ARGV - 3 do
  local cost, full, worst = tonumber(ARGV[ask + 3]), {}, burst
  for side = 1, 2 do
    -- Never fuller than full: the clock may have been put back, or be another server's.
    local before = tonumber(redis.call('GET', KEYS[ask * 2 - 2 + side]) or 0)
    full[side] = math.min(math.max(before, now), now + burst) + cost * each[side]
    local spare = now + burst - full[side]
    worst = math.min(worst, spare)
    told[#told + 1] = math.floor(spare)
  end
  if worst >= 0 then
    for side = 1, 2 do
      local key = KEYS[ask * 2 - 2 + side]
      local lasts = math.ceil(full[side] - now) + 1
      redis.call('SET', key, string.format('%.3f', full[side]), 'PX', lasts)
    end
  end
end
return told
"""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Ask:
    tenant: str
    client: str
    cost: int
    told: "asyncio.Future[tuple[int, int] | None]"


class Throttle:
    """Lets each client spend `per_second` points, and up to `burst` of them at once."""

    def __init__(self, url: str, *, per_second: int, burst: int) -> None:
        self._valkey = valkey.client(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
        self._script = self._valkey.register_script(_SCRIPT)
        self.per_second = per_second
        self.burst = burst
        self._full_after = burst * 1000 / per_second
        # What a point costs in milliseconds: of the tenant's bucket, and of the client's.
        self._each = (1000 / per_second / TENANT, 1000 / per_second)
        self._asks: list[_Ask] = []
        self._asking: asyncio.Task[None] | None = None
        self._silent_until = 0.0

    async def take(self, viewer: Viewer, address: str, cost: int) -> Allowance | None:
        """Spend the points; what the client then has.

        None when nobody knows. Raises Throttled, and spends nothing.
        """
        loop = asyncio.get_running_loop()
        if loop.time() < self._silent_until:
            _FAILED_OPEN.inc()
            return None
        tenant, client = parties(viewer, address)
        ask = _Ask(tenant, client, max(cost, 1), loop.create_future())
        self._asks.append(ask)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_for_all())
        spare = await ask.told
        if spare is None:
            _FAILED_OPEN.inc()
            return None
        if min(spare) < 0:
            _REFUSED.inc()
            raise self._refusal(ask.cost, spare)
        _PASSED.inc()
        return Allowance(
            requested=ask.cost,
            capacity=self.burst,
            available=self._points(spare),
            restore_per_second=self.per_second,
            full_in=timedelta(milliseconds=self._full_after - min(spare)),
        )

    async def close(self) -> None:
        """Disconnect."""
        if self._asking is not None:
            self._asking.cancel()
        await self._valkey.aclose()

    def _points(self, spare: tuple[int, int]) -> int:
        # In the client's own points, of which the tenant may have fewer left than it has.
        return min(int(spare[side] / self._each[side]) for side in range(2))

    def _refusal(self, cost: int, spare: tuple[int, int]) -> Throttled:
        seconds = math.ceil(-min(spare) / 1000)
        before = (spare[0] + round(cost * self._each[0]), spare[1] + round(cost * self._each[1]))
        return Throttled(
            cost=cost,
            seconds=seconds,
            available_at=clock.wall() + timedelta(seconds=seconds),
            capacity=self.burst,
            restore_per_second=self.per_second,
            available=max(self._points(before), 0),
        )

    async def _ask_for_all(self) -> None:
        asks: list[_Ask] = []
        try:
            while self._asks:
                asks, self._asks = self._asks[:TOGETHER], self._asks[TOGETHER:]
                for ask, spare in zip(asks, await self._spare(asks), strict=True):
                    if not ask.told.done():  # its client may have left
                        ask.told.set_result(spare)
        except (RedisError, OSError, TimeoutError) as error:
            self._silent_until = asyncio.get_running_loop().time() + PAUSE
            log.warning("nothing is throttled for %g s, since Valkey is away: %r", PAUSE, error)
        finally:
            self._asking = None
            waiting, self._asks = [*asks, *self._asks], []
            for ask in waiting:
                if not ask.told.done():
                    ask.told.set_result(None)

    async def _spare(self, asks: Sequence[_Ask]) -> list[tuple[int, int]]:
        keys = [
            key
            for ask in asks
            for key in (f"points:{ask.tenant}", f"points:{ask.tenant}:{ask.client}")
        ]
        values = [self._full_after, *self._each, *(ask.cost for ask in asks)]
        told: Any = await self._script(keys=keys, args=values)
        return [(int(told[at]), int(told[at + 1])) for at in range(0, len(told), 2)]


def parties(viewer: Viewer, address: str) -> tuple[str, str]:
    """Whose points a request spends: the tenant, and the person or API key of it.

    Who isn't signed in is known by its address alone.
    """
    actor = viewer.actor_id
    if actor is None:
        return f"@{address}", "nobody"
    tenant = viewer.partner_id or viewer.customer_id
    if tenant is None and viewer.kind is not ViewerKind.STAFF:
        tenant = actor  # what a person of no tenant does is no burden on others of that kind
    return tenant.hex if tenant else "platform", actor.hex
