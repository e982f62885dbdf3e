"""Quota and coupons; name only what the test is about."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.vouchers import deadlines, granting, issuing, passing_on, redeeming
from domain.vouchers.fitting import PayableLine
from domain.vouchers.redeeming import GiveBack, Redeemed, Returned
from domain.vouchers.terms import Terms
from kit import database, ids
from kit.ids import new_id
from kit.money import Money
from kit.transaction import transactional
from models.audit import Event
from models.catalogue import GoodsCategory, GoodsKind
from models.customers import AssociationType, Customer
from models.partners import Partner
from models.quotas import QuotaKind, QuotaRecord, VoucherQuota
from models.vouchers import Coupon, CouponKind
from tests.customers.factories import a_customer
from tests.factories import a_distributor, a_partner, a_staff_viewer, an_administrator

AGENCY, REFERRAL = AssociationType.AGENCY, AssociationType.REFERRAL

GOODS = new_id()  # of lines that no table knows


class Channel:
    """A distributor with quota of 1000, a reseller of it, and people of both and the platform."""

    distributor: Partner
    reseller: Partner
    staff: Viewer
    by: Viewer  # the distributor's administrator
    reseller_by: Viewer
    quota: VoucherQuota

    async def fresh(self) -> VoucherQuota:
        """The distributor's quota as it stands now."""
        return await VoucherQuota.get(id=self.quota.id)


def yuan(amount: str | int) -> Money:
    """An amount of money."""
    return Money(Decimal(amount), "CNY")


async def staff() -> Viewer:
    """Somebody of the platform who gives quota."""
    return await a_staff_viewer(Item.VOUCHER_GRANT)


async def a_quota(
    of: Partner,
    amount: str | int = 1000,
    *,
    kind: QuotaKind = QuotaKind.VOUCHER,
    days: float = 90,
    now: datetime,
    counts_performance: bool = False,
    needs_repayment: bool = False,
    **terms: Any,
) -> VoucherQuota:
    """Quota that the platform gives at `now`, for ninety days."""
    terms = {"expires_at": now + timedelta(days=days)} | terms
    return await granting.grant(
        viewer=await staff(),
        partner_id=of.id,
        kind=kind,
        amount=Decimal(amount),
        terms=Terms(**terms),
        counts_performance=counts_performance,
        needs_repayment=needs_repayment,
        reason="A good year.",
        now=now,
    )


async def a_channel(amount: str | int = 1000, *, now: datetime, **terms: Any) -> Channel:
    """A distributor with quota, and its reseller."""
    channel = Channel()
    channel.distributor = await a_distributor()
    channel.reseller = await a_partner("Little Wall", distributor=channel.distributor)
    channel.by = await an_administrator(channel.distributor)
    channel.reseller_by = await an_administrator(channel.reseller)
    channel.quota = await a_quota(channel.distributor, amount, now=now, **terms)
    channel.staff = await staff()
    return channel


async def passed_on(
    channel: Channel, amount: str | int, *to: Partner, now: datetime
) -> passing_on.Issued:
    """So much to each reseller, or to the one of the channel."""
    return await passing_on.issue(
        viewer=channel.by,
        quota_id=channel.quota.id,
        reseller_ids=[reseller.id for reseller in to or [channel.reseller]],
        amount=Decimal(amount),
        now=now,
    )


async def issued(
    quota: VoucherQuota,
    value: str | int,
    *to: Customer,
    by: Viewer,
    now: datetime,
    **terms: Any,
) -> issuing.Issued:
    """A coupon of this value to each customer."""
    return await issuing.issue(
        viewer=by,
        quota_id=quota.id,
        customer_ids=[customer.id for customer in to],
        face_value=Decimal(value),
        terms=Terms(**terms),
        now=now,
    )


async def a_voucher(
    value: str | int = 100, *, now: datetime, quota_days: float = 90, **terms: Any
) -> tuple[Coupon, Customer, Viewer]:
    """A voucher of a new agency customer of a new partner, and the partner's administrator."""
    house = await a_partner()
    by = await an_administrator(house)
    customer = await a_customer(of=house, type=AGENCY)
    quota = await a_quota(house, now=now, days=quota_days)
    made = await issued(quota, value, customer, by=by, now=now, **terms)
    return await Coupon.get(id=made.coupons[customer.id]), customer, by


