"""Incentives through the API: policies, confirming, applying, and who sees what."""

from datetime import UTC, datetime

import pytest

from kit import ids
from models.incentives import Incentive
from models.payment_applications import PaymentApplication
from tests.conftest import Clock
from tests.consumption.factories import buy
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_manager
from tests.factories import a_customer_user_viewer, a_partner, a_person, an_administrator
from tests.incentives.factories import a_policy, certified, confirmed, earned, finish, the_platform
from tests.orders.factories import Shop
from tests.upstream.working import work

pytestmark = pytest.mark.usefixtures("database")

MARCH = datetime(2030, 3, 1, tzinfo=UTC)

SET = """mutation ($input: IncentivePolicySetInput!) { incentivePolicySet(input: $input) {
  incentivePolicy { code scene strategies thresholdStrategies ladder { fromAmount { amount } ratio }
    validFrom version
    history(first: 5) { nodes { name } } } errors { code path } } }"""
LIST = """query ($filter: IncentiveFilter) { incentives(first: 20, filter: $filter) {
  totalCount { value } nodes { id number period status amount { amount } frozenAmount { amount }
    performanceAmount { amount } carryIn { amount } baseAmount { amount currency }
    thresholdAmount { amount } stepFrom { amount } ratio policyVersion
    policy { code } parts { amount { amount } status thawed } deadline { dueAt onTimeout }
    feedbackState availableActions { name allowed blockedBy { code } } } } }"""
CONFIRM = """mutation ($id: ID!) { incentiveConfirm(input: {id: $id}) {
  incentive { status confirmedBy parts { status amount { amount } } } errors { code path } } }"""
ENTER = """mutation ($partner: ID!) { incentiveManualEnter(input: {partnerId: $partner,
  code: "BASE", period: "2030-02", amount: "1", reason: "So.", idempotencyKey: "K"}) {
    incentive { id } errors { code path } } }"""
ASK = """mutation ($id: ID!) { incentiveFeedbackOpen(input: {incentiveId: $id, text: "Why?"}) {
  incentiveFeedback { id status incentive { feedbackState } } errors { code } } }"""
CREATE = """mutation ($ids: [ID!]!) { paymentApplicationCreate(input: {
  kind: BATCH, incentiveIds: $ids}) { paymentApplication { id status totalAmount { amount }
    incentives { incentive { number } amount { amount } letGo }
    availableActions { name allowed } } errors { code path } } }"""
MOVE = """mutation ($id: ID!) { paymentApplication%s(input: {id: $id, idempotencyKey: "K"}) {
  paymentApplication { status taxRatio paymentReference } errors { code } } }"""
INVOICE = """mutation ($input: PaymentApplicationInvoiceInput!) {
  paymentApplicationInvoice(input: $input) { paymentApplication { status
    invoices { number netAmount { amount } taxAmount { amount } totalAmount { amount } taxRatio } }
    errors { code path } } }"""
POLICY = {
    "code": "BASIC",
    "name": "月度基础激励",
    "nameEn": "Monthly basic incentive",
    "scene": "DISTRIBUTOR",
    "period": "MONTH",
    "strategies": ["STANDARD", "SPECIFIC"],
    "ladder": [
        {"fromAmount": "0.00", "ratio": "0.01"},
        {"fromAmount": "10000.00", "ratio": "0.02"},
    ],
    "paysBy": "APPLICATION",
    "validFrom": "2030-02",
}


