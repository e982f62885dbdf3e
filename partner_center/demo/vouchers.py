"""The demo's quota and coupons: given, passed on, issued, taken back, expired; in every state."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from domain.identity import recognition
from domain.identity.viewer import Viewer
from domain.vouchers import applications, granting, holding, issuing, passing_on, reclaiming
from domain.vouchers.terms import Terms
from models.catalogue import Goods, GoodsCategory
from models.customers import AssociationType, Customer
from models.identity import Person
from models.partners import Partner, PartnerKind
from models.quotas import QuotaKind, VoucherQuota
from models.vouchers import CouponKind
from partner_center.demo.people import SEED, Cast, House
from partner_center.demo.stories import DAY, let_time_pass

_KINDS = (PartnerKind.DISTRIBUTOR, PartnerKind.SOLUTION_PROVIDER)


async def load_vouchers(cast: Cast, *, now: datetime) -> None:
    """Let all of it happen, up to this moment."""
    dice = Random(SEED + 23)
    staff = await _viewer("operator@platform.example", now)
    houses = [house for house in cast.houses if house.partner.kind in _KINDS]
    for house in houses:
        await _of_house(house, staff, dice, now)
    await _of_the_platform(staff, now)
    await _applications(houses, staff, now)
    await let_time_pass(now)


async def _of_house(house: House, staff: Viewer, dice: Random, now: datetime) -> None:
    """A quota that is over, one that is used, and one of cash coupons that is frozen."""
    # As of today: a distributor had no resellers yet when it came.
    by = await _viewer(f"admin@{house.company.account}.example", now)
    scale = Decimal(dice.choice((1, 2, 5)))
    await _granted(house.partner, 20_000 * scale, 300, 90, staff=staff, now=now)
    current = await _granted(house.partner, 100_000 * scale, 120, 365, staff=staff, now=now)
    coupons = await _granted(
        house.partner, 10_000, 60, 180, kind=QuotaKind.CASH_COUPON, staff=staff, now=now
    )
    if house.partner.kind is PartnerKind.DISTRIBUTOR:
        await _pass_on(by, house.partner, current, now)
    article = await _article()
    since = now - 50 * DAY
    clients = await _clients(house.partner.id, since)
    if not clients:
        return
    rounds = ((40, 400), (30, 25), (20, 200), (4, 30))  # days ago, and for how many days
    for number, (ago, days) in enumerate(rounds):
        moment = now - ago * DAY
        made = await issuing.issue(
            viewer=by,
            quota_id=current.id,
            customer_ids=[client.id for client in clients[:8]],
            face_value=Decimal(dice.choice((200, 500, 1000, 2000))),
            terms=Terms(
                expires_at=min(moment + days * DAY, current.expires_at),
                categories=[GoodsCategory.SAAS] if number == 2 else None,
                goods=[article.id] if number == 3 else None,
                minimum=Decimal(1000) if number == 0 else None,
            ),
            note="新客体验" if number == 3 else None,
            now=moment,
        )
        ids = list(made.coupons.values())
        await reclaiming.reclaim(viewer=by, coupon_ids=ids[-1:], note="误发", now=moment + DAY)
    await issuing.issue(
        viewer=by,
        quota_id=coupons.id,
        customer_ids=[client.id for client in clients[:3]],
        face_value=Decimal(300),
        terms=Terms(),
        now=now - 10 * DAY,
    )
    await holding.freeze(viewer=staff, quota_id=coupons.id, reason="季度对账", now=now - 2 * DAY)


async def _granted(
    partner: Partner,
    amount: Decimal | int,
    ago: int,
    days: int,
    *,
    kind: QuotaKind = QuotaKind.VOUCHER,
    staff: Viewer,
    now: datetime,
) -> VoucherQuota:
    since = now - ago * DAY
    return await granting.grant(
        viewer=staff,
        partner_id=partner.id,
        kind=kind,
        amount=Decimal(amount),
        terms=Terms(expires_at=since + days * DAY),
        counts_performance=kind is QuotaKind.CASH_COUPON,
        reason="年度激励",
        now=since,
    )


async def _pass_on(by: Viewer, partner: Partner, quota: VoucherQuota, now: datetime) -> None:
    """Every reseller gets something, and uses it; the last has to give the rest back."""
    resellers = await Partner.filter(distributor_id=partner.id).order_by("account_name")
    since = now - 100 * DAY
    if not resellers:
        return
    made = await passing_on.issue(
        viewer=by,
        quota_id=quota.id,
        reseller_ids=[reseller.id for reseller in resellers],
        amount=Decimal(5000),
        note="上半年额度",
        now=since,
    )
    # Who has left the resellers' programme got none.
    resellers = [reseller for reseller in resellers if reseller.id in made.quotas]
    for reseller in resellers:
        clients = await _clients(reseller.id, now - 40 * DAY)
        if clients:
            await issuing.issue(
                viewer=by,
                quota_id=made.quotas[reseller.id],
                customer_ids=[client.id for client in clients[:4]],
                face_value=Decimal(500),
                terms=Terms(),
                now=now - 35 * DAY,
            )
    await passing_on.reclaim(
        viewer=by, quota_ids=list(made.quotas.values())[-1:], note="额度调整", now=now - 15 * DAY
    )


async def _viewer(email: str, now: datetime) -> Viewer:
    person = await Person.get(email=email)
    found = await recognition.by_person(person.id, until=now)
    assert found is not None
    return found.viewer


async def _article() -> Goods:
    """An application in the cloud that everybody sees."""
    listed = Goods.filter(is_listed=True, on_sale=True, category=GoodsCategory.SAAS)
    return (await listed.order_by("number"))[0]


async def _clients(partner_id: UUID, since: datetime) -> list[Customer]:
    return await Customer.filter(
        partner_id=partner_id, association_type=AssociationType.AGENCY, listed_at__lt=since
    ).order_by("account_name")


async def _of_the_platform(staff: Viewer, now: datetime) -> None:
    """For the one customer whose user can sign in: a card, and cash coupons of both sorts."""
    buyer = await Customer.get(account_name="changjiang")
    for kind, value, counts, ago in (
        (CouponKind.STORED_VALUE_CARD, 5000, False, 30),
        (CouponKind.CASH_COUPON, 800, True, 20),
        (CouponKind.CASH_COUPON, 300, False, 20),
    ):
        since = now - timedelta(days=ago)
        await issuing.grant(
            viewer=staff,
            kind=kind,
            customer_ids=[buyer.id],
            face_value=Decimal(value),
            terms=Terms(expires_at=since + 365 * DAY),
            counts_performance=counts,
            now=since,
        )


async def _applications(houses: list[House], staff: Viewer, now: datetime) -> None:
    """Test vouchers: one application in each state, one of them for certain goods."""
    article = await _article()
    for number, house in enumerate(houses[:4]):
        since = now - (9 - number) * DAY
        asked = await applications.create(
            viewer=staff,
            partner_id=house.partner.id,
            amount=Decimal(3000),
            terms=Terms(
                expires_at=since + 90 * DAY,
                categories=[GoodsCategory.SAAS],
                goods=[article.id] if number == 2 else None,
                minimum=Decimal(200),
            ),
            purpose="客户试用云商店商品",
            now=since,
        )
        if number > 0:
            await applications.submit(viewer=staff, application_id=asked.id, now=since)
        if number == 2:
            await applications.approve(viewer=staff, application_id=asked.id, now=since + DAY)
        if number == 3:
            await applications.reject(
                viewer=staff, application_id=asked.id, reason="请补充试用计划", now=since + DAY
            )
