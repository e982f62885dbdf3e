"""How the queues, the books and the runs stand, as the database tells it whenever it is asked.

Every process tells the same of these: take the greatest, don't add them up.
"""

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from domain.operating.backlogs import BACKLOGS, Queue
from domain.upstream import ports
from domain.webhooks.claims import TIRED
from kit import clock, database
from kit.metrics import PREFIX, REGISTRY, gauge
from workers.ticks import TIMETABLE

WITHIN = timedelta(seconds=3)
MOST = 100_000  # of a queue are counted; what is longer is told to be as long


class Asked(NamedTuple):
    """A gauge that only the database knows the value of."""

    about: str
    label: str | None = None


GAUGES = {
    "queue_due": Asked(
        f"What is due in a queue and not done, {MOST} at most: timers, ticks, mails, texts,"
        " exports, deliveries, upstream, events (committed, without a position).",
        "queue",
    ),
    "queue_age_seconds": Asked(
        "For how long the oldest of a queue has been due, 0 if nothing is. Timers and ticks from"
        " when they were due first, the others from when they may be tried (again). Deliveries to"
        " endpoints that keep failing, or have some in hand, wait for these and have no age.",
        "queue",
    ),
    "timer_age_seconds": Asked(
        "For how long the oldest deadline of a kind has been due; absent while none is.", "kind"
    ),
    "dead": Asked("What was given up: timers, ticks, mails, texts, upstream.", "queue"),
    "tick_done_age_seconds": Asked("Since the last finished run of periodic work was due.", "name"),
    "ledger_sound": Asked("1 if the last night's recount added up, else 0."),
    "ledger_audit_age_seconds": Asked("Since the last recount of the ledger."),
    "settlement_shares": Asked(
        "Partners of the settlement runs that are under way: open, failed (tried again), done.",
        "state",
    ),
    "settlement_run_age_seconds": Asked("Since the oldest settlement run under way began, or 0."),
}
DATABASE_UP = gauge("database_up", "1 if the database answered just now.")


class _Stand(Collector):
    """What was answered last. Nothing is told of what can't be known: 0 would be an answer."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, asked in GAUGES.items():
            labels = [asked.label] if asked.label else []
            family = GaugeMetricFamily(PREFIX + name, asked.about, labels=labels)
            for row in self.rows:
                if row["gauge"] == name:
                    family.add_metric([row["label"]] if labels else [], row["value"])
            yield family


_stand = _Stand()
REGISTRY.register(_stand)

log = logging.getLogger(__name__)

_asking = asyncio.Lock()


async def refresh() -> None:
    """Ask, and say what was answered; nothing is said of what can't be known."""
    async with _asking:
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                told = await _ask()
        except database.UNANSWERED as error:
            log.warning("can't tell how the queues stand: %r", error)
            DATABASE_UP.set(0)
            told = []
        else:
            DATABASE_UP.set(1)
        _stand.rows = told


async def _ask() -> list[dict[str, Any]]:
    return await database.rows(
        _STAND,
        await clock.now(),
        clock.wall(),
        [periodic.name for periodic in TIMETABLE],
        [system.value for system in ports.adapters()],
    )


_TIMERS = BACKLOGS[Queue.TIMERS]
_DEAD = {
    name: BACKLOGS[queue].given_up(f"'dead', '{name}', count(*)::float8")
    for name, queue in {
        "timers": Queue.TIMERS,
        "ticks": Queue.TICKS,
        "mails": Queue.MAILS,
        "texts": Queue.TEXTS,
        "upstream": Queue.UPSTREAM,
    }.items()
}

# $1 business time, $2 wall time, $3 periodic work, $4 the systems that somebody asks: what is meant
# for others waits for people.
_STAND = f"""
with due (queue, kind, since) as materialized (
  ({_TIMERS.late("'timers', kind, due_at", now="$1")}
   order by next_attempt_at, id limit {MOST})
  union all
  ({BACKLOGS[Queue.TICKS].late("'ticks', null, scheduled_for", now="$1")} limit {MOST})
  union all
  ({BACKLOGS[Queue.MAILS].ready("'mails', null, next_attempt_at", now="$1")} limit {MOST})
  union all
  ({BACKLOGS[Queue.TEXTS].ready("'texts', null, next_attempt_at", now="$1")} limit {MOST})
  union all
  ({BACKLOGS[Queue.EXPORTS].ready("'exports', null, next_attempt_at", now="$1")} limit {MOST})
  union all
  (select 'deliveries', null, case when endpoint.failures < {TIRED} and endpoint.id <> all(array(
     select busy.endpoint_id from webhook_delivery busy where busy.state = 'WAITING'
       and busy.lease_token is not null and busy.leased_until > $2))
     then delivery.next_attempt_at end
   from webhook_delivery delivery join webhook_endpoint endpoint
     on endpoint.id = delivery.endpoint_id and endpoint.state = 'ACTIVE'
   where delivery.state = 'WAITING' and delivery.next_attempt_at <= $2 limit {MOST})
  union all
  ({BACKLOGS[Queue.UPSTREAM].ready("'upstream', null, next_attempt_at", now="$1")}
   and system = any($4) limit {MOST})
  union all
  (select 'events', null, occurred_at from event where position is null order by id limit {MOST})
), stand (queue, due, since, now) as (
  select known.queue, count(due.queue), min(due.since),
    case known.queue when 'deliveries' then $2::timestamptz else $1 end
  from unnest(array['timers', 'ticks', 'mails', 'texts', 'exports', 'deliveries', 'upstream',
    'events']) as known (queue)
  left join due on due.queue = known.queue group by known.queue
), run as materialized (
  select id, created_at from settlement_run where state = 'RUNNING'
), told (gauge, label, value) as (
  select 'queue_due', queue, due::float8 from stand
  union all
  select 'queue_age_seconds', queue, coalesce(extract(epoch from now - since), 0)::float8 from stand
  union all
  select 'timer_age_seconds', kind, extract(epoch from $1 - min(since))::float8 from due
  where queue = 'timers' group by kind
  union all
  {" union all ".join(_DEAD.values())}
  union all
  select 'tick_done_age_seconds', wanted.name, extract(epoch from $1 - last.scheduled_for)::float8
  from unnest($3::text[]) as wanted (name) cross join lateral (
    select scheduled_for from tick where tick.name = wanted.name and state = 'DONE'
    order by scheduled_for desc limit 1) last
  union all
  (select 'ledger_sound', '', is_sound::int::float8 from ledger_audit
   order by created_at desc, id desc limit 1)
  union all
  select 'ledger_audit_age_seconds', '', extract(epoch from $1 - max(created_at))::float8
  from ledger_audit having max(created_at) is not null
  union all
  select 'settlement_shares', state.name, count(share.id)::float8
  from unnest(array['open', 'failed', 'done']) as state (name)
  left join (settlement_share share join run on run.id = share.run_id) on state.name = case
    when share.done_at is not null then 'done'
    when share.failed_at is not null then 'failed' else 'open' end
  group by state.name
  union all
  select 'settlement_run_age_seconds', '',
    greatest(coalesce(extract(epoch from $1 - min(created_at)), 0), 0)::float8 from run
)
select gauge, label, greatest(value, 0) as value from told
"""
