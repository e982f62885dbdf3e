"""Events about offers and special commercial applications, as histories read them."""

from datetime import datetime
from typing import Any

from domain.audit import events
from domain.identity.viewer import Viewer
from models.offers import ExclusiveOffer, SpecialApplication


async def of_offer(
    happened: str,
    offer: ExclusiveOffer,
    *,
    viewer: Viewer,
    before: str | None,
    reason: str | None = None,
    changes: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Record `exclusive_offer.<happened>` with the change of status; `before` None: it is new."""
    await events.record(
        f"exclusive_offer.{happened}",
        actor=viewer,
        subject_type="exclusive_offer",
        subject_id=offer.id,
        tenant_id=offer.partner_id,
        customer_id=offer.customer_id,
        manager_id=offer.manager_id,
        at=now,
        reason=reason,
        before={"status": before} if before else None,
        after={"status": offer.status.value} | (changes or {}),
    )


async def of_application(
    happened: str,
    application: SpecialApplication,
    *,
    offer: ExclusiveOffer,
    viewer: Viewer,
    before: str | None,
    reason: str | None = None,
    changes: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Record `special_application.<happened>` likewise."""
    await events.record(
        f"special_application.{happened}",
        actor=viewer,
        subject_type="special_application",
        subject_id=application.id,
        tenant_id=application.partner_id,
        customer_id=offer.customer_id,
        manager_id=offer.manager_id,
        at=now,
        reason=reason,
        before={"status": before} if before else None,
        after={"status": application.status.value} | (changes or {}),
    )
