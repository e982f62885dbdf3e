"""How exports stand as a whole, for whoever watches over the workers."""

from dataclasses import dataclass
from datetime import datetime

from kit import clock, database

_STAND = """
select
  extract(epoch from max(case
    when state = 'QUEUED' and next_attempt_at <= $1 then $1::timestamptz - next_attempt_at
    when state = 'RUNNING' and leased_until <= $2 then $2::timestamptz - leased_until
  end))::float8 as oldest_due_seconds,
  count(*) filter (where state = 'QUEUED' and next_attempt_at <= $1
    or state = 'RUNNING' and leased_until <= $2) as due,
  count(*) filter (where state = 'RUNNING' and leased_until > $2) as running
from export where state in ('QUEUED', 'RUNNING')
"""


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Exports as they stand: for how long the first that could begin has waited, None if none does.

    `due` could begin, or have lost their worker; `running` are being made.
    """

    oldest_due_seconds: float | None
    due: int
    running: int


async def stand(*, now: datetime) -> Stand:
    """How all exports stand, whosever they are."""
    row = await database.row(_STAND, now, clock.wall())
    assert row is not None
    return Stand(**row)
