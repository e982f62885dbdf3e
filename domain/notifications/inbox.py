"""Reading the inbox: what is new, and noting that it was read."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.identity.permissions import require
from domain.identity.viewer import Viewer
from kit import database
from kit.pool import readers
from kit.problems import InvalidInput, NotFound
from kit.transaction import transactional

MOST = 100  # messages that are marked by their ids at once
COUNTED = 1_000  # where counting what is unread stops


async def unread(*, viewer: Viewer) -> int:
    """How many messages of the seat nobody has read, COUNTED at most; a system has none."""
    return int(await readers().fetchval(_UNREAD, viewer.seat_id))


@transactional
async def mark_read(*, viewer: Viewer, ids: Sequence[UUID], now: datetime) -> int:
    """Note that these messages were read; how many were not yet.

    Raises NotFound when any isn't the seat's own; none is marked then.
    """
    require(viewer, "inboxMarkRead")
    wanted = set(ids)
    if not 1 <= len(wanted) <= MOST:
        raise InvalidInput(
            reason=f"Name 1 to {MOST} messages.",
            reason_zh=f"一次可标记 1 至 {MOST} 条消息。",
            path=("input", "ids"),
        )
    mine = await database.rows(
        "select id from inbox_message where seat_id = $1 and id = any($2) order by id for update",
        viewer.seat_id,
        list(wanted),
    )
    if len(mine) < len(wanted):
        raise NotFound(thing="inbox message", path=("input", "ids"))
    return await database.execute(
        "update inbox_message set read_at = $3"
        " where seat_id = $1 and id = any($2) and read_at is null",
        *(viewer.seat_id, list(wanted), now),
    )


@transactional
async def mark_all_read(*, viewer: Viewer, up_to: UUID | None, now: datetime) -> int:
    """Note that all messages were read, up to and with this one; None: all there are.

    What comes after it stays unread, so that nobody misses what they haven't seen. Raises NotFound
    for a message that isn't the seat's own.
    """
    require(viewer, "inboxMarkAllRead")
    if up_to is not None and not await database.row(
        "select 1 from inbox_message where seat_id = $1 and id = $2", viewer.seat_id, up_to
    ):
        raise NotFound(thing="inbox message", path=("input", "upTo"))
    return await database.execute(
        "update inbox_message set read_at = $3"
        " where seat_id = $1 and read_at is null and ($2::uuid is null or id <= $2)",
        *(viewer.seat_id, up_to, now),
    )


async def after(*, seat_id: UUID, last: UUID | None, limit: int) -> list[UUID]:
    """Ids of the seat's next messages, in order."""
    rows = await readers().fetch(_AFTER, seat_id, last, limit)
    return [row["id"] for row in rows]


async def end(*, seat_id: UUID) -> UUID | None:
    """The seat's latest message; None while it has none."""
    last: UUID | None = await readers().fetchval(
        "select id from inbox_message where seat_id = $1 order by id desc limit 1", seat_id
    )
    return last


_UNREAD = f"""
select count(*) from (
  select from inbox_message where seat_id = $1 and read_at is null limit {COUNTED}) fresh
"""

_AFTER = """
select id from inbox_message
where seat_id = $1 and ($2::uuid is null or id > $2) order by id limit $3
"""
