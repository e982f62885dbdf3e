"""A customer service provider that sells to another's customer, and the runs that settle it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.identity.viewer import SYSTEM
from domain.offers import bindings
from domain.orders import paying
from domain.refunds import deciding
from domain.settlement import runs, sharing
from kit.transaction import transactional
from models.certification import BusinessInformation, TaxpayerKind
from models.certification import BusinessInformationStatus as Certification
from models.orders import Order, OrderLine
from models.partners import Partner
from models.refunds import Refund, RefundStatus
from models.settlement import SettledKind, SettlementLine, StatementKind, Unsettled
from models.settlement_runs import SettlementRun
from models.statements import Statement
from models.subscriptions import Subscription
from tests.factories import LONG_AGO, a_partner, an_administrator
from tests.offers.factories import joined
from tests.orders.factories import Shop, a_shop, fund, lines_of, place
from tests.refunds.factories import asked_back
from tests.upstream.working import work

FEBRUARY = "2030-02"
MARCH = "2030-03"
# The clock of the tests begins at 07:30 of the first of February in Shanghai.
FEBRUARY_ENDS = datetime(2030, 2, 28, 16, tzinfo=UTC)
BILLING = FEBRUARY_ENDS + timedelta(days=3, hours=10, minutes=30)
MARCH_ENDS = datetime(2030, 3, 31, 16, tzinfo=UTC)
NEXT_BILLING = MARCH_ENDS + timedelta(days=3)

EXPLAINED = """query($id: ID!) { node(id: $id) { ... on SettlementLine { explanation {
  formula symbols rounding inputs { symbol value } steps { text expression value }
  amount { amount } agrees exclusions { reason amount { amount } } } } } }"""
DIFF = """query($before: ID!, $after: ID!) { statementDiff(before: $before, after: $after) {
  sums { kind beforeLineCount beforeAmount { amount } afterLineCount afterAmount { amount } }
  lines(first: 10) { nodes { change kind beforeAmount { amount } afterAmount { amount }
    reasons { why before after } } } } }"""


async def certified(
    partner: Partner, *, rate: str = "0.06", at: datetime = LONG_AGO, **facts: Any
) -> BusinessInformation:
    """The partner's bank account and its tax rate, reviewed; what was so before is over."""
    await BusinessInformation.filter(partner_id=partner.id, status=Certification.CERTIFIED).update(
        status=Certification.SUPERSEDED
    )
    told: dict[str, Any] = {
        "created_at": at,
        "partner_id": partner.id,
        "status": Certification.CERTIFIED,
        "legal_name": f"{partner.name} Ltd.",
        "bank_name": "Bank of Rivers",
        "bank_account": "6222000000001234",
        "taxpayer_kind": TaxpayerKind.GENERAL,
        "fee_tax_rate": Decimal(rate),
        "signing_entity": "Cloud Ltd.",
        "submitted_by": partner.id,
        "decided_at": at,
    }
    return await BusinessInformation.create(**(told | facts))


async def a_csp_shop(*, rate: str | None = "0.06", price: str = "1000.00", **policy: Any) -> Shop:
    """Seller sells to a customer of Home, who has ordered through it before (A-04)."""
    own = await a_partner("Home")
    shop = await a_shop(partner=own, price=price, **policy)
    seller = await joined(await a_partner("Seller"))
    if rate is not None:
        await certified(seller, rate=rate)
    await bindings.bind(customer_id=shop.customer.id, partner_id=seller.id, now=LONG_AGO)
    return replace(shop, partner=seller, by=await an_administrator(seller))


async def sold(
    shop: Shop, *, now: datetime, quantity: int = 1, opened: bool = True, **payment: Any
) -> tuple[Order, OrderLine]:
    """So many of the shop's SKU, through its partner, paid and open."""
    order = await place(
        shop, shop.line(quantity), seller_account_name=shop.partner.account_name, now=now
    )
    if order.due_amount:
        await fund(shop.customer, str(order.due_amount), now=now)
        await paying.pay(viewer=shop.buyer, order_id=order.id, now=now, **payment)
    if opened:
        await work(now)
    [line] = await lines_of(order)
    return await Order.get(id=order.id), line


async def given_back(shop: Shop, order: Order, *, now: datetime, **more: Any) -> Refund:
    """What the order has brought comes back, by rule or since the merchant agrees."""
    subscription = await Subscription.get(order_id=order.id)
    refund = await asked_back(shop, subscription, now=now, **more)
    if refund.status is RefundStatus.MERCHANT_REVIEW:
        await deciding.accept(viewer=shop.seller, refund_id=refund.id, now=now)
    return await Refund.get(id=refund.id)


@transactional
async def begun(
    period: str = FEBRUARY, *, kind: StatementKind = StatementKind.BASIC, now: datetime, **of: Any
) -> SettlementRun:
    """A run that nobody has worked on yet."""
    return await runs.start(kind=kind, period=period, viewer=SYSTEM, now=now, **of)


async def worked(now: datetime) -> None:
    """All that waits to be settled is."""
    while await sharing.settle_next(now=now):
        pass


async def run(period: str = FEBRUARY, *, now: datetime = BILLING, **of: Any) -> SettlementRun:
    """A run from its beginning to its end."""
    made = await begun(period, now=now, **of)
    await worked(now)
    return await SettlementRun.get(id=made.id)


async def statements_of(partner: Partner, **of: Any) -> list[Statement]:
    """Its statements, as they were made."""
    return await Statement.filter(partner_id=partner.id, **of).order_by("id")


async def amounts(statement: Statement) -> list[tuple[SettledKind, Decimal]]:
    """What its lines are and come to, in the order in which they are shown."""
    lines = await SettlementLine.filter(statement_id=statement.id).order_by("id")
    return [(line.kind, line.amount) for line in lines]


async def waiting(partner: Partner) -> list[SettledKind]:
    """What of the partner isn't settled."""
    return [row.kind for row in await Unsettled.filter(partner_id=partner.id).order_by("id")]


async def usage_of(statement: Statement) -> list[tuple[str, str | None, str]]:
    """Of each line: the cash of its month, that before it, and the amount."""
    lines = await SettlementLine.filter(statement_id=statement.id).order_by("id")
    return [(str(line.cash), str(line.cash_before), str(line.amount)) for line in lines]
