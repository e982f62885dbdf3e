"""Consumption in sums: by month, customer or goods, as far as a viewer sees it (K-01, K-06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.consumption.periods import FIRST_SHOWN, today
from domain.consumption.policy import CONSUMPTION
from domain.identity.viewer import Viewer
from kit import database
from kit.scope import one_off, sight_of, together

MOST_ROWS = 500


class ConsumptionGrouping(StrEnum):
    """By what consumption is summed up."""

    MONTH = "MONTH"
    CUSTOMER = "CUSTOMER"
    GOODS = "GOODS"


@dataclass(frozen=True, slots=True)
class Sum:
    """What one month, customer or goods comes to, in CNY; refunds are below zero."""

    period: str | None
    id: UUID | None
    name: str | None
    records: int
    official_amount: Decimal
    discount_amount: Decimal
    consume_amount: Decimal
    refund_amount: Decimal
    cash: Decimal
    credit: Decimal
    voucher: Decimal
    cash_coupon: Decimal
    stored_value_card: Decimal
    debt: Decimal


async def summary(
    *, viewer: Viewer, by: ConsumptionGrouping, conditions: Sequence[tuple[str, Any]], now: datetime
) -> list[Sum]:
    """What was recorded until the day in Shanghai began (K-06), of the last eighteen months (K-02).

    Months newest first, else the greatest sum first; at most `MOST_ROWS`. `conditions` are
    templates with {value}.
    """
    wanted, values = together(conditions)
    is_by_month = by is ConsumptionGrouping.MONTH
    sql, binds = one_off(
        _SUMS.replace("{key}", _KEYS[by])
        .replace(
            "{sorted}",
            "period desc" if is_by_month else "consume_amount desc, id",
        )
        .replace("{named}", _NAMES[by])
        .replace("{first}", FIRST_SHOWN)
        .replace("{scope}", CONSUMPTION.predicate(sight_of(viewer)))
        .replace("{wanted}", wanted),
        viewer=viewer,
        now=now,
        until=today(now),
        **values,
    )
    return [Sum(**row) for row in await database.rows(sql, *binds)]


_KEYS = {
    ConsumptionGrouping.MONTH: "{t}.period as period, null::uuid as id",
    ConsumptionGrouping.CUSTOMER: "null::text as period, {t}.customer_id as id",
    ConsumptionGrouping.GOODS: "null::text as period, {t}.goods_id as id",
}
_NAMES = {
    ConsumptionGrouping.MONTH: "null::text",
    ConsumptionGrouping.CUSTOMER: "(select buys.name from customer buys where buys.id = sums.id)",
    ConsumptionGrouping.GOODS: "(select sold.name from goods sold where sold.id = sums.id)",
}
_SUMS = f"""
select sums.*, {{named}} as name from (
  select {{key}}, count(*) as records,
    sum({{t}}.official_amount) as official_amount, sum({{t}}.discount_amount) as discount_amount,
    sum({{t}}.consume_amount) as consume_amount,
    coalesce(sum({{t}}.consume_amount) filter (where {{t}}.bill_type = 'REFUND'), 0)
      as refund_amount,
    sum({{t}}.cash) as cash, sum({{t}}.credit) as credit, sum({{t}}.voucher) as voucher,
    sum({{t}}.cash_coupon) as cash_coupon, sum({{t}}.stored_value_card) as stored_value_card,
    sum({{t}}.debt) as debt
  from consumption_record t
  where {{t}}.created_at < {{until}} and {{t}}.period >= {{first}} and ({{scope}}) and {{wanted}}
  group by 1, 2 order by {{sorted}} limit {MOST_ROWS}
) sums order by {{sorted}}
"""
