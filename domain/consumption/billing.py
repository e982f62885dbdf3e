"""Partner bills (伙伴账单), made before noon of the fifth: each record counts in one of them."""

from datetime import datetime

from domain.audit import events
from domain.consumption.periods import BILLED_AT, BILLED_ON, before
from domain.identity.viewer import SYSTEM
from kit import database
from kit.transaction import transactional

DAY, AT = BILLED_ON, BILLED_AT


@transactional
async def make_bills(*, scheduled_for: datetime, now: datetime) -> int:
    """Make a bill of last month for each partner whose customers spent something; how many.

    What was recorded for earlier months, but after their bills, is an adjustment. A partner that
    has a bill of that month gets none: what comes late waits for the next. So it may run twice.
    """
    period = before(scheduled_for)
    made = await database.rows(_MAKE, period, now)
    for bill in made:
        await events.record(
            "partner_bill.made",
            actor=SYSTEM,
            subject_type="partner_bill",
            subject_id=bill["id"],
            tenant_id=bill["partner_id"],
            # As with goods: no seat has the id of a partner, so it isn't for account managers.
            manager_id=bill["partner_id"],
            after={"period": period, "total_amount": str(bill["total_amount"])},
            at=now,
        )
    return len(made)


_MAKE = """
with due as (
  select record.id, record.partner_id, record.consume_amount,
    case when record.period < $1 then 'late' when record.bill_type = 'REFUND' then 'refund'
      else 'consumption' end as part
  from consumption_record record
  where record.partner_bill_id is null and record.partner_id is not null and record.period <= $1
    and not exists (select from partner_bill bill
      where bill.partner_id = record.partner_id and bill.period = $1)
  order by record.id for no key update of record
), bills as (
  insert into partner_bill (id, created_at, partner_id, period, currency, consumption_amount,
    refund_amount, adjustment_amount, total_amount, records)
  select uuidv7(), $2, partner_id, $1, 'CNY',
    coalesce(sum(consume_amount) filter (where part = 'consumption'), 0),
    coalesce(sum(consume_amount) filter (where part = 'refund'), 0),
    coalesce(sum(consume_amount) filter (where part = 'late'), 0),
    sum(consume_amount), count(*)
  from due group by partner_id
  returning id, partner_id, total_amount
), counted as (
  update consumption_record record set partner_bill_id = bills.id
  from due join bills on bills.partner_id = due.partner_id
  where record.id = due.id
)
select id, partner_id, total_amount from bills order by id
"""
