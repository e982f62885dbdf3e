"""Consumption, its sums, and partner bills as the API shows them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.consumption.collecting import PAID_SINCE, TOO_MUCH
from domain.consumption.periods import FIRST_SHOWN, today
from domain.consumption.policy import BILLS, CONSUMPTION
from domain.consumption.summing import ConsumptionGrouping, Sum
from kit import ids
from kit.reads import Connection, Node, column, connection, embedded, items, money, one, sql, table
from models import consumption as models
from models.consumption import BILL_WIRE, BillType
from models.customers import AssociationType
from schema.consumption_lists import ConsumptionFilter, ConsumptionOrder, ConsumptionStatus
from schema.goods import GoodsRef
from schema.money import Money
from schema.names import name_of
from schema.partners import PartnerRef
from schema.references import CustomerRef, OrderLineRef, OrderRef, TransferRef
from schema.scalars import DateTime, YearMonth

if TYPE_CHECKING:
    from schema.identity import Operator
    from schema.refunds import Refund
    from schema.usage import UsageImport

OperatorRef = Annotated["Operator", strawberry.lazy("schema.identity")]
RefundRef = Annotated["Refund", strawberry.lazy("schema.refunds")]
UsageImportRef = Annotated["UsageImport", strawberry.lazy("schema.usage")]

_WIRE = " ".join(f"when '{bill_type}' then {code}" for bill_type, code in BILL_WIRE.items())


@strawberry.type
class ByInstrument:
    """What was spent, part by part; of every type that shows a record of consumption."""

    cash: Money = money("cash", "currency", "现金: the customer's, or its partner's balance.")
    credit: Money = money("credit", "currency", "信用: what was lent to the customer.")
    voucher: Money = money("voucher", "currency", "代金券: what a voucher has paid.")
    cash_coupon: Money = money("cash_coupon", "currency", "现金券: what a cash coupon has paid.")
    stored_value_card: Money = money(
        "stored_value_card", "currency", "储值卡: what a stored-value card has paid."
    )
    bonus: Money = money("bonus", "currency", "奖励金: what a bonus has paid.")
    debt: Money = money("debt", "currency", "欠费: what cash didn't cover then.")
    adjustment: Money = money("adjustment", "currency", "调账: what was put right by hand.")


@table(
    models.PartnerBill,
    prefix="pbl",
    scope=BILLS,
    description="A partner's bill of a month (伙伴账单): an overview of what its customers spent"
    " and got back. It is made before noon of the fifth, Beijing time, and doesn't change.",
)
class PartnerBill(Node):
    """K-03, K-04."""

    partner: PartnerRef | None = one("partner_id", "Whose bill.")
    period: YearMonth = column("Of which month.")
    consumption_amount: Money = money(
        "consumption_amount", "currency", "What customers spent in the month."
    )
    refund_amount: Money = money(
        "refund_amount", "currency", "What came back in the month; below zero."
    )
    adjustment_amount: Money = money(
        "adjustment_amount",
        "currency",
        "调账: what was recorded for earlier months after their bills were made.",
    )
    total_amount: Money = money(
        "total_amount", "currency", "Consumption, refunds and adjustment together."
    )
    record_count: int = column("How many records of consumption it counts.", "records")
    created_at: DateTime = column("When it was made.")
    consumption: Connection["ConsumptionRecord"] = connection(
        "partner_bill_id",
        "What it counts, as far as you may see it and of the last eighteen months.",
        filter=ConsumptionFilter,
        order=ConsumptionOrder,
        where=f"{{t}}.period >= {FIRST_SHOWN}",
    )


@table(
    models.ConsumptionRecord,
    prefix="csr",
    scope=CONSUMPTION,
    description="What a customer spent by one instrument on one line of an order, or on usage of a"
    " month; or what came back, below zero (客户消费). Not a partner's bill: nothing is settled,"
    " repaid or invoiced by it. `consumeAmount` is cash, credit, voucher, cash coupon, stored-value"
    " card, bonus, debt and adjustment together; `officialAmount` is discount, erased and"
    " consumed.",
)
class ConsumptionRecord(ByInstrument, Node):
    """K-01, 1.3, 3.7."""

    period: YearMonth = column("The month in Beijing that it belongs to.")
    bill_type: BillType = column("What it is about.")
    bill_type_code: int = sql(
        f"case {{t}}.bill_type {_WIRE} end", "The cloud API's code of `billType`: 1 to 5."
    )
    status: ConsumptionStatus = sql(
        f"case when {{t}}.debt > ({PAID_SINCE}) + ({TOO_MUCH}) then 'NOT_CLEARED' else 'PAID' end",
        "Whether it is settled by now.",
    )
    occurred_at: DateTime = column("When it was spent, came back, or was used last.")
    created_at: DateTime = column("When it was recorded.")
    customer: CustomerRef | None = one(
        "customer_id", "Who spent it; null for a customer that you may not see any more."
    )
    customer_name: str = sql(
        name_of("customer", "customer_id"),
        "The name of who spent it.",
    )
    partner: PartnerRef | None = one(
        "partner_id", "The customer's partner at that moment; null for none."
    )
    association_type: AssociationType | None = column(
        "How the customer belonged to it; null for none."
    )
    manager: OperatorRef | None = one(
        "manager_id", "The customer's account manager at that moment; null for none."
    )
    goods: GoodsRef | None = one("goods_id", "For which goods.")
    order: OrderRef | None = one(
        "order_id", "By which order: of a refund the one that unsubscribes; null for usage."
    )
    order_line: OrderLineRef | None = one(
        "line_id", "For which line, of a refund the one that it gives back; null for usage."
    )
    refund: RefundRef | None = one("refund_id", "By which refund; null for anything else.")
    usage_import: UsageImportRef | None = one(
        "usage_import_id", "By which import of usage; null for orders, and when you may not see it."
    )
    corrects: Annotated["ConsumptionRecord", strawberry.lazy("schema.consumption")] | None = one(
        "corrects_id",
        "Of usage that was told too high: the charge from which this takes back, below zero.",
    )
    payer: PartnerRef | None = one(
        "payer_id", "The partner that has paid it instead of the customer; null for none."
    )
    counts_performance: bool = column("Whether it is part of the cash consumption (6.2).")
    official_amount: Money = money("official_amount", "currency", "What it costs at list price.")
    discount_amount: Money = money(
        "discount_amount", "currency", "What of the list price was let off."
    )
    erased_amount: Money = money(
        "erased_amount", "currency", "What of the list price was rounded off."
    )
    consume_amount: Money = money("consume_amount", "currency", "What was spent.")
    debt_paid: Money = embedded(
        {"amount": PAID_SINCE, "currency": "{t}.currency"},
        "What has been paid of its debt since; the record itself stays as it was.",
    )
    transfer: TransferRef | None = one(
        "transfer_id",
        "How its money moved; null where none did, and for who sees neither account.",
    )
    debt_transfers: list[TransferRef] = items(
        "subject_id",
        "What has been paid of its debt since, or given back of it, transfer by transfer, as far as"
        " you may see them.",
        order="created_at, id",
        limit=50,
        where="{t}.subject_type = 'consumption_record' and not exists (select from"
        " consumption_record first where first.id = {t}.subject_id and first.transfer_id = {t}.id)",
    )
    bill: PartnerBill | None = one(
        "partner_bill_id",
        "The partner's bill that counts it; null until there is one, and for whom it isn't.",
    )


@strawberry.type(description="What one month, customer or goods comes to; refunds are below zero.")
class ConsumptionSum:
    period: YearMonth | None = strawberry.field(description="The month; null by anything else.")
    customer_id: strawberry.ID | None = strawberry.field(
        description="The customer; null by anything else."
    )
    goods_id: strawberry.ID | None = strawberry.field(
        description="The goods; null by anything else."
    )
    name: str | None = strawberry.field(
        description="The name of the customer or the goods; null by months."
    )
    record_count: int = strawberry.field(description="How many records.")
    official_amount: Money = strawberry.field(description="What it costs at list price.")
    discount_amount: Money = strawberry.field(description="What of the list price was let off.")
    consume_amount: Money = strawberry.field(description="What was spent, less what came back.")
    refund_amount: Money = strawberry.field(description="What came back; below zero.")
    cash: Money = strawberry.field(description="现金: what cash has paid.")
    credit: Money = strawberry.field(description="信用: what was lent to customers.")
    voucher: Money = strawberry.field(description="代金券: what vouchers have paid.")
    cash_coupon: Money = strawberry.field(description="现金券: what cash coupons have paid.")
    stored_value_card: Money = strawberry.field(
        description="储值卡: what stored-value cards have paid."
    )
    debt: Money = strawberry.field(description="欠费: what cash didn't cover then.")


@strawberry.type(
    description="Consumption in sums (消费汇总): what was recorded until the day began in Beijing."
)
class ConsumptionSummary:
    recorded_before: DateTime = strawberry.field(
        description="The midnight in Beijing until which it knows; refreshed daily."
    )
    sums: list[ConsumptionSum] = strawberry.field(description="The rows, at most 500.")


def summary_of(by: ConsumptionGrouping, found: list[Sum], now: DateTime) -> ConsumptionSummary:
    """As the API tells it."""
    return ConsumptionSummary(
        recorded_before=DateTime(today(now)), sums=[_sum(by, each) for each in found]
    )


def _sum(by: ConsumptionGrouping, found: Sum) -> ConsumptionSum:
    def id(prefix: str, wanted: ConsumptionGrouping) -> strawberry.ID | None:
        if by is not wanted or found.id is None:
            return None
        return strawberry.ID(ids.encode(prefix, found.id))

    return ConsumptionSum(
        period=YearMonth(found.period) if found.period else None,
        customer_id=id("cus", ConsumptionGrouping.CUSTOMER),
        goods_id=id("gds", ConsumptionGrouping.GOODS),
        name=found.name,
        record_count=found.records,
        **{name: Money.yuan(getattr(found, name)) for name in _AMOUNTS},
    )


_AMOUNTS = (
    "official_amount",
    "discount_amount",
    "consume_amount",
    "refund_amount",
    "cash",
    "credit",
    "voucher",
    "cash_coupon",
    "stored_value_card",
    "debt",
)
