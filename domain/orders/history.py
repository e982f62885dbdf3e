"""Events about orders: each partner concerned reads of them in its own log."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT
from domain.identity.viewer import Viewer
from models.orders import Order


async def of_order(
    happened: str,
    order: Order,
    *,
    viewer: Viewer,
    merchants: Iterable[UUID | None] = (),
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Record `order.<happened>` for the customer's partner, or the platform when it has none.

    Also for the partner that sells it and the `merchants` whose goods it has, if they are others.
    The first of the logs names the customer, which finds its order's history by that.
    """
    first = order.partner_id or PLATFORM_TENANT
    logs = dict.fromkeys([first, *(id for id in (order.seller_id, *merchants) if id is not None)])
    for tenant_id in logs:
        await events.record(
            f"order.{happened}",
            actor=viewer,
            subject_type="order",
            subject_id=order.id,
            tenant_id=tenant_id,
            customer_id=order.customer_id if tenant_id == first else None,
            # No seat has the id of a partner, so that no account manager of the seller's reads of
            # a customer that he doesn't see.
            manager_id=None if tenant_id == first else tenant_id,
            at=now,
            reason=reason,
            before=before,
            after=after,
        )
