"""Events about customers, as histories read them."""

from datetime import datetime
from typing import Any

from domain.audit import events
from domain.identity.viewer import Viewer
from models.customers import Customer


async def of_customer(
    happened: str,
    customer: Customer,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `customer.<happened>` in the log of its partner, else in the platform's."""
    await events.record(
        f"customer.{happened}",
        actor=viewer,
        subject_type="customer",
        subject_id=customer.id,
        customer_id=customer.id,
        tenant_id=customer.partner_id or events.PLATFORM_TENANT,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )
