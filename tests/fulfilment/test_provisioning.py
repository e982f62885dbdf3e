"""From payment to use: whatever the cloud answers, late, twice, after the fact or never."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.fulfilment import retrying
from domain.identity.items import Item
from domain.ledger.posting import InsufficientBalance
from domain.orders import paying
from domain.upstream import answering, silence
from domain.upstream.simulator import AFTERTHOUGHT
from kit.problems import Forbidden, NotFound
from kit.status import WrongStatus
from models.catalogue import ChargeMode
from models.order_states import Fulfilment, OrderStatus
from models.orders import Order
from models.subscriptions import Subscription, SubscriptionStatus
from models.upstream import Behaviour, RequestState
from tests.catalogue.factories import a_sku
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.fulfilment.factories import (
    asked,
    delivered,
    line_of,
    paid,
    subscription_of,
    the_cloud_is,
    told,
)
from tests.orders.factories import Shop, history, lines_of, place
from tests.races import at_once
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")

YEAR_LATER = datetime(2031, 1, 31, 23, 30, tzinfo=UTC)


async def test_a_paid_order_is_asked_of_the_cloud_line_by_line(shop: Shop, time: Clock) -> None:
    order = await paid(shop, shop.line(), shop.line(2), now=time.now)

    assert order.status is OrderStatus.PROCESSING
    assert {line.fulfilment for line in await lines_of(order)} == {Fulfilment.PROVISIONING}
    first, second = await asked("open")
    assert (first.payload["quantity"], second.payload["quantity"]) == (1, 2)
    assert first.payload["order"] == order.number
    assert await Subscription.all().count() == 0


async def test_what_the_cloud_opens_is_in_use_and_completes_the_order(
    shop: Shop, time: Clock
) -> None:
    order = await delivered(shop, now=time.now)

    assert (order.status, order.completed_at) == (OrderStatus.COMPLETED, time.now)
    line = await line_of(order)
    subscription = await subscription_of(order)
    assert subscription.status is SubscriptionStatus.IN_USE
    assert subscription.opened_at == subscription.effective_at == time.now
    assert subscription.expires_at == YEAR_LATER
    assert (line.fulfilment, line.subscription_id) == (Fulfilment.OPEN, subscription.id)
    assert (line.opened_at, line.effective_at) == (time.now, time.now)
    assert line.expires_at == YEAR_LATER
    assert (await history(order))[-2:] == ["paid", "completed"]
    assert await told(subscription) == ["opened"]
    assert await told(subscription, shop.merchant) == ["opened"]


async def test_an_order_is_completed_only_when_all_lines_are_open(shop: Shop, time: Clock) -> None:
    order = await paid(shop, shop.line(), shop.line(), now=time.now)
    first, second = await asked("open")

    await answering.answered(first.id, ok=True, reference="R-1", now=time.now)
    assert (await Order.get(id=order.id)).status is OrderStatus.PROCESSING
    await answering.answered(second.id, ok=True, reference="R-2", now=time.now)

    assert (await Order.get(id=order.id)).status is OrderStatus.COMPLETED


async def test_both_lines_answered_at_once_complete_the_order_once(shop: Shop, time: Clock) -> None:
    order = await paid(shop, shop.line(), shop.line(), now=time.now)

    await at_once(
        *(
            answering.answered(request.id, ok=True, reference=f"R-{request.id}", now=time.now)
            for request in await asked("open")
        ),
        while_locked=order,
    )

    assert (await Order.get(id=order.id)).status is OrderStatus.COMPLETED
    assert (await history(order)).count("completed") == 1


async def test_what_is_metered_is_opened_at_once_and_has_no_end(shop: Shop, time: Clock) -> None:
    sku = await a_sku(shop.goods, charge_mode=ChargeMode.ON_DEMAND, name="By the hour")
    order = await place(shop, shop.line(sku_id=sku.id), now=time.now)

    await work(time.now)

    subscription = await subscription_of(order)
    assert (subscription.effective_at, subscription.expires_at) == (time.now, None)
    assert (await Order.get(id=order.id)).status is OrderStatus.COMPLETED


async def test_the_answer_twice_opens_once(shop: Shop, time: Clock) -> None:
    await the_cloud_is(Behaviour.TWICE)
    order = await delivered(shop, now=time.now)
    time.now += AFTERTHOUGHT
    await work(time.now)

    assert await Subscription.all().count() == 1
    assert (await history(order)).count("completed") == 1


async def test_another_yes_with_another_reference_opens_nothing_more(
    shop: Shop, time: Clock
) -> None:
    order = await delivered(shop, now=time.now)
    [request] = await asked("open")

    await answering.answered(request.id, ok=True, reference="R-OTHER", now=time.now)

    assert await Subscription.all().count() == 1
    assert (await subscription_of(order)).resource != "R-OTHER"


async def test_a_late_answer_lets_the_time_run_from_when_it_is_open(
    shop: Shop, time: Clock
) -> None:
    await the_cloud_is(Behaviour.LATE, after=600)
    order = await delivered(shop, now=time.now)
    assert order.status is OrderStatus.PROCESSING
    time.forward(seconds=600)
    await work(time.now)

    subscription = await subscription_of(order)
    assert subscription.effective_at == time.now
    assert subscription.expires_at == YEAR_LATER + timedelta(seconds=600)


async def test_an_error_after_the_fact_leaves_it_open_and_is_told(shop: Shop, time: Clock) -> None:
    await the_cloud_is(Behaviour.ERROR_AFTER)
    order = await delivered(shop, now=time.now)
    time.now += AFTERTHOUGHT
    await work(time.now)

    assert (await line_of(order)).fulfilment is Fulfilment.OPEN
    assert (await subscription_of(order)).status is SubscriptionStatus.IN_USE
    assert (await history(order))[-1] == "fulfilment_contradicted"
    assert (await asked("open"))[0].state is RequestState.FAILED


async def test_a_failure_is_tried_again_by_the_merchant(shop: Shop, time: Clock) -> None:
    await the_cloud_is(Behaviour.ERROR)
    order = await delivered(shop, now=time.now)
    line = await line_of(order)
    assert (order.status, line.fulfilment) == (OrderStatus.PROCESSING, Fulfilment.FAILED)
    assert (await history(order))[-1] == "fulfilment_failed"

    await the_cloud_is(Behaviour.PROMPT)
    await retrying.retry(viewer=shop.seller, line_id=line.id, now=time.now)
    await work(time.now)

    assert (await line_of(order)).fulfilment is Fulfilment.OPEN
    assert (await Order.get(id=order.id)).status is OrderStatus.COMPLETED
    with pytest.raises(WrongStatus):
        await retrying.retry(viewer=shop.seller, line_id=line.id, now=time.now)


async def test_others_than_merchant_and_platform_try_nothing_again(shop: Shop, time: Clock) -> None:
    await the_cloud_is(Behaviour.ERROR)
    order = await delivered(shop, now=time.now)
    line = await line_of(order)

    with pytest.raises(Forbidden):
        await retrying.retry(viewer=shop.by, line_id=line.id, now=time.now)
    with pytest.raises(Forbidden):
        await retrying.retry(viewer=shop.buyer, line_id=line.id, now=time.now)
    stranger = await a_staff_viewer(Item.CUSTOMER_LEVEL)
    with pytest.raises(Forbidden):
        await retrying.retry(viewer=stranger, line_id=line.id, now=time.now)

    assert (await line_of(order)).fulfilment is Fulfilment.FAILED
    assert len(await asked("open")) == 1


async def paid_in_vain(shop: Shop, time: Clock) -> Order:
    """An order of whose line the cloud was silent for as long as it is waited for."""
    await the_cloud_is(Behaviour.NEVER)
    order = await paid(shop, now=time.now)
    for _ in range(silence.ASKINGS + 1):
        await work(time.now)
        time.now += silence.PATIENCE
    return order


async def test_a_cloud_that_never_answers_is_asked_again_and_then_the_line_failed(
    shop: Shop, time: Clock
) -> None:
    order = await paid_in_vain(shop, time)
    [request] = await asked("open")
    assert (request.state, request.askings) == (RequestState.DEAD, silence.ASKINGS)
    assert (await line_of(order)).fulfilment is Fulfilment.FAILED

    await answering.answered(request.id, ok=True, reference="R-1", now=time.now)

    assert (await line_of(order)).fulfilment is Fulfilment.OPEN
    assert (await subscription_of(order)).effective_at == time.now


async def test_a_cloud_that_has_not_answered_is_asked_for_the_same_when_it_is_tried_again(
    shop: Shop, time: Clock
) -> None:
    """It may have opened it: under another id it would open another one."""
    order = await paid_in_vain(shop, time)
    line = await line_of(order)

    await retrying.retry(viewer=shop.seller, line_id=line.id, now=time.now)

    [request] = await asked("open")
    assert request.state is RequestState.WAITING
    assert (await line_of(order)).fulfilment is Fulfilment.PROVISIONING
    await the_cloud_is(Behaviour.PROMPT)
    await work(time.now)
    assert (await line_of(order)).fulfilment is Fulfilment.OPEN
    assert len(await asked("open")) == 1


async def test_the_failure_of_an_earlier_request_fails_nothing_that_is_asked_anew(
    shop: Shop, time: Clock
) -> None:
    await the_cloud_is(Behaviour.ERROR)
    order = await paid(shop, now=time.now)
    await work(time.now)
    [first] = await asked("open")
    await the_cloud_is(Behaviour.NEVER)
    await retrying.retry(viewer=shop.seller, line_id=(await line_of(order)).id, now=time.now)
    assert len(await asked("open")) == 2

    await answering.answered(first.id, ok=False, code="STILL_NO", now=time.now)

    assert (await line_of(order)).fulfilment is Fulfilment.PROVISIONING


async def test_a_payment_that_fails_asks_nothing(shop: Shop, time: Clock) -> None:
    order = await place(shop, now=time.now)

    with pytest.raises(InsufficientBalance):
        await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)

    assert await asked("open") == []
    assert (await line_of(order)).fulfilment is Fulfilment.WAITING


async def test_what_nobody_knows_is_not_tried_again(shop: Shop, time: Clock) -> None:
    viewer = await a_staff_viewer(Item.ORDER_REVIEW)

    with pytest.raises(NotFound):
        await retrying.retry(viewer=viewer, line_id=shop.customer.id, now=time.now)
