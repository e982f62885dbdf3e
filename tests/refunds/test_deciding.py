"""The merchant's fifteen days, the platform's last word, and two things at the same moment."""

from datetime import timedelta
from typing import Any

import pytest

from domain.fulfilment import appealing, delivering, expiry
from domain.fulfilment.supervising import RefundIsPending
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.refunds import deadlines, deciding, requesting
from domain.refunds.guards import (
    RefundIsAccepted,
    RefundOfAnotherCustomer,
    RefundOfAnotherMerchant,
)
from domain.refunds.quoting import RefundInProgress
from kit import timers
from kit.problems import Forbidden
from kit.status import WrongStatus
from kit.transaction import transactional
from models.customers import Customer
from models.order_states import OrderStatus, RefundState, SupervisionState
from models.orders import Order
from models.refunds import DecidedBy, Refund, RefundKind, RefundStatus
from models.subscriptions import Subscription, SubscriptionStatus
from models.supervision import SupervisionStep as Step
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.fulfilment.factories import line_of, supervision_of, told
from tests.orders.factories import Shop, a_shop, balance
from tests.races import at_once
from tests.refunds.factories import REASON, asked_back, assert_sums_agree, bought, fresh
from tests.upstream.working import fire_due, work

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
async def platform(time: Clock) -> Viewer:
    return await a_staff_viewer(Item.ORDER_REVIEW)


async def waiting(shop: Shop, time: Clock) -> Refund:
    """Thirty days were used; the merchant is to decide."""
    _, subscription = await bought(shop, now=time.now)
    time.forward(days=30)
    return await asked_back(shop, subscription, now=time.now)


async def in_delivery(time: Clock) -> tuple[Shop, Order, Subscription]:
    """Supervised, delivered, and the buyer's turn to accept it."""
    shop = await a_shop(requires_supervision=True, five_day_refund=True)
    order, subscription = await bought(shop, now=time.now)
    row = await supervision_of(order)
    await delivering.submit_requirement(
        viewer=shop.buyer, supervision_id=row.id, requirement="For forty desks.", now=time.now
    )
    await delivering.confirm(viewer=shop.seller, supervision_id=row.id, now=time.now)
    await delivering.deliver(viewer=shop.seller, supervision_id=row.id, now=time.now)
    return shop, order, subscription


async def test_a_refusal_leaves_the_customer_what_it_has(shop: Shop, time: Clock) -> None:
    refund = await waiting(shop, time)

    await deciding.reject(viewer=shop.seller, refund_id=refund.id, reason="It works.", now=time.now)

    refund = await fresh(refund)
    assert (refund.status, refund.decided_by) == (RefundStatus.REJECTED, DecidedBy.MERCHANT)
    assert refund.refusal == "It works."
    assert await balance(shop.customer) == 0
    assert (await Order.get(id=refund.order_id)).refund_state is RefundState.NONE
    assert refund.subscription_id is not None
    kept = await Subscription.get(id=refund.subscription_id)
    assert kept.status is SubscriptionStatus.IN_USE
    assert await fire_due(time.now + deadlines.LIFETIME) == 0


async def test_the_platform_overrules_a_refusal_but_not_twice(
    shop: Shop, time: Clock, platform: Viewer
) -> None:
    refund = await waiting(shop, time)
    await deciding.reject(viewer=shop.seller, refund_id=refund.id, reason="No.", now=time.now)
    await deciding.override(viewer=platform, refund_id=refund.id, reason="It is.", now=time.now)

    refund = await fresh(refund)
    assert (refund.status, refund.decided_by) == (RefundStatus.REFUNDED, DecidedBy.PLATFORM)
    assert await balance(shop.customer) == refund.amount
    with pytest.raises(WrongStatus):
        await deciding.override(viewer=platform, refund_id=refund.id, reason="x", now=time.now)
    assert await balance(shop.customer) == refund.amount


async def test_a_refusal_is_not_overruled_once_the_line_was_asked_for_again(
    shop: Shop, time: Clock, platform: Viewer
) -> None:
    first = await waiting(shop, time)
    await deciding.reject(viewer=shop.seller, refund_id=first.id, reason="No.", now=time.now)
    assert first.subscription_id is not None
    again = await asked_back(shop, await Subscription.get(id=first.subscription_id), now=time.now)
    await deciding.accept(viewer=shop.seller, refund_id=again.id, now=time.now)

    with pytest.raises(RefundInProgress):
        await deciding.override(viewer=platform, refund_id=first.id, reason="x", now=time.now)

    assert await balance(shop.customer) == again.amount


