"""Unpaid orders that were to go on with a subscription which isn't the same any more."""

from datetime import datetime
from uuid import UUID

from domain.identity.viewer import Viewer
from domain.orders import cancelling
from kit.transaction import lock
from models.order_states import CancelReason, OrderStatus
from models.orders import Order, OrderLine


async def unpaid(subscription_id: UUID) -> list[UUID]:
    """The orders that wait to be paid and would renew or change it, in id order."""
    found = await OrderLine.filter(
        subscription_id=subscription_id, order__status=OrderStatus.PENDING_PAYMENT
    ).values_list("order_id", flat=True)
    return sorted(set(found))  # type: ignore[arg-type]


async def cancel(
    subscription_id: UUID, *, but: UUID | None = None, viewer: Viewer, now: datetime
) -> None:
    """Cancel them all, except one; the customer is held. They were priced for what was then."""
    for id in await unpaid(subscription_id):
        order = await lock(Order, id=id)
        assert order is not None
        if id != but and order.status == OrderStatus.PENDING_PAYMENT:
            await cancelling.end(order, CancelReason.SUBSCRIPTION, viewer=viewer, now=now)
