"""What an earlier statement was below zero, taken into the next one at its rates (结转, E12)."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kit import database
from models.settlement import StatementKind


@dataclass(frozen=True, slots=True)
class Carry:
    """A statement below zero that no other has taken over, and by how much it is."""

    statement_id: UUID
    amount: Decimal


async def carry_into(
    *,
    partner_id: UUID,
    kind: StatementKind,
    period: str,
    goods_tax_rate: Decimal | None,
    fee_tax_rate: Decimal,
    holding: bool,
) -> Carry | None:
    """What a statement with these rates begins with; None for nothing.

    The oldest of an earlier period comes first: each takes over one, and one that stays below zero
    with it is taken over itself. What the partner has paid back is nobody's. `holding` it, nobody
    can cancel it, or say that it was paid back, until the commit.
    """
    found = await database.rows(
        _OPEN + (" for no key update of before" if holding else ""),
        *(partner_id, kind, period, goods_tax_rate, fee_tax_rate),
    )
    return Carry(found[0]["id"], found[0]["total_amount"]) if found else None


_OPEN = """
select before.id, before.total_amount from statement before
where before.partner_id = $1 and before.kind = $2 and before.period < $3
  and before.goods_tax_rate is not distinct from $4 and before.fee_tax_rate = $5
  and before.total_amount < 0 and before.status not in ('CANCELLED', 'REPAID')
  and not exists (select from statement later
    where later.carried_from_id = before.id and later.status <> 'CANCELLED')
order by before.period, before.id limit 1
"""
