"""Coupons out of quota: to whom, how much, for how long and for what."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.funds.allocating import NotASubCustomer
from domain.identity.presets import Preset
from domain.vouchers import deadlines, instance, issuing
from domain.vouchers.issuing import FinanceManagedMember, NotForThisAssociation
from domain.vouchers.passing_on import QuotaNotSufficient
from domain.vouchers.quota_guards import QuotaHeldUp, QuotaNotInForce, QuotaOfAnotherPartner
from domain.vouchers.terms import ConditionsExceedQuota, LimitsExceedQuota, Terms
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, NotFound
from models.catalogue import GoodsCategory
from models.customers import EnterpriseRole
from models.quotas import QuotaKind, VoucherQuota
from models.timers import Timer
from models.vouchers import Coupon, CouponKind, CouponRecord
from tests.catalogue.factories import some_goods
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.factories import a_partner, an_administrator, an_operator, as_operator
from tests.vouchers.factories import (
    AGENCY,
    REFERRAL,
    a_card,
    a_channel,
    a_quota,
    adds_up,
    history,
    issued,
    passed_on,
)

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)
D = Decimal


@pytest.fixture
def for_referrals() -> Iterator[None]:
    """An installation whose referral customers may have vouchers."""
    instance.configure(for_referrals=True)
    yield
    instance.configure(for_referrals=False)


async def nothing_issued(quota: VoucherQuota) -> None:
    assert await Coupon.all().count() == 0
    fresh = await VoucherQuota.get(id=quota.id)
    assert (fresh.balance, fresh.version) == (quota.balance, quota.version)


async def test_each_customer_gets_one_and_the_quota_pays(time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    one, other = [await a_customer(of=house, type=AGENCY) for _ in range(2)]
    quota = await a_quota(house, now=time.now, categories=[GoodsCategory.SAAS])

    made = await issued(quota, "100.50", one, other, one, by=by, now=time.now)

    assert [outcome.problem for outcome in made.outcomes] == [None, None]
    coupons = await Coupon.all().order_by("id")
    assert {coupon.customer_id: coupon.id for coupon in coupons} == made.coupons
    for coupon in coupons:
        assert (coupon.kind, coupon.face_value, coupon.balance) == (
            CouponKind.VOUCHER,
            D("100.50"),
            D("100.50"),
        )
        assert (coupon.partner_id, coupon.quota_id) == (house.id, quota.id)
        assert (coupon.effective_at, coupon.expires_at) == (time.now, quota.expires_at)
        assert coupon.categories == ["SAAS"]
        assert await history(coupon.id) == ["issued"]
        record = await CouponRecord.get(coupon_id=coupon.id)
        assert (record.operation.value, record.amount, record.change) == (
            "ISSUE",
            D("100.50"),
            D("100.50"),
        )
        assert (await Timer.get(subject_id=coupon.id)).kind == deadlines.EXPIRE_COUPON
    fresh = await VoucherQuota.get(id=quota.id)
    assert (fresh.balance, fresh.to_coupons) == (D("799.00"), D("201.00"))
    await adds_up()


async def test_a_batch_of_all_sorts_is_answered_one_by_one(time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    quota = await a_quota(house, 250, now=time.now)
    good, also, late = [await a_customer(of=house, type=AGENCY) for _ in range(3)]
    foreign = await a_customer(of=await a_partner(), type=AGENCY)
    referral = await a_customer(of=house, type=REFERRAL)
    managed = await a_customer(of=house, type=AGENCY, enterprise_role=EnterpriseRole.MANAGED_MEMBER)

    made = await issued(
        quota, 100, foreign, good, referral, managed, good, also, late, by=by, now=time.now
    )

    assert [outcome.problem and type(outcome.problem) for outcome in made.outcomes] == [
        NotASubCustomer,
        None,
        NotForThisAssociation,
        FinanceManagedMember,
        None,
        QuotaNotSufficient,
    ]
    assert [outcome.problem.code for outcome in made.outcomes if outcome.problem] == [
        "CBC.99000035",
        "CBC.99000014",
        "CBC.50000034",
        "CBC.99000013",
    ]
    assert made.coupons.keys() == {good.id, also.id}
    assert (await VoucherQuota.get(id=quota.id)).balance == D(50)
    await adds_up()


@pytest.mark.usefixtures("for_referrals")
async def test_an_installation_may_let_referral_customers_have_some(time: Clock) -> None:
    """A-12."""
    house = await a_partner()
    referral = await a_customer(of=house, type=REFERRAL)
    quota = await a_quota(house, now=time.now)

    made = await issued(quota, 100, referral, by=await an_administrator(house), now=time.now)

    assert made.coupons.keys() == {referral.id}


@pytest.mark.parametrize(
    ("wish", "refusal", "code"),
    [
        ({"categories": [GoodsCategory.SAAS, GoodsCategory.IMAGE]}, LimitsExceedQuota, "23"),
        ({"minimum": D("9.99")}, ConditionsExceedQuota, "24"),
        ({"excludes_discounts": False}, ConditionsExceedQuota, "24"),
        ({"strict_only": False}, ConditionsExceedQuota, "24"),
        ({"strict_only": True, "minimum": D(10), "categories": [GoodsCategory.SAAS]}, None, ""),
    ],
)
async def test_a_coupon_is_good_for_nothing_that_its_quota_isnt(
    time: Clock, wish: dict[str, Any], refusal: type[Exception] | None, code: str
) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    customer = await a_customer(of=house, type=AGENCY)
    quota = await a_quota(
        house,
        now=time.now,
        categories=[GoodsCategory.SAAS, GoodsCategory.LICENSE],
        minimum=D(10),
        excludes_discounts=True,
        strict_only=True,
    )

    if refusal is None:
        made = await issued(quota, 1, customer, by=by, now=time.now, **wish)
        coupon = await Coupon.get(id=made.coupons[customer.id])
        assert coupon.excludes_discounts
        return
    with pytest.raises(refusal) as refused:
        await issued(quota, 1, customer, by=by, now=time.now, **wish)
    assert refused.value.code == f"CBC.990000{code}"  # type: ignore[attr-defined]
    await nothing_issued(quota)


async def test_goods_are_limited_as_categories_are(time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    customer = await a_customer(of=house, type=AGENCY)
    inside, outside = [await some_goods() for _ in range(2)]
    quota = await a_quota(house, now=time.now, goods=[inside.id])

    with pytest.raises(LimitsExceedQuota) as refused:
        await issued(quota, 1, customer, by=by, now=time.now, goods=[inside.id, outside.id])
    assert refused.value.limits == "goods"
    for goods, problem in (([new_id()], NotFound), ([new_id() for _ in range(11)], InvalidInput)):
        with pytest.raises(problem):
            await a_quota(house, now=time.now, goods=goods)
    await nothing_issued(quota)


@pytest.mark.parametrize(
    ("from_", "until", "is_fine"),
    [
        (timedelta(), timedelta(), True),
        (-MICROSECOND, timedelta(), False),
        (timedelta(), MICROSECOND, False),
        (MICROSECOND, -MICROSECOND, True),
    ],
)
async def test_its_time_lies_within_the_quotas_to_the_microsecond(
    time: Clock, from_: timedelta, until: timedelta, is_fine: bool
) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    customer = await a_customer(of=house, type=AGENCY)
    quota = await a_quota(house, now=time.now)
    window = {
        "effective_at": quota.effective_at + from_,
        "expires_at": quota.expires_at + until,
    }

    if is_fine:
        assert (await issued(quota, 1, customer, by=by, now=time.now, **window)).coupons
        return
    with pytest.raises(LimitsExceedQuota) as refused:
        await issued(quota, 1, customer, by=by, now=time.now, **window)
    assert refused.value.limits == "window"
    await nothing_issued(quota)


async def test_quota_that_is_over_held_up_or_anothers_gives_none(time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    customer = await a_customer(of=house, type=AGENCY)
    quota = await a_quota(house, now=time.now)

    with pytest.raises(QuotaNotInForce):
        await issued(quota, 1, customer, by=by, now=quota.expires_at)
    await VoucherQuota.filter(id=quota.id).update(status="FROZEN")
    with pytest.raises(QuotaHeldUp):
        await issued(quota, 1, customer, by=by, now=time.now)
    stranger = await an_administrator(await a_partner())
    with pytest.raises(NotFound):
        await issued(quota, 1, customer, by=stranger, now=time.now)
    await nothing_issued(quota)


async def test_a_distributor_issues_in_its_resellers_stead_and_a_reseller_itself(
    time: Clock,
) -> None:
    channel = await a_channel(now=time.now)
    [child] = (await passed_on(channel, 100, now=time.now)).quotas.values()
    quota = await VoucherQuota.get(id=child)
    customer = await a_customer(of=channel.reseller, type=AGENCY)
    own = await a_customer(of=channel.distributor, type=AGENCY)

    for by in (channel.by, channel.reseller_by):
        assert (await issued(quota, 10, customer, by=by, now=time.now)).coupons
    [outcome] = (await issued(quota, 10, own, by=channel.by, now=time.now)).outcomes
    assert isinstance(outcome.problem, NotASubCustomer)
    with pytest.raises((QuotaOfAnotherPartner, NotFound)):
        await issued(channel.quota, 10, customer, by=channel.reseller_by, now=time.now)
    await adds_up()


async def test_without_the_right_nothing_is_issued(time: Clock) -> None:
    house = await a_partner()
    quota = await a_quota(house, now=time.now)
    customer = await a_customer(of=house, type=AGENCY)
    finance = await as_operator(await an_operator(of=house, role=Preset.FINANCE))

    with pytest.raises(Forbidden):
        await issued(quota, 1, customer, by=finance, now=time.now)
    await nothing_issued(quota)


async def test_cash_coupons_are_what_their_quota_says(time: Clock) -> None:
    house = await a_partner()
    customer = await a_customer(of=house, type=AGENCY)
    quota = await a_quota(
        house,
        kind=QuotaKind.CASH_COUPON,
        counts_performance=True,
        needs_repayment=True,
        now=time.now,
    )

    made = await issued(quota, 10, customer, by=await an_administrator(house), now=time.now)

    coupon = await Coupon.get(id=made.coupons[customer.id])
    assert (coupon.kind, coupon.counts_performance, coupon.needs_repayment) == (
        CouponKind.CASH_COUPON,
        True,
        True,
    )


async def test_the_platforms_own_are_of_no_partner(time: Clock) -> None:
    customer = await a_customer(of=await a_partner(), type=REFERRAL)

    card = await a_card(customer, 500, now=time.now)

    assert (card.partner_id, card.quota_id, card.counts_performance) == (None, None, True)
    with pytest.raises(InvalidInput):
        await a_card(customer, counts_performance=True, now=time.now)
    with pytest.raises(Forbidden):
        await issuing.grant(
            viewer=await an_administrator(await a_partner()),
            kind=CouponKind.STORED_VALUE_CARD,
            customer_ids=[customer.id],
            face_value=D(1),
            terms=Terms(expires_at=time.now + timedelta(days=1)),
            now=time.now,
        )
    assert await Coupon.all().count() == 1
    await adds_up()
