"""Paying with coupons: who may, when, for what, and how much of each line."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.vouchers import keeping
from domain.vouchers.fitting import in_shares
from domain.vouchers.guards import (
    CouponFrozen,
    CouponIsOver,
    CouponLocked,
    CouponNotYetEffective,
    CouponUsedUp,
)
from domain.vouchers.redeeming import (
    CouponNotForTheseGoods,
    CouponNotSufficient,
    ReturnedTo,
    TooManyCoupons,
)
from kit.ids import new_id
from kit.money import Money
from kit.problems import NotFound
from kit.transaction import transactional
from models.catalogue import GoodsCategory, GoodsKind
from models.customers import Customer
from models.vouchers import Coupon, CouponKind, CouponRecord
from models.vouchers import CouponOperation as Operation
from models.vouchers import CouponStatus as Status
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.factories import a_partner
from tests.vouchers.factories import (
    a_card,
    a_line,
    a_voucher,
    adds_up,
    given_back,
    history,
    redeemed,
    yuan,
)

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)
D = Decimal


@transactional
async def keep(coupon: Coupon, order_id: UUID, amount: int = 1, *, now: datetime) -> None:
    """As an order does whose payment is under way."""
    await keeping.keep(
        coupon_amounts={coupon.id: yuan(amount)},
        order_id=order_id,
        customer_id=coupon.customer_id,
        lines=[a_line()],
        now=now,
    )


async def untouched(coupon: Coupon) -> None:
    fresh = await Coupon.get(id=coupon.id)
    assert (fresh.balance, fresh.used, fresh.version) == (coupon.balance, coupon.used, 1)
    assert await CouponRecord.filter(coupon_id=coupon.id).exclude(operation="ISSUE").count() == 0


async def test_a_part_of_a_voucher_pays_and_the_rest_stays_usable(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(100, now=time.now)
    line = a_line(30)

    [paid] = await redeemed(customer, {voucher.id: None}, line, now=time.now)

    assert paid.amount == yuan(30)
    assert paid.by_line == {line.line_id: yuan(30)}
    assert (paid.kind, paid.counts_performance, paid.needs_repayment) == (
        CouponKind.VOUCHER,
        False,
        False,
    )
    fresh = await Coupon.get(id=voucher.id)
    assert (fresh.balance, fresh.used, fresh.status) == (D("70.00"), D("30.00"), Status.USABLE)
    assert fresh.last_used_at == time.now
    assert await history(voucher.id) == ["issued", "used"]
    await adds_up()


async def test_a_voucher_is_used_once_nothing_is_left(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(100, now=time.now)

    [paid] = await redeemed(customer, {voucher.id: None}, now=time.now)

    assert paid.amount == yuan(100)
    assert (await Coupon.get(id=voucher.id)).status is Status.USED
    with pytest.raises(CouponUsedUp) as refused:
        await redeemed(customer, {voucher.id: None}, now=time.now)
    assert refused.value.code == "CBC.3112"
    await adds_up()


@pytest.mark.parametrize(
    ("by", "refusal"),
    [(-MICROSECOND, None), (timedelta(), CouponIsOver), (MICROSECOND, CouponIsOver)],
)
async def test_it_pays_until_just_before_its_last_moment(
    time: Clock, by: timedelta, refusal: Any
) -> None:
    voucher, customer, _ = await a_voucher(now=time.now)
    moment = voucher.expires_at + by

    if refusal is None:
        await redeemed(customer, {voucher.id: None}, now=moment)
        return
    with pytest.raises(refusal) as refused:
        await redeemed(customer, {voucher.id: None}, now=moment)
    assert refused.value.code == "CBC.99000048"
    await untouched(voucher)


async def test_it_pays_from_its_first_moment_on(time: Clock) -> None:
    begins = time.now + timedelta(days=1)
    voucher, customer, _ = await a_voucher(now=time.now, effective_at=begins)

    with pytest.raises(CouponNotYetEffective):
        await redeemed(customer, {voucher.id: None}, now=begins - MICROSECOND)
    await untouched(voucher)
    await redeemed(customer, {voucher.id: None}, now=begins)


async def test_what_is_frozen_or_kept_for_another_order_pays_nothing(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(now=time.now)
    order, other = new_id(), new_id()
    await Coupon.filter(id=voucher.id).update(is_frozen=True)
    with pytest.raises(CouponFrozen):
        await redeemed(customer, {voucher.id: None}, now=time.now)
    await Coupon.filter(id=voucher.id).update(is_frozen=False)

    await keep(voucher, order, now=time.now)
    await keep(voucher, order, now=time.now)
    with pytest.raises(CouponLocked):
        await keep(voucher, other, now=time.now)
    with pytest.raises(CouponLocked):
        await redeemed(customer, {voucher.id: None}, order_id=other, now=time.now)
    await redeemed(customer, {voucher.id: yuan(1)}, order_id=order, now=time.now)
    assert (await Coupon.get(id=voucher.id)).lock_order_id is None


async def test_what_is_kept_is_let_go(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(now=time.now)
    order = new_id()

    await keep(voucher, order, now=time.now)
    let_go = transactional(keeping.let_go)

    assert await let_go(customer_id=customer.id, order_id=order) == 1
    await redeemed(customer, {voucher.id: None}, order_id=new_id(), now=time.now)


async def test_what_is_kept_stays_kept_when_another_order_gives_back(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(100, now=time.now)
    earlier, order = new_id(), new_id()
    await redeemed(customer, {voucher.id: yuan(40)}, order_id=earlier, now=time.now)
    await keep(voucher, order, 60, now=time.now)

    await given_back(voucher, earlier, 40, now=time.now)

    fresh = await Coupon.get(id=voucher.id)
    assert (fresh.balance, fresh.lock_order_id) == (D(100), order)
    with pytest.raises(CouponLocked):
        await redeemed(customer, {voucher.id: None}, order_id=new_id(), now=time.now)
    await redeemed(customer, {voucher.id: yuan(60)}, order_id=order, now=time.now)
    assert (await Coupon.get(id=voucher.id)).lock_order_id is None
    await adds_up()


async def test_somebody_elses_voucher_is_unknown(time: Clock) -> None:
    voucher, _, _ = await a_voucher(now=time.now)
    _, stranger, _ = await a_voucher(now=time.now)

    with pytest.raises(NotFound):
        await redeemed(stranger, {voucher.id: None}, now=time.now)
    await untouched(voucher)


async def test_an_order_takes_three_of_which_one_voucher(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(now=time.now)
    more = [await a_card(customer, now=time.now) for _ in range(3)]
    second = await a_card(customer, kind=CouponKind.VOUCHER, now=time.now)

    for too_many in ([voucher, *more], [voucher, second]):
        with pytest.raises(TooManyCoupons):
            await redeemed(customer, {each.id: None for each in too_many}, now=time.now)
    for each in (voucher, second, *more):
        await untouched(each)
    paid = await redeemed(
        customer, {each.id: None for each in (more[0], voucher, more[1])}, now=time.now
    )
    assert [each.coupon_id for each in paid] == [more[0].id, voucher.id, more[1].id]


async def test_what_cards_and_cash_coupons_pay_counts_as_they_say(time: Clock) -> None:
    customer = await a_customer(of=await a_partner())
    card = await a_card(customer, now=time.now)
    lent = await a_card(
        customer,
        kind=CouponKind.CASH_COUPON,
        counts_performance=True,
        needs_repayment=True,
        now=time.now,
    )
    plain = await a_card(customer, kind=CouponKind.CASH_COUPON, now=time.now)

    paid = await redeemed(customer, {each.id: None for each in (card, lent, plain)}, now=time.now)

    assert [(each.counts_performance, each.needs_repayment) for each in paid] == [
        (True, False),
        (True, True),
        (False, False),
    ]


async def test_it_pays_only_the_lines_that_it_is_good_for(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(
        100, now=time.now, categories=[GoodsCategory.LICENSE], strict_only=True
    )
    good = a_line(
        40, category=GoodsCategory.LICENSE, kind=GoodsKind.STRICT_SELECTED, is_discounted=False
    )
    lines = [
        a_line(40, kind=GoodsKind.STRICT_SELECTED, is_discounted=False),
        a_line(40, category=GoodsCategory.LICENSE, kind=GoodsKind.COMMON, is_discounted=False),
        good,
    ]

    with pytest.raises(CouponNotForTheseGoods):
        await redeemed(customer, {voucher.id: None}, *lines[:2], now=time.now)
    with pytest.raises(CouponNotSufficient) as refused:
        await redeemed(customer, {voucher.id: yuan("40.01")}, *lines, now=time.now)
    assert refused.value.maximum == D("40.00")
    await untouched(voucher)
    [paid] = await redeemed(customer, {voucher.id: None}, *lines, now=time.now)
    assert paid.by_line == {good.line_id: yuan(40)}


async def test_a_minimum_is_of_the_whole_order_and_a_discount_excludes_a_line(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(
        100, now=time.now, minimum=D("50"), excludes_discounts=True
    )
    plain = a_line(20, kind=GoodsKind.COMMON, is_discounted=False)
    cheap = a_line("29.99", kind=GoodsKind.COMMON, is_discounted=True)

    with pytest.raises(CouponNotForTheseGoods):
        await redeemed(customer, {voucher.id: None}, plain, cheap, now=time.now)
    cent = a_line("0.01", kind=GoodsKind.COMMON, is_discounted=True)
    [paid] = await redeemed(customer, {voucher.id: None}, plain, cheap, cent, now=time.now)
    assert paid.by_line == {plain.line_id: yuan(20)}


async def test_what_is_good_for_less_takes_its_part_first(time: Clock) -> None:
    """Else the one that is good for everything could take what only the other could pay."""
    voucher, customer, _ = await a_voucher(100, now=time.now, categories=[GoodsCategory.LICENSE])
    card = await a_card(customer, 50, now=time.now)
    licence, other = a_line(100, category=GoodsCategory.LICENSE), a_line(50)

    paid = await redeemed(customer, {card.id: None, voucher.id: None}, licence, other, now=time.now)

    assert [dict(each.by_line) for each in paid] == [
        {other.line_id: yuan(50)},
        {licence.line_id: yuan(100)},
    ]


@given(
    rests=st.lists(st.integers(1, 10_000), min_size=1, max_size=8),
    part=st.floats(0, 1),
)
def test_shares_add_up_and_no_line_gets_more_than_its_rest(rests: list[int], part: float) -> None:
    lines = {new_id(): Money(D(rest).scaleb(-2), "CNY") for rest in rests}
    cents = max(1, int(sum(rests) * part))

    shares = in_shares(Money(D(cents).scaleb(-2), "CNY"), lines)

    assert sum(share.amount for share in shares.values()) == D(cents).scaleb(-2)
    assert all(0 < share.amount <= lines[line].amount for line, share in shares.items())


async def test_what_is_given_back_is_the_customers_again(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(100, now=time.now)
    order = new_id()
    await redeemed(customer, {voucher.id: None}, order_id=order, now=time.now)

    first = await given_back(voucher, order, "40.50", now=time.now)
    await given_back(voucher, order, "59.50", now=time.now)

    assert (first.to, first.amount) == (ReturnedTo.CUSTOMER, yuan("40.50"))
    fresh = await Coupon.get(id=voucher.id)
    assert (fresh.status, fresh.balance, fresh.used) == (Status.USABLE, D(100), D(0))
    assert await history(voucher.id) == ["issued", "used", "given_back", "given_back"]
    with pytest.raises(AssertionError):
        await given_back(voucher, order, "0.01", now=time.now)
    await adds_up()


async def test_given_back_after_its_time_it_is_lost(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(100, now=time.now)
    order = new_id()
    await redeemed(customer, {voucher.id: yuan(60)}, order_id=order, now=time.now)

    returned = await given_back(voucher, order, 60, now=voucher.expires_at)

    assert returned.to is ReturnedTo.LOST
    fresh = await Coupon.get(id=voucher.id)
    assert (fresh.balance, fresh.used, fresh.lapsed) == (D(40), D(0), D(60))
    await adds_up()


async def test_what_a_customer_that_has_left_gets_back_is_the_partners(time: Clock) -> None:
    """V-10."""
    voucher, customer, _ = await a_voucher(100, now=time.now)
    order = new_id()
    await redeemed(customer, {voucher.id: None}, order_id=order, now=time.now)
    await Customer.filter(id=customer.id).update(
        partner_id=None, association_id=None, association_type=None
    )

    returned = await given_back(voucher, order, 100, now=time.now)

    assert returned.to is ReturnedTo.QUOTA
    fresh = await Coupon.get(id=voucher.id).prefetch_related("quota")
    assert (fresh.balance, fresh.used, fresh.reclaimed) == (D(0), D(0), D(100))
    assert fresh.quota is not None
    assert fresh.quota.balance == D(1000)
    [record] = await CouponRecord.filter(operation=Operation.UNSUBSCRIPTION_RECLAIM)
    assert (record.amount, record.change) == (D(100), D(0))
    await adds_up()


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(1, 60)), min_size=1, max_size=8))
async def test_whatever_is_used_and_given_back_adds_up(
    time: Clock, steps: list[tuple[bool, int]]
) -> None:
    voucher, customer, _ = await a_voucher(100, now=time.now)
    balance, paid = 100, dict[Any, int]()
    for is_use, amount in steps:
        if is_use:
            order = new_id()
            try:
                await redeemed(customer, {voucher.id: yuan(amount)}, order_id=order, now=time.now)
            except (CouponNotSufficient, CouponUsedUp):
                assert amount > balance
                continue
            balance, paid[order] = balance - amount, amount
        elif paid:
            order, most = paid.popitem()
            back: Mapping[str, int] = {"amount": min(most, amount)}
            await given_back(voucher, order, back["amount"], now=time.now)
            balance += back["amount"]
        assert (await Coupon.get(id=voucher.id)).balance == balance
    await adds_up()
