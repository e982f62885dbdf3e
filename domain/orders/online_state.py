"""An order's online payment that is under way: at most one, and what it keeps meanwhile."""

from datetime import datetime

from domain.vouchers import keeping
from kit.transaction import lock
from models.orders import Order
from models.payments import OnlinePayment, OnlineState


async def waiting(order: Order) -> OnlinePayment | None:
    """The online payment that the order waits for, held; the order is held, too."""
    return await lock(OnlinePayment, order_id=order.id, state=OnlineState.WAITING)


async def let_go(order: Order, *, now: datetime) -> None:
    """The order goes another way: coupons are free, and money that lands stays on the account."""
    if (payment := await waiting(order)) is not None:
        await end(order, payment, OnlineState.LET_GO, now=now)


async def end(
    order: Order,
    payment: OnlinePayment,
    state: OnlineState,
    *,
    failure: str | None = None,
    now: datetime,
) -> None:
    """Say what has become of it; coupons that it keeps are free from now on."""
    payment.state = payment.state.to(state)
    payment.failure = failure
    payment.ended_at = now
    payment.version += 1
    await payment.save(update_fields=["state", "failure", "ended_at", "version"])
    if payment.coupons and state is not OnlineState.PAID:
        await keeping.let_go(customer_id=order.customer_id, order_id=order.id)
