"""What was sold on credit, once it is repaid (解冻, I-15): it follows as a part of its own."""

from datetime import datetime

from domain.incentives import parts
from domain.incentives.counting import FIRST_MONTH, FROZEN, FROZEN_BASE, LAST_MONTH
from kit import database
from kit.transaction import assert_open


async def thaw(*, now: datetime) -> int:
    """Let go what is frozen of confirmed incentives and was repaid since; how many parts that made.

    What is frozen never grows: what is refunded later is of a later period.
    """
    assert_open()
    await database.execute(_HOLD)
    rows = await database.rows(_THAW, now)
    if rows:
        await parts.restate([row["id"] for row in rows], now=now)
    return len(rows)


_FROZEN = "earned.state in ('CONFIRMED', 'PAYING', 'PAID') and earned.frozen_amount > 0"

_HOLD = f"select from incentive earned where {_FROZEN} order by earned.id for no key update"

_THAW = f"""
with counted as (
  select earned.id as key, line.credit_amount, line.order_id
  from incentive earned
  join incentive_policy policy on policy.id = earned.policy_id
  join performance_line line on line.partner_id = earned.partner_id and line.credit_amount <> 0
    and line.period between {FIRST_MONTH.replace("{t}", "earned")}
      and {LAST_MONTH.replace("{t}", "earned")}
    and line.scene = policy.scene and policy.strategies ? line.strategy
    and line.exclusion is null
  where {_FROZEN}
), frozen as ({FROZEN_BASE}), thawed as (
  update incentive earned set version = earned.version + 1, frozen_amount = left_over.amount
  from (
    select each.id, coalesce({
    FROZEN.format(
        amount="each.frozen_amount",
        frozen_base="frozen.amount",
        base="each.base_amount",
        ratio="each.ratio",
    )
}, 0) as amount
    from incentive each left join frozen on frozen.key = each.id) left_over
  where left_over.id = earned.id and {_FROZEN} and left_over.amount < earned.frozen_amount
  returning earned.id, earned.partner_id, earned.currency,
    old.frozen_amount - new.frozen_amount as amount
), made as (
  insert into incentive_part (id, created_at, incentive_id, partner_id, state, currency, amount,
    thawed)
  select uuidv7(), $1, id, partner_id, 'READY', currency, amount, true from thawed
)
select id from thawed order by id
"""