async def test_the_customer_takes_its_wish_back(shop: Shop, time: Clock) -> None:
    refund = await waiting(shop, time)

    await deciding.cancel(viewer=shop.buyer, refund_id=refund.id, now=time.now)

    assert (await fresh(refund)).status is RefundStatus.CANCELLED
    assert await told(refund) == ["requested", "cancelled"]
    assert (await Order.get(id=refund.order_id)).refund_state is RefundState.NONE


async def test_nobody_decides_for_another(shop: Shop, time: Clock, platform: Viewer) -> None:
    refund = await waiting(shop, time)

    for viewer, problem in ((shop.by, RefundOfAnotherMerchant), (shop.buyer, Forbidden)):
        with pytest.raises(problem):
            await deciding.accept(viewer=viewer, refund_id=refund.id, now=time.now)
    with pytest.raises(RefundOfAnotherMerchant):
        await deciding.reject(viewer=platform, refund_id=refund.id, reason="x", now=time.now)
    with pytest.raises(RefundOfAnotherCustomer):
        await deciding.cancel(viewer=shop.seller, refund_id=refund.id, now=time.now)
    with pytest.raises(Forbidden):
        await deciding.override(viewer=shop.seller, refund_id=refund.id, reason="x", now=time.now)

    assert (await fresh(refund)).version == refund.version


async def test_silence_is_a_yes_after_fifteen_days_to_the_microsecond(
    shop: Shop, time: Clock
) -> None:
    refund = await waiting(shop, time)
    time.now += deadlines.LIFETIME - MICROSECOND
    await work(time.now)
    assert (await fresh(refund)).status is RefundStatus.MERCHANT_REVIEW

    time.now += MICROSECOND
    with pytest.raises(RefundIsAccepted):
        await deciding.reject(viewer=shop.seller, refund_id=refund.id, reason="x", now=time.now)
    await work(time.now)

    refund = await fresh(refund)
    assert (refund.status, refund.decided_by) == (RefundStatus.REFUNDED, DecidedBy.TIMEOUT)
    assert await balance(shop.customer) == refund.amount
    assert (await timers.mend(deadlines.ACCEPT_WAITS, now=time.now)).created == 0


async def test_of_several_refunds_of_a_customer_each_has_its_own_deadline(
    shop: Shop, time: Clock
) -> None:
    first = await waiting(shop, time)
    second = await waiting(shop, time)

    time.now = first.created_at + deadlines.LIFETIME
    await work(time.now)
    # The second was asked for thirty days later, so the worker came by late for the first.
    assert (await fresh(first)).status is RefundStatus.REFUNDED
    assert (await fresh(second)).status is RefundStatus.MERCHANT_REVIEW

    time.now = second.created_at + deadlines.LIFETIME
    await work(time.now)
    assert (await fresh(second)).status is RefundStatus.REFUNDED


@transactional
async def times_out(refund: Refund, now: Any) -> None:
    """What the worker does when the fifteen days are over."""
    await Customer.select_for_update(no_key=True).get(id=refund.customer_id)
    await deadlines.accept(subject_ids=[refund.customer_id], now=now)


