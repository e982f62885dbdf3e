"""Filters of lists of consumption, bills and usage imports, and the enums in them."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from domain.consumption.periods import period_of, refuse_old
from domain.consumption.summing import ConsumptionGrouping
from kit.reads import of_node, ordering, where, within
from models.consumption import BillType
from schema.enums import described
from schema.ranges import DateTimeRange
from schema.scalars import YearMonth
from schema.searching import search_customer, search_partner

described(
    BillType,
    "What a record of consumption is about.",
    NEW="新购: something new was bought (bill_type 1).",
    RENEW="续订: a subscription was renewed (2).",
    CHANGE="变更: a subscription became another one (3).",
    REFUND="退订: something came back; the amounts are below zero (4).",
    USAGE="使用: goods that are paid by use (5).",
)
described(
    ConsumptionGrouping,
    "By what consumption is summed up.",
    MONTH="A row for each month, the newest first.",
    CUSTOMER="A row for each customer, who spent most first.",
    GOODS="A row for each of the goods, what was spent most for first.",
)


@strawberry.enum(description="Whether what was spent is settled.")
class ConsumptionStatus(Enum):
    PAID = strawberry.enum_value("PAID", description="已支付: all of it (status 1).")
    NOT_CLEARED = strawberry.enum_value(
        "NOT_CLEARED", description="未结清: a part of it is owed (status 2)."
    )


@strawberry.input(description="Which consumption; all conditions together.")
class ConsumptionFilter:
    """Conditions over indexed columns."""

    period: YearMonth | None = where("{t}.period = {value}", "Of this month.")
    from_period: YearMonth | None = where("{t}.period >= {value}", "Of this month or later.")
    to_period: YearMonth | None = where("{t}.period <= {value}", "Of this month or earlier.")
    customer: str | None = search_customer(
        "A piece of the customer's name or account, at least 2 characters."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer.")
    partner_id: strawberry.ID | None = of_node(
        "partner_id", "ptn", "Of customers that this partner had at that moment."
    )
    manager_id: strawberry.ID | None = of_node(
        "manager_id", "opr", "Of customers in the hands of this account manager at that moment."
    )
    goods_id: strawberry.ID | None = of_node("goods_id", "gds", "For these goods.")
    order_id: strawberry.ID | None = of_node("order_id", "ord", "By this order.")
    usage_import_id: strawberry.ID | None = of_node(
        "usage_import_id", "uim", "By this import of usage."
    )
    bill_type: list[BillType] | None = where("{t}.bill_type = any({value})", "About any of these.")
    occurred: DateTimeRange | None = within("occurred_at", "In this span.")


@strawberry.enum(description="What consumption can be ordered by.")
class ConsumptionOrderField(Enum):
    """Names of columns."""

    OCCURRED_AT = strawberry.enum_value("occurred_at", description="By when it was spent.")


ConsumptionOrder = ordering("How consumption is ordered.", ConsumptionOrderField.OCCURRED_AT)


@strawberry.input(description="Which bills; all conditions together.")
class PartnerBillFilter:
    period: YearMonth | None = where("{t}.period = {value}", "Of this month.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    from_period: YearMonth | None = where("{t}.period >= {value}", "Of this month or later.")
    to_period: YearMonth | None = where("{t}.period <= {value}", "Of this month or earlier.")
    partner: str | None = search_partner()


@strawberry.enum(description="What bills can be ordered by.")
class PartnerBillOrderField(Enum):
    """Names of columns."""

    PERIOD = strawberry.enum_value("period", description="By month.")
    TOTAL_AMOUNT = strawberry.enum_value("total_amount", description="By what they come to.")


PartnerBillOrder = ordering("How bills are ordered.", PartnerBillOrderField.PERIOD)


@strawberry.input(description="Which imports of usage; all conditions together.")
class UsageImportFilter:
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this merchant's files.")
    created: DateTimeRange | None = within("created_at", "Imported in this span.")
    partner: str | None = search_partner()
    failed: bool | None = where(
        "({t}.failed > 0) = {value}", "Whether lines of it couldn't be taken."
    )


@strawberry.enum(description="What imports of usage can be ordered by.")
class UsageImportOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were imported.")
    CHARGED_AMOUNT = strawberry.enum_value("charged_amount", description="By what was charged.")


UsageImportOrder = ordering("How imports of usage are ordered.", UsageImportOrderField.CREATED_AT)


def within_reach(values: Mapping[str, Any], now: datetime) -> None:
    """Refuse a filter that asks for what is no longer shown (K-02)."""
    for name in ("period", "fromPeriod", "toPeriod"):
        if name in values:
            refuse_old(values[name], path=("filter", name), now=now)
    if "occurred.from" in values:
        refuse_old(period_of(values["occurred.from"]), path=("filter", "occurred", "from"), now=now)
