"""Orders that are paid and delivered, by the real workflows; name only what the test is about."""

from datetime import datetime
from typing import Any

from domain.orders import paying
from domain.orders.wishes import Wanted
from kit import ids
from models.audit import Event
from models.orders import Order, OrderLine
from models.subscriptions import Subscription
from models.supervision import ServiceSupervision
from models.upstream import Behaviour, System, UpstreamRequest
from tests.orders.factories import Shop, fund, lines_of, place
from tests.upstream.conftest import crm_is
from tests.upstream.working import work


async def paid(shop: Shop, *lines: Wanted, now: datetime, cash: str = "100000.00") -> Order:
    """The customer orders these lines, one of the shop's SKU if none are named, and pays in cash.

    Nothing is delivered yet.
    """
    order = await place(shop, *lines, now=now)
    await fund(shop.customer, cash, now=now)
    return await paying.pay(viewer=shop.buyer, order_id=order.id, now=now)


async def delivered(shop: Shop, *lines: Wanted, now: datetime) -> Order:
    """As `paid`, and the cloud has opened all of it at once."""
    order = await paid(shop, *lines, now=now)
    await work(now)
    return await Order.get(id=order.id)


async def the_cloud_is(behaviour: Behaviour, *, after: int = 0) -> None:
    """Let the simulator behave so in the place of the provisioning."""
    await crm_is(behaviour, after=after, system=System.PROVISIONING)


async def line_of(order: Order) -> OrderLine:
    """The first line."""
    return (await lines_of(order))[0]


async def subscription_of(order: Order) -> Subscription:
    """What its first line has brought."""
    return await Subscription.get(line_id=(await line_of(order)).id)


async def supervision_of(order: Order) -> ServiceSupervision:
    """The watch over its first line."""
    return await ServiceSupervision.get(line_id=(await line_of(order)).id)


async def asked(operation: str) -> list[UpstreamRequest]:
    """What the cloud was asked of this kind."""
    return await UpstreamRequest.filter(operation=operation).order_by("id")


async def told(subject: Any, tenant: Any = None) -> list[str]:
    """What happened to it, in the log of the partner (or this tenant), in order."""
    tenant_id = tenant.id if tenant else subject.partner_id
    events = await Event.filter(subject_id=subject.id, tenant_id=tenant_id).order_by("id")
    return [event.name.partition(".")[2] for event in events]


def sub(subscription: Subscription) -> str:
    """The id of a subscription as the API writes it."""
    return ids.encode("sub", subscription.id)


def ssv(supervision: ServiceSupervision) -> str:
    """The id of a supervised delivery as the API writes it."""
    return ids.encode("ssv", supervision.id)
