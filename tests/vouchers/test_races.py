"""Two want the same coupon, or the same quota, in the same instant. Real locks, real commits."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.associations import deciding
from domain.funds.allocating import NotASubCustomer
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.vouchers import holding, passing_on, reclaiming
from domain.vouchers.guards import CouponIsOver, CouponUsedUp
from domain.vouchers.issuing import Issued
from domain.vouchers.passing_on import QuotaNotSufficient
from domain.vouchers.quota_guards import QuotaHeldUp, QuotaNotReclaimable
from kit.transaction import transactional
from models.customers import Customer
from models.quotas import QuotaRecord, VoucherQuota
from models.vouchers import Coupon, CouponRecord
from models.vouchers import CouponStatus as Status
from tests.changes.factories import Sides, an_end, approved, execute
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.races import at_once
from tests.vouchers.factories import (
    AGENCY,
    a_channel,
    a_line,
    a_quota,
    a_voucher,
    adds_up,
    expire_coupons,
    issued,
    passed_on,
    redeemed,
    yuan,
)

pytestmark = pytest.mark.usefixtures("database")

Call = Callable[[], Coroutine[Any, Any, Any]]
D = Decimal


async def in_order(calls: dict[str, Call], first: str, *, while_locked: Any) -> dict[str, Any]:
    """What became of each, the named one first at the lock."""
    order = [first, *(name for name in calls if name != first)]
    done = await at_once(*(calls[name]() for name in order), while_locked=while_locked)
    return dict(zip(order, done, strict=True))


async def test_of_200_orders_at_once_a_voucher_good_for_three_pays_three(time: Clock) -> None:
    voucher, customer, _ = await a_voucher(30, now=time.now)

    done = await asyncio.gather(
        *(redeemed(customer, {voucher.id: yuan(10)}, a_line(10), now=time.now) for _ in range(200)),
        return_exceptions=True,
    )

    paid = [each for each in done if not isinstance(each, BaseException)]
    assert len(paid) == 3
    assert all(isinstance(each, CouponUsedUp) for each in done if each not in paid)
    fresh = await Coupon.get(id=voucher.id)
    assert (fresh.status, fresh.balance, fresh.used) == (Status.USED, D(0), D(30))
    assert await CouponRecord.filter(coupon_id=voucher.id, operation="USE").count() == 3
    await adds_up()


@pytest.mark.parametrize("first", ["one", "other"])
async def test_of_two_issues_that_exceed_the_balance_the_first_is_done(
    time: Clock, first: str
) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    quota = await a_quota(house, 100, now=time.now)
    customers = {name: await a_customer(of=house, type=AGENCY) for name in ("one", "other")}
    calls: dict[str, Call] = {
        "one": lambda: issued(quota, 60, customers["one"], by=by, now=time.now),
        "other": lambda: issued(quota, 60, customers["other"], by=by, now=time.now),
    }

    done = await in_order(calls, first, while_locked=quota)

    for name, each in done.items():
        assert isinstance(each, Issued)
        [outcome] = each.outcomes
        assert (outcome.problem is None) is (name == first)
        assert name == first or isinstance(outcome.problem, QuotaNotSufficient)
    fresh = await VoucherQuota.get(id=quota.id)
    assert (fresh.balance, fresh.to_coupons) == (D(40), D(60))
    await adds_up()


@pytest.mark.parametrize("first", ["coupons", "quota"])
async def test_customers_and_resellers_never_get_more_than_there_is(
    time: Clock, first: str
) -> None:
    channel = await a_channel(100, now=time.now)
    customer = await a_customer(of=channel.distributor, type=AGENCY)
    calls: dict[str, Call] = {
        "coupons": lambda: issued(channel.quota, 60, customer, by=channel.by, now=time.now),
        "quota": lambda: passed_on(channel, 60, now=time.now),
    }

    done = await in_order(calls, first, while_locked=channel.quota)

    for name, each in done.items():
        assert (each.outcomes[0].problem is None) is (name == first)
    assert (await channel.fresh()).balance == D(40)
    await adds_up()


async def test_fifty_issuers_at_once_finish_and_add_up(time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    quota = await a_quota(house, 400, now=time.now)
    customers = [await a_customer(of=house, type=AGENCY) for _ in range(10)]

    done = await asyncio.gather(
        # Each names two customers, in either order.
        *(
            issued(
                quota,
                5,
                customers[place % 10],
                customers[(place * 7 + 3) % 10],
                by=by,
                now=time.now,
            )
            for place in range(50)
        )
    )

    given = sum(len(each.coupons) for each in done)
    refused = [
        outcome.problem for each in done for outcome in each.outcomes if outcome.problem is not None
    ]
    assert given == 80
    assert all(isinstance(problem, QuotaNotSufficient) for problem in refused)
    assert (await VoucherQuota.get(id=quota.id)).balance == D(0)
    await adds_up()


@pytest.mark.parametrize("first", ["reclaim", "use"])
async def test_reclaimed_and_used_at_once(time: Clock, first: str) -> None:
    voucher, customer, by = await a_voucher(100, now=time.now)
    calls: dict[str, Call] = {
        "reclaim": lambda: reclaiming.reclaim(viewer=by, coupon_ids=[voucher.id], now=time.now),
        "use": lambda: redeemed(customer, {voucher.id: yuan(30)}, now=time.now),
    }

    done = await in_order(calls, first, while_locked=voucher)

    fresh = await Coupon.get(id=voucher.id)
    assert fresh.status is Status.RECLAIMED
    if first == "reclaim":
        assert isinstance(done["use"], CouponIsOver)
        assert (fresh.used, fresh.reclaimed) == (D(0), D(100))
    else:
        [paid] = done["use"]
        assert paid.amount == yuan(30)
        assert (fresh.used, fresh.reclaimed) == (D(30), D(70))
    await adds_up()


@pytest.mark.parametrize("first", ["reclaim", "expire"])
async def test_reclaimed_and_expired_at_once_it_goes_back_once(time: Clock, first: str) -> None:
    """Both hold the coupon before the quota, so neither waits for the other's."""
    ends = time.now + timedelta(days=30)
    voucher, _, by = await a_voucher(100, now=time.now, expires_at=ends)
    in_time = ends - timedelta(microseconds=1)
    calls: dict[str, Call] = {
        "reclaim": lambda: reclaiming.reclaim(viewer=by, coupon_ids=[voucher.id], now=in_time),
        "expire": lambda: expire_coupons(voucher, now=ends),
    }

    done = await in_order(calls, first, while_locked=voucher)

    assert not isinstance(done["expire"], Exception)
    [outcome] = done["reclaim"]
    assert isinstance(outcome.problem, CouponIsOver) is (first == "expire")
    fresh = await Coupon.get(id=voucher.id)
    assert fresh.status is (Status.RECLAIMED if first == "reclaim" else Status.EXPIRED)
    assert (fresh.balance, fresh.reclaimed) == (D(0), D(100))
    assert (await VoucherQuota.get(id=voucher.quota_id)).balance == D(1000)
    await adds_up()


