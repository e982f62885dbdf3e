"""Following a tenant's log: what comes after a position, and where the log ends."""

from uuid import UUID

from kit.pool import readers


async def after(*, tenant_id: UUID, position: int, limit: int) -> list[tuple[UUID, int]]:
    """Ids and positions of the next events, in order; nothing will ever come between them."""
    rows = await readers().fetch(
        "select id, position from event where tenant_id = $1 and position > $2"
        " order by position limit $3",
        tenant_id,
        position,
        limit,
    )
    return [(row["id"], row["position"]) for row in rows]


async def end(*, tenant_id: UUID) -> int:
    """The last position given, 0 when there is none."""
    last = await readers().fetchval(
        "select last_position from event_counter where id = $1", tenant_id
    )
    return int(last or 0)
