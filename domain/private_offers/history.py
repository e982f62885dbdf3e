"""Events about private offers: in the merchant's log and, once published, the partner's."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import events
from domain.identity.viewer import Viewer
from models.requirements import PrivateOffer


async def of_offer(
    happened: str,
    offer: PrivateOffer,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    is_private: bool = False,
    now: datetime,
) -> None:
    """Record `private_offer.<happened>`; what `is_private` is about a draft, the merchant's own."""
    logs: list[tuple[UUID, UUID | None]] = [(offer.merchant_id, None)]
    if offer.published_at is not None and not is_private:
        logs.append((offer.partner_id, offer.customer_id))
    for tenant_id, customer_id in logs:
        await events.record(
            f"private_offer.{happened}",
            actor=viewer,
            subject_type="private_offer",
            subject_id=offer.id,
            tenant_id=tenant_id,
            customer_id=customer_id,
            at=now,
            reason=reason,
            before=before,
            after=after,
        )
