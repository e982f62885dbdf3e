"""Whatever people do with quota and coupons, in whatever order: nothing is lost or made."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.vouchers import holding, passing_on, reclaiming
from kit.problems import Problem
from models.customers import Customer
from models.quotas import VoucherQuota
from models.vouchers import Coupon, CouponRecord
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.vouchers.factories import (
    AGENCY,
    Channel,
    a_channel,
    adds_up,
    expire_coupons,
    expire_quotas,
    given_back,
    issued,
    passed_on,
    redeemed,
    yuan,
)

pytestmark = pytest.mark.usefixtures("database")


class Walk:
    """A distributor and a reseller with a customer each, and time that passes."""

    channel: Channel
    customers: list[Customer]
    children: list[VoucherQuota]
    coupons: list[Coupon]

    def __init__(self, time: Clock) -> None:
        self.time = time

    async def begin(self) -> None:
        self.channel = await a_channel(1000, now=self.time.now, days=20)
        houses = (self.channel.distributor, self.channel.reseller)
        self.customers = [await a_customer(of=house, type=AGENCY) for house in houses]
        await self.look()

    async def look(self) -> list[Any]:
        """What there is now, the youngest first, and all that is known of it."""
        owners = [customer.id for customer in self.customers]
        self.children = await VoucherQuota.filter(parent_id=self.channel.quota.id).order_by("-id")
        self.coupons = await Coupon.filter(customer_id__in=owners).order_by("-id")
        rows: list[Any] = [await self.channel.fresh(), *self.children, *self.coupons]
        return [[getattr(row, name) for name in row._meta.fields_db_projection] for row in rows]

    async def pass_on(self, amount: int) -> None:
        await passed_on(self.channel, amount, now=self.time.now)

    async def reclaim_quota(self, amount: int) -> None:
        ids = [child.id for child in self.children]
        if ids:
            await passing_on.reclaim(viewer=self.channel.by, quota_ids=ids, now=self.time.now)

    async def issue(self, amount: int) -> None:
        quota, now = self.channel.quota, self.time.now
        ends = min(now + timedelta(days=amount % 7 + 1), quota.expires_at)
        by = self.channel.by
        await issued(quota, amount, self.customers[0], by=by, now=now, expires_at=ends)

    async def issue_as_reseller(self, amount: int) -> None:
        by = self.channel.reseller_by
        for quota in self.children[:1]:
            await issued(quota, amount, self.customers[1], by=by, now=self.time.now)

    async def use(self, amount: int) -> None:
        for coupon in self.coupons[:1]:
            [customer] = [each for each in self.customers if each.id == coupon.customer_id]
            await redeemed(customer, {coupon.id: yuan(amount)}, now=self.time.now)

    async def give_back(self, amount: int) -> None:
        ids = [coupon.id for coupon in self.coupons]
        used = await CouponRecord.filter(operation="USE", coupon_id__in=ids).order_by("-id").first()
        if used is None or used.order_id is None:
            return
        given = await CouponRecord.filter(order_id=used.order_id).exclude(operation="USE")
        left = used.amount - sum((each.amount for each in given), Decimal(0))
        if left:
            coupon = await Coupon.get(id=used.coupon_id)
            part = str(min(left, Decimal(amount)))
            await given_back(coupon, used.order_id, part, now=self.time.now)

    async def reclaim(self, amount: int) -> None:
        ids = [coupon.id for coupon in (*self.coupons[:1], *self.coupons[-1:])]
        if ids:
            await reclaiming.reclaim(viewer=self.channel.by, coupon_ids=ids, now=self.time.now)

    async def leave(self, amount: int) -> None:
        """Without the story behind it: a refund finds nobody at home."""
        await Customer.filter(id=self.customers[0].id).update(
            partner_id=None, association_id=None, association_type=None
        )

    async def freeze(self, amount: int) -> None:
        await self._hold(holding.freeze)

    async def unfreeze(self, amount: int) -> None:
        await self._hold(holding.unfreeze)

    async def expire(self, amount: int) -> None:
        await expire_coupons(*self.coupons, now=self.time.now)
        await expire_quotas(self.channel.quota, *self.children, now=self.time.now)

    async def wait(self, amount: int) -> None:
        self.time.forward(days=amount % 5 + 1)

    async def _hold(self, verb: Any) -> None:
        quota_id = self.channel.quota.id
        await verb(
            viewer=self.channel.staff, quota_id=quota_id, reason="So be it.", now=self.time.now
        )


STEPS = [name for name in vars(Walk) if name not in ("begin", "look") and name[0] != "_"]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 700)), min_size=3, max_size=20)
)
async def test_whatever_is_done_adds_up(time: Clock, steps: list[tuple[str, int]]) -> None:
    walk = Walk(time)
    await walk.begin()
    for step, amount in steps:
        before = await walk.look()
        try:
            await getattr(walk, step)(amount)
        except Problem:
            assert await walk.look() == before
        await adds_up()
