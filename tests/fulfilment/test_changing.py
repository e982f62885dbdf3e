"""Another SKU or quantity of what one has: what is due, what becomes of it, what comes back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.fulfilment import changing, expiry, renewing
from domain.fulfilment.changing import NothingToChange
from domain.fulfilment.going_on import SubscriptionIsBusy
from domain.fulfilment.opening import periods_of
from domain.fulfilment.renewing import SubscriptionOfAnotherCustomer
from domain.identity.items import Item
from domain.orders import paying
from domain.orders.guards import OrderNotPayable, OrderOverdue
from domain.refunds import deciding, requesting
from domain.upstream import answering
from kit.problems import InvalidInput, NotFound
from kit.status import WrongStatus
from kit.transaction import transactional
from models.catalogue import ChargeMode, Sku
from models.order_states import CancelReason, Fulfilment, OrderStatus, OrderType, PaymentState
from models.orders import Order
from models.refunds import Refund, RefundKind, RefundStatus
from models.subscriptions import Subscription, SubscriptionStatus
from models.upstream import Behaviour
from tests.catalogue.factories import a_sku
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_staff_viewer
from tests.fulfilment.factories import (
    asked,
    line_of,
    subscription_of,
    the_cloud_is,
    told,
)
from tests.orders.factories import Shop, a_shop, balance, fund, place
from tests.races import at_once
from tests.refunds.factories import REASON, asked_back, assert_sums_agree, bought
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")


async def changes(shop: Shop, subscription: Subscription, time: Clock, **to: Any) -> Order:
    """The order, not yet paid if anything is due."""
    return await changing.change(
        viewer=shop.buyer, subscription_id=subscription.id, now=time.now, **to
    )


async def pays(shop: Shop, order: Order, time: Clock) -> Order:
    """Money comes and pays it; the cloud hasn't answered."""
    if order.due_amount:
        await fund(shop.customer, str(order.due_amount), now=time.now)
        await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    return await Order.get(id=order.id)


async def changed(shop: Shop, subscription: Subscription, time: Clock, **to: Any) -> Order:
    """Ordered, paid and carried out."""
    order = await pays(shop, await changes(shop, subscription, time, **to), time)
    await work(time.now)
    return await Order.get(id=order.id)


async def current(subscription: Subscription) -> Subscription:
    return await Subscription.get(id=subscription.id)


async def test_due_is_the_new_for_the_days_left_less_what_was_paid_for_them(
    shop: Shop, time: Clock
) -> None:
    bigger = await a_sku(shop.goods, price="3000.00", name="Bigger")
    _, subscription = await bought(shop, now=time.now)
    time.forward(days=73)

    order = await changes(shop, subscription, time, sku_id=bigger.id, quantity=2)

    # 292 of 365 days: 6000 make 4800, and of the 1000 that were paid 800 are for them.
    assert (order.list_amount, order.due_amount) == (Decimal("4800.00"), Decimal("4000.00"))
    assert (order.type, order.base_order_id) == (OrderType.CHANGE, subscription.order_id)
    assert (await current(subscription)).sku_id == shop.sku.id
    await pays(shop, order, time)
    time.forward(minutes=5)
    await work(time.now)

    fresh = await current(subscription)
    assert (fresh.sku_id, fresh.quantity) == (bigger.id, 2)
    assert fresh.expires_at == subscription.expires_at
    line = await line_of(order)
    assert (line.fulfilment, line.effective_at, line.expires_at) == (
        Fulfilment.OPEN,
        time.now,
        subscription.expires_at,
    )
    assert (await Order.get(id=order.id)).status is OrderStatus.COMPLETED
    assert await told(fresh) == ["opened", "changed"]
    [request] = await asked("change")
    assert (request.payload["sku_id"], request.payload["quantity"]) == (str(bigger.id), 2)


async def test_a_smaller_one_costs_nothing_and_gives_nothing_back(shop: Shop, time: Clock) -> None:
    _, subscription = await bought(shop, quantity=3, now=time.now)
    time.forward(days=10)

    order = await changed(shop, subscription, time, quantity=1)

    assert order.due_amount == 0
    assert order.payment_state is PaymentState.PAID
    assert (await current(subscription)).quantity == 1
    assert await balance(shop.customer) == 0


async def test_a_sku_of_other_months_is_priced_by_the_period_that_runs(
    shop: Shop, time: Clock
) -> None:
    monthly = await a_sku(shop.goods, price="120.00", name="By the month")
    await Sku.filter(id=monthly.id).update(months=1)
    _, subscription = await bought(shop, now=time.now)
    time.forward(days=73)

    order = await changes(shop, subscription, time, sku_id=monthly.id)

    assert (order.list_amount, order.due_amount) == (Decimal("1152.00"), Decimal("352.00"))


