"""Quota for certain customers, or for those who are associated for the first time."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.associations import associating, ending
from domain.identity.viewer import SYSTEM
from domain.vouchers import granting
from domain.vouchers.quota_guards import QuotaIsDesignated
from domain.vouchers.receivers import OnlyFirstAssociated
from domain.vouchers.terms import Terms
from kit import ids
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound
from kit.transaction import transactional
from models.customers import AssociationType, Customer
from models.partners import Partner
from models.quotas import QuotaKind, VoucherQuota
from models.vouchers import Coupon, CouponRecord
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer, cus
from tests.factories import a_partner, an_administrator
from tests.vouchers.factories import a_channel, issued, passed_on, staff

pytestmark = pytest.mark.usefixtures("database")

AGENCY = AssociationType.AGENCY


async def a_quota(of: Partner, time: Clock, **more: Any) -> VoucherQuota:
    return await granting.grant(
        viewer=await staff(),
        partner_id=of.id,
        kind=QuotaKind.VOUCHER,
        amount=Decimal(1000),
        terms=Terms(expires_at=time.now + timedelta(days=90)),
        reason="A good year.",
        now=time.now,
        **more,
    )


@transactional
async def moves(customer: Customer, to: Partner, time: Clock) -> None:
    """It leaves the partner that it has, if it has one, and becomes the other's."""
    held = await Customer.get(id=customer.id)
    if held.association_id is not None:
        await ending.end(held, reason="DISASSOCIATED_BY_CUSTOMER", viewer=SYSTEM, now=time.now)
    await associating.associate(
        viewer=SYSTEM,
        customer=await Customer.get(id=customer.id),
        partner_id=to.id,
        type=AGENCY,
        now=time.now,
    )


@transactional
async def switches_to_agency(customer: Customer, time: Clock) -> None:
    held = await Customer.get(id=customer.id)
    await ending.switch(held, to_type=AGENCY, viewer=SYSTEM, now=time.now)


def codes(made: Any) -> list[str | None]:
    return [each.problem and each.problem.code for each in made.outcomes]


async def test_designated_quota_is_for_its_customers_alone(time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    chosen, other = [await a_customer(of=house, type=AGENCY) for _ in range(2)]
    foreign = await a_customer(of=await a_partner(), type=AGENCY)
    quota = await a_quota(house, time, customer_ids=[chosen.id, foreign.id, chosen.id])

    made = await issued(quota, 100, chosen, other, foreign, by=by, now=time.now)

    assert codes(made) == [None, "CBC.50000020", "CBC.99000035"]
    assert [coupon.customer_id for coupon in await Coupon.all()] == [chosen.id]
    assert (await VoucherQuota.get(id=quota.id)).balance == Decimal(900)
    failed = await CouponRecord.get(customer_id=other.id)
    assert failed.failure == "CBC.50000020"


async def test_designated_quota_is_not_passed_on(time: Clock) -> None:
    channel = await a_channel(now=time.now)
    customer = await a_customer(of=channel.distributor, type=AGENCY)
    channel.quota = await a_quota(channel.distributor, time, customer_ids=[customer.id])

    with pytest.raises(QuotaIsDesignated):
        await passed_on(channel, 100, now=time.now)

    assert (await VoucherQuota.get(id=channel.quota.id)).balance == Decimal(1000)
    assert await VoucherQuota.filter(parent_id=channel.quota.id).count() == 0


async def test_who_was_associated_before_gets_nothing_that_is_for_the_first_time(
    time: Clock,
) -> None:
    house, former = await a_partner("House"), await a_partner("Former")
    by = await an_administrator(house)
    first = await a_customer(of=house, type=AGENCY)
    switched = await a_customer(of=house, type=AssociationType.REFERRAL)
    from_another, back_again = await a_customer(of=former), await a_customer(of=house)
    time.forward(days=1)
    await switches_to_agency(switched, time)
    await moves(from_another, house, time)
    await moves(back_again, house, time)
    quota = await a_quota(house, time, first_associations_only=True)

    made = await issued(quota, 100, first, switched, from_another, back_again, by=by, now=time.now)

    assert codes(made) == [None, None, "CBC.99000022", "CBC.99000022"]
    assert isinstance(made.outcomes[2].problem, OnlyFirstAssociated)
    assert (await VoucherQuota.get(id=quota.id)).balance == Decimal(800)


async def test_what_is_passed_on_is_for_the_first_time_too(time: Clock) -> None:
    channel = await a_channel(now=time.now)
    channel.quota = await a_quota(channel.distributor, time, first_associations_only=True)
    given = await passed_on(channel, 300, now=time.now)
    quota = await VoucherQuota.get(id=given.quotas[channel.reseller.id])
    before = await a_customer(of=channel.distributor, type=AGENCY)
    await moves(before, channel.reseller, time)

    made = await issued(quota, 100, before, by=channel.reseller_by, now=time.now)

    assert codes(made) == ["CBC.99000022"]
    assert await Coupon.all().count() == 0


async def test_customers_that_there_are_not_are_designated_nothing(time: Clock) -> None:
    house = await a_partner()
    with pytest.raises(NotFound) as unknown:
        await a_quota(house, time, customer_ids=[new_id()])
    assert unknown.value.path == ("input", "customerIds")
    with pytest.raises(InvalidInput):
        await a_quota(house, time, customer_ids=[new_id() for _ in range(101)])
    assert await VoucherQuota.all().count() == 0


GRANT = """mutation ($input: VoucherQuotaGrantInput!) { voucherQuotaGrant(input: $input) {
  voucherQuota { firstAssociationsOnly customerIds } errors { code path } } }"""
ISSUE = """mutation ($input: VoucherQuotaIssueInput!) { voucherQuotaIssue(input: $input) {
  voucherQuotas { id } errors { code } } }"""


ACTIONS = """query ($id: ID!) { voucherQuota(id: $id) {
  availableActions { name blockedBy { code } } } }"""


async def test_it_is_given_and_told_through_the_api(time: Clock, ask: Ask) -> None:
    channel = await a_channel(now=time.now)
    customer = await a_customer(of=channel.distributor)
    given = {
        "partnerId": ids.encode("ptn", channel.distributor.id),
        "kind": "VOUCHER",
        "amount": "100.00",
        "expiresAt": "2030-06-01T00:00:00Z",
        "reason": "A good year.",
        "idempotencyKey": "once",
        "customerIds": [cus(customer)],
        "firstAssociationsOnly": True,
    }

    told = await ask(GRANT, by=channel.staff, input=given)

    assert told == {
        "voucherQuota": {"firstAssociationsOnly": True, "customerIds": [cus(customer)]},
        "errors": [],
    }
    quota = await VoucherQuota.get(first_associations_only=True)
    refused = await ask(
        ISSUE,
        by=channel.by,
        input={
            "id": ids.encode("vqt", quota.id),
            "resellerIds": [ids.encode("ptn", channel.reseller.id)],
            "amount": "10.00",
            "idempotencyKey": "twice",
        },
    )
    assert [error["code"] for error in refused["errors"]] == ["CBC.50000020"]
    actions = await ask(ACTIONS, by=channel.by, id=ids.encode("vqt", quota.id))
    blocked = {each["name"]: each["blockedBy"] for each in actions["availableActions"]}
    assert blocked["voucherQuotaIssue"] == {"code": "CBC.50000020"}
    assert blocked["couponsIssue"] is None
