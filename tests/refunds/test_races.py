"""A refund that takes unpaid orders with it, as these end by themselves."""

from decimal import Decimal
from typing import Any

import pytest

from domain.fulfilment import renewing
from domain.refunds import deciding
from kit import transaction
from models.order_states import CancelReason
from models.orders import Order
from models.refunds import RefundStatus
from models.vouchers import Coupon, CouponKind
from tests.conftest import Clock
from tests.orders.factories import Shop, a_coupon
from tests.orders.test_online import begin
from tests.races import at_once
from tests.refunds.factories import asked_back, assert_sums_agree, bought, fresh
from tests.upstream.working import fire_due

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
