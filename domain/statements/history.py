"""Events about statements: in the partner's log once it may know of them, else the platform's."""

from datetime import datetime
from typing import Any

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT
from domain.identity.viewer import Viewer
from models.statement_steps import StatementDispute
from models.statements import Statement


async def of(
    happened: str,
    statement: Statement,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    is_internal: bool = False,
    now: datetime,
) -> None:
    """Record `statement.<happened>`; what `is_internal` is of the platform's own work."""
    is_told = statement.sent_at is not None and not is_internal
    await events.record(
        f"statement.{happened}",
        actor=viewer,
        subject_type="statement",
        subject_id=statement.id,
        tenant_id=statement.partner_id if is_told else PLATFORM_TENANT,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )


async def of_dispute(
    happened: str,
    dispute: StatementDispute,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `statement_dispute.<happened>` in the partner's log."""
    await events.record(
        f"statement_dispute.{happened}",
        actor=viewer,
        subject_type="statement_dispute",
        subject_id=dispute.id,
        tenant_id=dispute.partner_id,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )
