"""Events about changes of associations, as histories read them."""

from datetime import datetime
from typing import Any

from domain.audit import events
from domain.identity.viewer import Viewer
from models.associations import AssociationChange


async def of_change(
    happened: str,
    change: AssociationChange,
    *,
    viewer: Viewer,
    before: str | None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `association_change.<happened>` with the change of status; `before` None: it is new.

    `after` is what there is to know beside the status.
    """
    await events.record(
        f"association_change.{happened}",
        actor=viewer,
        subject_type="association_change",
        subject_id=change.id,
        tenant_id=change.partner_id,
        customer_id=change.customer_id,
        at=now,
        reason=reason,
        before={"status": before} if before else None,
        after={"status": change.status.value} | (after or {}),
    )
