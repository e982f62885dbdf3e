"""Whether somebody who was let in may stay: for what outlives a request."""

from datetime import datetime, timedelta

from domain.identity.seats import SEATS
from domain.identity.viewer import Viewer
from kit import clock
from kit.pool import readers

RECHECK = timedelta(seconds=30)  # after which it is seen to whether a subscriber may stay

_WITH_KEY = "select 1 from api_key where id = $1 and revoked_at is null and expires_at > $2"

_IN_SEAT = f"""
    select 1 from person
    where id = $1 and disabled_at is null
      and exists (select from ({SEATS}) seat where seat.kind = $2 and seat.id = $3)
      and ($4::uuid is null or exists (
        select from session
        where session.id = $4 and revoked_at is null and session.expires_at > $5))
"""


async def may_stay(viewer: Viewer, *, wall: datetime) -> bool:
    """Whether the key or the session, the person and the seat are still good at `wall`."""
    if viewer.api_key_id is not None:
        return await readers().fetchval(_WITH_KEY, viewer.api_key_id, wall) is not None
    if viewer.person_id is None:
        return False
    seat_id = viewer.seat_id or viewer.person_id
    found = await readers().fetchval(
        _IN_SEAT, viewer.person_id, viewer.kind.value, seat_id, viewer.session_id, wall
    )
    return found is not None


class Stay:
    """Of somebody who was let in just now."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._checked_at = clock.wall()

    async def goes_on(self) -> bool:
        """Whether they may stay, as was seen at most RECHECK ago."""
        wall = clock.wall()
        if wall - self._checked_at < RECHECK:
            return True
        self._checked_at = wall
        return await may_stay(self._viewer, wall=wall)
