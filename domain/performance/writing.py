"""Writing lines of performance for what was spent and came back (5.13, 6.7): a tick's work.

Payments are the hot path, so they leave only records of consumption. Every ten minutes those that
have no line get one, all in one statement, and each once.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from domain.performance import months
from kit import database
from kit.transaction import transactional
from kit.workdays import SHANGHAI, WorkCalendar

EVERY = timedelta(minutes=10)

# Ids rise with the time of their making, but come to light with the commit. No transaction is open
# so long.
_LONGEST = timedelta(hours=6)


@transactional
async def write_lines(*, scheduled_for: datetime, now: datetime) -> int:
    """Write a line for each record that counts and has none yet; how many there were.

    Not for goods of strategy NONE (G-05), nor for a customer without a partner that a partner
    didn't sell to.
    """
    await months.hold()
    return await write(now=now)


async def write(*, now: datetime) -> int:
    """As `write_lines`, for who has `months.hold`."""
    since = await _since()
    days = [row["day"] for row in await database.rows(_DAYS, since)]
    return await database.execute(
        _WRITE, since, days, shown_from(days), await months.first_open(), now
    )


def shown_from(days: Sequence[date]) -> list[datetime]:
    """When the lines of each day are shown to partners: as the next working day begins (I-03)."""
    calendar = WorkCalendar()
    return [datetime.combine(calendar.add_workdays(day, 1).date, time(), SHANGHAI) for day in days]


async def _since() -> UUID:
    """An id below those of all records that can be without a line."""
    latest = await database.row(
        "select consumption_record_id as id from performance_line"
        " where consumption_record_id is not null order by consumption_record_id desc limit 1"
    )
    if latest is None:
        return UUID(int=0)
    milliseconds = (latest["id"].int >> 80) - int(_LONGEST.total_seconds() * 1000)
    return UUID(int=max(0, milliseconds) << 80)


_NEW = """
from consumption_record record
where record.id > $1 and record.counts_performance
  and not exists (select from performance_line line where line.consumption_record_id = record.id)
"""

_DAYS = f"""
select distinct (record.created_at at time zone 'Asia/Shanghai')::date as day {_NEW} order by day
"""

# Of a refund, seller and terms are those of what it gives back; of usage, those of the order by
# which the customer has these goods, else its partner's and the policy's of that moment. A manager
# counts from the day after he was given the customer, and for the whole day on which it was taken
# from him (O-07).
_WRITE = f"""
insert into performance_line (id, created_at, partner_id, reseller_id, kind, period, performed_at,
  visible_at, consumption_record_id, customer_id, manager_id, association_type, goods_id, order_id,
  order_line_id, refund_id, strategy, scene, charge_mode, currency, amount, credit_amount)
select uuidv7(), $5, coalesce(earner.distributor_id, earner.id),
  case when earner.distributor_id is not null then earner.id end,
  case record.bill_type when 'REFUND' then 'REFUND' when 'USAGE' then 'USAGE' else 'SALE' end,
  greatest(record.period, $4), record.occurred_at, days.shown_from, record.id, record.customer_id,
  cared.manager_id, record.association_type, record.goods_id, bought.id, sold.id, record.refund_id,
  terms.strategy,
  case coalesce(bought.policy_scene, 'NONE') when 'NONE' then 'DISTRIBUTOR'
    else bought.policy_scene end,
  sold.charge_mode, record.currency, counted.amount, record.credit
from (select record.* {_NEW}) record
join unnest($2::date[], $3::timestamptz[]) as days (day, shown_from)
  on days.day = (record.created_at at time zone 'Asia/Shanghai')::date
cross join lateral (select record.cash + record.credit + record.stored_value_card
  + record.cash_coupon as amount) counted
left join lateral (
  select line.id from order_line line join sales_order placed on placed.id = line.order_id
  where record.line_id is null and line.goods_id = record.goods_id
    and placed.customer_id = record.customer_id and placed.paid_at <= record.occurred_at
    and placed.type <> 'UNSUBSCRIBE' and line.charge_mode in ('ON_DEMAND', 'PER_USE')
  order by placed.paid_at desc, line.id desc limit 1) by_use on true
left join order_line sold on sold.id = coalesce(record.line_id, by_use.id)
left join sales_order bought on bought.id = sold.order_id
join partner earner on earner.id = coalesce(bought.seller_id, record.partner_id)
join lateral (
  select coalesce(sold.strategy, (
    select policy.strategy from goods_policy policy
    where policy.goods_id = record.goods_id and policy.valid_from <= record.occurred_at
    order by policy.valid_from desc limit 1), 'NONE') as strategy) terms on true
cross join lateral (select date_trunc('day', record.occurred_at, 'Asia/Shanghai') as begins) day
left join lateral (
  select assigned.manager_id from customer_assignment assigned
  where assigned.customer_id = record.customer_id and assigned.partner_id = earner.id
    and assigned.from_at < day.begins and (assigned.to_at is null or assigned.to_at >= day.begins)
  order by assigned.from_at desc limit 1) cared on true
where counted.amount <> 0 and terms.strategy <> 'NONE'
order by record.id
on conflict (consumption_record_id) do nothing
"""
