"""Orders in sums: how many, and what they come to, of those that a viewer sees and asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.identity.viewer import Viewer
from domain.orders.policy import IS_WHOLE, ORDERS
from kit import database
from kit.scope import one_off, sight_of, together


@dataclass(frozen=True, slots=True)
class Totals:
    """The orders of one status: how many, and their sums in CNY."""

    status: str
    orders: int
    list_amount: Decimal
    deal_amount: Decimal
    due_amount: Decimal
    refunded_amount: Decimal


async def of_orders(
    *, viewer: Viewer, conditions: Sequence[tuple[str, Any]], status: str, now: datetime
) -> list[Totals]:
    """By status, those that the viewer sees and that meet all conditions (templates with {value}).

    `status` is the expression by which they are told apart. A merchant's sums are of orders that
    have its goods alone.
    """
    wanted, values = together(conditions)
    sql, binds = one_off(
        _TOTALS.replace("{status}", status)
        .replace("{whole}", IS_WHOLE)
        .replace("{scope}", ORDERS.predicate(sight_of(viewer)))
        .replace("{wanted}", wanted),
        viewer=viewer,
        now=now,
        **values,
    )
    return [Totals(**row) for row in await database.rows(sql, *binds)]


_TOTALS = """
select ({status}) as status, count(*) as orders,
  coalesce(sum({t}.list_amount) filter (where {whole}), 0) as list_amount,
  coalesce(sum({t}.deal_amount) filter (where {whole}), 0) as deal_amount,
  coalesce(sum({t}.due_amount) filter (where {whole}), 0) as due_amount,
  coalesce(sum({t}.refunded_amount) filter (where {whole}), 0) as refunded_amount
from sales_order t where ({scope}) and {wanted}
group by 1 order by 1
"""
