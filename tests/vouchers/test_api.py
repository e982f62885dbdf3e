"""Quota and coupons through the API: what each sees, what the old API's codes are, batches."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.vouchers import reclaiming
from kit import ids
from kit.ids import new_id
from models.quotas import VoucherApplication, VoucherQuota
from models.vouchers import Coupon, CouponKind
from tests.catalogue.factories import some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, a_manager, a_user_of, cus
from tests.factories import (
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
    an_operator,
    as_operator,
)
from tests.vouchers.factories import (
    AGENCY,
    a_card,
    a_channel,
    a_quota,
    a_voucher,
    adds_up,
    cpn,
    issued,
    passed_on,
    redeemed,
    vqt,
    yuan,
)

pytestmark = pytest.mark.usefixtures("database")

ISSUE = """
mutation ($input: CouponsIssueInput!) { couponsIssue(input: $input) {
  results { id done error { code message } } coupons { id customer { id } } replayed
  errors { code message path } } }
"""
PASS_ON = """
mutation ($input: VoucherQuotaIssueInput!) { voucherQuotaIssue(input: $input) {
  voucherQuota { balance { amount } } results { id done error { code } }
  voucherQuotas { id partner { id } } errors { code } } }
"""
COUPONS = """
query ($filter: CouponFilter, $order: CouponOrder) {
  coupons(first: 50, filter: $filter, orderBy: $order) { totalCount { value } nodes {
    id number kind typeCode status statusCode isFrozen faceValue { amount currency }
    balance { amount } note categories goodsIds minimum { amount } partner { name }
    quota { number } customer { name } deadline { dueAt onTimeout }
    availableActions { name allowed } records(first: 5) { nodes { operation operationCode
      amount { amount } change { amount } actorName } } } } }
"""
QUOTAS = """
query ($filter: VoucherQuotaFilter) { voucherQuotas(first: 50, filter: $filter) { nodes {
  id kind typeCode status statusCode value { amount } balance { amount } toQuotas { amount }
  toCoupons { amount } partner { name } parent { number } availableActions { name allowed }
  children(first: 5) { nodes { status } } records(first: 5) { nodes { operation operationCode } }
  passedOn(first: 5) { nodes { operation operationCode amount { amount } } } } } }
"""
USABLE = """
query ($input: CouponsUsableInput!) { couponsUsable(input: $input) {
  id kind amount { amount } balance { amount } blockedBy { code } } }
