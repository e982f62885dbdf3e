"""Events about customer invitations, as histories read them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import events
from domain.identity.viewer import Viewer
from models.customer_invitations import CustomerInvitation


async def of_invitation(
    happened: str,
    invitation: CustomerInvitation,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None = None,
    person_id: UUID | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `customer_invitation.<happened>`, `after` beside its status; `before` None: it is new.

    As with reports, it is about the seat that invites: whoever the customer comes to belong to
    learns nothing of who has courted it. `person_id` is who answered.
    """
    told = {"status": invitation.status.value, "generation": invitation.generation}
    await events.record(
        f"customer_invitation.{happened}",
        actor=viewer,
        subject_type="customer_invitation",
        subject_id=invitation.id,
        tenant_id=invitation.partner_id,
        manager_id=invitation.manager_id or invitation.invited_by,
        person_id=person_id,
        at=now,
        reason=reason,
        before=before,
        after=told | (after or {}),
    )
