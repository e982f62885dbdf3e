"""Following a tenant's log: what comes after a position, and where the log ends."""

from collections.abc import Sequence
from uuid import UUID

from domain.audit.types import MATCHES
from kit import database
from kit.pool import readers

_AFTER = f"""
select id, position, {MATCHES.format(t="event", wanted="$4::text[]")} as is_wanted
from event where tenant_id = $1 and position > $2
order by position limit $3
"""


async def after(
    *, tenant_id: UUID, position: int, limit: int, types: Sequence[str] = ()
) -> tuple[list[tuple[UUID, int]], int]:
    """Ids and positions of the next events, in order, and up to where the log was read.

    Nothing will ever come between them. At most `limit` events are looked at; of `types`, if there
    are any, only those are told.
    """
    rows = await readers().fetch(_AFTER, tenant_id, position, limit, list(types))
    found = [(row["id"], row["position"]) for row in rows if row["is_wanted"]]
    return found, rows[-1]["position"] if rows else position


async def end(*, tenant_id: UUID) -> int:
    """The last position given, 0 when there is none."""
    last = await readers().fetchval(
        "select last_position from event_counter where id = $1", tenant_id
    )
    return int(last or 0)


async def end_as_written(*, tenant_id: UUID) -> int:
    """As `end`, seen from the open transaction: what it has placed itself counts, too."""
    row = await database.row("select last_position from event_counter where id = $1", tenant_id)
    return int(row["last_position"]) if row else 0