async def test_what_is_renewed_later_is_what_it_was_changed_to(shop: Shop, time: Clock) -> None:
    _, subscription = await bought(shop, now=time.now)
    await changed(shop, subscription, time, quantity=3)
    order = await renewing.renew(
        viewer=shop.buyer, subscription_ids=[subscription.id], months=12, now=time.now
    )
    await pays(shop, order, time)
    await work(time.now)

    assert order.due_amount == 3000
    base, change, renewal = await periods_of(subscription.id)
    assert base.ends_at == change.ends_at == renewal.started_at == subscription.expires_at
    assert (await current(subscription)).expires_at == renewal.ends_at
    with pytest.raises(SubscriptionIsBusy) as busy:
        await changes(shop, subscription, time, quantity=4)
    assert busy.value.numbers == order.number
    await asked_back(shop, subscription, renewals_only=True, now=time.now)
    assert (await current(subscription)).expires_at == subscription.expires_at
    assert (await changes(shop, subscription, time, quantity=4)).due_amount > 0


async def test_by_days_all_that_paid_for_the_running_period_comes_back_together(
    shop: Shop, time: Clock
) -> None:
    order, subscription = await bought(shop, now=time.now)
    time.forward(days=73)
    change = await changed(shop, subscription, time, quantity=3)
    assert change.due_amount == Decimal("1600.00")
    time.forward(days=146)
    first = await asked_back(shop, subscription, now=time.now)

    refunds = await Refund.filter(subscription_id=subscription.id).order_by("id")
    assert [(refund.kind, refund.amount, refund.consumed) for refund in refunds] == [
        (RefundKind.PARTIAL_USED, Decimal("400.00"), Decimal("600.00")),
        (RefundKind.PARTIAL_USED, Decimal("800.00"), Decimal("800.00")),
    ]
    assert [(each.used_days, each.total_days) for each in refunds] == [(219, 365), (146, 292)]
    await deciding.accept(viewer=shop.seller, refund_id=first.id, now=time.now)

    assert {each.status for each in await Refund.all()} == {RefundStatus.REFUNDED}
    assert await balance(shop.customer) == Decimal("1200.00")  # 3000 for 146 of 365 days
    assert (await current(subscription)).status is SubscriptionStatus.CLOSED
    await assert_sums_agree(order)
    await assert_sums_agree(change)


@pytest.mark.parametrize("which", [0, 1])
async def test_what_the_merchant_refuses_of_one_line_it_refuses_of_the_other(
    shop: Shop, time: Clock, which: int
) -> None:
    _, subscription = await bought(shop, now=time.now)
    await changed(shop, subscription, time, quantity=2)
    time.forward(days=30)
    await asked_back(shop, subscription, now=time.now)
    refunds = await Refund.all().order_by("id")

    await deciding.reject(
        viewer=shop.seller, refund_id=refunds[which].id, reason="In use.", now=time.now
    )

    assert {each.status for each in await Refund.all()} == {RefundStatus.REJECTED}
    assert (await current(subscription)).status is SubscriptionStatus.IN_USE
    await changed(shop, subscription, time, quantity=5)
    assert (await current(subscription)).quantity == 5


async def test_pieces_before_and_after_a_change_add_up_to_all_that_was_paid(time: Clock) -> None:
    shop = await a_shop(price="333.34", five_day_refund=True)
    order, subscription = await bought(shop, quantity=3, now=time.now)
    await asked_back(shop, subscription, pieces=1, now=time.now)
    change = await changed(shop, subscription, time, quantity=7)
    # The first day has begun: 364 days of seven, less those of the two that were left.
    assert change.due_amount == Decimal("1662.14")
    for pieces in (2, 1, 3):
        await asked_back(shop, subscription, pieces=pieces, now=time.now)
    left = await current(subscription)
    assert (left.quantity, left.status) == (1, SubscriptionStatus.IN_USE)
    await asked_back(shop, subscription, now=time.now)

    assert (await current(subscription)).status is SubscriptionStatus.CLOSED
    for each in (order, change):
        await assert_sums_agree(each)
        fresh = await Order.get(id=each.id)
        assert fresh.refunded_amount == fresh.due_amount
    assert {each.kind for each in await Refund.all()} == {RefundKind.FULL_GUARANTEE}
    assert await balance(shop.customer) == order.due_amount + change.due_amount


