"""The last moments of coupons: who gets what is left, and that it happens by itself."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.vouchers import deadlines
from kit import timers
from kit.ids import new_id
from kit.timers import Mended
from models.quotas import VoucherQuota
from models.timers import Timer
from models.vouchers import Coupon, CouponRecord
from models.vouchers import CouponOperation as Operation
from models.vouchers import CouponStatus as Status
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.factories import a_partner, an_administrator
from tests.vouchers.factories import (
    AGENCY,
    a_card,
    a_quota,
    a_voucher,
    adds_up,
    expire_coupons,
    expire_quotas,
    given_back,
    history,
    issued,
    redeemed,
    yuan,
)
from workers.effects import EFFECTS, WAITS

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)
D = Decimal


async def test_what_is_left_goes_to_a_quota_that_still_lives(time: Clock) -> None:
    ends = time.now + timedelta(days=30)
    voucher, customer, _ = await a_voucher(100, now=time.now, expires_at=ends)
    await redeemed(customer, {voucher.id: yuan(40)}, now=time.now)

    await expire_coupons(voucher, now=ends - MICROSECOND)
    assert (await Coupon.get(id=voucher.id)).status is Status.USABLE
    await expire_coupons(voucher, now=ends)
    await expire_coupons(voucher, now=ends)

    fresh = await Coupon.get(id=voucher.id).prefetch_related("quota")
    assert (fresh.status, fresh.balance, fresh.reclaimed) == (Status.EXPIRED, D(0), D(60))
    assert fresh.ended_at == ends
    assert fresh.quota is not None
    assert (fresh.quota.balance, fresh.quota.to_coupons) == (D(960), D(40))
    record = await CouponRecord.get(coupon_id=voucher.id, operation=Operation.EXPIRY_RECLAIM)
    assert (record.amount, record.change) == (D(60), D(-60))
    assert await history(voucher.id) == ["issued", "used", "expired"]
    await adds_up()


async def test_at_the_end_of_both_it_is_lost_in_either_order(time: Clock) -> None:
    for coupon_first in (True, False):
        voucher, _, _ = await a_voucher(100, now=time.now)
        quota = await VoucherQuota.get(id=voucher.quota_id)
        ends = voucher.expires_at
        assert ends == quota.expires_at

        if coupon_first:
            await expire_coupons(voucher, now=ends)
        await expire_quotas(quota, now=ends)
        if not coupon_first:
            await expire_coupons(voucher, now=ends)

        fresh = await Coupon.get(id=voucher.id)
        assert (fresh.status, fresh.reclaimed, fresh.lapsed) == (Status.EXPIRED, D(0), D(100))
        quota = await VoucherQuota.get(id=quota.id)
        assert (quota.balance, quota.lapsed, quota.to_coupons) == (D(0), D(900), D(100))
        await adds_up()


async def test_a_frozen_quota_takes_what_comes_back(time: Clock) -> None:
    ends = time.now + timedelta(days=30)
    voucher, _, _ = await a_voucher(100, now=time.now, expires_at=ends)
    await VoucherQuota.filter(id=voucher.quota_id).update(status="FROZEN")

    await expire_coupons(voucher, now=ends)

    assert (await VoucherQuota.get(id=voucher.quota_id)).balance == D(1000)
    await adds_up()


async def test_hundreds_end_in_one_go(time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    customers = [await a_customer(of=house, type=AGENCY) for _ in range(50)]
    quotas = [await a_quota(house, now=time.now) for _ in range(2)]
    ends = time.now + timedelta(days=1)
    for quota in quotas:
        for _ in range(4):
            await issued(quota, 2, *customers, by=by, now=time.now, expires_at=ends)
    card = await a_card(customers[0], now=time.now)
    coupons = await Coupon.all()
    assert len(coupons) == 401

    await expire_coupons(*coupons, now=ends)

    assert await Coupon.filter(status="EXPIRED").count() == 400
    for quota in quotas:
        assert (await VoucherQuota.get(id=quota.id)).balance == D(1000)
    assert (await Coupon.get(id=card.id)).status is Status.USABLE
    await adds_up()


async def test_a_coupon_that_is_used_up_keeps_its_timer_for_a_refund(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(100, now=time.now)
    order = new_id()
    await redeemed(customer, {voucher.id: None}, order_id=order, now=time.now)

    nothing = Mended(created=0, cancelled=0)
    assert await timers.mend(deadlines.EXPIRE_COUPON_WAITS, now=time.now) == nothing
    assert await timers.mend(deadlines.EXPIRE_QUOTA_WAITS, now=time.now) == nothing
    await Timer.filter(subject_id=voucher.id).delete()
    assert await timers.mend(deadlines.EXPIRE_COUPON_WAITS, now=time.now) == Mended(
        created=1, cancelled=0
    )
    await given_back(voucher, order, 100, now=time.now)
    await expire_coupons(voucher, now=voucher.expires_at)
    assert (await Coupon.get(id=voucher.id)).status is Status.EXPIRED
    assert await timers.mend(deadlines.EXPIRE_COUPON_WAITS, now=voucher.expires_at) == nothing
    await adds_up()


async def test_a_used_coupon_stays_used_when_its_time_is_over(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(100, now=time.now)
    await redeemed(customer, {voucher.id: None}, now=time.now)

    await expire_coupons(voucher, now=voucher.expires_at)

    assert (await Coupon.get(id=voucher.id)).status is Status.USED
    assert await history(voucher.id) == ["issued", "used"]


def test_workers_know_both() -> None:
    for kind in (deadlines.EXPIRE_COUPON, deadlines.EXPIRE_QUOTA):
        assert kind in EFFECTS
        assert kind in WAITS
