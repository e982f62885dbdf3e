"""What statements pay of incentives, for settlement (A-05, I-15): parts, and what became of them.

A line of a statement names the *part* of an incentive that it pays (`settlement_line.incentive_id`
is the id of an `incentive_part`): an incentive of which something was sold on credit is paid in
several parts, each as soon as it can be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.incentives import parts
from kit import database
from kit.transaction import assert_open


@dataclass(frozen=True, slots=True)
class Payable:
    """A part that a statement can pay; `amount` is what is paid, tax included (A-05)."""

    incentive_id: UUID
    partner_id: UUID
    amount: Decimal
    ready_at: datetime


async def partners(*, ends_at: datetime, as_of: datetime) -> list[UUID]:
    """The partners of which `payable` has something, in the order of their ids."""
    found = await database.rows(
        f"select distinct part.partner_id {_PAYABLE} order by part.partner_id", ends_at, as_of
    )
    return [row["partner_id"] for row in found]


async def payable(*, partner_id: UUID, ends_at: datetime, as_of: datetime) -> list[Payable]:
    """What the ASSESSMENT statements of a period that ends at `ends_at` pay this partner.

    Parts of confirmed incentives that are paid by statement, of that period or an earlier one,
    which no statement has; as they were at `as_of`, in the order of their making. What was sold on
    credit and isn't repaid is in none of them. Held until the commit.
    """
    assert_open()
    found = await database.rows(
        f"select part.id as incentive_id, part.partner_id, part.amount, part.created_at as ready_at"
        f" {_PAYABLE} and part.partner_id = $3 order by part.id for no key update of part",
        ends_at,
        as_of,
        partner_id,
    )
    return [Payable(**row) for row in found]


async def foreseen(*, partner_id: UUID, ends_at: datetime, now: datetime) -> list[Decimal]:
    """The amounts that `payable` would give to a run that began now, for who only looks.

    Silence past its deadline reads as a confirmation, whoever has come by since; the run takes it
    for one first (`confirming.confirm_overdue`).
    """
    found = await database.rows(
        f"select part.amount {_PAYABLE} and part.partner_id = $3 union all {_SILENT}",
        ends_at,
        now,
        partner_id,
    )
    return [row["amount"] for row in found]


async def follow(statement_ids: Sequence[UUID], *, now: datetime) -> None:
    """Bring the incentives of these statements to where the statements are.

    Call it when statements were made, voided or paid: a part that a living statement has is on its
    way, or paid with it; one that none has any more can be paid by the next.
    """
    assert_open()
    held = await database.rows(_HOLD, list(statement_ids))
    ids = [row["id"] for row in held]
    if ids:
        await database.execute(_FOLLOW, ids)
        await parts.restate(ids, now=now)


_PAYABLE = """
from incentive_part part
join incentive earned on earned.id = part.incentive_id
join incentive_policy policy on policy.id = earned.policy_id
where part.state = 'READY' and part.amount > 0 and policy.pays_by = 'STATEMENT'
  and earned.state <> 'LAPSED'
  and earned.ends_at <= $1 and part.created_at <= $2
"""

# What `parts.make` will make of them.
_SILENT = """
select earned.amount - earned.frozen_amount
from incentive earned join incentive_policy policy on policy.id = earned.policy_id
where earned.state = 'TO_CONFIRM' and earned.confirm_by <= $2 and policy.pays_by = 'STATEMENT'
  and earned.ends_at <= $1 and earned.partner_id = $3 and earned.amount > earned.frozen_amount
"""

_HOLD = """
select earned.id from incentive earned
where earned.id in (
  select part.incentive_id from settlement_line line
  join incentive_part part on part.id = line.incentive_id
  where line.statement_id = any($1) and line.kind = 'INCENTIVE')
order by earned.id for no key update
"""

# A part can stand on several lines, of which one at most isn't void.
_FOLLOW = """
update incentive_part part set state = coalesce((
  select case when whole.status = 'PAID' then 'PAID' else 'TAKEN' end
  from settlement_line line join statement whole on whole.id = line.statement_id
  where line.incentive_id = part.id and line.kind = 'INCENTIVE' and line.voided_at is null
    and whole.status <> 'CANCELLED'), 'READY')
where part.incentive_id = any($1) and exists (
  select from settlement_line line where line.incentive_id = part.id and line.kind = 'INCENTIVE')
"""
