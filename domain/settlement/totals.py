"""Settlement lines in sums: how many, and what they come to, of those that a viewer asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.identity.viewer import Viewer
from domain.settlement.policy import LINES
from kit import database
from kit.scope import one_off, sight_of, together


@dataclass(frozen=True, slots=True)
class Totals:
    """The lines of one kind: how many, and their sums in CNY."""

    kind: str
    lines: int
    cash: Decimal
    amount: Decimal


async def of_lines(
    *, viewer: Viewer, conditions: Sequence[tuple[str, Any]], now: datetime
) -> list[Totals]:
    """By kind, those that the viewer sees and that meet all conditions (templates with {value})."""
    wanted, values = together(conditions)
    sql, binds = one_off(
        _TOTALS.replace("{scope}", LINES.predicate(sight_of(viewer))).replace("{wanted}", wanted),
        viewer=viewer,
        now=now,
        **values,
    )
    return [Totals(**row) for row in await database.rows(sql, *binds)]


_TOTALS = """
select {t}.kind, count(*) as lines, sum({t}.cash) as cash, sum({t}.amount) as amount
from settlement_line t where ({scope}) and {wanted}
group by {t}.kind order by {t}.kind
"""
