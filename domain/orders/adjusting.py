"""Price adjustment (订单调价, discount type 609): strictly selected goods cost less before payment.

Down only [inferred]: who raised a price would ask for a consent that nobody has given. It is the
one discount of its line, so that a line that is sold by an offer isn't adjusted (X-15), and what is
due is the adjusted price whatever pays it: 609 can't be left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue.amounts import price
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.orders import guards, history, online_state
from domain.orders.holding import held
from domain.orders.policy import LINES
from kit import texts
from kit.problems import InvalidInput, NotFound, VersionConflict
from kit.transaction import transactional
from models.orders import Order, OrderLine


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What a line is to cost, tax included."""

    line_id: UUID
    due_amount: Decimal


@transactional
async def adjust(
    *,
    viewer: Viewer,
    order_id: UUID,
    expected_version: int,
    lines: Sequence[Adjusted],
    reason: str,
    now: datetime,
) -> Order:
    """Say what lines are to cost instead of their deal price; again, and the last word counts.

    Merchants adjust their own lines, the platform all. Raises LineNotAdjustable, VersionConflict,
    OrderNotPayable, OrderOverdue, InvalidInput for more than the deal price or less than nothing.
    """
    permissions.require(viewer, "orderPriceAdjust")
    reason = texts.reason(reason)
    wanted = {each.line_id: each.due_amount for each in lines}
    if not wanted or len(wanted) < len(lines):
        raise InvalidInput(
            reason="Name at least one line, and each once.",
            reason_zh="须指定至少一行,且不能重复。",
            path=("input", "lines"),
        )
    order, _ = await held(viewer, order_id, guards.adjust, now=now)
    if order.version != expected_version:
        raise VersionConflict(current=order.version)
    found = {line.id: line for line in await OrderLine.filter(order_id=order.id)}
    for place, (line_id, due) in enumerate(wanted.items()):
        path = ("input", "lines", str(place))
        line = found.get(line_id)
        if line is None or not await LINES.sees(OrderLine, line_id, viewer=viewer, now=now):
            raise NotFound(thing="order line", path=(*path, "lineId"))
        if problem := guards.adjust_line(line):
            problem.path = (*path, "lineId")
            raise problem
        await _set(line, price(due, path=(*path, "dueAmount")), (*path, "dueAmount"))
    await online_state.let_go(order, now=now)
    before = str(order.due_amount)
    order.adjustment = sum((line.adjustment for line in found.values()), Decimal(0))
    order.due_amount = order.deal_amount + order.adjustment
    order.version += 1
    await order.save(update_fields=["adjustment", "due_amount", "version"])
    await history.of_order(
        "adjusted",
        order,
        viewer=viewer,
        merchants=[line.merchant_id for line in found.values()],
        before={"due_amount": before},
        after={"due_amount": str(order.due_amount)},
        reason=reason,
        now=now,
    )
    return order


async def _set(line: OrderLine, due: Decimal, path: tuple[str, ...]) -> None:
    if due > line.deal_amount:
        raise InvalidInput(
            reason=f"From 0.00 up to the price that was agreed, {line.deal_amount}.",
            reason_zh=f"调整后金额应为 0.00 至 {line.deal_amount}。",
            path=path,
        )
    line.due_amount = due
    line.adjustment = due - line.deal_amount
    await line.save(update_fields=["due_amount", "adjustment"])