async def test_while_a_change_is_carried_out_nothing_else_of_it_begins(
    shop: Shop, time: Clock
) -> None:
    _, subscription = await bought(shop, now=time.now)
    await the_cloud_is(Behaviour.NEVER)
    order = await pays(shop, await changes(shop, subscription, time, quantity=2), time)

    with pytest.raises(SubscriptionIsBusy):
        await changes(shop, subscription, time, quantity=3)
    with pytest.raises(SubscriptionIsBusy):
        await renewing.renew(
            viewer=shop.buyer, subscription_ids=[subscription.id], months=12, now=time.now
        )
    with pytest.raises(SubscriptionIsBusy) as busy:
        await asked_back(shop, subscription, now=time.now)

    assert busy.value.numbers == order.number
    assert await Order.all().count() == 2
    assert await Refund.all().count() == 0


async def test_an_open_refund_keeps_an_unpaid_change_from_being_paid(
    shop: Shop, time: Clock
) -> None:
    _, subscription = await bought(shop, now=time.now)
    time.forward(days=30)
    order = await changes(shop, subscription, time, quantity=2)
    refund = await asked_back(shop, subscription, now=time.now)
    with pytest.raises(SubscriptionIsBusy) as busy:
        await pays(shop, order, time)
    assert busy.value.numbers == refund.number
    assert (await Order.get(id=order.id)).status is OrderStatus.PENDING_PAYMENT
    with pytest.raises(SubscriptionIsBusy):
        await changes(shop, subscription, time, quantity=3)

    await deciding.cancel(viewer=shop.buyer, refund_id=refund.id, now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    await work(time.now)
    assert (await current(subscription)).quantity == 2


async def test_a_refused_refund_is_not_overruled_once_it_was_changed(
    shop: Shop, time: Clock
) -> None:
    _, subscription = await bought(shop, now=time.now)
    time.forward(days=30)
    refund = await asked_back(shop, subscription, now=time.now)
    await deciding.reject(viewer=shop.seller, refund_id=refund.id, reason="No.", now=time.now)
    change = await changed(shop, subscription, time, quantity=2)

    with pytest.raises(SubscriptionIsBusy) as busy:
        await deciding.override(
            viewer=await a_staff_viewer(Item.ORDER_REVIEW),
            refund_id=refund.id,
            reason="Yes.",
            now=time.now,
        )

    assert busy.value.numbers == change.number
    assert (await Refund.get(id=refund.id)).status is RefundStatus.REJECTED


async def test_a_paid_change_takes_the_unpaid_orders_of_the_old_with_it(
    shop: Shop, time: Clock
) -> None:
    _, subscription = await bought(shop, now=time.now)
    renewal = await renewing.renew(
        viewer=shop.buyer, subscription_ids=[subscription.id], months=12, now=time.now
    )
    other = await changes(shop, subscription, time, quantity=2)

    await changed(shop, subscription, time, quantity=3)

    for order in (renewal, other):
        fresh = await Order.get(id=order.id)
        assert (fresh.status, fresh.cancel_reason) == (
            OrderStatus.CANCELLED,
            CancelReason.SUBSCRIPTION,
        )
    assert (await current(subscription)).quantity == 3


async def test_what_is_given_back_takes_its_unpaid_orders_with_it(time: Clock) -> None:
    shop = await a_shop(five_day_refund=True)
    _, subscription = await bought(shop, quantity=2, now=time.now)
    renewal = await renewing.renew(
        viewer=shop.buyer, subscription_ids=[subscription.id], months=12, now=time.now
    )
    await asked_back(shop, subscription, pieces=1, now=time.now)
    assert (await Order.get(id=renewal.id)).status is OrderStatus.CANCELLED
    change = await changes(shop, subscription, time, quantity=5)

    await asked_back(shop, subscription, now=time.now)

    fresh = await Order.get(id=change.id)
    assert (fresh.cancel_reason, fresh.cancelled_at) == (CancelReason.SUBSCRIPTION, time.now)
    assert (await told(fresh))[-1] == "cancelled"


async def test_it_is_paid_before_the_running_time_ends_or_not(shop: Shop, time: Clock) -> None:
    _, subscription = await bought(shop, now=time.now)
    assert subscription.expires_at is not None
    time.now = subscription.expires_at - timedelta(days=2)
    order = await changes(shop, subscription, time, quantity=2)
    assert order.pay_by == subscription.expires_at
    await fund(shop.customer, "1000.00", now=time.now)
    time.now = subscription.expires_at

    with pytest.raises(OrderOverdue):
        await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)

    with pytest.raises(WrongStatus):
        await changes(shop, subscription, time, quantity=2)


