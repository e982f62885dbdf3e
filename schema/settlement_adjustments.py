"""Differences that wait for a partner's next statement, as who enters them sees them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.settlement.policy import RUNS
from kit.reads import column, embedded, one, sql, table
from models import settlement
from schema.money import Money
from schema.partners import PartnerRef
from schema.scalars import DateTime, Decimal

if TYPE_CHECKING:
    from schema.settlement import SettlementLine

SettlementLineRef = Annotated["SettlementLine", strawberry.lazy("schema.settlement")]


@table(
    settlement.Unsettled,
    prefix="adj",
    scope=RUNS,
    description="A difference (调账) that waits for the partner's next statement. Then it is a"
    " settlement line of kind ADJUSTMENT.",
)
class SettlementAdjustment:
    """S-05."""

    partner: PartnerRef | None = one("partner_id", "Whose statement it comes with.")
    # Of what waits, these alone have an amount, a rate and a reason: a constraint says so.
    amount: Money = embedded(
        {"amount": "coalesce({t}.amount, 0)", "currency": "'CNY'"}, "How much, tax included."
    )
    goods_tax_ratio: Decimal = sql(
        "coalesce({t}.goods_tax_rate, 0)",
        "The goods' tax rate, which says with which statement it comes.",
    )
    reason: str = sql("coalesce({t}.reason, '')", "Why it was entered.")
    line: SettlementLineRef | None = one("line_id", "The settlement line that it puts right.")
    created_at: DateTime = column("When it was entered.")
