"""How late things came: by kind over a span, and what an outage or a pause has made late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.identity.permissions import require
from domain.identity.viewer import Viewer
from domain.operating.backlogs import BACKLOGS, Queue
from domain.operating.policy import LATE
from kit.pool import readers
from kit.problems import InvalidInput

LONGEST_SPAN = timedelta(days=31)


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """Of the timers of a kind that fired: how many, how many were late, and how late."""

    kind: str
    fired_count: int
    late_count: int
    p50_ms: int
    p99_ms: int
    max_ms: int


@dataclass(frozen=True, kw_only=True)
class LateKind:
    """What came late of a kind, of how many partners, and when it was due and came."""

    kind: str
    late_count: int
    partner_count: int
    first_due_at: datetime
    last_due_at: datetime
    caught_up_at: datetime | None
    max_ms: int
    waiting_count: int


@dataclass(frozen=True, kw_only=True)
class LateReport:
    """What came late in a span, by kind, the latest first; those that wait are late, too."""

    late_count: int
    waiting_count: int
    first_due_at: datetime | None
    caught_up_at: datetime | None
    kinds: list[LateKind]


async def by_kind(
    *, viewer: Viewer, from_: datetime | None, to: datetime | None, now: datetime
) -> list[Lateness]:
    """By kind, the worst p99 first, of what fired from one instant up to another.

    The last 24 hours if unsaid. Raises InvalidInput for no span, and one of more than 31 days.
    """
    require(viewer, "ops")
    first, last = _span(from_, to, now)
    rows = await readers().fetch(_LATENESS, first, last, int(LATE.total_seconds() * 1000))
    return [Lateness(**row) for row in rows]


async def report(
    *,
    viewer: Viewer,
    from_: datetime | None,
    to: datetime | None,
    over: timedelta,
    now: datetime,
) -> LateReport:
    """What came later than `over` from one instant up to another, and what is still to come.

    As `by_kind` for the span; raises InvalidInput for an `over` of nothing, too.
    """
    require(viewer, "ops")
    if over < timedelta(0):
        raise InvalidInput(
            reason="What isn't late can't be reported as late.",
            reason_zh="迟到时长不能为负数。",
            path=("over",),
        )
    first, last = _span(from_, to, now)
    rows = await readers().fetch(_REPORT, first, last, over, now)
    found = [LateKind(**row) for row in rows]
    return LateReport(
        late_count=sum(each.late_count for each in found),
        waiting_count=sum(each.waiting_count for each in found),
        first_due_at=min((each.first_due_at for each in found), default=None),
        caught_up_at=max((each.caught_up_at for each in found if each.caught_up_at), default=None),
        kinds=found,
    )


def _span(from_: datetime | None, to: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    last = to or now + timedelta(microseconds=1)  # what fires at this instant has fired
    first = from_ or last - timedelta(days=1)
    if not first < last <= first + LONGEST_SPAN:
        raise InvalidInput(
            reason=f"The span ends after it begins, {LONGEST_SPAN.days} days later at most.",
            reason_zh=f"时间范围无效,最长为 {LONGEST_SPAN.days} 天。",
            path=("to",),
        )
    return first, last


# GraphQL's Int has 31 bits; 24 days late is late enough.
_LATENESS = """
select kind, count(*) as fired_count,
  count(*) filter (where lateness_ms > $3) as late_count,
  least(percentile_disc(0.5) within group (order by lateness_ms), 2147483647) as p50_ms,
  least(percentile_disc(0.99) within group (order by lateness_ms), 2147483647) as p99_ms,
  least(max(lateness_ms), 2147483647) as max_ms
from timer where state = 'FIRED' and fired_at >= $1 and fired_at < $2
group by kind order by p99_ms desc, kind
"""

_LATE_NOW = BACKLOGS[Queue.TIMERS].late("kind, tenant_id, due_at, null", now="$4")
_REPORT = f"""
with late as (
  select kind, tenant_id, due_at, fired_at from timer
  where state = 'FIRED' and fired_at >= $1 and fired_at < $2 and fired_at - due_at > $3::interval
  union all
  {_LATE_NOW} and $4 - due_at > $3
)
select kind, count(fired_at) as late_count, count(distinct tenant_id) as partner_count,
  min(due_at) as first_due_at, max(due_at) as last_due_at,
  max(fired_at) as caught_up_at,
  least((extract(epoch from max(coalesce(fired_at, $4) - due_at)) * 1000)::bigint, 2147483647)
    as max_ms,
  count(*) - count(fired_at) as waiting_count
from late group by kind order by max_ms desc, kind
"""
