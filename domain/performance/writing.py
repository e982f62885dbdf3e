"""Writing lines of performance for what was spent and came back (5.13, 6.7): a tick's work.

Payments are the hot path, so they leave only records of consumption. Every ten minutes those that
have no line get one, all in one statement, and each once. So do the transfers that have paid usage
which was debt when it was charged: it counts when it is paid.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
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
    days = [row["day"] for row in await database.rows(_DAYS, *since)]
    return await database.execute(
        _WRITE, *since, days, shown_from(days), await months.first_open(), now
    )


def shown_from(days: Sequence[date]) -> list[datetime]:
    """When the lines of each day are shown to partners: as the next working day begins (I-03)."""
    calendar = WorkCalendar()
    return [datetime.combine(calendar.add_workdays(day, 1).date, time(), SHANGHAI) for day in days]


async def _since() -> tuple[UUID, datetime]:
    """An id below those of all records that can be without a line, and a time before transfers'."""
    latest = await database.row(
        "select consumption_record_id as id, created_at from performance_line"
        " where consumption_record_id is not null and transfer_id is null"
        " order by consumption_record_id desc limit 1"
    )
    if latest is None:
        return UUID(int=0), datetime.min.replace(tzinfo=UTC)
    milliseconds = (latest["id"].int >> 80) - int(_LONGEST.total_seconds() * 1000)
    return UUID(int=max(0, milliseconds) << 80), latest["created_at"] - _LONGEST


_NEW = """
select record.*, null::uuid as paid_by, record.occurred_at as counted_at,
  record.created_at as recorded_at, record.period as counted_in,
  record.cash + record.credit + record.stored_value_card + record.cash_coupon as amount
from consumption_record record
where record.id > $1 and record.counts_performance
  and not exists (select from performance_line line
    where line.consumption_record_id = record.id and line.transfer_id is null)
union all
select record.*, paid.id, paid.created_at, paid.created_at,
  to_char(paid.created_at at time zone 'Asia/Shanghai', 'YYYY-MM'), paid.amount
from ledger_transfer paid join consumption_record record on record.id = paid.subject_id
where paid.created_at >= $2 and paid.subject_type = 'consumption_record' and record.debt > 0
  and paid.id is distinct from record.transfer_id and record.counts_performance
  and not exists (select from performance_line line where line.transfer_id = paid.id)
"""

_DAYS = f"""
select distinct (recorded_at at time zone 'Asia/Shanghai')::date as day from ({_NEW}) record
order by day
"""

# Of a refund, seller and terms are those of what it gives back; of usage, those of the order by
# which the customer has these goods, else its partner's and the policy's of that moment. A manager
# counts from the day after he was given the customer, and for the whole day on which it was taken
# from him (O-07). What is sold to a re-bound customer too early for an incentive is marked, and so
# is what comes back of it, whenever it does (I-13).
_WRITE = f"""
insert into performance_line (id, created_at, partner_id, reseller_id, kind, period, performed_at,
  visible_at, consumption_record_id, transfer_id, customer_id, manager_id, association_type,
  goods_id, order_id, order_line_id, refund_id, strategy, scene, charge_mode, exclusion,
  excluded_until, currency, amount, credit_amount)
select uuidv7(), $6, coalesce(earner.distributor_id, earner.id),
  case when earner.distributor_id is not null then earner.id end,
  case record.bill_type when 'REFUND' then 'REFUND' when 'USAGE' then 'USAGE' else 'SALE' end,
  greatest(record.counted_in, $5), record.counted_at, days.shown_from, record.id, record.paid_by,
  record.customer_id, cared.manager_id, record.association_type, record.goods_id, bought.id,
  sold.id, record.refund_id, terms.strategy,
  case coalesce(bought.policy_scene, 'NONE') when 'NONE' then 'DISTRIBUTOR'
    else bought.policy_scene end,
  sold.charge_mode, case when late.incentives_from is not null then 'REBOUND_CUSTOMER' end,
  late.incentives_from, record.currency, record.amount,
  case when record.paid_by is null then record.credit else 0 end
from ({_NEW}) record
join unnest($3::date[], $4::timestamptz[]) as days (day, shown_from)
  on days.day = (record.recorded_at at time zone 'Asia/Shanghai')::date
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
cross join lateral (select date_trunc('day', record.counted_at, 'Asia/Shanghai') as begins) day
left join lateral (
  select assigned.manager_id from customer_assignment assigned
  where assigned.customer_id = record.customer_id and assigned.partner_id = earner.id
    and assigned.from_at < day.begins and (assigned.to_at is null or assigned.to_at >= day.begins)
  order by assigned.from_at desc limit 1) cared on true
left join lateral (
  select bound.incentives_from from association bound join partner holder
    on holder.id = bound.partner_id
  cross join lateral (select case when record.refund_id is null then record.counted_at
    else coalesce(bought.paid_at, record.counted_at) end as at) formed
  where bound.customer_id = record.customer_id and bound.incentives_from > formed.at
    and bound.started_at <= formed.at and (bound.ended_at is null or bound.ended_at > formed.at)
    and coalesce(holder.distributor_id, holder.id) = coalesce(earner.distributor_id, earner.id)
  order by bound.started_at desc limit 1) late on true
where record.amount <> 0 and terms.strategy <> 'NONE'
order by record.id, record.paid_by nulls first
on conflict do nothing
"""
