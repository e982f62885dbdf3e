"""What comes back, by which rule, to whom."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.fulfilment import renewing
from domain.orders import paying
from domain.refunds import deciding, quoting, requesting
from domain.refunds.guards import RefundOfAnotherCustomer
from domain.refunds.quoting import (
    GUARANTEE,
    NothingToRefund,
    PackagesDontComeBack,
    RefundInProgress,
)
from domain.refunds.writing import RefundChanged
from kit.problems import InvalidInput, NotFound
from models.catalogue import ChargeMode
from models.order_states import Fulfilment, OrderStatus, OrderType, RefundState
from models.orders import Order, OrderLine
from models.refunds import DecidedBy, Refund, RefundKind, RefundStatus
from models.subscriptions import Subscription, SubscriptionStatus
from models.upstream import Behaviour
from models.vouchers import Coupon, CouponKind
from tests.catalogue.factories import a_sku
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_user_of
from tests.fulfilment.factories import (
    asked,
    delivered,
    line_of,
    subscription_of,
    the_cloud_is,
    told,
)
from tests.orders.factories import CREDIT, Shop, a_coupon, a_shop, balance, fund, lend, place
from tests.refunds.factories import (
    REASON,
    asked_back,
    assert_sums_agree,
    bought,
    fresh,
    parts_of,
)
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def shop(time: Clock) -> Shop:
    """Its goods come back within five days, and a year costs 10600."""
    return await a_shop(price="10600.00", five_day_refund=True)


async def test_within_five_days_all_comes_back_at_once(shop: Shop, time: Clock) -> None:
    order, subscription = await bought(shop, now=time.now)
    assert await balance(shop.customer) == 0
    time.forward(days=2)

    refund = await asked_back(shop, subscription, now=time.now)

    assert (refund.kind, refund.rule) == (RefundKind.FULL_GUARANTEE, quoting.BY_GUARANTEE)
    assert (refund.status, refund.decided_by) == (RefundStatus.REFUNDED, DecidedBy.RULE)
    assert (refund.amount, refund.consumed) == (Decimal("10600.00"), Decimal(0))
    assert await balance(shop.customer) == Decimal("10600.00")
    assert await parts_of(refund) == {"CASH": (Decimal("10600.00"), "CUSTOMER")}
    order = await Order.get(id=order.id)
    assert (order.refund_state, order.status) == (RefundState.REFUNDED, OrderStatus.COMPLETED)
    taken_back = await Order.get(id=refund.refund_order_id)
    assert taken_back.type is OrderType.UNSUBSCRIBE
    assert (taken_back.base_order_id, taken_back.due_amount) == (order.id, -order.due_amount)
    assert taken_back.seller_id == order.seller_id
    ended = await Subscription.get(id=subscription.id)
    assert (ended.status, ended.ended_at) == (SubscriptionStatus.CLOSED, time.now)
    assert await told(ended) == ["opened", "closed"]
    assert await told(refund) == ["requested", "refunded"]
    assert (await asked("close"))[0].payload["resource"] == subscription.resource
    await assert_sums_agree(order)


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (GUARANTEE - timedelta(microseconds=1), RefundKind.FULL_GUARANTEE),
        (GUARANTEE, RefundKind.PARTIAL_USED),
    ],
)
async def test_five_days_are_120_hours_to_the_microsecond(
    shop: Shop, time: Clock, after: timedelta, kind: RefundKind
) -> None:
    _, subscription = await bought(shop, now=time.now)
    time.now += after

    assert (await asked_back(shop, subscription, now=time.now)).kind is kind


async def test_after_the_guarantee_the_merchant_decides_on_what_days_leave(
    shop: Shop, time: Clock
) -> None:
    order, subscription = await bought(shop, now=time.now)
    time.forward(days=100)
    refund = await asked_back(shop, subscription, now=time.now)

    assert (refund.kind, refund.rule) == (RefundKind.PARTIAL_USED, quoting.BY_DAYS)
    assert refund.status is RefundStatus.MERCHANT_REVIEW
    assert (refund.used_days, refund.total_days) == (100, 365)
    assert (refund.amount, refund.consumed) == (Decimal("7695.89"), Decimal("2904.11"))  # E9b
    assert (await Order.get(id=order.id)).refund_state is RefundState.REQUESTED
    assert await balance(shop.customer) == 0

    time.forward(days=3)  # deciding costs the customer nothing
    await deciding.accept(viewer=shop.seller, refund_id=refund.id, now=time.now)

    refund = await fresh(refund)
    assert (refund.status, refund.decided_by) == (RefundStatus.REFUNDED, DecidedBy.MERCHANT)
    assert await balance(shop.customer) == Decimal("7695.89")
    order = await Order.get(id=order.id)
    assert (order.refund_state, order.refunded_amount) == (
        RefundState.PARTLY_REFUNDED,
        Decimal("7695.89"),
    )
    assert (await Subscription.get(id=subscription.id)).status is SubscriptionStatus.CLOSED
    await assert_sums_agree(order)


async def test_by_days_vouchers_stay_used_and_the_rest_is_of_the_cash(
    shop: Shop, time: Clock
) -> None:
    voucher = await a_coupon(shop.customer, "1600.00", now=time.now)
    order, subscription = await bought(shop, now=time.now, coupons={voucher.id: None})
    assert await balance(shop.customer) == Decimal("1600.00")  # what the voucher has saved
    time.forward(days=73)
    refund = await asked_back(shop, subscription, now=time.now)

    await deciding.accept(viewer=shop.seller, refund_id=refund.id, now=time.now)

    refund = await fresh(refund)
    assert (refund.amount, refund.consumed) == (Decimal("7200.00"), Decimal("1800.00"))  # E9c
    assert await parts_of(refund) == {"CASH": (Decimal("7200.00"), "CUSTOMER")}
    assert await balance(shop.customer) == Decimal("8800.00")
    assert (await Coupon.get(id=voucher.id)).balance == 0
    await assert_sums_agree(order)


async def test_by_days_a_cash_coupon_comes_back_in_part(shop: Shop, time: Clock) -> None:
    coupon = await a_coupon(
        shop.customer,
        "600.00",
        kind=CouponKind.CASH_COUPON,
        now=time.now,
        expires_at=time.now + timedelta(days=400),
    )
    order, subscription = await bought(shop, now=time.now, coupons={coupon.id: None})
    time.forward(days=73)
    refund = await asked_back(shop, subscription, now=time.now)

    await deciding.accept(viewer=shop.seller, refund_id=refund.id, now=time.now)

    refund = await fresh(refund)
    assert refund.amount == Decimal("8480.00")
    assert await parts_of(refund) == {
        "CASH": (Decimal("8000.00"), "CUSTOMER"),
        "CASH_COUPON": (Decimal("480.00"), "CUSTOMER"),
    }
    assert (await Coupon.get(id=coupon.id)).balance == Decimal("480.00")
    await assert_sums_agree(order)


async def test_within_five_days_vouchers_come_back_too(shop: Shop, time: Clock) -> None:
    voucher = await a_coupon(shop.customer, "1600.00", now=time.now)
    order, subscription = await bought(shop, now=time.now, coupons={voucher.id: None})

    refund = await asked_back(shop, subscription, now=time.now)

    assert await parts_of(refund) == {
        "VOUCHER": (Decimal("1600.00"), "CUSTOMER"),
        "CASH": (Decimal("9000.00"), "CUSTOMER"),
    }
    assert (await Coupon.get(id=voucher.id)).balance == Decimal("1600.00")
    await assert_sums_agree(order)


async def test_what_was_paid_on_credit_lowers_the_debt_and_what_is_repaid_is_cash(
    shop: Shop, time: Clock
) -> None:
    await lend(shop.customer, "20000.00", now=time.now)
    order, subscription = await bought(shop, now=time.now, credit_amount=Decimal("10600.00"))
    assert await balance(shop.customer, CREDIT) == Decimal("-10600.00")
    await fund(shop.customer, "600.00", kind=CREDIT, now=time.now)  # repaid in part
    cash = await balance(shop.customer)

    refund = await asked_back(shop, subscription, now=time.now)

    assert await balance(shop.customer, CREDIT) == 0
    assert await balance(shop.customer) == cash + Decimal("600.00")
    assert await parts_of(refund) == {"CREDIT": (Decimal("10600.00"), "CUSTOMER")}
    await assert_sums_agree(order)


async def test_pieces_come_back_one_after_the_other_and_the_last_takes_the_remainder(
    time: Clock,
) -> None:
    shop = await a_shop(price="333.34", five_day_refund=True)
    voucher = await a_coupon(shop.customer, "100.00", now=time.now)
    order, subscription = await bought(shop, now=time.now, quantity=3, coupons={voucher.id: None})
    refunds = [await asked_back(shop, subscription, pieces=1, now=time.now) for _ in range(3)]

    assert sum(refund.amount for refund in refunds) == Decimal("1000.02")
    assert (await Coupon.get(id=voucher.id)).balance == Decimal("100.00")
    assert (await Order.get(id=order.id)).refund_state is RefundState.REFUNDED
    fresh_one = await Subscription.get(id=subscription.id)
    assert (fresh_one.quantity, fresh_one.status) == (1, SubscriptionStatus.CLOSED)
    assert await told(fresh_one) == ["opened", "reduced", "reduced", "closed"]
    await assert_sums_agree(order)
    with pytest.raises(NothingToRefund):
        await asked_back(shop, subscription, now=time.now)


async def test_a_renewal_that_has_not_begun_comes_back_at_once_and_shortens_the_time(
    shop: Shop, time: Clock
) -> None:
    order, subscription = await bought(shop, now=time.now)
    time.forward(days=30)
    renewal = await renewing.renew(
        viewer=shop.buyer, subscription_ids=[subscription.id], months=12, now=time.now
    )
    await fund(shop.customer, "10600.00", now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=renewal.id, now=time.now)
    await work(time.now)
    longer = await Subscription.get(id=subscription.id)
    assert longer.expires_at == datetime(2032, 1, 31, 23, 30, tzinfo=UTC)

    refund = await asked_back(shop, subscription, renewals_only=True, now=time.now)

    assert (refund.kind, refund.rule) == (RefundKind.NOT_EFFECTIVE, quoting.BY_NOT_STARTED)
    assert (refund.amount, refund.order_id) == (Decimal("10600.00"), renewal.id)  # E10
    assert refund.status is RefundStatus.REFUNDED
    shorter = await Subscription.get(id=subscription.id)
    assert shorter.expires_at == subscription.expires_at
    assert shorter.status is SubscriptionStatus.IN_USE
    assert (await Order.get(id=order.id)).refund_state is RefundState.NONE
    assert await balance(shop.customer) == Decimal("10600.00")
    await assert_sums_agree(renewal)


async def test_to_give_all_of_it_back_takes_the_renewals_along_and_all_waits_for_the_merchant(
    shop: Shop, time: Clock
) -> None:
    _, subscription = await bought(shop, now=time.now)
    time.forward(days=73)
    renewal = await renewing.renew(
        viewer=shop.buyer, subscription_ids=[subscription.id], months=12, now=time.now
    )
    await fund(shop.customer, "10600.00", now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=renewal.id, now=time.now)
    await work(time.now)

    refunds = await requesting.request(
        viewer=shop.buyer, subscription_id=subscription.id, reason=REASON, now=time.now
    )

    assert [(refund.kind, refund.amount) for refund in refunds] == [
        (RefundKind.PARTIAL_USED, Decimal("8480.00")),
        (RefundKind.NOT_EFFECTIVE, Decimal("10600.00")),
    ]
    assert {refund.status for refund in refunds} == {RefundStatus.MERCHANT_REVIEW}
    for refund in refunds:
        await deciding.accept(viewer=shop.seller, refund_id=refund.id, now=time.now)
    assert await balance(shop.customer) == Decimal("19080.00")
    assert (await Subscription.get(id=subscription.id)).status is SubscriptionStatus.CLOSED


async def test_what_could_not_be_opened_comes_back_in_full_and_completes_the_order(
    shop: Shop, time: Clock
) -> None:
    await the_cloud_is(Behaviour.ERROR)
    order = await place(shop, now=time.now)
    await fund(shop.customer, "10600.00", now=time.now)
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    await work(time.now)

    refund = await requesting.request_failed(
        viewer=shop.seller, line_id=(await line_of(order)).id, now=time.now
    )

    assert (refund.kind, refund.rule) == (RefundKind.NOT_EFFECTIVE, quoting.BY_FAILURE)
    assert await balance(shop.customer) == Decimal("10600.00")
    assert (await line_of(order)).fulfilment is Fulfilment.CANCELLED
    order = await Order.get(id=order.id)
    assert (order.status, order.refund_state) == (OrderStatus.COMPLETED, RefundState.REFUNDED)
    [request] = await asked("open")
    from domain.upstream import answering

    await answering.answered(request.id, ok=True, reference="R-LATE", now=time.now)
    assert (await asked("close"))[0].payload["resource"] == "R-LATE"
    assert await Subscription.all().count() == 0


async def test_ten_times_a_year_all_comes_back_and_then_by_days(shop: Shop, time: Clock) -> None:
    subscriptions = [(await bought(shop, now=time.now))[1] for _ in range(11)]
    kinds = [(await asked_back(shop, each, now=time.now)).kind for each in subscriptions]

    assert kinds == [RefundKind.FULL_GUARANTEE] * 10 + [RefundKind.PARTIAL_USED]
    assert await quoting.instances_left(shop.customer.id, now=time.now) == 0
    # The year is China's.
    time.now = datetime(2030, 12, 31, 16, 0, tzinfo=UTC)
    assert await quoting.instances_left(shop.customer.id, now=time.now) == 10


async def test_packages_and_what_is_metered_do_not_come_back(shop: Shop, time: Clock) -> None:
    package = await a_sku(shop.goods, charge_mode=ChargeMode.ON_DEMAND_PACKAGE, name="A thousand")
    metered = await a_sku(shop.goods, charge_mode=ChargeMode.ON_DEMAND, name="By the hour")
    for sku, problem in ((package, PackagesDontComeBack), (metered, NothingToRefund)):
        subscription = await subscription_of(await _delivered(shop, shop.line(sku_id=sku.id), time))
        with pytest.raises(problem):
            await asked_back(shop, subscription, now=time.now)
    assert await Refund.all().count() == 0


async def _delivered(shop: Shop, line: object, time: Clock) -> Order:
    if (order := await place(shop, line, now=time.now)).due_amount:  # type: ignore[arg-type]
        await fund(shop.customer, str(order.due_amount), now=time.now)
        await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    await work(time.now)
    return order


async def test_refusals_leave_everything_as_it_was(shop: Shop, time: Clock) -> None:
    order, subscription = await bought(shop, now=time.now)
    other = await a_user_of(await a_customer("Pearl River"))

    with pytest.raises(NotFound):
        await requesting.request(
            viewer=other, subscription_id=subscription.id, reason=REASON, now=time.now
        )
    with pytest.raises(RefundOfAnotherCustomer):
        await requesting.request(
            viewer=shop.by, subscription_id=subscription.id, reason=REASON, now=time.now
        )
    with pytest.raises(RefundChanged) as changed:
        await asked_back(shop, subscription, expected_amount=Decimal("1.00"), now=time.now)
    assert changed.value.current == Decimal("10600.00")
    with pytest.raises(InvalidInput):
        await asked_back(shop, subscription, pieces=2, now=time.now)
    with pytest.raises(NothingToRefund):
        await asked_back(shop, subscription, renewals_only=True, now=time.now)
    with pytest.raises(NothingToRefund):
        await requesting.request_failed(
            viewer=shop.buyer, line_id=(await line_of(order)).id, now=time.now
        )

    assert await Refund.all().count() == 0
    assert (await OrderLine.get(order_id=order.id)).refunded_amount == 0


async def test_one_refund_of_a_line_at_a_time(shop: Shop, time: Clock) -> None:
    _, subscription = await bought(shop, now=time.now)
    time.forward(days=30)
    first = await asked_back(shop, subscription, now=time.now)

    with pytest.raises(RefundInProgress) as refused:
        await asked_back(shop, subscription, now=time.now)

    assert refused.value.number == first.number


async def test_up_to_ten_at_once_each_with_its_own_outcome(shop: Shop, time: Clock) -> None:
    _, one = await bought(shop, now=time.now)
    gone = await subscription_of(await delivered(shop, now=time.now))
    await asked_back(shop, gone, now=time.now)

    outcomes = await requesting.request_many(
        viewer=shop.buyer, subscription_ids=[gone.id, one.id, one.id], reason=REASON, now=time.now
    )

    assert [(each.id, each.problem and each.problem.code) for each in outcomes] == [
        (gone.id, "NOTHING_TO_REFUND"),
        (one.id, None),
    ]
    assert (await Subscription.get(id=one.id)).status is SubscriptionStatus.CLOSED
