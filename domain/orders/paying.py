"""Paying an order: by its customer, in one transaction with all that follows from it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue.amounts import positive
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.orders import guards, online_state, settling
from domain.orders.holding import held
from domain.orders.placing import PriceChanged
from domain.orders.policy import ORDERS
from domain.orders.spending import Payment
from domain.orders.wishes import NOTHING
from kit.batches import ItemOutcome
from kit.money import Money
from kit.problems import InvalidInput, Problem
from kit.transaction import lock, savepoint, transactional
from models.customers import Customer
from models.orders import Order, OrderLine

MOST_AT_ONCE = 30  # D-14


@transactional
async def pay(
    *,
    viewer: Viewer,
    order_id: UUID,
    coupons: Mapping[UUID, Decimal | None] | None = None,
    credit_amount: Decimal | None = None,
    expected_due: Decimal | None = None,
    now: datetime,
) -> Order:
    """Pay an order: coupons first (None: as much as they can), then by credit, the rest by cash.

    Raises OrderNotPayable (CBC.3106), OrderOverdue at and after the deadline, PriceChanged when
    another amount is due than the client has seen, InsufficientBalance (CBC.99005003), and what
    `settling.settle` raises; nothing has happened then.
    """
    permissions.require(viewer, "orderPay")
    payment = Payment(
        coupons={id: amount_of(amount, "coupons") for id, amount in (coupons or {}).items()},
        credit=amount_of(credit_amount, "creditAmount") or NOTHING,
    )
    order, customer = await held(viewer, order_id, guards.pay, now=now)
    if expected_due is not None and expected_due != order.due_amount:
        raise PriceChanged(
            expected=expected_due, current=order.due_amount, path=("input", "expectedDue")
        )
    await confirm(order, customer, payment, viewer=viewer, now=now)
    return order


@transactional
async def pay_all(*, viewer: Viewer, order_ids: Sequence[UUID], now: datetime) -> list[ItemOutcome]:
    """Pay up to thirty orders by cash, one after the other in the order given; what became of each.

    Where the balance doesn't reach one, a smaller one after it may still be paid.
    """
    permissions.require(viewer, "ordersPay")
    distinct = list(dict.fromkeys(order_ids))
    if not 1 <= len(distinct) <= MOST_AT_ONCE:
        raise InvalidInput(
            reason=f"Name 1 to {MOST_AT_ONCE} orders; these are {len(distinct)}.",
            reason_zh=f"一次须指定 1 至 {MOST_AT_ONCE} 个订单。",
            path=("input", "ids"),
        )
    # All of them are one customer's, which is held first, and then the orders in id order.
    for customer_id in sorted(
        {each.customer_id for each in await Order.filter(id__in=distinct)} & {viewer.customer_id}
    ):
        await lock(Customer, id=customer_id)
    await ORDERS.locked(Order, distinct, viewer=viewer, now=now)
    outcomes = []
    for order_id in distinct:
        try:
            async with savepoint():
                order, customer = await held(viewer, order_id, guards.pay, now=now)
                await confirm(order, customer, Payment(), viewer=viewer, now=now)
        except Problem as problem:
            outcomes.append(ItemOutcome(order_id, problem))
        else:
            outcomes.append(ItemOutcome(order_id))
    return outcomes


async def confirm(
    order: Order, customer: Customer, payment: Payment, *, viewer: Viewer, now: datetime
) -> None:
    """Pay an order that is held and whose guards agree. An online payment under way is let go."""
    await online_state.let_go(order, now=now)
    lines = await OrderLine.filter(order_id=order.id).order_by("position")
    await settling.settle(order, customer, lines, payment=payment, viewer=viewer, now=now)


def amount_of(given: Decimal | None, field: str) -> Money | None:
    """An amount above zero; None for none. Raises InvalidInput."""
    return None if given is None else positive(given, path=("input", field))