@pytest.mark.parametrize("first", ["use", "expire"])
async def test_used_in_time_or_expired(time: Clock, first: str) -> None:
    voucher, customer, _ = await a_voucher(100, now=time.now)
    ends = voucher.expires_at
    in_time = ends - timedelta(microseconds=1)
    calls: dict[str, Call] = {
        "use": lambda: redeemed(customer, {voucher.id: None}, now=in_time),
        "expire": lambda: expire_coupons(voucher, now=ends),
    }

    done = await in_order(calls, first, while_locked=voucher)

    assert isinstance(done["use"], CouponIsOver) is (first == "expire")
    assert (await Coupon.get(id=voucher.id)).status is (
        Status.USED if first == "use" else Status.EXPIRED
    )
    await adds_up()


@pytest.mark.parametrize("first", ["issue", "freeze"])
async def test_issued_and_frozen_at_once(time: Clock, first: str) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    quota = await a_quota(house, 100, now=time.now)
    customer = await a_customer(of=house, type=AGENCY)
    staff = await a_staff_viewer(Item.VOUCHER_GRANT)
    calls: dict[str, Call] = {
        "issue": lambda: issued(quota, 60, customer, by=by, now=time.now),
        "freeze": lambda: holding.freeze(
            viewer=staff, quota_id=quota.id, reason="Stop.", now=time.now
        ),
    }

    done = await in_order(calls, first, while_locked=quota)

    assert isinstance(done["issue"], QuotaHeldUp) is (first == "freeze")
    assert not isinstance(done["freeze"], Exception)
    assert await Coupon.all().count() == (first == "issue")
    await adds_up()