@pytest.mark.parametrize("timer_first", [True, False])
async def test_decided_as_the_time_is_over(shop: Shop, time: Clock, timer_first: bool) -> None:
    refund = await waiting(shop, time)
    assert refund.decide_by is not None
    calls: list[Any] = [
        times_out(refund, refund.decide_by),
        deciding.reject(
            viewer=shop.seller,
            refund_id=refund.id,
            reason="No.",
            now=refund.decide_by - MICROSECOND,
        ),
    ]

    outcomes = await at_once(
        *(calls if timer_first else reversed(calls)),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    refund = await fresh(refund)
    if timer_first:
        assert isinstance(outcomes[1], WrongStatus)
        assert refund.status is RefundStatus.REFUNDED
        assert await balance(shop.customer) == refund.amount
    else:
        assert refund.status is RefundStatus.REJECTED
        assert await balance(shop.customer) == 0


async def test_accepted_twice_at_once_it_comes_back_once(shop: Shop, time: Clock) -> None:
    refund = await waiting(shop, time)

    _, lost = await at_once(
        *(deciding.accept(viewer=shop.seller, refund_id=refund.id, now=time.now) for _ in "ab"),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    assert isinstance(lost, WrongStatus)
    assert await balance(shop.customer) == refund.amount
    await assert_sums_agree(await Order.get(id=refund.order_id))


async def test_asked_for_twice_at_once_it_comes_back_once(time: Clock) -> None:
    shop = await a_shop(five_day_refund=True)
    order, subscription = await bought(shop, now=time.now)

    done, lost = await at_once(
        *(
            requesting.request(
                viewer=shop.buyer, subscription_id=subscription.id, reason=REASON, now=time.now
            )
            for _ in "ab"
        ),
        while_locked=await Customer.get(id=shop.customer.id),
    )

    assert done[0].kind is RefundKind.FULL_GUARANTEE
    assert lost.code == "NOTHING_TO_REFUND"
    assert await balance(shop.customer) == order.due_amount
    await assert_sums_agree(order)


@transactional
async def expires(subscription: Subscription, now: Any) -> None:
    """What the worker does when the subscription's time is over."""
    await Subscription.select_for_update(no_key=True).get(id=subscription.id)
    await expiry.expire(subject_ids=[subscription.id], now=now)


@pytest.mark.parametrize("expiry_first", [True, False])
async def test_asked_for_as_its_time_is_over(time: Clock, expiry_first: bool) -> None:
    shop = await a_shop()
    order, subscription = await bought(shop, now=time.now)
    assert subscription.expires_at is not None
    calls: list[Any] = [
        expires(subscription, subscription.expires_at),
        requesting.request(
            viewer=shop.buyer,
            subscription_id=subscription.id,
            reason=REASON,
            now=subscription.expires_at - timedelta(days=2),
        ),
    ]

    outcomes = await at_once(
        *(calls if expiry_first else reversed(calls)), while_locked=subscription
    )

    # Asked for in time, it is a refund of two days, frozen or not: its time says so, not a worker.
    [refund] = outcomes[1 if expiry_first else 0]
    assert (refund.used_days, refund.total_days) == (363, 365)
    assert (await Subscription.get(id=subscription.id)).status is SubscriptionStatus.FROZEN
    await deciding.accept(viewer=shop.seller, refund_id=refund.id, now=subscription.expires_at)
    assert (await Subscription.get(id=subscription.id)).status is SubscriptionStatus.CLOSED
    assert await balance(shop.customer) == refund.amount
    await assert_sums_agree(order)


async def test_while_a_refund_is_decided_nothing_is_accepted(time: Clock, platform: Viewer) -> None:
    shop, order, subscription = await in_delivery(time)
    refund = await asked_back(shop, subscription, now=time.now)
    assert (refund.kind, refund.rule) == (RefundKind.NOT_EFFECTIVE, "A-27")
    assert refund.status is RefundStatus.MERCHANT_REVIEW
    row = await supervision_of(order)

    with pytest.raises(RefundIsPending) as held:
        await delivering.accept(viewer=shop.buyer, supervision_id=row.id, now=time.now)
    assert held.value.numbers == refund.number
    with pytest.raises(RefundIsPending):
        await appealing.require_review(viewer=platform, supervision_id=row.id, now=time.now)

    await deciding.reject(viewer=shop.seller, refund_id=refund.id, reason="Look.", now=time.now)
    await delivering.accept(viewer=shop.buyer, supervision_id=row.id, now=time.now)
    assert (await supervision_of(order)).step is Step.DONE


async def test_what_is_given_back_during_its_delivery_is_delivered_no_more(time: Clock) -> None:
    shop, order, subscription = await in_delivery(time)
    refund = await asked_back(shop, subscription, now=time.now)

    await deciding.accept(viewer=shop.seller, refund_id=refund.id, now=time.now)

    assert (await supervision_of(order)).step is Step.CANCELLED
    order = await Order.get(id=order.id)
    assert (order.status, order.supervision_state) == (
        OrderStatus.COMPLETED,
        SupervisionState.NOT_INVOLVED,
    )
    assert (await line_of(order)).supervision_done_at is None
    assert await balance(shop.customer) == order.due_amount
    assert (await Subscription.get(id=subscription.id)).status is SubscriptionStatus.CLOSED
    await assert_sums_agree(order)


@pytest.mark.parametrize("refund_first", [True, False])
async def test_asked_for_as_the_delivery_is_accepted(time: Clock, refund_first: bool) -> None:
    shop, order, subscription = await in_delivery(time)
    row = await supervision_of(order)
    calls: list[Any] = [
        requesting.request(
            viewer=shop.buyer, subscription_id=subscription.id, reason=REASON, now=time.now
        ),
        delivering.accept(viewer=shop.buyer, supervision_id=row.id, now=time.now),
    ]

    outcomes = await at_once(*(calls if refund_first else reversed(calls)), while_locked=order)

    step = (await supervision_of(order)).step
    if refund_first:
        # The merchant decides, and the buyer can't accept meanwhile.
        assert isinstance(outcomes[1], RefundIsPending)
        assert step is Step.BUYER_ACCEPT
        assert outcomes[0][0].status is RefundStatus.MERCHANT_REVIEW
        assert await balance(shop.customer) == 0
    else:
        # Accepted, it is in use and within its five days.
        assert step is Step.DONE
        [refund] = outcomes[1]
        assert (await fresh(refund)).status is RefundStatus.REFUNDED
        assert refund.kind is RefundKind.FULL_GUARANTEE
        assert await balance(shop.customer) == order.due_amount
    await assert_sums_agree(order)
