"""Delivering what was paid: asked of the cloud line by line, opened when it answers."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.fulfilment import going_on, opening, supervising
from domain.fulfilment.closing import ask_to_close
from domain.fulfilment.completing import locked_order, roll_up
from domain.fulfilment.spans import is_supervised
from domain.identity.viewer import SYSTEM
from domain.orders import history
from domain.orders.effects import Done, Paid
from domain.upstream import asking, repeating
from domain.upstream.effects import Answer
from models.order_states import Fulfilment, OrderType
from models.orders import Order, OrderLine
from models.upstream import System

LINE = "order_line"
OPEN = "open"
RENEW = "renew"
CHANGE = "change"

# What the cloud is asked for the lines of an order.
OPERATIONS = {OrderType.NEW: OPEN, OrderType.RENEW: RENEW, OrderType.CHANGE: CHANGE}

log = logging.getLogger(__name__)


async def ask_for_lines(paid: Paid) -> Done:
    """Ask the cloud for every line of an order that has just been paid, and begin supervision.

    The effect of orders' PAID; the order is held. Raises WrongStatus and SubscriptionIsBusy, which
    undo the payment, when what it goes on with is over, or not the same any more.
    """
    order = await Order.get(id=paid.order_id)
    lines = await OrderLine.filter(order_id=order.id).order_by("position")
    await going_on.check(order, lines, viewer=paid.viewer, now=paid.now)
    await ask_for(order, lines, now=paid.now)
    watched = [line for line in lines if order.type == OrderType.NEW and is_supervised(line)]
    await supervising.begin(order, watched, now=paid.now)
    await roll_up(order, viewer=paid.viewer, now=paid.now)
    return {"asked": len(lines)}


async def ask_for(order: Order, lines: Sequence[OrderLine], *, now: datetime) -> None:
    """Ask the cloud to open, renew or change what the lines are for; the order is held."""
    await begin(lines)
    await asking.ask_all(
        system=System.PROVISIONING,
        operation=OPERATIONS[order.type],
        subject_type=LINE,
        payloads={line.id: _wanted(order, line) for line in lines},
        now=now,
    )


async def begin(lines: Sequence[OrderLine]) -> None:
    """Say that the cloud is at work on the lines; their order is held."""
    for line in lines:
        line.fulfilment = line.fulfilment.to(Fulfilment.PROVISIONING)
    await OrderLine.filter(id__in=[line.id for line in lines]).update(
        fulfilment=Fulfilment.PROVISIONING
    )


async def answered(answer: Answer) -> None:
    """Take in what the cloud says of a line: it is open, or it can't be had.

    The effect of answers to `open`, `renew` and `change`. The last word on a line that is not open
    is what counts: open after a failure, too, but not the failure of what was asked before the
    last time. A failure that is told of an open line is recorded for people to look at; what is
    opened for a line that was refunded meanwhile is closed again.
    """
    line = await OrderLine.get(id=answer.subject_id)
    order = await locked_order(line.order_id)
    await line.refresh_from_db()
    if not answer.ok:
        await _failed(order, line, answer)
        return
    if line.fulfilment == Fulfilment.OPEN:
        return
    if line.fulfilment == Fulfilment.CANCELLED:
        log.warning("line %s was opened after it was refunded", line.id)
        if answer.operation == OPEN:
            await ask_to_close(LINE, line.id, resource=answer.reference, now=answer.now)
        return
    await opening.open_line(order, line, resource=answer.reference, now=answer.now)
    await roll_up(order, viewer=SYSTEM, now=answer.now)


async def _failed(order: Order, line: OrderLine, answer: Answer) -> None:
    happened = "fulfilment_failed"
    before: Fulfilment = line.fulfilment
    if line.fulfilment == Fulfilment.PROVISIONING:
        if not await repeating.is_last(answer.request_id, answer.operation, subject_id=line.id):
            return
        line.fulfilment = before.to(Fulfilment.FAILED)
        await line.save(update_fields=["fulfilment"])
    elif line.fulfilment == Fulfilment.OPEN:
        happened = "fulfilment_contradicted"
    else:
        return
    log.error("line %s of order %s: %s (%s)", line.position, order.number, happened, answer.code)
    await history.of_order(
        happened,
        order,
        viewer=SYSTEM,
        merchants=[line.merchant_id],
        after={"position": line.position, "fulfilment": line.fulfilment.value},
        reason=answer.code,
        now=answer.now,
    )


def _wanted(order: Order, line: OrderLine) -> dict[str, Any]:
    return {
        "order": order.number,
        "position": line.position,
        "customer_id": str(order.customer_id),
        "sku_id": str(line.sku_id),
        "quantity": line.quantity,
        "periods": line.periods,
        "months": line.months,
        "subscription_id": str(line.subscription_id) if line.subscription_id else None,
    }
