"""Events about reports, as histories read them."""

from datetime import datetime

from domain.audit import events
from domain.identity.viewer import Viewer
from models.reports import CustomerReport


async def of_report(
    happened: str,
    report: CustomerReport,
    *,
    viewer: Viewer,
    before: str | None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `customer_report.<happened>` with the change of status; `before` None: it is new.

    It is about the lead of a seat, not about a customer: whoever the customer comes to belong to
    learns nothing of who has courted it.
    """
    await events.record(
        f"customer_report.{happened}",
        actor=viewer,
        subject_type="customer_report",
        subject_id=report.id,
        tenant_id=report.partner_id,
        manager_id=report.manager_id or report.reported_by,
        at=now,
        reason=reason,
        before={"status": before} if before else None,
        after={"status": report.status.value},
    )
