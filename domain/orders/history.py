"""Events about orders: each partner concerned reads of them in its own log."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.audit import events
from domain.audit.events import PLATFORM_TENANT, Log
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
    await events.record_in(
        logs(order.customer_id, order.partner_id, (order.seller_id, *merchants)),
        f"order.{happened}",
        actor=viewer,
        subject_type="order",
        subject_id=order.id,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )


def logs(customer_id: UUID, partner_id: UUID | None, others: Iterable[UUID | None]) -> list[Log]:
    """The log of the customer's partner, or the platform's, and those of other partners concerned.

    Only the first names the customer.
    """
    first = partner_id or PLATFORM_TENANT
    tenants = dict.fromkeys([first, *(id for id in others if id is not None)])
    # No seat has the id of a partner, so that no account manager of another's reads of a customer
    # that he doesn't see.
    return [
        Log(id, customer_id=customer_id) if id == first else Log(id, manager_id=id)
        for id in tenants
    ]
