"""Events about private offers: in the merchant's log and, once published, the partner's."""

from datetime import datetime
from typing import Any

from domain.audit import events
from domain.audit.events import Log
from domain.identity.viewer import Viewer
from models.private_offers import PrivateOffer


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
    logs = [Log(offer.merchant_id)]
    if offer.published_at is not None and not is_private:
        logs.append(Log(offer.partner_id, offer.customer_id))
    await events.record_in(
        logs,
        f"private_offer.{happened}",
        actor=viewer,
        subject_type="private_offer",
        subject_id=offer.id,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )
