"""Refunds and what else holds the same rows: everybody takes them in the same order."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.fulfilment import renewing
from domain.identity.items import Item
from domain.orders import partner_payment
from domain.refunds import deciding, requesting
from kit import transaction
from models.order_states import CancelReason
from models.orders import Order
from models.refunds import RefundStatus
from models.subscriptions import Subscription
from models.vouchers import Coupon, CouponKind
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop, a_coupon, a_shop, balance, begin, fund, place
from tests.races import at_once
from tests.refunds.factories import REASON, asked_back, assert_sums_agree, bought, fresh
from tests.upstream.working import fire_due, work

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("expiry_first", [True, False])
@pytest.mark.parametrize("held", ["card", "order"])
async def test_given_back_as_an_unpaid_renewal_that_keeps_the_same_card_ends(
    shop: Shop,
    time: Clock,
    expiry_first: bool,
    held: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The refund puts money back on the card, and lets the order go; the order lets the card go."""
    monkeypatch.setattr(transaction, "ATTEMPTS", 1)  # a deadlock isn't tried again unseen
    card = await a_coupon(shop.customer, "900.00", kind=CouponKind.STORED_VALUE_CARD, now=time.now)
    card.expires_at = time.now.replace(year=time.now.year + 1)
    await card.save(update_fields=["expires_at"])
    order, subscription = await bought(shop, now=time.now, coupons={card.id: Decimal("300.00")})
    time.forward(days=30)
    refund = await asked_back(shop, subscription, now=time.now)
    renewal = await renewing.renew(
        viewer=shop.buyer, subscription_ids=[subscription.id], months=12, now=time.now
    )
    await begin(renewal, shop, time.now, coupons={card.id: Decimal("300.00")})
    assert renewal.pay_by is not None
    calls: list[Any] = [
        fire_due(renewal.pay_by),
        deciding.accept(viewer=shop.seller, refund_id=refund.id, now=renewal.pay_by),
    ]

    outcomes = await at_once(
        *(calls if expiry_first else reversed(calls)),
        while_locked=renewal if held == "order" else card,
    )

    assert [each for each in outcomes if isinstance(each, BaseException)] == []
    assert "deadlock" not in caplog.text
    assert (await fresh(refund)).status is RefundStatus.REFUNDED
    renewal = await Order.get(id=renewal.id)
    assert renewal.cancel_reason is (
        CancelReason.DEADLINE if expiry_first else CancelReason.SUBSCRIPTION
    )
    assert (await Coupon.get(id=card.id)).lock_order_id is None
    await assert_sums_agree(order)


async def test_the_platform_gives_back_for_two_customers_in_either_order_at_once(
    time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their partner has paid both, so that each refund goes to the partner's account."""
    monkeypatch.setattr(transaction, "ATTEMPTS", 1)
    one = await a_shop(five_day_refund=True)
    other = replace(one, customer=await a_customer("Pearl", of=one.partner))
    other.buyer = await a_user_of(other.customer)
    account = await fund(one.partner, "4000.00", now=time.now)
    subscriptions = []
    for shop in (one, one, other, other):
        order = await place(shop, now=time.now)
        await partner_payment.request(viewer=shop.buyer, order_id=order.id, now=time.now)
        await partner_payment.pay(viewer=one.by, order_id=order.id, now=time.now)
        await work(time.now)
        subscriptions.append((await Subscription.get(order_id=order.id)).id)
    first, second, third, fourth = subscriptions
    platform = await a_staff_viewer(Item.ORDER_REVIEW)

    def give_back(*ids: UUID) -> Any:
        return requesting.request_many(
            viewer=platform, subscription_ids=ids, reason=REASON, now=time.now
        )

    outcomes = await at_once(
        give_back(first, third), give_back(fourth, second), while_locked=account
    )

    assert [each.problem for each in outcomes[0] + outcomes[1]] == [None] * 4
    assert await balance(one.partner) == Decimal("4000.00")
