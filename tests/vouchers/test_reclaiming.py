"""Coupons taken back: by who issued them, and by themselves when the customer leaves."""

from decimal import Decimal
from typing import Any

import pytest

from domain.associations import deciding
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.vouchers import holding, reclaiming
from domain.vouchers.guards import (
    CouponFrozen,
    CouponIsOver,
    CouponLocked,
    CouponNotFrozen,
    CouponUsedUp,
)
from domain.vouchers.reclaiming import CouponOfReferralCustomer
from kit.ids import new_id
from kit.problems import NotFound
from models.customers import AssociationType, Customer
from models.quotas import VoucherQuota
from models.timers import Timer
from models.vouchers import Coupon, CouponRecord
from models.vouchers import CouponOperation as Operation
from models.vouchers import CouponStatus as Status
from tests.changes.factories import Sides, a_switch, an_end, approved, execute
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_partner, a_staff_viewer
from tests.vouchers.factories import (
    a_card,
    a_channel,
    a_voucher,
    adds_up,
    given_back,
    history,
    issued,
    passed_on,
    redeemed,
    yuan,
)

pytestmark = pytest.mark.usefixtures("database")

D = Decimal


async def test_the_whole_rest_goes_back_to_the_quota(time: Clock) -> None:
    """V-07."""
    voucher, customer, by = await a_voucher(100, now=time.now)
    await redeemed(customer, {voucher.id: yuan(30)}, now=time.now)

    [outcome] = await reclaiming.reclaim(viewer=by, coupon_ids=[voucher.id], now=time.now)

    assert outcome.problem is None
    fresh = await Coupon.get(id=voucher.id).prefetch_related("quota")
    assert (fresh.status, fresh.balance, fresh.reclaimed) == (Status.RECLAIMED, D(0), D(70))
    assert fresh.ended_at == time.now
    assert fresh.quota is not None
    assert (fresh.quota.balance, fresh.quota.to_coupons) == (D(970), D(30))
    record = await CouponRecord.get(coupon_id=voucher.id, operation=Operation.RECLAIM)
    assert (record.amount, record.change) == (D(70), D(-70))
    assert await Timer.filter(subject_id=voucher.id, state="SCHEDULED").count() == 0
    assert await history(voucher.id) == ["issued", "used", "reclaimed"]
    await adds_up()


async def test_a_batch_of_all_sorts_is_answered_one_by_one(time: Clock) -> None:
    voucher, customer, by = await a_voucher(100, now=time.now)
    quota = await VoucherQuota.get(id=voucher.quota_id)
    used, locked, gone = [
        await Coupon.get(id=made)
        for _ in range(3)
        for made in (await issued(quota, 10, customer, by=by, now=time.now)).coupons.values()
    ]
    await redeemed(customer, {used.id: None}, now=time.now)
    await Coupon.filter(id=locked.id).update(lock_order_id=new_id())
    await reclaiming.reclaim(viewer=by, coupon_ids=[gone.id], now=time.now)
    card = await a_card(customer, now=time.now)
    foreign, _, _ = await a_voucher(now=time.now)
    wanted = [used, voucher, locked, gone, card, foreign, voucher]

    outcomes = await reclaiming.reclaim(
        viewer=by, coupon_ids=[each.id for each in wanted], now=time.now
    )

    assert [outcome.problem and type(outcome.problem) for outcome in outcomes] == [
        CouponUsedUp,
        None,
        CouponLocked,
        CouponIsOver,
        NotFound,
        NotFound,
    ]
    assert (await Coupon.get(id=foreign.id)).balance == D(100)
    await adds_up()


async def test_what_is_past_its_time_isnt_reclaimed(time: Clock) -> None:
    voucher, _, by = await a_voucher(now=time.now)

    [outcome] = await reclaiming.reclaim(viewer=by, coupon_ids=[voucher.id], now=voucher.expires_at)

    assert isinstance(outcome.problem, CouponIsOver)
    assert outcome.problem.code == "CBC.99000048"
    assert (await Coupon.get(id=voucher.id)).balance == D(100)


async def test_what_a_referral_customer_has_stays_with_it(time: Clock) -> None:
    """V-06."""
    voucher, customer, by = await a_voucher(now=time.now)
    await Customer.filter(id=customer.id).update(association_type=AssociationType.REFERRAL)

    [outcome] = await reclaiming.reclaim(viewer=by, coupon_ids=[voucher.id], now=time.now)

    assert isinstance(outcome.problem, CouponOfReferralCustomer)
    assert outcome.problem.code == "CBC.99000045"
    assert (await Coupon.get(id=voucher.id)).balance == D(100)


async def test_a_distributor_reclaims_what_its_reseller_issued_and_not_the_other_way(
    time: Clock,
) -> None:
    channel = await a_channel(now=time.now)
    [child] = (await passed_on(channel, 100, now=time.now)).quotas.values()
    quota = await VoucherQuota.get(id=child)
    customer = await a_customer(of=channel.reseller, type=AssociationType.AGENCY)
    [id] = (
        await issued(quota, 10, customer, by=channel.reseller_by, now=time.now)
    ).coupons.values()

    [outcome] = await reclaiming.reclaim(viewer=channel.by, coupon_ids=[id], now=time.now)

    assert outcome.problem is None
    assert (await VoucherQuota.get(id=child)).balance == D(100)
    await adds_up()