async def test_quota_is_reclaimed_once(time: Clock) -> None:
    channel = await a_channel(now=time.now)
    [child] = (await passed_on(channel, 100, now=time.now)).quotas.values()

    done = await at_once(
        *(passing_on.reclaim(viewer=channel.by, quota_ids=[child], now=time.now) for _ in range(2)),
        while_locked=channel.quota,
    )

    [[first], [second]] = done
    assert first.problem is None
    assert isinstance(second.problem, QuotaNotReclaimable)
    assert (await channel.fresh()).balance == D(1000)
    assert await QuotaRecord.filter(operation="RECLAIM").count() == 1
    await adds_up()


@pytest.mark.parametrize("first", ["reclaim", "issue"])
async def test_a_resellers_quota_is_reclaimed_as_it_issues(time: Clock, first: str) -> None:
    channel = await a_channel(now=time.now)
    [child] = (await passed_on(channel, 100, now=time.now)).quotas.values()
    quota = await VoucherQuota.get(id=child)
    customer = await a_customer(of=channel.reseller, type=AGENCY)
    calls: dict[str, Call] = {
        "reclaim": lambda: passing_on.reclaim(viewer=channel.by, quota_ids=[child], now=time.now),
        "issue": lambda: issued(quota, 60, customer, by=channel.reseller_by, now=time.now),
    }

    done = await in_order(calls, first, while_locked=quota)

    assert isinstance(done["issue"], QuotaHeldUp) is (first == "reclaim")
    assert (await channel.fresh()).balance == (D(1000) if first == "reclaim" else D(940))
    await adds_up()


@transactional
async def leaves(customer: Customer, now: datetime) -> None:
    await execute(customer, now)


async def agreed_to_leave(customer: Customer, by: Viewer, time: Clock) -> None:
    sides = Sides()
    sides.customer, sides.partner = customer, by
    sides.buyer = await a_user_of(customer)
    reviewer = await a_staff_viewer(Item.ASSOCIATION_REVIEW)
    change = await an_end(sides, now=time.now)
    await deciding.review_pass(viewer=reviewer, change_id=change.id, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)


@pytest.mark.parametrize("first", ["leave", "issue"])
async def test_who_leaves_as_coupons_are_issued_keeps_none(time: Clock, first: str) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    quota = await a_quota(house, 100, now=time.now)
    customer = await a_customer(of=house, type=AGENCY)
    stays = await a_customer(of=house, type=AGENCY)
    await agreed_to_leave(customer, by, time)
    customer = await Customer.get(id=customer.id)
    calls: dict[str, Call] = {
        "leave": lambda: leaves(customer, time.now),
        "issue": lambda: issued(quota, 40, customer, stays, by=by, now=time.now),
    }

    done = await in_order(calls, first, while_locked=customer)

    assert not isinstance(done["leave"], Exception)
    outcomes = done["issue"].outcomes
    assert isinstance(outcomes[0].problem, NotASubCustomer) is (first == "leave")
    assert outcomes[1].problem is None
    held = await Coupon.filter(status="USABLE").values_list("customer_id", flat=True)
    assert held == [stays.id]
    fresh = await VoucherQuota.get(id=quota.id)
    assert (fresh.balance, fresh.to_coupons) == (D(60), D(40))
    await adds_up()