async def test_a_policy_is_set_and_earns(shop: Shop, time: Clock, ask: Ask) -> None:
    platform = await the_platform()
    made = await ask(SET, by=platform, input=POLICY)
    assert made["incentivePolicy"] == {
        "code": "BASIC",
        "scene": "DISTRIBUTOR",
        "strategies": ["STANDARD", "SPECIFIC"],
        "thresholdStrategies": ["STANDARD", "SPECIFIC", "PERF_NO_REBATE"],
        "ladder": [
            {"fromAmount": {"amount": "0.00"}, "ratio": "0.01"},
            {"fromAmount": {"amount": "10000.00"}, "ratio": "0.02"},
        ],
        "validFrom": "2030-02",
        "version": 1,
        "history": {"nodes": [{"name": "incentive_policy.set"}]},
    }
    past = await ask(SET, by=platform, input=POLICY | {"validFrom": "2030-01"})
    assert past["errors"] == [{"code": "POLICY_OF_THE_PAST", "path": ["input", "validFrom"]}]
    other = await ask(
        SET,
        by=platform,
        input=POLICY | {"period": "QUARTER", "validFrom": "2030-04", "strategies": ["STANDARD"]},
    )
    assert [error["code"] for error in other["errors"]] == ["OTHER_PERIODS"]
    await buy(shop, quantity=2, now=time.now)
    await finish(2030, 2, now=MARCH)
    time.now = MARCH

    [shown] = (await ask(LIST, by=shop.by, filter={"status": ["TO_CONFIRM"]}))["nodes"]
    assert (shown["period"], shown["amount"]) == ("2030-02", {"amount": "20.00"})
    assert (
        shown
        | {
            "performanceAmount": {"amount": "2000.00"},
            "carryIn": {"amount": "0.00"},
            "baseAmount": {"amount": "2000.00", "currency": "CNY"},
            "thresholdAmount": {"amount": "2000.00"},
            "stepFrom": {"amount": "0.00"},
            "ratio": "0.010000",
            "policyVersion": 1,
        }
        == shown
    )
    assert shown["deadline"]["onTimeout"] == "ACCEPT"
    assert [action["allowed"] for action in shown["availableActions"]] == [True, True]

    asked = await ask(ASK, by=shop.by, id=shown["id"])
    assert asked["incentiveFeedback"]["incentive"] == {"feedbackState": "OPEN"}
    done = await ask(CONFIRM, by=shop.by, id=shown["id"])
    assert done["incentive"] == {
        "status": "CONFIRMED",
        "confirmedBy": "PARTNER",
        "parts": [{"status": "READY", "amount": {"amount": "20.00"}}],
    }
    again = await ask(CONFIRM, by=shop.by, id=shown["id"])
    assert [error["code"] for error in again["errors"]] == ["WRONG_STATUS"]
    entered = await ask(ENTER, by=platform, partner=ids.encode("ptn", shop.partner.id))
    assert entered["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "code"]}]


async def test_silence_shows_as_confirmed_before_any_worker_comes(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    await a_policy(now=time.now)
    await buy(shop, now=time.now)
    await finish(2030, 2, now=MARCH)
    time.now = datetime(2030, 3, 8, tzinfo=UTC)

    [shown] = (await ask(LIST, by=shop.by, filter={"status": ["CONFIRMED"]}))["nodes"]
    assert shown["status"] == "CONFIRMED"
    assert (await ask(LIST, by=shop.by, filter={"status": ["TO_CONFIRM"]}))["nodes"] == []
    assert [action["blockedBy"]["code"] for action in shown["availableActions"]] == [
        "INCENTIVE_IS_CONFIRMED",
        "INCENTIVE_IS_CONFIRMED",
    ]
    assert (await earned()).state == "TO_CONFIRM"


async def test_an_application_goes_its_way_through_the_api(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    await a_policy(now=time.now)
    await certified(shop.partner)
    await buy(shop, quantity=6, now=time.now)
    await finish(2030, 2, now=MARCH)
    time.now = MARCH
    incentive = await confirmed(shop.by, await earned(), now=time.now)
    platform = await the_platform()

    made = await ask(CREATE, by=shop.by, ids=[ids.encode("inc", incentive.id)])
    application = made["paymentApplication"]
    assert (application["status"], application["totalAmount"]) == ("DRAFT", {"amount": "60.00"})
    assert application["incentives"] == [
        {
            "incentive": {"number": incentive.number},
            "amount": {"amount": "60.00"},
            "letGo": False,
        }
    ]
    assert [each["name"] for each in application["availableActions"] if each["allowed"]] == [
        "paymentApplicationSubmit",
        "paymentApplicationCancel",
    ]
    id = application["id"]
    twice = await ask(CREATE, by=shop.by, ids=[ids.encode("inc", incentive.id)])
    assert [error["code"] for error in twice["errors"]] == ["APPLIED_FOR_ALREADY"]
    submitted = await ask(MOVE % "Submit", by=shop.by, id=id)
    assert submitted["paymentApplication"]["status"] == "SUBMITTED"
    assert submitted["paymentApplication"]["taxRatio"] == "0.0600"
    assert (await ask(MOVE % "Accept", by=platform, id=id))["paymentApplication"]["status"] == (
        "INVOICE_PENDING"
    )
    invoice = {
        "number": "20300301000000000001",
        "issuedOn": "2030-03-01",
        "taxRatio": "0.06",
        "netAmount": "56.60",
        "taxAmount": "3.40",
        "totalAmount": "60.00",
    }
    ordinary = invoice | {"kind": "VAT_ORDINARY"}
    wrong = await ask(INVOICE, by=shop.by, input={"id": id, "invoices": [ordinary]})
    assert [error["code"] for error in wrong["errors"]] == ["INVOICE_MUST_BE_SPECIAL"]
    sent = await ask(INVOICE, by=shop.by, input={"id": id, "invoices": [invoice]})
    assert sent["paymentApplication"] == {
        "status": "INVOICED",
        "invoices": [
            {
                "number": "20300301000000000001",
                "netAmount": {"amount": "56.60"},
                "taxAmount": {"amount": "3.40"},
                "totalAmount": {"amount": "60.00"},
                "taxRatio": "0.0600",
            }
        ],
    }
    assert (await ask(MOVE % "Pay", by=platform, id=id))["paymentApplication"]["status"] == "PAYING"
    await work(time.now)
    [shown] = (await ask(LIST, by=shop.by))["nodes"]
    assert shown["status"] == "PAID"
    assert (await PaymentApplication.all().first()).payment_reference  # type: ignore[union-attr]


async def test_others_see_and_do_nothing(shop: Shop, time: Clock, ask: Ask) -> None:
    await a_policy(now=time.now)
    await certified(shop.partner)
    await buy(shop, now=time.now)
    await finish(2030, 2, now=MARCH)
    time.now = MARCH
    incentive = await earned()
    id = ids.encode("inc", incentive.id)
    _, manager = await a_manager(shop.partner)
    other = await an_administrator(await a_partner("Other"))

    assert (await ask(LIST, by=other))["nodes"] == []
    assert (await ask(LIST, by=shop.seller))["nodes"] == []
    found = await ask(CONFIRM, by=other, id=id)
    assert [error["code"] for error in found["errors"]] == ["NOT_FOUND"]
    for unentitled, query in ((manager, LIST), (shop.by, SET), (shop.by, ENTER)):
        with pytest.raises(Refused) as refused:
            await ask(
                query, by=unentitled, input=POLICY, partner=ids.encode("ptn", shop.partner.id)
            )
        assert refused.value.codes == ["FORBIDDEN"]
    buyer = await a_customer_user_viewer(await a_person())
    assert (await ask(LIST, by=buyer))["nodes"] == []
    assert (await Incentive.get(id=incentive.id)).version == incentive.version
