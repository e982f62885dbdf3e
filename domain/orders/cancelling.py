"""Cancelling what nobody has paid."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer, ViewerKind
from domain.orders import deadlines, guards, history, online_state
from domain.orders.effects import CANCELLED, Cancelled
from domain.orders.holding import of_buyer
from kit import texts
from kit.transaction import transactional
from models.order_states import CancelReason, OrderStatus, PaymentState
from models.orders import Order, OrderLine


@transactional
async def cancel(
    *,
    viewer: Viewer,
    order_id: UUID,
    reason: str | None = None,
    on_behalf_of: UUID | None = None,
    now: datetime,
) -> Order:
    """Cancel an order that waits for payment, a partner's included; its offers are free again.

    Raises OrderNotCancellable (CBC.99005010) once it is paid or its time is over.
    """
    permissions.require(viewer, "orderCancel")
    reason = texts.reason_if_any(reason)
    viewer, order, _ = await of_buyer(viewer, order_id, guards.cancel, on_behalf_of, now=now)
    by_partner = viewer.kind is ViewerKind.OPERATOR
    why = CancelReason.PARTNER if by_partner else CancelReason.CUSTOMER
    await end(order, why, viewer=viewer, reason=reason, now=now)
    return order


async def end(
    order: Order,
    why: CancelReason,
    *,
    viewer: Viewer,
    reason: str | None = None,
    now: datetime,
) -> None:
    """Cancel an unpaid order that is held, as its customer is, and say why."""
    await online_state.let_go(order, now=now)
    before = {"status": order.status.value, "payment_state": order.payment_state.value}
    order.status = order.status.to(OrderStatus.CANCELLED)
    order.payment_state = order.payment_state.to(PaymentState.CANCELLED)
    order.cancelled_at = now
    order.cancel_reason = why
    order.version += 1
    await order.save(
        update_fields=["status", "payment_state", "cancelled_at", "cancel_reason", "version"]
    )
    await deadlines.cancel(order)
    await history.of_order(
        "cancelled",
        order,
        viewer=viewer,
        merchants=await OrderLine.filter(order_id=order.id).values_list("merchant_id", flat=True),  # type: ignore[arg-type]
        before=before,
        after={
            "status": order.status.value,
            "payment_state": order.payment_state.value,
            "cancel_reason": why.value,
        },
        reason=reason,
        now=now,
    )
    await CANCELLED.run(Cancelled(order_ids=[order.id], reason=why, now=now))
