"""What happens to exports, in the log of their tenant."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import events
from domain.identity.viewer import Viewer
from models.exports import Export


async def record(
    happened: str,
    export: Export,
    *,
    viewer: Viewer,
    reason: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Write down one fact; the creator reads it, and who administrates the tenant."""
    partner, seat = export.viewer["partner_id"], export.viewer["seat_id"]
    await events.record(
        f"export.{happened}",
        actor=viewer,
        subject_type="export",
        subject_id=export.id,
        tenant_id=UUID(partner) if partner else events.PLATFORM_TENANT,
        person_id=export.created_by,
        manager_id=UUID(seat) if partner and seat else None,
        reason=reason,
        before=before,
        after=after,
        at=now,
    )
