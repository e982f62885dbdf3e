"""Attempts that failed are on record, and how much partners may issue is the installation's."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from domain.vouchers import instance, reclaiming
from domain.vouchers.allowances import (
    CouponsAtMost,
    CouponValueAtMost,
    FaceValueTooLarge,
    FaceValueTooSmall,
)
from domain.vouchers.instance import Allowances
from kit import ids
from kit.ids import new_id
from models.customers import EnterpriseRole
from models.vouchers import Coupon, CouponRecord
from partner_center.settings import Settings
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_partner, an_administrator
from tests.vouchers.factories import (
    AGENCY,
    REFERRAL,
    a_quota,
    a_voucher,
    adds_up,
    issued,
    redeemed,
)

pytestmark = pytest.mark.usefixtures("database")

RECORDS = """query ($filter: CouponRecordFilter) { couponRecords(first: 50, filter: $filter) {
  nodes { operation operationCode resultCode failureCode amount { amount } change { amount }
    coupon { number } customer { id } quota { number } } } }"""


@pytest.fixture
def allowed() -> Iterator[None]:
    """Coupons of 10 to 100, and to each customer two, worth 120 at most."""
    instance.configure(
        for_referrals=False,
        allowances=Allowances(
            least_value=Decimal(10),
            most_value=Decimal(100),
            most_coupons=2,
            most_worth=Decimal(120),
        ),
    )
    yield
    instance.configure(for_referrals=False)


async def test_who_did_not_get_a_coupon_is_on_record_but_for_strangers(
    time: Clock, ask: Ask
) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    quota = await a_quota(house, 150, now=time.now)
    good, late = [await a_customer(of=house, type=AGENCY) for _ in range(2)]
    foreign = await a_customer(of=await a_partner(), type=AGENCY)
    referral = await a_customer(of=house, type=REFERRAL)
    managed = await a_customer(of=house, type=AGENCY, enterprise_role=EnterpriseRole.MANAGED_MEMBER)

    await issued(quota, 100, foreign, good, referral, managed, late, by=by, now=time.now)

    found = (await ask(RECORDS, by=by, filter={"failed": True}))["nodes"]
    assert {
        each["customer"]["id"]: (each["failureCode"], each["amount"]["amount"]) for each in found
    } == {
        ids.encode("cus", referral.id): ("CBC.99000014", "100.00"),
        ids.encode("cus", managed.id): ("CBC.50000034", "100.00"),
        ids.encode("cus", late.id): ("CBC.99000013", "100.00"),
    }
    for each in found:
        assert (each["operation"], each["operationCode"], each["resultCode"]) == ("ISSUE", 1, -1)
        assert (each["coupon"], each["change"]) == (None, {"amount": "0.00"})
        assert each["quota"] == {"number": quota.number}
    [done] = (await ask(RECORDS, by=by, filter={"failed": False}))["nodes"]
    assert (done["resultCode"], done["failureCode"]) == (0, None)
    # The customer isn't told what it didn't get.
    assert (await ask(RECORDS, by=await a_user_of(late)))["nodes"] == []
    assert await CouponRecord.filter(customer_id=foreign.id).count() == 0
    await adds_up()


async def test_a_coupon_that_stays_with_its_customer_is_on_record(time: Clock, ask: Ask) -> None:
    voucher, customer, by = await a_voucher(100, now=time.now)
    await redeemed(customer, {voucher.id: None}, now=time.now)

    await reclaiming.reclaim(
        viewer=by, coupon_ids=[voucher.id, new_id()], note="Wrong.", now=time.now
    )

    [record] = await CouponRecord.filter(failure__not_isnull=True)
    assert (record.operation.value, record.failure, record.note) == (
        "RECLAIM",
        "CBC.3112",
        "Wrong.",
    )
    assert (record.coupon_id, record.amount, record.change) == (voucher.id, Decimal(0), Decimal(0))
    buyer = await a_user_of(customer)
    assert [each["resultCode"] for each in (await ask(RECORDS, by=buyer))["nodes"]] == [0, 0]
    await adds_up()


@pytest.mark.usefixtures("allowed")
async def test_a_face_value_is_within_what_the_platform_allows(time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    quota = await a_quota(house, now=time.now)
    customer = await a_customer(of=house, type=AGENCY)

    with pytest.raises(FaceValueTooSmall) as small:
        await issued(quota, "9.99", customer, by=by, now=time.now)
    with pytest.raises(FaceValueTooLarge) as large:
        await issued(quota, "100.01", customer, by=by, now=time.now)

    assert (small.value.code, small.value.minimum) == ("CBC.99000018", Decimal(10))
    assert (large.value.code, large.value.maximum) == ("CBC.99000019", Decimal(100))
    assert await Coupon.all().count() == 0
    assert await CouponRecord.all().count() == 0
    await issued(quota, "10.00", customer, by=by, now=time.now)
    await issued(quota, "100.00", customer, by=by, now=time.now)
    assert await Coupon.all().count() == 2


@pytest.mark.usefixtures("allowed")
async def test_a_customer_has_so_many_that_it_can_use_and_worth_so_much(time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    quota = await a_quota(house, 1000, now=time.now)
    one, other = [await a_customer(of=house, type=AGENCY) for _ in range(2)]
    first = (await issued(quota, 40, one, by=by, now=time.now)).coupons[one.id]

    worth = await issued(quota, 81, one, other, by=by, now=time.now)
    assert [type(each.problem) for each in worth.outcomes] == [CouponValueAtMost, type(None)]
    await issued(quota, 80, one, by=by, now=time.now)
    many = await issued(quota, 10, one, other, by=by, now=time.now)
    assert [each.problem and each.problem.code for each in many.outcomes] == ["CBC.99000020", None]
    assert isinstance(many.outcomes[0].problem, CouponsAtMost)

    # What is used up is none of them any more.
    await redeemed(one, {first: None}, now=time.now)
    [again] = (await issued(quota, 40, one, by=by, now=time.now)).outcomes
    assert again.problem is None
    failed = await CouponRecord.filter(failure__not_isnull=True).order_by("id")
    assert [each.failure for each in failed] == ["CBC.99000021", "CBC.99000020"]
    await adds_up()


def test_an_allowance_is_an_amount_above_nothing() -> None:
    told = Settings(voucher_least_value="0.50", vouchers_per_customer="3")  # type: ignore[arg-type]
    assert (told.voucher_least_value, told.vouchers_per_customer) == (Decimal("0.50"), 3)
    for wrong in ("0", "-1", "0.001"):
        with pytest.raises(ValueError, match="voucher_most_value"):
            Settings(voucher_most_value=wrong)  # type: ignore[arg-type]
