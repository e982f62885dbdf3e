"""Events about money on its way, as histories read them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT
from domain.identity.viewer import Viewer
from models.funds import AdjustRecord, Recharge, Withdrawal
from models.ledger import LedgerAccount


async def of(
    happened: str,
    subject: Recharge | Withdrawal | LedgerAccount | AdjustRecord,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    tenant_id: UUID | None = None,
    now: datetime,
) -> None:
    """Record `<table>.<happened>` for the partner whose money it is, or else the platform."""
    table = type(subject)._meta.db_table
    await events.record(
        f"{table}.{happened}",
        actor=viewer,
        subject_type=table,
        subject_id=subject.id,
        tenant_id=tenant_id or subject.partner_id or PLATFORM_TENANT,
        customer_id=subject.customer_id,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )
