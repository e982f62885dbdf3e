"""Events about incentives and applications, as histories read them."""

from datetime import datetime
from typing import Any

from domain.audit import events
from domain.identity.viewer import Viewer
from models.incentives import Incentive
from models.payment_applications import PaymentApplication


async def of(
    happened: str,
    subject: Incentive | PaymentApplication,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `<table>.<happened>` for the partner; not for account managers."""
    table = type(subject)._meta.db_table
    await events.record(
        f"{table}.{happened}",
        actor=viewer,
        subject_type=table,
        subject_id=subject.id,
        tenant_id=subject.partner_id,
        # No seat has the id of a partner.
        manager_id=subject.partner_id,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )
