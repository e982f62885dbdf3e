"""An order is completed when all of it is delivered, and what is supervised is accepted."""

from datetime import datetime
from uuid import UUID

from domain.identity.viewer import Viewer
from domain.orders import completing
from kit.transaction import lock
from models.order_states import Fulfilment, OrderStatus, SupervisionState
from models.orders import Order, OrderLine

_SETTLED = (Fulfilment.OPEN, Fulfilment.CANCELLED)


async def locked_order(order_id: UUID) -> Order:
    """The order that a line belongs to, held until the commit: its lines change under its lock."""
    order = await lock(Order, id=order_id)
    assert order is not None
    return order


async def roll_up(order: Order, *, viewer: Viewer, now: datetime) -> None:
    """Let the order say what its lines do; complete it when nothing is left to deliver (F10).

    The order is held. Supervision of the order is in progress while any line's is.
    """
    lines = await OrderLine.filter(order_id=order.id)
    states = {line.supervision_state for line in lines}
    ranked = (SupervisionState.IN_PROGRESS, SupervisionState.DONE, SupervisionState.NOT_INVOLVED)
    supervision = next(state for state in ranked if state in states)
    is_done = (
        all(line.fulfilment in _SETTLED for line in lines)
        and supervision != SupervisionState.IN_PROGRESS
        and order.status == OrderStatus.PROCESSING
    )
    await completing.roll_up(
        order.id,
        happened="completed" if is_done else "supervision_changed",
        status=OrderStatus.COMPLETED if is_done else None,
        supervision_state=supervision,
        viewer=viewer,
        now=now,
    )