"""


def codes(results: Any) -> list[str | None]:
    return [result["error"] and result["error"]["code"] for result in results]


async def test_a_batch_of_coupons_is_answered_customer_by_customer(ask: Ask, time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    quota = await a_quota(house, 100, now=time.now)
    good = await a_customer(of=house, type=AGENCY)
    referral = await a_customer(of=house)
    input = {
        "quotaId": vqt(quota),
        "customerIds": [cus(good), cus(referral), cus(good), ids.encode("cus", new_id())],
        "faceValue": "60.00",
        "note": "新客",
        "idempotencyKey": "once",
    }

    told = await ask(ISSUE, by=by, input=input)
    again = await ask(ISSUE, by=by, input=input)

    assert codes(told["results"]) == [None, "CBC.99000014", "CBC.99000035"]
    [made] = told["coupons"]
    assert made["customer"]["id"] == cus(good)
    assert (again["replayed"], again["results"]) == (True, told["results"])
    assert again["coupons"] == told["coupons"]
    assert await Coupon.all().count() == 1
    more = await ask(ISSUE, by=by, input=input | {"idempotencyKey": "twice"})
    assert codes(more["results"])[0] == "CBC.99000013"
    await adds_up()


async def test_a_refusal_of_the_whole_batch_has_the_old_code(ask: Ask, time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    quota = await a_quota(house, now=time.now)
    customer = await a_customer(of=house, type=AGENCY)
    input = {
        "quotaId": vqt(quota),
        "customerIds": [cus(customer)],
        "faceValue": "1.00",
        "idempotencyKey": "once",
    }
    wrongs: list[tuple[dict[str, Any], list[str]]] = [
        ({"faceValue": "0.001"}, ["input", "faceValue"]),
        ({"faceValue": "0"}, ["input", "faceValue"]),
        ({"customerIds": []}, ["input", "customerIds"]),
        ({"limits": {"goodsIds": ["x"]}}, ["input", "limits", "goodsIds"]),
        ({"note": "x" * 501}, ["input", "note"]),
    ]
    late = (quota.expires_at + timedelta(days=1)).isoformat()

    told = await ask(ISSUE, by=by, input=input | {"expiresAt": late})
    assert [error["code"] for error in told["errors"]] == ["CBC.99000023"]
    for number, (wrong, path) in enumerate(wrongs):
        told = await ask(ISSUE, by=by, input=input | wrong | {"idempotencyKey": f"{number}"})
        assert [error["path"] for error in told["errors"]] == [path]
        assert told["errors"][0]["code"] == "INVALID_INPUT"
    assert await Coupon.all().count() == 0


async def test_quota_is_passed_on_and_seen_by_both_with_the_old_codes(
    ask: Ask, time: Clock
) -> None:
    channel = await a_channel(1000, now=time.now)
    stranger = await an_administrator(await a_partner())
    reseller = ids.encode("ptn", channel.reseller.id)
    input = {
        "id": vqt(channel.quota),
        "resellerIds": [reseller, ids.encode("ptn", new_id())],
        "amount": "250.00",
        "idempotencyKey": "once",
    }

    told = await ask(PASS_ON, by=channel.by, input=input)

    assert codes(told["results"]) == [None, "CBC.99000037"]
    assert told["voucherQuota"]["balance"]["amount"] == "750.00"
    [made] = told["voucherQuotas"]
    assert made["partner"]["id"] == reseller
    own = {"partnerId": ids.encode("ptn", channel.distributor.id)}
    [quota] = (await ask(QUOTAS, by=channel.by, filter=own))["nodes"]
    assert (quota["typeCode"], quota["statusCode"], quota["status"]) == (0, 0, "NORMAL")
    assert quota["toQuotas"]["amount"] == "250.00"
    assert quota["passedOn"]["nodes"] == [
        {"operation": "ISSUE", "operationCode": 10, "amount": {"amount": "250.00"}}
    ]
    assert quota["children"]["nodes"] == [{"status": "NORMAL"}]
    assert len((await ask(QUOTAS, by=channel.by))["nodes"]) == 2
    [child] = (await ask(QUOTAS, by=channel.reseller_by))["nodes"]
    assert (child["id"], child["parent"]) == (made["id"], None)
    assert {each["name"] for each in child["availableActions"] if each["allowed"]} == {
        "couponsIssue"
    }
    assert (await ask(QUOTAS, by=stranger))["nodes"] == []


async def test_quota_over_by_the_time_is_invalid_without_a_worker(ask: Ask, time: Clock) -> None:
    channel = await a_channel(now=time.now, days=1)
    time.forward(days=1)

    [quota] = (await ask(QUOTAS, by=channel.by, filter={"status": ["INVALID"]}))["nodes"]

    assert (quota["status"], quota["statusCode"]) == ("INVALID", 3)
    assert not any(each["allowed"] for each in quota["availableActions"])


async def test_what_was_issued_is_seen_by_who_has_to_do_with_it(ask: Ask, time: Clock) -> None:
    house = await a_partner()
    by = await an_administrator(house)
    manager, managing = await a_manager(house)
    other = (await a_manager(house, "Other"))[1]
    customer = await a_customer(of=house, manager=manager, type=AGENCY)
    buyer = await a_user_of(customer)
    quota = await a_quota(house, now=time.now)
    made = await issued(quota, 100, customer, by=by, now=time.now)
    voucher = await Coupon.get(id=made.coupons[customer.id])
    await Coupon.filter(id=voucher.id).update(note="For our own people")
    card = await a_card(customer, now=time.now)
    stranger = await an_administrator(await a_partner())
    staff = await a_staff_viewer(Item.VOUCHER_GRANT)

    seen = {
        name: {node["id"] for node in (await ask(COUPONS, by=viewer))["nodes"]}
        for name, viewer in {
            "house": by,
            "manager": managing,
            "other": other,
            "buyer": buyer,
            "stranger": stranger,
            "staff": staff,
        }.items()
    }

    both, mine = {cpn(voucher), cpn(card)}, {cpn(voucher)}
    assert seen == {
        "house": mine,
        "manager": mine,
        "other": set(),
        "buyer": both,
        "stranger": set(),
        "staff": both,
    }
    notes = {node["note"] for node in (await ask(COUPONS, by=buyer))["nodes"]}
    assert notes == {None}
    [node] = (await ask(COUPONS, by=by))["nodes"]
    assert node["note"] == "For our own people"
    assert (node["typeCode"], node["status"], node["statusCode"]) == (301, "USABLE", 2)
    assert node["deadline"]["onTimeout"] == "EXPIRE"
    assert node["records"]["nodes"][0]["operationCode"] == 1
    [quota_of] = [
        node["quota"] for node in (await ask(COUPONS, by=buyer))["nodes"] if node["typeCode"] == 301
    ]
    assert quota_of is None


async def test_who_sees_no_customers_finds_no_coupons(ask: Ask, time: Clock) -> None:
    voucher, _, _ = await a_voucher(now=time.now)
    house = await a_partner()
    finance = await as_operator(await an_operator(of=house, role=Preset.FINANCE))

    assert (await ask(COUPONS, by=finance))["nodes"] == []
    with pytest.raises(Refused) as refused:
        await ask(QUOTAS, by=await a_staff_viewer(Item.MEMBER_VIEW))
    assert refused.value.codes == ["FORBIDDEN"]
    person = await a_person()
    assert person
    assert voucher


async def test_coupons_are_found_by_status_of_the_time_number_and_customer(
    ask: Ask, time: Clock
) -> None:
    soon = time.now + timedelta(days=1)
    voucher, customer, by = await a_voucher(now=time.now, effective_at=soon)

    async def found(**filter: Any) -> list[str]:
        order = {"field": "EXPIRES_AT", "direction": "ASC"}
        told = await ask(COUPONS, by=by, filter=filter, order=order)
        return [node["status"] for node in told["nodes"]]

    assert await found(status=["NOT_ACTIVATED"]) == ["NOT_ACTIVATED"]
    assert await found(status=["USABLE"]) == []
    time.forward(days=1)
    assert await found(status=["USABLE"]) == ["USABLE"]
    time.now = voucher.expires_at
    assert await found(status=["EXPIRED"], number=voucher.number) == ["EXPIRED"]
    assert await found(customerId=cus(customer), search="Yangtze") == ["EXPIRED"]
    assert await found(kind=["STORED_VALUE_CARD"]) == []


async def test_coupons_are_reclaimed_one_by_one(ask: Ask, time: Clock) -> None:
    voucher, _, by = await a_voucher(now=time.now)
    foreign, _, _ = await a_voucher(now=time.now)

    told = await ask(
        "mutation ($input: CouponsReclaimInput!) { couponsReclaim(input: $input) {"
        " results { id done error { code } } errors { code } } }",
        by=by,
        input={"ids": [cpn(foreign), cpn(voucher)], "idempotencyKey": "once"},
    )

    assert codes(told["results"]) == ["NOT_FOUND", None]
    assert told["results"][1]["id"] == cpn(voucher)
    assert (await Coupon.get(id=foreign.id)).balance == Decimal(100)


async def test_a_customer_learns_with_what_it_could_pay(ask: Ask, time: Clock) -> None:
    customer = await a_customer(of=await a_partner())
    buyer = await a_user_of(customer)
    goods = await some_goods()
    card = await a_card(customer, 100, now=time.now)
    dear = await a_card(
        customer,
        kind=CouponKind.CASH_COUPON,
        terms={"minimum": Decimal(1000)},
        now=time.now,
    )
    frozen = await a_card(customer, now=time.now)
    await Coupon.filter(id=frozen.id).update(is_frozen=True)
    used = await a_card(customer, now=time.now)
    await redeemed(customer, {used.id: None}, now=time.now)
    gone = await a_card(customer, now=time.now)
    staff = await a_staff_viewer(Item.VOUCHER_GRANT)
    await reclaiming.reclaim(viewer=staff, coupon_ids=[gone.id], now=time.now)
    input = {
        "customerId": cus(customer),
        "lines": [{"goodsId": ids.encode("gds", goods.id), "amount": "60.00"}],
    }

    told = await ask(USABLE, by=buyer, input=input)

    assert {
        each["id"]: (each["amount"]["amount"], each["blockedBy"] and each["blockedBy"]["code"])
        for each in told
    } == {
        cpn(card): ("60.00", None),
        cpn(dear): ("0.00", "COUPON_NOT_FOR_THESE_GOODS"),
        cpn(frozen): ("0.00", "COUPON_FROZEN"),
    }
    stranger = await an_administrator(await a_partner())
    for wrong, code in (
        (input, "NOT_FOUND"),
        ({"orderId": ids.encode("ord", new_id())}, "NOT_FOUND"),
        ({}, "INVALID_INPUT"),
        ({"customerId": cus(customer), "lines": []}, "INVALID_INPUT"),
    ):
        with pytest.raises(Refused) as refused:
            await ask(USABLE, by=stranger, input=wrong)
        assert refused.value.codes == [code]


async def test_test_vouchers_are_applied_for_decided_and_given(ask: Ask, time: Clock) -> None:
    """V-05."""
    house = await a_partner()
    by = await an_administrator(house)
    applicant = await a_staff_viewer(Item.TEST_VOUCHER_APPLY)
    decider = await a_staff_viewer(Item.VOUCHER_GRANT)
    ends = (time.now + timedelta(days=30)).isoformat()
    terms = {"amount": "500.00", "expiresAt": ends, "purpose": "To try it."}
    mine = "{ testVoucherApplications(first: 9) { nodes { status quota { value { amount } } } } }"

    async def done(verb: str, by: Any, **input: Any) -> Any:
        name = f"testVoucherApplication{verb}"
        told = await ask(
            f"mutation ($input: TestVoucherApplication{verb}Input!) {{ {name}(input: $input) {{"
            " testVoucherApplication { id status version tier } errors { code } } }",
            by=by,
            input=input,
        )
        return told["testVoucherApplication"] or [error["code"] for error in told["errors"]]

    partner_id = ids.encode("ptn", house.id)
    draft = await done("Create", applicant, partnerId=partner_id, **terms)
    assert (draft["status"], draft["tier"]) == ("DRAFT", 1)
    assert (await ask(mine, by=by))["nodes"] == []
    id = draft["id"]
    assert await done("Edit", applicant, id=id, expectedVersion=9, **terms) == ["VERSION_CONFLICT"]
    more = terms | {"amount": "600.00"}
    assert (await done("Edit", applicant, id=id, expectedVersion=1, **more))["version"] == 2
    assert await done("Approve", decider, id=id, idempotencyKey="0") == ["WRONG_STATUS"]
    await done("Submit", applicant, id=id)
    assert (await ask(mine, by=by))["nodes"] == [{"status": "SUBMITTED", "quota": None}]
    with pytest.raises(Refused):
        await done("Approve", applicant, id=id, idempotencyKey="1")
    assert (await done("Approve", decider, id=id, idempotencyKey="2"))["status"] == "APPROVED"
    assert await done("Approve", decider, id=id, idempotencyKey="3") == ["WRONG_STATUS"]
    assert (await ask(mine, by=by))["nodes"] == [
        {"status": "APPROVED", "quota": {"value": {"amount": "600.00"}}}
    ]
    quota = await VoucherQuota.get(partner_id=house.id)
    assert (quota.balance, quota.application_id) == (
        Decimal(600),
        (await VoucherApplication.get()).id,
    )
    again = await done("Create", applicant, partnerId=partner_id, **terms)
    await done("Submit", applicant, id=again["id"])
    refused = await done("Reject", decider, id=again["id"], reason="Enough.")
    assert refused["status"] == "REJECTED"
    third = await done("Create", applicant, partnerId=partner_id, **terms)
    assert (await done("Discard", applicant, id=third["id"]))["status"] == "CANCELLED"
    assert await VoucherQuota.all().count() == 1
    merchant = ids.encode("ptn", (await a_channel(now=time.now)).reseller.id)
    assert await done("Create", applicant, partnerId=merchant, **terms) == [
        "NO_QUOTA_FOR_THIS_PARTNER"
    ]
    await adds_up()


async def test_the_platform_holds_quota_up_and_its_history_tells(ask: Ask, time: Clock) -> None:
    channel = await a_channel(1000, now=time.now)
    await passed_on(channel, 400, now=time.now)
    staff = channel.staff

    async def done(verb: str, **input: Any) -> Any:
        name = f"voucherQuota{verb}"
        told = await ask(
            f"mutation ($input: VoucherQuota{verb}Input!) {{ {name}(input: $input) {{"
            " voucherQuota { status value { amount } } errors { code } } }",
            by=staff,
            input={"id": vqt(channel.quota), "reason": "So be it."} | input,
        )
        quota = told["voucherQuota"]
        return quota["status"] if quota else [error["code"] for error in told["errors"]]

    assert await done("Freeze") == "FROZEN"
    assert await done("AdjustmentBegin") == ["WRONG_STATUS"]
    assert await done("Unfreeze") == "NORMAL"
    assert await done("AdjustmentBegin") == "ADJUSTING"
    end = {"idempotencyKey": "once", "value": "300.00"}
    assert await done("AdjustmentEnd", **end) == ["CBC.99000013"]
    end = {"idempotencyKey": "two", "value": "500.00"}
    assert await done("AdjustmentEnd", **end) == "NORMAL"
    assert await done("Invalidate", idempotencyKey="three") == "INVALID"
    told = await ask(
        "query ($id: ID!) { voucherQuota(id: $id) { history(first: 20) { nodes { name subject {"
        " id } changes { field before after } } } } }",
        by=staff,
        id=vqt(channel.quota),
    )
    names = [node["name"] for node in told["history"]["nodes"]]
    assert names[0] == "voucher_quota.invalidated"
    assert len(names) == 7
    assert told["history"]["nodes"][0]["subject"] == {"id": vqt(channel.quota)}
    await adds_up()


async def test_the_platform_gives_quota_and_cards(ask: Ask, time: Clock) -> None:
    house = await a_partner()
    customer = await a_customer(of=house)
    staff = await a_staff_viewer(Item.VOUCHER_GRANT)
    ends = (time.now + timedelta(days=30)).isoformat()

    quota = await ask(
        "mutation ($input: VoucherQuotaGrantInput!) { voucherQuotaGrant(input: $input) {"
        " voucherQuota { kind typeCode countsPerformance excludesDiscounts } errors { code } } }",
        by=staff,
        input={
            "partnerId": ids.encode("ptn", house.id),
            "kind": "CASH_COUPON",
            "amount": "100.00",
            "expiresAt": ends,
            "reason": "A good year.",
            "countsPerformance": True,
            "limits": {"excludesDiscounts": True},
            "idempotencyKey": "once",
        },
    )
    cards = await ask(
        "mutation ($input: CouponsGrantInput!) { couponsGrant(input: $input) {"
        " results { done error { code } } coupons { id } errors { code } } }",
        by=staff,
        input={
            "kind": "STORED_VALUE_CARD",
            "customerIds": [cus(customer)],
            "faceValue": "50.00",
            "expiresAt": ends,
            "idempotencyKey": "once",
        },
    )

    assert quota["voucherQuota"] == {
        "kind": "CASH_COUPON",
        "typeCode": 1,
        "countsPerformance": True,
        "excludesDiscounts": True,
    }
    [made] = cards["coupons"]
    told = await ask(
        "mutation ($input: CouponFreezeInput!) { couponFreeze(input: $input) {"
        " coupon { isFrozen } errors { code } } }",
        by=staff,
        input={"id": made["id"], "reason": "Let me see."},
    )
    assert told["coupon"] == {"isFrozen": True}
    told = await ask(
        "mutation ($input: CouponUnfreezeInput!) { couponUnfreeze(input: $input) {"
        " coupon { isFrozen } errors { code } } }",
        by=staff,
        input={"id": made["id"], "reason": "All is well."},
    )
    assert told["coupon"] == {"isFrozen": False}
    of_customer = await ask(
        "query ($id: ID!) { customer(id: $id) { coupons(first: 5) { nodes { kind } } } }",
        by=staff,
        id=cus(customer),
    )
    assert of_customer == {"coupons": {"nodes": [{"kind": "STORED_VALUE_CARD"}]}}
    assert yuan(50).amount == (await Coupon.get()).balance
