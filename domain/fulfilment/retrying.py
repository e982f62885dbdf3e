"""Trying once more what the cloud could not deliver; else it is refunded as a failed creation."""

from datetime import datetime
from uuid import UUID

from domain.fulfilment.completing import locked_order
from domain.fulfilment.effects import held_up_by
from domain.fulfilment.provisioning import OPEN, OPERATIONS, ask_for, begin
from domain.fulfilment.supervising import RefundIsPending
from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.orders import history
from domain.orders.policy import LINES
from domain.upstream import repeating
from kit.problems import Forbidden
from kit.status import WrongStatus
from kit.transaction import transactional
from models.order_states import Fulfilment
from models.orders import OrderLine


@transactional
async def retry(*, viewer: Viewer, line_id: UUID, now: datetime) -> OrderLine:
    """Ask the cloud anew for a line that failed: the merchant its own, the platform any.

    A cloud that has not answered may have opened it: it is asked for the same, under the same id,
    so that nothing is opened twice; one that has refused is asked for something new. Raises
    NotFound, Forbidden, WrongStatus unless it has failed, and RefundIsPending.
    """
    permissions.require(viewer, "fulfilmentRetry")
    await LINES.require(OrderLine, line_id, viewer=viewer, now=now, thing="order line")
    seen = await OrderLine.get(id=line_id).prefetch_related("order")
    # For what was never asked of the cloud, such as what unsubscribes, any will do: it didn't fail.
    operation = OPERATIONS.get(seen.order.type, OPEN)
    before = await repeating.hold_last(operation, subject_id=line_id)
    order = await locked_order(seen.order_id)
    line = await OrderLine.get(id=line_id)
    if not viewer.may(Item.ORDER_REVIEW) and viewer.partner_id != line.merchant_id:
        raise Forbidden(needs=Item.ORDER_REVIEW)
    if line.fulfilment != Fulfilment.FAILED:
        raise WrongStatus(status=str(line.fulfilment.value), wanted=Fulfilment.PROVISIONING.value)
    if numbers := await held_up_by(line.id, now=now):
        raise RefundIsPending(numbers=", ".join(numbers))

    if await repeating.repeat(before, operation, subject_id=line.id, now=now):
        await begin([line])
    else:
        await ask_for(order, [line], now=now)
    await history.of_order(
        "fulfilment_retried",
        order,
        viewer=viewer,
        merchants=[line.merchant_id],
        before={"fulfilment": Fulfilment.FAILED.value},
        after={"position": line.position, "fulfilment": line.fulfilment.value},
        now=now,
    )
    return line
