"""Events about requirements: what concerns two partners stands in the log of both."""

from datetime import datetime
from typing import Any

from domain.audit import events
from domain.audit.events import Log
from domain.identity.viewer import Viewer
from models.requirements import CustomerRequirement


async def of_requirement(
    happened: str,
    requirement: CustomerRequirement,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `customer_requirement.<happened>` for the partner and, once asked, the merchant.

    Each reads, and will be told of, what is in its own log. The merchant's has nothing of the
    customer: who of the merchant's people look after whom isn't known.
    """
    logs = [Log(requirement.partner_id, requirement.customer_id)]
    if requirement.submitted_at is not None:
        logs.append(Log(requirement.merchant_id))
    await events.record_in(
        logs,
        f"customer_requirement.{happened}",
        actor=viewer,
        subject_type="customer_requirement",
        subject_id=requirement.id,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )
