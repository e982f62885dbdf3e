"""A partner's accountant asks where a cent comes from, and the API tells: by GraphQL alone.

Whoever keeps the partner's books holds the preset role FINANCE and nothing else. From each amount
of a statement it comes to what was ordered, used, paid and given back, and to how that was booked.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.funds import allocating
from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from domain.orders import paying
from domain.statements import sending
from models.catalogue import ChargeMode
from models.customers import AssociationType
from models.incentives import PaysBy
from models.order_states import PolicyScene
from models.partners import Partner
from models.settlement import StatementKind
from models.statements import Statement
from tests.catalogue.factories import a_sku
from tests.conftest import Clock
from tests.consumption.factories import handed_in, recharge, used
from tests.customers.conftest import Ask, ask
from tests.factories import a_staff_viewer, an_operator, as_operator
from tests.incentives.factories import a_policy, confirmed, earned, finish
from tests.orders.factories import Shop, a_coupon, a_shop, balance, fund, place
from tests.settlement.factories import BILLING, a_csp_shop, certified, given_back, run, sold

__all__ = ["ask"]

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)
MARCH = datetime(2030, 3, 1, tzinfo=UTC)
APRIL = datetime(2030, 4, 3, tzinfo=UTC)

STATEMENTS = """{ statements(first: 5) { nodes { id number linesAmount { amount }
  carryIn { amount } totalAmount { amount }
  explanation { agrees inputs { symbol value source { kind id } } }
  settlementLines(first: 50) { nodes { id kind amount { amount } cash { amount }
    explanation { agrees inputs { symbol value source { kind id } }
      exclusions { reason amount { amount } source { kind id } } }
    original { id amount { amount } }
    orderLine { id paymentShares { amount { amount } refundedAmount { amount } part { id
        instrument countsPerformance transferNumber coupon { number } order { number } } }
      order { number dueAmount { amount } paymentParts { amount { amount } } } }
    settledRefund { number amount { amount } order { number } refundOrder { number }
      parts { amount { amount } countsPerformance transferNumber paymentPart { id } } }
    settledUsage { consumeAmount { amount } cash { amount } debt { amount } transferNumber }
    isPaidLater paidLaterByNumber
    settledIncentive { amount { amount } incentive { id } } } } } } }"""
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


async def the_accountant(of: Partner) -> Viewer:
    return await as_operator(await an_operator(of=of, role=Preset.FINANCE))


async def is_sent(partner: Partner, now: datetime) -> None:
    """The platform reviews what was made, and sends it."""
    reviewer = await a_staff_viewer(Item.SETTLEMENT_REVIEW)
    for statement in await Statement.filter(partner_id=partner.id, sent_at=None):
        await sending.send(viewer=reviewer, statement_id=statement.id, now=now)


def yuan(money: dict[str, str]) -> Decimal:
    return Decimal(money["amount"])


def sources(told: Any) -> Iterator[tuple[str, str]]:
    """Whatever an answer names as the source of a number: its kind and id."""
    match told:
        case dict():
            if told.get("source"):
                yield told["source"]["kind"], told["source"]["id"]
            for each in told.values():
                yield from sources(each)
        case list():
            for each in told:
                yield from sources(each)


async def dead_ends(told: Any, by: Viewer, ask: Ask) -> set[str]:
    """The kinds of sources to which `node` doesn't lead."""
    return {
        kind
        for kind, id in dict.fromkeys(sources(told))
        if (await ask(NODE, by=by, id=id) or {}).get("id") != id
    }


async def of_february(time: Clock) -> Shop:
    """A sale by cash, card and voucher; one that came back; usage, of which a part was debt."""
    shop = await a_csp_shop(five_day_refund=True)
    voucher = await a_coupon(shop.customer, "100.00", now=time.now)
    sku = await a_sku(shop.goods, price="10.00", charge_mode=ChargeMode.ON_DEMAND)
    await sold(shop, quantity=2, now=time.now, coupons={voucher.id: None})
    order, _ = await sold(shop, now=time.now)
    await given_back(shop, order, now=time.now + HOUR)
    await sold(replace(shop, sku=sku), now=time.now)
    usage = str(int((await balance(shop.customer) + 30) / 10))
    await handed_in(shop.seller, used(shop, sku, "r1", usage, time.now), now=time.now)
    await recharge(shop, "20.00", time.now + HOUR)
    return shop


async def test_from_a_statement_s_cent_to_orders_payments_refunds_usage_and_bookings(
    time: Clock, ask: Ask
) -> None:
    """The customer is another partner's: the seller sees what it is paid for all the same."""
    shop = await of_february(time)
    await run()
    await is_sent(shop.partner, BILLING)
    time.now = BILLING
    accountant = await the_accountant(shop.partner)

    [statement] = (await ask(STATEMENTS, by=accountant))["nodes"]
    lines = statement["settlementLines"]["nodes"]
    assert sorted(line["kind"] for line in lines) == [
        *("ORIGINAL", "ORIGINAL", "REVERSAL", "USAGE", "USAGE")
    ]
    assert statement["explanation"]["agrees"]
    assert all(line["explanation"]["agrees"] for line in lines)
    assert sum(yuan(line["amount"]) for line in lines) == yuan(statement["linesAmount"])
    assert yuan(statement["totalAmount"]) == yuan(statement["linesAmount"]) + yuan(
        statement["carryIn"]
    )
    for line in lines:
        CHECKS[line["kind"]](line)
    by_id = {line["id"]: line for line in lines}
    [back] = [line for line in lines if line["kind"] == "REVERSAL"]
    assert yuan(by_id[back["original"]["id"]]["amount"]) == -yuan(back["amount"])
    # What the customer gave back and used at large is its own partner's to see.
    assert await dead_ends(statement, accountant, ask) == {"REFUND", "CONSUMPTION_RECORD"}


def _original(line: dict[str, Any]) -> None:
    """Its cash is what the payments that count have brought into the line of the order."""
    shares = line["orderLine"]["paymentShares"]
    counting = [share for share in shares if share["part"]["countsPerformance"]]
    assert sum(yuan(share["amount"]) for share in counting) == yuan(line["cash"])
    for share in shares:
        part = share["part"]
        assert part["order"]["number"] == line["orderLine"]["order"]["number"]
        assert (part["transferNumber"] is None) == (part["instrument"] == "VOUCHER")
    order = line["orderLine"]["order"]
    assert sum(yuan(part["amount"]) for part in order["paymentParts"]) == yuan(order["dueAmount"])
    left_out = [share for share in shares if not share["part"]["countsPerformance"]]
    assert [
        (each["reason"], yuan(each["amount"])) for each in line["explanation"]["exclusions"]
    ] == [("VOUCHER", yuan(share["amount"])) for share in left_out]


def _reversal(line: dict[str, Any]) -> None:
    """Its cash is what came back to payments that count, each of which is named."""
    refund = line["settledRefund"]
    counting = [part for part in refund["parts"] if part["countsPerformance"]]
    assert sum(yuan(part["amount"]) for part in counting) == -yuan(line["cash"])
    paid = {share["part"]["id"] for share in line["orderLine"]["paymentShares"]}
    assert {part["paymentPart"]["id"] for part in refund["parts"]} == paid
    assert all(part["transferNumber"] for part in counting)
    assert refund["order"]["number"] == line["orderLine"]["order"]["number"]
    assert refund["refundOrder"]["number"] != refund["order"]["number"]


def _usage(line: dict[str, Any]) -> None:
    """What cash has paid at once, or the debt that was paid later by a transfer of its own."""
    charge = line["settledUsage"]
    if line["isPaidLater"]:
        assert line["paidLaterByNumber"]
        assert yuan(line["cash"]) <= yuan(charge["debt"])
    else:
        assert line["paidLaterByNumber"] is None
        assert yuan(charge["cash"]) == yuan(line["cash"])
        assert charge["transferNumber"]


CHECKS = {"ORIGINAL": _original, "REVERSAL": _reversal, "USAGE": _usage}

PERFORMED = """query ($id: ID!) { performanceLines(first: 50, filter: {incentiveId: $id}) { nodes {
  amount { amount } exclusion
  consumption { cash { amount } transfer { id } debtTransfers { number } }
  order { paymentParts { amount { amount } transfer { id number subject { __typename id }
    entries { amount { amount } account { id kind customer { id } } } } } } } } }"""
EARNED = """query ($id: ID!) { node(id: $id) { ... on Incentive { amount { amount }
  performanceAmount { amount } carryIn { amount } explanation { agrees inputs { symbol value
    source { kind id } } } } } }"""
ACCOUNT = """query ($id: ID!) { node(id: $id) { ... on Account { balance { amount }
  entries(first: 50) { nodes { amount { amount } transfer { number subject { __typename
    ... on AdjustRecord { amount { amount } transfer { number } }
    ... on Order { number } ... on Refund { number } } } } } } } }"""


async def test_from_an_incentive_s_cent_to_performance_and_every_entry_of_the_ledger(
    time: Clock, ask: Ask
) -> None:
    """The customer is the partner's own, by agency: nothing of its money is hidden."""
    shop = await a_shop(type=AssociationType.AGENCY, five_day_refund=True)
    await certified(shop.partner)
    await a_policy("OWN", now=time.now, scene=PolicyScene.DISTRIBUTOR, pays_by=PaysBy.STATEMENT)
    await fund(shop.partner, "9000.00", now=time.now)
    await allocating.allocate(
        viewer=shop.by,
        customer_id=shop.customer.id,
        amount=Decimal("5000.00"),
        trans_id="first",
        now=time.now,
    )
    for quantity in (3, 2):
        order = await place(shop, shop.line(quantity), now=time.now)
        await paying.pay(viewer=shop.buyer, order_id=order.id, now=time.now)
    await finish(2030, 2, now=MARCH)
    await confirmed(shop.by, await earned("OWN"), now=MARCH)
    await run("2030-Q1", kind=StatementKind.ASSESSMENT, now=APRIL)
    await is_sent(shop.partner, APRIL)
    time.now = APRIL
    accountant = await the_accountant(shop.partner)

    [statement] = (await ask(STATEMENTS, by=accountant))["nodes"]
    [line] = statement["settlementLines"]["nodes"]
    paid = line["settledIncentive"]
    assert yuan(paid["amount"]) == yuan(line["amount"]) == yuan(statement["totalAmount"])
    incentive = await ask(EARNED, by=accountant, id=paid["incentive"]["id"])
    assert incentive["explanation"]["agrees"]
    assert await dead_ends([statement, incentive], accountant, ask) == set()

    performed = (await ask(PERFORMED, by=accountant, id=paid["incentive"]["id"]))["nodes"]
    assert sum(yuan(each["amount"]) for each in performed) == yuan(incentive["performanceAmount"])
    accounts = set()
    for each in performed:
        [part] = each["order"]["paymentParts"]
        transfer = part["transfer"]
        assert each["consumption"]["transfer"]["id"] == transfer["id"]
        assert transfer["subject"]["__typename"] == "Order"
        [entry] = transfer["entries"]
        assert yuan(entry["amount"]) == -yuan(part["amount"])
        assert entry["account"]["kind"] == "CASH"
        accounts.add(entry["account"]["id"])
    [account] = accounts
    told = await ask(ACCOUNT, by=accountant, id=account)
    entries = told["entries"]["nodes"]
    assert sum(yuan(each["amount"]) for each in entries) == yuan(told["balance"])
    subjects = [each["transfer"]["subject"] for each in entries]
    assert sorted(each["__typename"] for each in subjects) == ["AdjustRecord", "Order", "Order"]