async def test_opened_too_late_it_comes_back_in_full(shop: Shop, time: Clock) -> None:
    _, subscription = await bought(shop, now=time.now)
    assert subscription.expires_at is not None
    time.now = subscription.expires_at - timedelta(days=2)
    await the_cloud_is(Behaviour.PROMPT, after=5 * 86400)
    order = await pays(shop, await changes(shop, subscription, time, quantity=400), time)
    await work(time.now)
    time.forward(days=5)
    await work(time.now)
    line = await line_of(order)
    assert line.fulfilment is Fulfilment.FAILED
    assert (await current(subscription)).quantity == 1

    refund = await requesting.request_failed(viewer=shop.buyer, line_id=line.id, now=time.now)

    assert refund.amount == order.due_amount > 0
    assert await balance(shop.customer) == order.due_amount
    await assert_sums_agree(order)


@pytest.mark.parametrize("change_first", [True, False])
async def test_changed_as_it_is_given_back(time: Clock, change_first: bool) -> None:
    shop = await a_shop(five_day_refund=True)
    _, subscription = await bought(shop, now=time.now)
    order = await changes(shop, subscription, time, quantity=2)
    await fund(shop.customer, str(order.due_amount), now=time.now)
    pay = paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    give_back = requesting.request(
        viewer=shop.buyer, subscription_id=subscription.id, reason=REASON, now=time.now
    )
    calls = (pay, give_back) if change_first else (give_back, pay)

    first, second = await at_once(*calls, while_locked=shop.customer)
    await work(time.now)

    assert not isinstance(first, BaseException)
    fresh, paid = await current(subscription), await Order.get(id=order.id)
    if change_first:
        assert isinstance(second, SubscriptionIsBusy)
        assert (fresh.status, fresh.quantity) == (SubscriptionStatus.IN_USE, 2)
        assert await balance(shop.customer) == 0
    else:
        assert isinstance(second, OrderNotPayable)
        assert (fresh.status, fresh.quantity) == (SubscriptionStatus.CLOSED, 1)
        assert paid.cancel_reason is CancelReason.SUBSCRIPTION
        assert await balance(shop.customer) == 1000 + order.due_amount
    await assert_sums_agree(order)


@pytest.mark.parametrize("change_first", [True, False])
async def test_changed_as_it_expires(shop: Shop, time: Clock, change_first: bool) -> None:
    _, subscription = await bought(shop, now=time.now)
    assert subscription.expires_at is not None
    time.now = subscription.expires_at - timedelta(microseconds=1)
    await the_cloud_is(Behaviour.NEVER)
    order = await pays(shop, await changes(shop, subscription, time, quantity=2), time)
    await work(time.now)
    [request] = await asked("change")

    @transactional
    async def expires() -> None:
        await Subscription.select_for_update().get(id=subscription.id)
        await expiry.expire(subject_ids=[subscription.id], now=subscription.expires_at)  # type: ignore[arg-type]

    answer = answering.answered(request.id, ok=True, reference="R", now=time.now)
    calls = (answer, expires()) if change_first else (expires(), answer)

    await at_once(*calls, while_locked=subscription)

    fresh, line = await current(subscription), await line_of(order)
    assert fresh.status is SubscriptionStatus.FROZEN
    assert fresh.expires_at == subscription.expires_at
    assert (fresh.quantity, line.fulfilment) == (
        (2, Fulfilment.OPEN) if change_first else (1, Fulfilment.FAILED)
    )


async def test_refusals_order_nothing(shop: Shop, time: Clock) -> None:
    metered = await a_sku(shop.goods, charge_mode=ChargeMode.ON_DEMAND, name="By the hour")
    elsewhere = await a_shop()
    by_use = await place(shop, shop.line(sku_id=metered.id), now=time.now)
    await work(time.now)
    by_hour = await subscription_of(by_use)
    _, subscription = await bought(shop, now=time.now)
    other = await a_user_of(await a_customer("Pearl River"))
    before = await Order.all().count()

    for to in ({}, {"quantity": 1}, {"quantity": 0}, {"sku_id": metered.id}):
        with pytest.raises(InvalidInput):
            await changes(shop, subscription, time, **to)
    with pytest.raises(NotFound):
        await changes(shop, subscription, time, sku_id=elsewhere.sku.id)
    with pytest.raises(NothingToChange):
        await changes(shop, by_hour, time, quantity=2)
    with pytest.raises(NotFound):
        await changing.change(
            viewer=other, subscription_id=subscription.id, quantity=2, now=time.now
        )
    assert isinstance(
        changing.can_change(subscription, other, time.now), SubscriptionOfAnotherCustomer
    )
    assert await Order.all().count() == before
