"""Ending what is paid by use: at once, without money, and nothing is used from then on."""

from collections.abc import Coroutine
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.consumption import importing
from domain.fulfilment import ending
from domain.fulfilment.ending import NothingToEnd
from domain.fulfilment.renewing import SubscriptionOfAnotherCustomer
from kit import ids
from kit.problems import InvalidInput, NotFound
from kit.status import WrongStatus
from models.associations import OnBehalfScope
from models.audit import Event
from models.catalogue import ChargeMode
from models.customers import AssociationType
from models.ledger import LedgerTransfer
from models.order_states import OrderStatus, SupervisionState
from models.orders import Order
from models.subscriptions import Subscription, SubscriptionStatus
from models.upstream import Behaviour
from tests.authorizations.factories import a_grant
from tests.catalogue.factories import a_sku
from tests.changes.factories import Sides
from tests.conftest import Clock
from tests.consumption.factories import handed_in, uploaded
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer, a_user_of
from tests.fulfilment.factories import asked, subscription_of, supervision_of, the_cloud_is, told
from tests.orders.factories import Shop, a_shop, place
from tests.races import at_once
from tests.refunds.factories import bought
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")

END = """mutation($id: ID!, $behalf: ID) { subscriptionEnd(input: {id: $id, onBehalfOf: $behalf}) {
  subscription { status statusCode endedAt availableActions { name allowed }
    history(first: 9) { nodes { name } } }
  errors { code } } }"""


async def metered(shop: Shop, *, now: Any) -> Subscription:
    """Something at 0.33 a unit that the customer uses."""
    sku = await a_sku(shop.goods, price="0.33", charge_mode=ChargeMode.ON_DEMAND)
    order = await place(shop, shop.line(sku_id=sku.id), now=now)
    await work(now)
    return await subscription_of(order)


def line(shop: Shop, subscription: Subscription, id: str, at: Any) -> dict[str, object]:
    """One unit that was used then."""
    return {
        "source": "meter",
        "recordId": id,
        "customer": shop.customer.account_name,
        "sku": subscription.sku.code,
        "usedAt": at.isoformat(),
        "quantity": "1",
    }


async def current(subscription: Subscription) -> Subscription:
    return await Subscription.get(id=subscription.id).prefetch_related("sku")


