"""Giving back, at one stroke: the amounts, the money, the order that says so, what was bought."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.fulfilment import history, supervising
from domain.fulfilment.completing import locked_order, roll_up
from domain.fulfilment.opening import periods_of
from domain.fulfilment.pieces import rest_of
from domain.funds.effects import REPLENISHED, Replenished
from domain.identity.viewer import Viewer
from domain.orders import completing, repaying
from domain.refunds import returning, shortening
from domain.refunds.booking import unsubscribe_order
from domain.refunds.effects import REFUNDED, Refunded
from kit import database, faults
from kit.transaction import assert_open, lock
from models.customers import Customer
from models.order_states import Fulfilment, RefundState
from models.orders import Order, OrderLine
from models.payments import Instrument
from models.refunds import DecidedBy, Refund, RefundPart, RefundStatus


async def execute(
    refund_id: UUID, *, decided_by: DecidedBy, viewer: Viewer, now: datetime
) -> Refund:
    """Give back what the refund has worked out, in the caller's transaction.

    Holds the customer, the order and the refund in this order. What comes back is added to what
    share, part, line and order have given back; the rows' own constraints keep it within what was
    paid.
    """
    assert_open()
    refund = await Refund.get(id=refund_id)
    await lock(Customer, id=refund.customer_id)
    order = await locked_order(refund.order_id)
    held = await lock(Refund, id=refund_id)
    assert held is not None
    refund, before = held, held.status
    line = await OrderLine.get(id=refund.line_id)

    parts = await RefundPart.filter(refund_id=refund.id).order_by("id")
    await returning.give_back(refund, order, parts, viewer=viewer, now=now)
    await _count(refund, line, parts)
    faults.reach("refund.counted")
    refund_order = await unsubscribe_order(refund, order, line, now=now)
    refund.status = before.to(RefundStatus.REFUNDED)
    refund.refund_order_id = refund_order.id
    refund.refunded_at = refund.decided_at = now
    refund.decided_by = decided_by
    refund.version += 1
    await refund.save(
        update_fields=[
            "status",
            "refund_order_id",
            "refunded_at",
            "decided_at",
            "decided_by",
            "version",
        ]
    )
    await history.of(
        "refund",
        "refunded",
        refund,
        viewer=viewer,
        before={"status": before.value},
        after={
            "status": refund.status.value,
            "amount": str(refund.amount),
            "decided_by": decided_by.value,
        },
        now=now,
    )
    faults.reach("refund.booked")
    await REFUNDED.run(Refunded(refund_id=refund.id, viewer=viewer, now=now))
    await _end_delivery(order, line, refund, viewer=viewer, now=now)
    await say(order.id, more=refund.amount, viewer=viewer, now=now)
    await _settle(refund, parts, viewer=viewer, now=now)
    faults.reach("refund.before_commit")
    return refund


async def say(order_id: UUID, *, more: Decimal = Decimal(0), viewer: Viewer, now: datetime) -> None:
    """Let the order say how much of it has come back (`more` just now), or is asked for."""
    order = await Order.get(id=order_id)
    refunded = order.refunded_amount + more
    await completing.roll_up(
        order.id,
        happened="refund_changed",
        refund_state=await _state(order, refunded),
        refunded_amount=refunded,
        viewer=viewer,
        now=now,
    )


async def _settle(
    refund: Refund, parts: Sequence[RefundPart], *, viewer: Viewer, now: datetime
) -> None:
    """What comes back pays what the customer owes: credit its other orders, cash its usage."""
    instruments = {part.instrument for part in parts if part.amount}
    if Instrument.CREDIT in instruments:
        await repaying.settle_repaid(customer_id=refund.customer_id, viewer=viewer, now=now)
    if instruments & {Instrument.CREDIT, Instrument.CASH}:
        await REPLENISHED.run(Replenished(customer_id=refund.customer_id, viewer=viewer, now=now))


async def _count(refund: Refund, line: OrderLine, parts: list[RefundPart]) -> None:
    await database.execute(
        _COUNT, line.id, [part.part_id for part in parts], [part.amount for part in parts]
    )
    line.refunded_amount += refund.amount
    await line.save(update_fields=["refunded_amount"])


async def _end_delivery(
    order: Order, line: OrderLine, refund: Refund, *, viewer: Viewer, now: datetime
) -> None:
    await shortening.shorten(refund, line, now=now)
    # What is only given back in part goes on.
    periods = await periods_of(line.subscription_id) if line.subscription_id else []
    if (await rest_of(line, periods)).pieces > 0:
        return
    fulfilment: Fulfilment = line.fulfilment
    if line.fulfilment in (Fulfilment.FAILED, Fulfilment.WAITING):
        line.fulfilment = fulfilment.to(Fulfilment.CANCELLED)
        await line.save(update_fields=["fulfilment"])
    await supervising.cancel(order, line.id, viewer=viewer, now=now)
    await roll_up(order, viewer=viewer, now=now)


async def _state(order: Order, refunded: Decimal) -> RefundState:
    if await Refund.filter(order_id=order.id, status=RefundStatus.MERCHANT_REVIEW).exists():
        return RefundState.REQUESTED
    if not await Refund.filter(order_id=order.id, status=RefundStatus.REFUNDED).exists():
        return RefundState.NONE
    is_whole = refunded == order.due_amount
    return RefundState.REFUNDED if is_whole else RefundState.PARTLY_REFUNDED


_COUNT = """
with given as (select * from unnest($2::uuid[], $3::numeric[]) as given (part_id, amount)),
shares as (
  update payment_share share set refunded_amount = share.refunded_amount + given.amount
  from given where share.part_id = given.part_id and share.line_id = $1
)
update payment_part part set refunded_amount = part.refunded_amount + given.amount
from given where part.id = given.part_id
"""
