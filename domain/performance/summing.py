"""Performance in sums, as dashboards show it (I-12, O-08), as far as a viewer sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.identity.viewer import Viewer
from domain.performance.policy import LINES
from kit import database
from kit.scope import one_off, sight_of, together

MOST_ROWS = 500


class PerformanceGrouping(StrEnum):
    """By what performance is summed up."""

    MONTH = "MONTH"
    MANAGER = "MANAGER"
    CUSTOMER = "CUSTOMER"
    GOODS = "GOODS"
    RESELLER = "RESELLER"


@dataclass(frozen=True, slots=True)
class Sum:
    """What one month, manager … comes to, in CNY; `amount` has what came back taken off."""

    period: str | None
    id: UUID | None
    name: str | None
    lines: int
    amount: Decimal
    refund_amount: Decimal
    adjustment_amount: Decimal


async def totals(
    *,
    viewer: Viewer,
    by: PerformanceGrouping,
    conditions: Sequence[tuple[str, Any]],
    now: datetime,
) -> list[Sum]:
    """Months newest first, else the greatest sum first; at most `MOST_ROWS`.

    `conditions` are templates with {value}. What is nobody's (no manager, no reseller) is a row
    without id.
    """
    wanted, values = together(conditions)
    is_by_month = by is PerformanceGrouping.MONTH
    sql, binds = one_off(
        _SUMS.replace("{key}", _KEYS[by])
        .replace("{sorted}", "period desc" if is_by_month else "amount desc, id")
        .replace("{named}", _NAMES[by])
        .replace("{scope}", LINES.predicate(sight_of(viewer)))
        .replace("{wanted}", wanted),
        viewer=viewer,
        now=now,
        **values,
    )
    return [Sum(**row) for row in await database.rows(sql, *binds)]


def _by(column: str) -> str:
    return f"null::text as period, {{t}}.{column} as id"


_KEYS = {
    PerformanceGrouping.MONTH: "{t}.period as period, null::uuid as id",
    PerformanceGrouping.MANAGER: _by("manager_id"),
    PerformanceGrouping.CUSTOMER: _by("customer_id"),
    PerformanceGrouping.GOODS: _by("goods_id"),
    PerformanceGrouping.RESELLER: _by("reseller_id"),
}
_NAMES = {
    PerformanceGrouping.MONTH: "null::text",
    PerformanceGrouping.MANAGER: "(select person.name from operator seat"
    " join person on person.id = seat.person_id where seat.id = sums.id)",
    PerformanceGrouping.CUSTOMER: "(select buys.name from customer buys where buys.id = sums.id)",
    PerformanceGrouping.GOODS: "(select sold.name from goods sold where sold.id = sums.id)",
    PerformanceGrouping.RESELLER: "(select brings.name from partner brings"
    " where brings.id = sums.id)",
}
_SUMS = f"""
select sums.*, {{named}} as name from (
  select {{key}}, count(*)::int as lines, sum({{t}}.amount) as amount,
    coalesce(sum({{t}}.amount) filter (where {{t}}.kind = 'REFUND'), 0) as refund_amount,
    coalesce(sum({{t}}.amount) filter (where {{t}}.kind = 'ADJUSTMENT'), 0) as adjustment_amount
  from performance_line t
  where ({{scope}}) and {{wanted}}
  group by 1, 2 order by {{sorted}} limit {MOST_ROWS}
) sums order by {{sorted}}
"""
