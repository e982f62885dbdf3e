"""Orders in sums, by status and together."""

import strawberry

from domain.orders.totals import Totals
from models.order_states import OrderStatus
from schema.money import Money


@strawberry.type(description="Orders of one status in sums.")
class OrderStatusTotals:
    status: OrderStatus = strawberry.field(description="Which status, as of now.")
    order_count: int = strawberry.field(description="How many.")
    list_amount: Money = strawberry.field(description="What they cost at list price.")
    deal_amount: Money = strawberry.field(description="What was agreed, before adjustments.")
    due_amount: Money = strawberry.field(description="What is, or was, to be paid.")
    refunded_amount: Money = strawberry.field(description="What of the due amount was given back.")


@strawberry.type(
    description="Orders in sums, those to be given back below zero. A merchant's sums are of orders"
    " that have its goods alone."
)
class OrderTotals:
    order_count: int = strawberry.field(description="How many.")
    list_amount: Money = strawberry.field(description="What they cost at list price.")
    deal_amount: Money = strawberry.field(description="What was agreed, before adjustments.")
    due_amount: Money = strawberry.field(description="What is, or was, to be paid.")
    refunded_amount: Money = strawberry.field(description="What of the due amount was given back.")
    by_status: list[OrderStatusTotals] = strawberry.field(
        description="The same sums for each status."
    )

    @staticmethod
    def of(found: list[Totals]) -> "OrderTotals":
        """As the API tells it."""
        return OrderTotals(
            order_count=sum(each.orders for each in found),
            **{name: Money.yuan_of(getattr(each, name) for each in found) for name in _SUMS},
            by_status=[
                OrderStatusTotals(
                    status=OrderStatus(each.status),
                    order_count=each.orders,
                    **{name: Money.yuan(getattr(each, name)) for name in _SUMS},
                )
                for each in found
            ],
        )


_SUMS = ("list_amount", "deal_amount", "due_amount", "refunded_amount")