async def a_card(
    customer: Customer,
    value: str | int = 100,
    *,
    kind: CouponKind = CouponKind.STORED_VALUE_CARD,
    now: datetime,
    **facts: Any,
) -> Coupon:
    """A stored-value card, or another coupon, of the platform."""
    made = await issuing.grant(
        viewer=await staff(),
        kind=kind,
        customer_ids=[customer.id],
        face_value=Decimal(value),
        terms=Terms(expires_at=now + timedelta(days=365), **facts.pop("terms", {})),
        now=now,
        **facts,
    )
    return await Coupon.get(id=made.coupons[customer.id])


def a_line(
    amount: str | int = 1000,
    *,
    goods_id: UUID = GOODS,
    category: GoodsCategory = GoodsCategory.SAAS,
    **facts: Any,
) -> PayableLine:
    """A line of an order that exists for nobody else."""
    told: dict[str, Any] = {"kind": GoodsKind.COMMON, "is_discounted": False} | facts
    return PayableLine(
        line_id=new_id(), goods_id=goods_id, category=category, amount=yuan(amount), **told
    )


@transactional
async def redeemed(
    customer: Customer,
    coupons: Mapping[UUID, Money | None],
    *lines: PayableLine,
    order_id: UUID | None = None,
    now: datetime,
) -> list[Redeemed]:
    """Pay an order with coupons, as the order's own transaction does."""
    return await redeeming.redeem(
        coupon_amounts=coupons,
        order_id=order_id or new_id(),
        order_number="OR-1",
        customer_id=customer.id,
        lines=lines or [a_line()],
        now=now,
    )


@transactional
async def given_back(
    coupon: Coupon, order_id: UUID, amount: str | int, *, now: datetime
) -> Returned:
    """Give back what an order took."""
    return await redeeming.give_back(
        coupon_id=coupon.id,
        order_id=order_id,
        amount=yuan(amount),
        why=GiveBack.REFUND,
        now=now,
    )


@transactional
async def expire_coupons(*coupons: Coupon, now: datetime) -> None:
    """As the worker does it: the rows first, then their end."""
    ids = sorted(coupon.id for coupon in coupons)
    await Coupon.filter(id__in=ids).order_by("id").select_for_update(no_key=True)
    await deadlines.expire_coupons(subject_ids=ids, now=now)


@transactional
async def expire_quotas(*quotas: VoucherQuota, now: datetime) -> None:
    """As the worker does it."""
    ids = sorted(quota.id for quota in quotas)
    await VoucherQuota.filter(id__in=ids).order_by("id").select_for_update(no_key=True)
    await deadlines.expire_quotas(subject_ids=ids, now=now)


async def history(subject_id: UUID) -> list[str]:
    """What happened to it, without the kind of thing that it is."""
    events = await Event.filter(subject_id=subject_id).order_by("id")
    return [event.name.partition(".")[2] for event in events]


async def operations(quota: VoucherQuota) -> list[tuple[str, Decimal]]:
    """The records of a quota, the first first."""
    records = await QuotaRecord.filter(quota_id=quota.id).order_by("id")
    return [(record.operation.value, record.amount) for record in records]


async def adds_up() -> None:
    """Whatever happened: every row is explained by its records, and nothing is lost or made."""
    assert await database.rows(DIFFERING_COUPONS) == []
    assert await database.rows(DIFFERING_QUOTAS) == []


def vqt(quota: VoucherQuota) -> str:
    """The id of a quota as the API writes it."""
    return ids.encode("vqt", quota.id)


def cpn(coupon: Coupon) -> str:
    """The id of a coupon as the API writes it."""
    return ids.encode("cpn", coupon.id)


DIFFERING_COUPONS = """
select coupon.number from coupon
left join (
  select coupon_id, sum(change) as balance,
    sum(amount) filter (where operation = 'USE')
      - coalesce(sum(amount) filter (where order_id is not null and operation <> 'USE'), 0) as used
  from coupon_record group by coupon_id
) told on told.coupon_id = coupon.id
where coupon.balance <> coalesce(told.balance, 0) or coupon.used <> coalesce(told.used, 0)
  or coupon.face_value <> coupon.balance + coupon.used + coupon.reclaimed + coupon.lapsed
"""

DIFFERING_QUOTAS = """
select quota.number from voucher_quota quota
where quota.value <> (select sum(amount) from quota_record told where told.quota_id = quota.id
    and told.operation in ('GRANT', 'ISSUE', 'ADJUST'))
  or quota.to_coupons <> (select coalesce(sum(face_value - reclaimed), 0)
    from coupon where coupon.quota_id = quota.id)
  or quota.to_quotas <> (select coalesce(sum(child.value - child.reclaimed), 0)
    from voucher_quota child where child.parent_id = quota.id)
  or quota.value <> quota.balance + quota.to_quotas + quota.to_coupons + quota.lapsed
    + quota.reclaimed
"""
