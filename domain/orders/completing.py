"""What becomes of a paid order: the columns that sum up its lines, written by who knows of those.

Fulfilment and refunds come above. They hold the customer and work on lines; here the order is held
and told of it, so that its history is in one hand.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.identity.viewer import SYSTEM, Viewer
from domain.orders import history
from kit.transaction import assert_open, lock
from models.order_states import OrderStatus, RefundState, SupervisionState
from models.orders import Order


async def roll_up(
    order_id: UUID,
    *,
    happened: str,
    status: OrderStatus | None = None,
    supervision_state: SupervisionState | None = None,
    refund_state: RefundState | None = None,
    refunded_amount: Decimal | None = None,
    viewer: Viewer = SYSTEM,
    reason: str | None = None,
    now: datetime,
) -> Order:
    """Hold the order and write what is told, with the event `order.<happened>`; None: as it is.

    Nothing is written, and nothing told, when all of it is so already. COMPLETED gets its moment.
    Raises WrongStatus for a status that can't follow.
    """
    assert_open()
    order = await lock(Order, id=order_id)
    assert order is not None
    told: dict[str, Any] = {
        "supervision_state": supervision_state,
        "refund_state": refund_state,
        "refunded_amount": refunded_amount,
    }
    if status is not None and status is not order.status:
        told["status"] = order.status.to(status)
    changed = {
        name: value
        for name, value in told.items()
        if value is not None and value != getattr(order, name)
    }
    if not changed:
        return order
    before = {name: _written(getattr(order, name)) for name in changed}
    for name, value in changed.items():
        setattr(order, name, value)
    written = [*changed, "version"]
    if changed.get("status") is OrderStatus.COMPLETED:
        order.completed_at = now
        written.append("completed_at")
    order.version += 1
    await order.save(update_fields=written)
    await history.of_order(
        happened,
        order,
        viewer=viewer,
        before=before,
        after={name: _written(value) for name, value in changed.items()},
        reason=reason,
        now=now,
    )
    return order


def _written(value: object) -> str:
    return str(value)
