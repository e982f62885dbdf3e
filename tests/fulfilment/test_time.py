"""The time of subscriptions: months by the calendar, renewal end to end, and the end of it."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.fulfilment import expiry, renewing, self_renewal
from domain.fulfilment.renewing import NothingToRenew, SubscriptionOfAnotherCustomer
from domain.orders import paying
from domain.upstream import answering
from kit import timers
from kit.problems import InvalidInput, NotFound
from kit.status import WrongStatus
from models.catalogue import ChargeMode, Sku
from models.order_states import Fulfilment, OrderType
from models.orders import Order
from models.subscriptions import ExpirePolicy, Subscription, SubscriptionStatus
from tests.catalogue.factories import a_sku
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_user_of
from tests.fulfilment.factories import asked, delivered, line_of, subscription_of, told
from tests.orders.factories import Shop, fund, place
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")


async def monthly(shop: Shop, time: Clock, quantity: int = 1) -> tuple[Order, Subscription]:
    """A month of the goods, in use."""
    sku = await a_sku(shop.goods, price="100.00", name="A month")
    await Sku.filter(id=sku.id).update(months=1)
    order = await delivered(shop, shop.line(quantity, sku_id=sku.id), now=time.now)
    return order, await subscription_of(order)


async def renewed(shop: Shop, subscription: Subscription, months: int, time: Clock) -> Order:
    """Ordered, paid and delivered."""
    order = await renewing.renew(
        viewer=shop.buyer, subscription_ids=[subscription.id], months=months, now=time.now
    )
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    await work(time.now)
    return await Order.get(id=order.id)


async def test_a_month_that_is_too_short_ends_on_its_last_day_in_china(
    shop: Shop, time: Clock
) -> None:
    time.now = datetime(2030, 1, 30, 16, 0, tzinfo=UTC)  # 31 January there

    _, subscription = await monthly(shop, time)

    assert subscription.expires_at == datetime(2030, 2, 27, 16, 0, tzinfo=UTC)  # 28 February


async def test_renewed_time_begins_where_the_paid_time_ends(shop: Shop, time: Clock) -> None:
    order, subscription = await monthly(shop, time)
    first_end = subscription.expires_at
    renewal = await renewed(shop, subscription, 2, time)

    assert (renewal.type, renewal.base_order_id) == (OrderType.RENEW, order.id)
    assert renewal.due_amount == 200
    line = await line_of(renewal)
    assert (line.fulfilment, line.effective_at) == (Fulfilment.OPEN, first_end)
    fresh = await Subscription.get(id=subscription.id)
    assert fresh.expires_at == line.expires_at == datetime(2030, 4, 30, 23, 30, tzinfo=UTC)
    assert await told(fresh) == ["opened", "renewed"]
    assert (await asked("renew"))[0].payload["subscription_id"] == str(subscription.id)


async def test_what_ends_is_frozen_kept_for_fifteen_days_and_over(shop: Shop, time: Clock) -> None:
    _, subscription = await monthly(shop, time)
    assert subscription.expires_at is not None
    time.now = subscription.expires_at - timedelta(microseconds=1)
    await work(time.now)
    assert (await Subscription.get(id=subscription.id)).status is SubscriptionStatus.IN_USE

    time.forward(microseconds=1)
    await work(time.now)
    assert (await Subscription.get(id=subscription.id)).status is SubscriptionStatus.FROZEN
    assert await asked("close") == []

    time.now += expiry.RETENTION
    await work(time.now)
    fresh = await Subscription.get(id=subscription.id)
    assert (fresh.status, fresh.ended_at) == (SubscriptionStatus.EXPIRED, time.now)
    assert len(await asked("close")) == 1
    assert await told(fresh) == ["opened", "frozen", "expired"]


async def test_a_worker_that_comes_late_takes_both_steps(shop: Shop, time: Clock) -> None:
    _, subscription = await monthly(shop, time)
    assert subscription.expires_at is not None
    time.now = subscription.expires_at + 2 * expiry.RETENTION

    await work(time.now)

    fresh = await Subscription.get(id=subscription.id)
    assert fresh.status is SubscriptionStatus.EXPIRED
    assert fresh.ended_at == subscription.expires_at + expiry.RETENTION
    assert await told(fresh) == ["opened", "frozen", "expired"]


async def test_what_is_to_end_at_once_does(shop: Shop, time: Clock) -> None:
    _, subscription = await monthly(shop, time)
    await renewing.set_auto_renew(
        viewer=shop.buyer,
        subscription_id=subscription.id,
        auto_renew=False,
        expire_policy=ExpirePolicy.END,
        now=time.now,
    )
    assert subscription.expires_at is not None
    time.now = subscription.expires_at

    await work(time.now)

    assert (await Subscription.get(id=subscription.id)).status is SubscriptionStatus.EXPIRED


async def test_renewed_when_frozen_it_runs_from_then_on(shop: Shop, time: Clock) -> None:
    _, subscription = await monthly(shop, time)
    assert subscription.expires_at is not None
    time.now = subscription.expires_at + timedelta(days=3)
    await work(time.now)

    renewal = await renewed(shop, subscription, 1, time)

    fresh = await Subscription.get(id=subscription.id)
    assert fresh.status is SubscriptionStatus.IN_USE
    assert (await line_of(renewal)).effective_at == time.now
    assert fresh.expires_at == datetime(2030, 4, 3, 23, 30, tzinfo=UTC)


async def test_renewed_before_a_worker_came_by_it_runs_from_then_on(
    shop: Shop, time: Clock
) -> None:
    _, subscription = await monthly(shop, time)
    assert subscription.expires_at is not None
    time.now = subscription.expires_at + timedelta(days=3)
    order = await renewing.renew(
        viewer=shop.buyer, subscription_ids=[subscription.id], months=1, now=time.now
    )
    await fund(shop.customer, str(order.due_amount), now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    [request] = await asked("renew")

    await answering.answered(request.id, ok=True, reference="R", now=time.now)

    assert (await line_of(order)).effective_at == time.now
    await work(time.now)
    fresh = await Subscription.get(id=subscription.id)
    assert fresh.status is SubscriptionStatus.IN_USE
    assert fresh.expires_at == datetime(2030, 4, 3, 23, 30, tzinfo=UTC)


async def test_what_is_over_for_good_is_not_renewed_though_no_worker_came_by(
    shop: Shop, time: Clock
) -> None:
    _, subscription = await monthly(shop, time)
    order = await renewing.renew(
        viewer=shop.buyer, subscription_ids=[subscription.id], months=1, now=time.now
    )
    assert subscription.expires_at is not None
    time.now = subscription.expires_at + expiry.RETENTION
    await Order.filter(id=order.id).update(pay_by=time.now + timedelta(days=1))

    for refused in (
        renewing.renew(
            viewer=shop.buyer, subscription_ids=[subscription.id], months=1, now=time.now
        ),
        paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now),
        renewing.set_auto_renew(
            viewer=shop.buyer, subscription_id=subscription.id, auto_renew=True, now=time.now
        ),
    ):
        with pytest.raises(WrongStatus) as problem:
            await refused
        assert problem.value.status == "EXPIRED"
    assert (await Order.get(id=order.id)).payment_state == "UNPAID"


async def test_what_is_renewed_too_late_failed_and_can_be_refunded(shop: Shop, time: Clock) -> None:
    _, subscription = await monthly(shop, time)
    order = await renewing.renew(
        viewer=shop.buyer, subscription_ids=[subscription.id], months=1, now=time.now
    )
    assert subscription.expires_at is not None
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    time.now = subscription.expires_at + expiry.RETENTION
    # The cloud's answer comes after the end.
    await Subscription.filter(id=subscription.id).update(
        status=SubscriptionStatus.EXPIRED, ended_at=time.now
    )

    await work(time.now)

    assert (await line_of(order)).fulfilment is Fulfilment.FAILED


@pytest.mark.parametrize("months", [0, 13, 18, 48])
async def test_renewal_is_for_months_up_to_eleven_or_one_to_three_years(
    shop: Shop, time: Clock, months: int
) -> None:
    _, subscription = await monthly(shop, time)

    with pytest.raises(InvalidInput):
        await renewing.renew(
            viewer=shop.buyer, subscription_ids=[subscription.id], months=months, now=time.now
        )

    assert await Order.all().count() == 1


async def test_only_what_one_has_for_a_time_is_renewed(shop: Shop, time: Clock) -> None:
    sku = await a_sku(shop.goods, charge_mode=ChargeMode.ON_DEMAND, name="By the hour")
    order = await place(shop, shop.line(sku_id=sku.id), now=time.now)
    await work(time.now)
    metered = await subscription_of(order)
    with pytest.raises(NothingToRenew):
        await renewing.renew(
            viewer=shop.buyer, subscription_ids=[metered.id], months=1, now=time.now
        )
    _, subscription = await monthly(shop, time)
    other = await a_user_of(await a_customer("Pearl River"))
    with pytest.raises(NotFound):
        await renewing.renew(
            viewer=other, subscription_ids=[subscription.id], months=1, now=time.now
        )
    with pytest.raises(SubscriptionOfAnotherCustomer):
        await renewing.set_auto_renew(
            viewer=shop.by, subscription_id=subscription.id, auto_renew=True, now=time.now
        )
    await Subscription.filter(id=subscription.id).update(
        status=SubscriptionStatus.CLOSED, ended_at=time.now
    )
    with pytest.raises(WrongStatus):
        await renewing.renew(
            viewer=shop.buyer, subscription_ids=[subscription.id], months=1, now=time.now
        )


async def test_it_renews_itself_a_day_before_its_end_month_after_month(
    shop: Shop, time: Clock
) -> None:
    _, subscription = await monthly(shop, time)
    await renewing.set_auto_renew(
        viewer=shop.buyer, subscription_id=subscription.id, auto_renew=True, now=time.now
    )
    for renewals in (1, 2, 3):
        fresh = await Subscription.get(id=subscription.id)
        assert fresh.expires_at is not None
        time.now = fresh.expires_at - self_renewal.AHEAD
        await work(time.now)
        assert await Order.filter(type=OrderType.RENEW).count() == renewals
        time.now = fresh.expires_at + timedelta(minutes=1)
        await work(time.now)

    assert (await Subscription.get(id=subscription.id)).status is SubscriptionStatus.IN_USE
    assert (await timers.mend(self_renewal.RENEW_WAITS, now=time.now)).created == 0


async def test_what_cannot_be_paid_is_not_renewed_and_told(shop: Shop, time: Clock) -> None:
    sku = await a_sku(shop.goods, price="100.00", name="A month")
    await Sku.filter(id=sku.id).update(months=1)
    order = await place(shop, shop.line(sku_id=sku.id), now=time.now)
    await fund(shop.customer, "100.00", now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    await work(time.now)
    subscription = await subscription_of(order)
    await renewing.set_auto_renew(
        viewer=shop.buyer, subscription_id=subscription.id, auto_renew=True, now=time.now
    )
    assert subscription.expires_at is not None
    time.now = subscription.expires_at + timedelta(minutes=2)

    await work(time.now - timedelta(days=1))
    await work(time.now)

    fresh = await Subscription.get(id=subscription.id)
    assert fresh.status is SubscriptionStatus.FROZEN
    assert await Order.all().count() == 1
    assert await told(fresh) == ["opened", "renewal_set", "renewal_failed", "frozen"]
