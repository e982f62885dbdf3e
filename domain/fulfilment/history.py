"""Events about what was sold: for the customer's partner, and for the goods' merchant."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT
from domain.identity.viewer import Viewer
from domain.orders.history import logs


class Sold(Protocol):
    """What subscriptions, supervised deliveries and refunds have in common."""

    @property
    def id(self) -> UUID: ...
    @property
    def customer_id(self) -> UUID: ...
    @property
    def partner_id(self) -> UUID | None: ...
    @property
    def merchant_id(self) -> UUID | None: ...


async def of(
    thing: str,
    happened: str,
    row: Sold,
    *,
    viewer: Viewer,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `<thing>.<happened>` in the partner's log, or the platform's when there is none.

    Also in the merchant's, where it is another; only the first names the customer.
    """
    await events.record_in(
        logs(row.customer_id, row.partner_id, [row.merchant_id]),
        f"{thing}.{happened}",
        actor=viewer,
        subject_type=thing,
        subject_id=row.id,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )


def tenant_of(row: Sold) -> UUID:
    """In whose name deadlines of it stand."""
    return row.partner_id or PLATFORM_TENANT
