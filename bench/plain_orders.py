"""Orders as people write them today: a class for each type, and a dataloader for each edge."""

from typing import Any

import strawberry

from bench.plain_types import Info, PageInfo
from kit import clock, ids
from models import orders
from models.order_states import OrderStatus, PaymentState
from schema.scalars import DateTime


@strawberry.type
class Money:
    amount: str
    currency: str


@strawberry.type
class OrderedGoods:
    id: strawberry.ID
    name: str


@strawberry.type
class Buyer:
    id: strawberry.ID
    name: str


@strawberry.type
class OrderLine:
    row: strawberry.Private[orders.OrderLine]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(ids.encode("orl", self.row.id))

    @strawberry.field
    def quantity(self) -> int:
        return self.row.quantity

    @strawberry.field
    def due_amount(self) -> Money:
        return Money(amount=str(self.row.due_amount), currency="CNY")

    @strawberry.field
    async def goods(self, info: Info) -> OrderedGoods:
        found = await info.context.goods.load(self.row.goods_id)
        assert found is not None
        return OrderedGoods(id=strawberry.ID(ids.encode("gds", found.id)), name=found.name)


@strawberry.type
class Order:
    row: strawberry.Private[orders.Order]

    @property
    def _is_late(self) -> bool:
        row = self.row
        return bool(
            row.status is OrderStatus.PENDING_PAYMENT and row.pay_by and row.pay_by <= clock.wall()
        )

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(ids.encode("ord", self.row.id))

    @strawberry.field
    def number(self) -> str:
        return self.row.number

    @strawberry.field
    def status(self) -> str:
        return (OrderStatus.CANCELLED if self._is_late else self.row.status).value

    @strawberry.field
    def payment_state(self) -> str:
        return (PaymentState.CANCELLED if self._is_late else self.row.payment_state).value

    @strawberry.field
    def created_at(self) -> DateTime:
        return DateTime(self.row.created_at)

    @strawberry.field
    def due_amount(self) -> Money:
        return Money(amount=str(self.row.due_amount), currency=self.row.currency)

    @strawberry.field
    async def customer(self, info: Info) -> Buyer:
        found = await info.context.customers.load(self.row.customer_id)
        assert found is not None
        return Buyer(id=strawberry.ID(ids.encode("cus", found.id)), name=found.name)

    @strawberry.field
    async def lines(self, info: Info) -> list[OrderLine]:
        return [OrderLine(row=row) for row in await info.context.lines.load(self.row.id)]


@strawberry.type
class OrderConnection:
    nodes: list[Order]
    page_info: PageInfo


async def lines_of(keys: list[Any]) -> list[list[orders.OrderLine]]:
    """The lines of each order, in their order."""
    found: dict[Any, list[orders.OrderLine]] = {key: [] for key in keys}
    for row in await orders.OrderLine.filter(order_id__in=keys).order_by("position"):
        found[row.order_id].append(row)
    return [found[key] for key in keys]