async def test_a_customer_ends_what_it_uses_and_later_use_is_refused(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    subscription = await metered(shop, now=time.now)
    time.forward(days=3)
    money = await LedgerTransfer.all().count()

    done = await ask(END, by=shop.buyer, id=ids.encode("sub", subscription.id))

    ended = done["subscription"]
    assert (done["errors"], ended["status"], ended["statusCode"]) == ([], "CLOSED", 3)
    assert {"name": "subscriptionEnd", "allowed": False} in ended["availableActions"]
    fresh = await current(subscription)
    assert (fresh.status, fresh.ended_at) == (SubscriptionStatus.CLOSED, time.now)
    assert await told(fresh) == ["opened", "closed"]
    [request] = await asked("close")
    assert (request.subject_id, request.payload["resource"]) == (fresh.id, fresh.resource)
    assert await LedgerTransfer.all().count() == money
    await work(time.now)
    made = await handed_in(
        shop.seller,
        line(shop, fresh, "1", time.now - timedelta(microseconds=1)),
        line(shop, fresh, "2", time.now),
        now=time.now + timedelta(hours=1),
    )
    assert [(each["line"], each["code"]) for each in made.errors] == [(2, "SUBSCRIPTION_ENDED")]
    assert made.charged_amount == Decimal("0.33")


async def test_the_cloud_that_never_answers_keeps_nothing_open(shop: Shop, time: Clock) -> None:
    subscription = await metered(shop, now=time.now)
    await the_cloud_is(Behaviour.NEVER)
    await ending.end(viewer=shop.buyer, subscription_id=subscription.id, now=time.now)

    await work(time.now)

    assert (await current(subscription)).status is SubscriptionStatus.CLOSED
    assert [request.state for request in await asked("close")] == ["SENT"]


async def test_its_partner_ends_it_with_leave_and_says_for_whom(time: Clock, ask: Ask) -> None:
    shop = await a_shop(type=AssociationType.AGENCY)
    subscription = await metered(shop, now=time.now)
    id, behalf = ids.encode("sub", subscription.id), ids.encode("cus", shop.customer.id)

    alone = await ask(END, by=shop.by, id=id)
    refused = await ask(END, by=shop.by, id=id, behalf=behalf)
    assert [alone["errors"][0]["code"], refused["errors"][0]["code"]] == [
        "INVALID_INPUT",
        "NOT_AUTHORIZED",
    ]
    assert (await current(subscription)).status is SubscriptionStatus.IN_USE
    assert await asked("close") == []

    sides = Sides()
    sides.house, sides.customer = shop.partner, shop.customer
    sides.partner, sides.buyer = shop.by, shop.buyer
    await a_grant(sides, scopes=(OnBehalfScope.ORDER,), now=time.now)
    done = await ask(END, by=shop.by, id=id, behalf=behalf)

    assert done["subscription"]["status"] == "CLOSED"
    event = await Event.filter(name="subscription.closed").first()
    assert event is not None
    assert (event.on_behalf_of, event.actor_id) == (shop.customer.id, shop.by.actor_id)


async def test_what_was_paid_before_is_not_ended_nor_what_is_over_or_anothers(
    shop: Shop, time: Clock
) -> None:
    _, paid = await bought(shop, now=time.now)
    subscription = await metered(shop, now=time.now)
    other = await a_user_of(await a_customer(of=shop.partner))

    with pytest.raises(NothingToEnd):
        await ending.end(viewer=shop.buyer, subscription_id=paid.id, now=time.now)
    with pytest.raises(NotFound):
        await ending.end(viewer=other, subscription_id=subscription.id, now=time.now)
    with pytest.raises(InvalidInput):
        await ending.end(viewer=shop.seller, subscription_id=subscription.id, now=time.now)
    assert isinstance(ending.can_end(subscription, other, time.now), SubscriptionOfAnotherCustomer)
    assert {each.status for each in await Subscription.all()} == {SubscriptionStatus.IN_USE}
    assert await asked("close") == []

    await ending.end(viewer=shop.buyer, subscription_id=subscription.id, now=time.now)
    with pytest.raises(WrongStatus):
        await ending.end(viewer=shop.buyer, subscription_id=subscription.id, now=time.now)
    assert len(await asked("close")) == 1


async def test_a_delivery_that_is_supervised_is_over_with_it(time: Clock) -> None:
    shop = await a_shop(requires_supervision=True)
    subscription = await metered(shop, now=time.now)
    order = await Order.get(id=subscription.order_id)
    assert order.supervision_state is SupervisionState.IN_PROGRESS

    await ending.end(viewer=shop.buyer, subscription_id=subscription.id, now=time.now)

    order = await Order.get(id=order.id)
    assert (order.status, order.supervision_state) == (
        OrderStatus.COMPLETED,
        SupervisionState.NOT_INVOLVED,
    )
    assert (await supervision_of(order)).step == "CANCELLED"


@pytest.mark.parametrize("ends_first", [True, False])
async def test_usage_told_while_it_is_ended_counts_or_is_refused(
    shop: Shop, time: Clock, ends_first: bool
) -> None:
    subscription = await current(await metered(shop, now=time.now))
    time.forward(days=1)
    file = await uploaded(shop.seller, line(shop, subscription, "1", time.now), now=time.now)

    def takes() -> Coroutine[Any, Any, object]:
        return importing.import_file(viewer=shop.seller, file_id=file.id, now=time.now)

    def ends() -> Coroutine[Any, Any, object]:
        return ending.end(viewer=shop.buyer, subscription_id=subscription.id, now=time.now)

    calls = (ends(), takes()) if ends_first else (takes(), ends())
    found = await at_once(*calls, while_locked=shop.customer)

    made = found[1] if ends_first else found[0]
    assert (made.added, made.failed) == ((0, 1) if ends_first else (1, 0))
    assert (await current(subscription)).status is SubscriptionStatus.CLOSED
