"""Queries and mutations of orders: placing, cancelling, adjusting."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.orders import adjusting, cancelling, placing, repaying, totals
from domain.orders.adjusting import Adjusted
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import conditions
from schema import order_changes as changes
from schema.context import Context
from schema.order_changes import offer, wanted
from schema.order_lists import STATUS_NOW, OrderFilter, OrderLineFilter, OrderLineOrder, OrderOrder
from schema.order_totals import OrderTotals
from schema.orders import Order, OrderLine

BEHALF = ("input", "onBehalfOf")


@strawberry.type
class OrderQuery:
    order: Order | None = root_one(
        "An order by its id; null when you may not see it.", prefix="ord"
    )
    order_by_number: Order | None = root_one(
        "An order by its number; null when you may not see it.",
        argument="number",
        argument_description="Its number.",
        where="{t}.number = {value}",
        prepare=lambda value: value.strip().upper(),
    )
    orders: Connection[Order] = root_connection(
        "Orders: a customer's own; those of a partner's customers and those it sells; an account"
        " manager's are those of the customers in his hands; a merchant's those with goods of its"
        f" shop. {describe('orders')}",
        filter=OrderFilter,
        order=OrderOrder,
        guard=may_list("orders"),
    )
    order_lines: Connection[OrderLine] = root_connection(
        "Lines of the orders that you may see; a merchant's are those with goods of its shop."
        f" {describe('orderLines')}",
        filter=OrderLineFilter,
        order=OrderLineOrder,
        guard=may_list("orderLines"),
    )

    @strawberry.field(
        description="The orders that `orders` lists with this filter, in sums."
        f" {describe('orderTotals')}"
    )
    async def order_totals(
        self,
        info: strawberry.Info[Context, None],
        filter: Annotated[
            OrderFilter | None, strawberry.argument(description="Which orders; all if unsaid.")
        ] = None,
    ) -> OrderTotals:
        context = info.context
        may_list("orderTotals")(context.viewer)
        found = await totals.of_orders(
            viewer=context.viewer,
            conditions=conditions.of(filter),
            status=STATUS_NOW,
            now=context.now,
        )
        return OrderTotals.of(found)


@strawberry.type
class OrderMutation:
    @mutation(
        "Order lines of the cart, or other lines, at today's terms. It is to be paid within seven"
        " days; with nothing due (按需, 按次) it is paid at once.",
        changes.OrderPlacePayload,
        requires=describe("orderPlace"),
    )
    async def order_place(
        self, viewer: Viewer, input: changes.OrderPlaceInput, now: datetime
    ) -> Outcome:
        order = await placing.place(
            viewer=viewer,
            lines=[wanted(line, "lines", str(place)) for place, line in enumerate(input.lines)],
            cart_line_ids=[
                ids.decode("ctl", id, path=("input", "cartLineIds")) for id in input.cart_line_ids
            ],
            seller_account_name=input.seller_account_name,
            on_behalf_of=offer("cus", input.on_behalf_of, BEHALF),
            expected_total=input.expected_total,
            note=input.note,
            now=now,
        )
        return Outcome(order=order.id)

    @mutation(
        "Cancel an order that nobody has paid yet.",
        changes.OrderCancelPayload,
        requires=describe("orderCancel"),
    )
    async def order_cancel(
        self, viewer: Viewer, input: changes.OrderCancelInput, now: datetime
    ) -> Outcome:
        order = await cancelling.cancel(
            viewer=viewer,
            order_id=order_id(input.id),
            reason=input.reason,
            on_behalf_of=offer("cus", input.on_behalf_of, BEHALF),
            now=now,
        )
        return Outcome(order=order.id)

    @mutation(
        "Lower the price of lines of an unpaid order (订单调价): strictly selected goods alone,"
        " those of your shop, or all for the platform.",
        changes.OrderPriceAdjustPayload,
        requires=describe("orderPriceAdjust"),
    )
    async def order_price_adjust(
        self, viewer: Viewer, input: changes.OrderPriceAdjustInput, now: datetime
    ) -> Outcome:
        order = await adjusting.adjust(
            viewer=viewer,
            order_id=order_id(input.id),
            expected_version=input.expected_version,
            lines=[
                Adjusted(
                    ids.decode("orl", line.line_id, path=("input", "lines", str(place), "lineId")),
                    line.due_amount,
                )
                for place, line in enumerate(input.lines)
            ],
            reason=input.reason,
            now=now,
        )
        return Outcome(order=order.id)

    @mutation(
        "Say that what was lent for an order is repaid, where the credit account doesn't tell:"
        " cash coupons that have to be repaid.",
        changes.OrderRepaymentRecordPayload,
        requires=describe("orderRepaymentRecord"),
    )
    async def order_repayment_record(
        self, viewer: Viewer, input: changes.OrderRepaymentRecordInput, now: datetime
    ) -> Outcome:
        order = await repaying.record(
            viewer=viewer, order_id=order_id(input.id), reason=input.reason, now=now
        )
        return Outcome(order=order.id)


def order_id(text: str) -> UUID:
    """The id of an order. Raises InvalidInput."""
    return ids.decode("ord", text, path=("input", "id"))
