"""What partners are to be paid for, or pay back, written down in the transaction that makes it so.

What can be decided when it happens is decided here, once; what can never be settled leaves no row.
One statement for each fact: these run inside payments and refunds.
"""

from domain.consumption import effects as consumption
from domain.consumption.effects import Charged, DebtPaid
from domain.orders import effects as orders
from domain.orders.effects import Paid
from domain.refunds import effects as refunds
from domain.refunds.effects import Refunded
from domain.settlement.eligibility import BY_USE, EARNS
from kit import database


async def claim_sale(paid: Paid) -> orders.Done:
    """Each line of a paid order that earns its seller a share. The effect of orders' PAID.

    What is charged by its use is no sale yet: that comes month by month.
    """
    claimed = await database.rows(_SALE, paid.order_id, paid.now)
    return {"claimed": len(claimed)} if claimed else {}


async def claim_back(fact: Refunded) -> refunds.Done:
    """What a refund takes back of a sale that is claimed or settled. The effect of REFUNDED."""
    claimed = await database.rows(_BACK, fact.refund_id, fact.now)
    return {"claimed": len(claimed)} if claimed else {}


async def claim_usage(fact: Charged) -> consumption.Done:
    """Usage that was charged, by the terms of the order that it goes on. The effect of CHARGED.

    What takes back from a charge does so by the terms of that one.
    """
    if fact.corrects_id is None:
        claimed = await database.rows(_USAGE, fact.record_id, fact.now)
    else:
        claimed = await database.rows(_LIKE, fact.corrects_id, fact.record_id, None, None, fact.now)
    return {"claimed": len(claimed)} if claimed else {}


async def claim_paid_later(fact: DebtPaid) -> consumption.Done:
    """Usage that was debt when it was charged, by the same terms. The effect of DEBT_PAID."""
    claimed = await database.rows(
        *(_LIKE, fact.record_id, fact.record_id, fact.transfer_id, fact.amount, fact.now)
    )
    return {"claimed": len(claimed)} if claimed else {}


_SALE = f"""
insert into unsettled (id, created_at, partner_id, kind, order_line_id, cash)
select uuidv7(), $2, o.seller_id, 'ORIGINAL', l.id, (
  select coalesce(sum(share.amount), 0)
  from payment_share share join payment_part part on part.id = share.part_id
  where share.line_id = l.id and part.counts_performance)
from sales_order o join order_line l on l.order_id = o.id
where o.id = $1 and not {BY_USE} and {EARNS}
order by l.position
returning id
"""

_BACK = """
insert into unsettled (id, created_at, partner_id, kind, order_line_id, refund_id)
select uuidv7(), $2, claimed.partner_id, 'REVERSAL', back.line_id, back.id
from refund back join lateral (
  select waits.partner_id from unsettled waits
  where waits.order_line_id = back.line_id and waits.kind = 'ORIGINAL'
  union all
  select settled.partner_id from settlement_line settled
  where settled.order_line_id = back.line_id and settled.kind = 'ORIGINAL'
    and settled.voided_at is null
  limit 1) claimed on true
where back.id = $1
returning id
"""

# The order that was the last to be paid when it was used, and is not given back.
_USAGE = f"""
insert into unsettled (id, created_at, partner_id, kind, order_line_id, consumption_record_id)
select uuidv7(), $2, o.seller_id, 'USAGE', l.id, record.id
from consumption_record record
join lateral (
  select line.id from order_line line join sales_order bought on bought.id = line.order_id
  where line.goods_id = record.goods_id and bought.customer_id = record.customer_id
    and bought.paid_at <= record.occurred_at and bought.type <> 'UNSUBSCRIBE'
    and line.charge_mode in ('ON_DEMAND', 'PER_USE')
  order by bought.paid_at desc, line.id desc limit 1) last on true
join order_line l on l.id = last.id join sales_order o on o.id = l.order_id
where record.id = $1 and {EARNS}
returning id
"""

# Whose the charge $1 is, and on which line, is where it waits or was settled; else nobody's.
_LIKE = """
insert into unsettled (id, created_at, partner_id, kind, order_line_id, consumption_record_id,
  transfer_id, cash)
select uuidv7(), $5, first.partner_id, 'USAGE', first.order_line_id, $2, $3, $4
from (
  select waits.partner_id, waits.order_line_id from unsettled waits
  where waits.consumption_record_id = $1 and waits.kind = 'USAGE' and waits.transfer_id is null
  union all
  select settled.partner_id, settled.order_line_id from settlement_line settled
  where settled.consumption_record_id = $1 and settled.kind = 'USAGE'
    and settled.transfer_id is null and settled.voided_at is null
  limit 1) first
returning id
"""
