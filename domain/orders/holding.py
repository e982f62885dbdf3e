"""Whose order it is, held for a workflow: customer before order, as everybody locks them."""

from datetime import datetime
from uuid import UUID

from domain.associations import acting
from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from domain.orders.guards import OrderOfAnotherCustomer
from domain.orders.policy import ORDERS
from kit.guards import Guard, refuse
from kit.problems import InvalidInput
from kit.transaction import lock
from models.associations import OnBehalfScope
from models.customers import Customer
from models.orders import Order

PATH = ("input", "onBehalfOf")


async def buyer(
    viewer: Viewer, on_behalf_of: UUID | None, *, now: datetime
) -> tuple[Viewer, Customer]:
    """Who buys, held, and the viewer to go on with: the customer itself, or who acts for it.

    Raises InvalidInput when nobody is named, and what `acting.on_behalf` raises.
    """
    if on_behalf_of is not None:
        viewer.require(Item.ORDER_PLACE)
    viewer = await acting.on_behalf(
        viewer=viewer, customer_id=on_behalf_of, scope=OnBehalfScope.ORDER, now=now
    )
    is_customer = viewer.kind is ViewerKind.CUSTOMER
    customer_id = on_behalf_of or (viewer.customer_id if is_customer else None)
    if customer_id is None:
        raise InvalidInput(
            reason="Say for which customer; you aren't one.",
            reason_zh="请指定代为操作的客户。",
            path=PATH,
        )
    customer = await lock(Customer, id=customer_id)
    assert customer is not None
    return viewer, customer


async def held(
    viewer: Viewer, order_id: UUID, guard: Guard, *, now: datetime
) -> tuple[Order, Customer]:
    """The order and its customer, held, if it exists for the viewer and the guard agrees."""
    await ORDERS.require(Order, order_id, viewer=viewer, now=now, thing="order")
    seen = await Order.get(id=order_id)
    customer = await lock(Customer, id=seen.customer_id)
    assert customer is not None
    order = await ORDERS.lock(Order, order_id, viewer=viewer, now=now, thing="order")
    refuse(guard(order, viewer, now))
    return order, customer


async def of_buyer(
    viewer: Viewer,
    order_id: UUID,
    guard: Guard,
    on_behalf_of: UUID | None,
    *,
    now: datetime,
) -> tuple[Viewer, Order, Customer]:
    """As `held`, for what the customer does, or its partner by its grant; and who goes on.

    A partner has to say for whom, so that nothing is done on behalf by mistake. Raises
    OrderOfAnotherCustomer when it is another's order.
    """
    if on_behalf_of is None and viewer.kind is ViewerKind.OPERATOR:
        await ORDERS.require(Order, order_id, viewer=viewer, now=now, thing="order")
        raise OrderOfAnotherCustomer(path=PATH)
    if on_behalf_of is not None:
        viewer, _ = await buyer(viewer, on_behalf_of, now=now)
    order, customer = await held(viewer, order_id, guard, now=now)
    if on_behalf_of not in (None, order.customer_id):
        raise OrderOfAnotherCustomer(path=PATH)
    return viewer, order, customer