async def test_the_platform_reclaims_its_own_and_the_amount_is_gone(time: Clock) -> None:
    customer = await a_customer(of=await a_partner())
    card = await a_card(customer, 100, now=time.now)
    staff = await a_staff_viewer(Item.VOUCHER_GRANT)

    [outcome] = await reclaiming.reclaim(viewer=staff, coupon_ids=[card.id], now=time.now)

    assert outcome.problem is None
    fresh = await Coupon.get(id=card.id)
    assert (fresh.status, fresh.balance, fresh.lapsed) == (Status.RECLAIMED, D(0), D(100))
    await adds_up()


async def test_what_comes_back_to_a_quota_that_is_over_is_lost(time: Clock) -> None:
    voucher, _, by = await a_voucher(100, now=time.now)
    assert voucher.quota_id is not None
    staff = await a_staff_viewer(Item.VOUCHER_GRANT)
    await holding.invalidate(
        viewer=staff, quota_id=voucher.quota_id, reason="A mistake.", now=time.now
    )

    await reclaiming.reclaim(viewer=by, coupon_ids=[voucher.id], now=time.now)

    fresh = await Coupon.get(id=voucher.id)
    assert (fresh.status, fresh.reclaimed, fresh.lapsed) == (Status.RECLAIMED, D(0), D(100))
    quota = await VoucherQuota.get(id=voucher.quota_id)
    assert (quota.balance, quota.to_coupons, quota.lapsed) == (D(0), D(100), D(900))
    await adds_up()


async def test_the_platform_freezes_a_coupon_and_lets_it_go(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(now=time.now)
    staff = await a_staff_viewer(Item.VOUCHER_GRANT)
    held: dict[str, Any] = {
        "viewer": staff,
        "coupon_id": voucher.id,
        "reason": "Let me see.",
        "now": time.now,
    }

    with pytest.raises(CouponNotFrozen):
        await reclaiming.unfreeze(**held)
    await reclaiming.freeze(**held)
    with pytest.raises(CouponFrozen):
        await reclaiming.freeze(**held)
    await reclaiming.unfreeze(**held)

    await redeemed(customer, {voucher.id: None}, now=time.now)
    assert await history(voucher.id) == ["issued", "frozen", "unfrozen", "used"]


async def sides_of(customer: Customer, by: Viewer) -> Sides:
    sides = Sides()
    sides.customer = await Customer.get(id=customer.id)
    sides.partner = by
    sides.buyer = await a_user_of(customer)
    return sides


async def test_who_is_switched_has_to_give_the_rest_back(time: Clock) -> None:
    voucher, customer, by = await a_voucher(100, now=time.now)
    card = await a_card(customer, now=time.now)
    await Coupon.filter(id=voucher.id).update(is_frozen=True, lock_order_id=new_id())
    sides = await sides_of(customer, by)

    await approved(await a_switch(sides, now=time.now), by=sides.buyer, now=time.now)
    time.forward(days=1)
    await execute(customer, time.now)

    fresh = await Coupon.get(id=voucher.id).prefetch_related("quota")
    assert (fresh.status, fresh.lock_order_id) == (Status.RECLAIMED, None)
    assert fresh.quota is not None
    assert fresh.quota.balance == D(1000)
    operation = await CouponRecord.filter(coupon_id=voucher.id).order_by("-id").first()
    assert operation is not None
    assert operation.operation is Operation.SWITCH_RECLAIM
    assert (await Coupon.get(id=card.id)).status is Status.USABLE
    await adds_up()


async def test_who_leaves_gives_the_rest_back_and_so_do_later_refunds(time: Clock) -> None:
    voucher, customer, by = await a_voucher(100, now=time.now)
    order = new_id()
    await redeemed(customer, {voucher.id: yuan(40)}, order_id=order, now=time.now)
    sides = await sides_of(customer, by)
    reviewer = await a_staff_viewer(Item.ASSOCIATION_REVIEW)

    change = await an_end(sides, now=time.now)
    await deciding.review_pass(viewer=reviewer, change_id=change.id, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)
    time.forward(days=1)
    await execute(customer, time.now)

    fresh = await Coupon.get(id=voucher.id)
    assert (fresh.status, fresh.reclaimed) == (Status.RECLAIMED, D(60))
    await given_back(voucher, order, 40, now=time.now)
    quota = await VoucherQuota.get(id=voucher.quota_id)
    assert (quota.balance, quota.to_coupons) == (D(1000), D(0))
    operations = await CouponRecord.filter(coupon_id=voucher.id).order_by("id")
    assert [each.operation.value for each in operations] == [
        "ISSUE",
        "USE",
        "UNBIND_RECLAIM",
        "UNSUBSCRIPTION_RECLAIM",
    ]
    await adds_up()
