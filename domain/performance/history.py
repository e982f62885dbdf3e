"""Events about performance, as histories read them."""

from datetime import datetime
from typing import Any

from domain.audit import events
from domain.identity.viewer import Viewer
from models.feedback import IncentiveFeedback, PerformanceFeedback
from models.performance import PerformanceLine, PerformanceSheet


async def of(
    happened: str,
    subject: PerformanceSheet | PerformanceLine | PerformanceFeedback | IncentiveFeedback,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `<table>.<happened>` for the partner whose performance it is, or incentive.

    What is about all its customers isn't for account managers: no seat has the id of a partner.
    """
    table = type(subject)._meta.db_table
    manager_id = subject.manager_id if isinstance(subject, PerformanceLine) else None
    await events.record(
        f"{table}.{happened}",
        actor=viewer,
        subject_type=table,
        subject_id=subject.id,
        tenant_id=subject.partner_id,
        manager_id=manager_id or subject.partner_id,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )
