"""Statements in sums: how many, and what they pay, of those that a viewer sees and asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.identity.viewer import Viewer
from domain.statements.policy import STATEMENTS
from kit import database
from kit.scope import one_off, sight_of, together


@dataclass(frozen=True, slots=True)
class Totals:
    """The statements of one status: how many, and their sums in CNY."""

    status: str
    statements: int
    lines: int
    lines_amount: Decimal
    carry_in: Decimal
    total_amount: Decimal


async def of_statements(
    *, viewer: Viewer, conditions: Sequence[tuple[str, Any]], now: datetime
) -> list[Totals]:
    """By status, those that the viewer sees and that meet all conditions.

    Those are templates with `{value}`, and the values.
    """
    wanted, values = together(conditions)
    sql, binds = one_off(
        _TOTALS.replace("{scope}", STATEMENTS.predicate(sight_of(viewer))).replace(
            "{wanted}", wanted
        ),
        viewer=viewer,
        now=now,
        **values,
    )
    return [Totals(**row) for row in await database.rows(sql, *binds)]


_TOTALS = """
select {t}.status as status, count(*) as statements,
  coalesce(sum({t}.lines), 0)::bigint as lines,
  coalesce(sum({t}.lines_amount), 0) as lines_amount,
  coalesce(sum({t}.carry_in), 0) as carry_in,
  coalesce(sum({t}.total_amount), 0) as total_amount
from statement t where ({scope}) and {wanted}
group by 1 order by 1
"""
