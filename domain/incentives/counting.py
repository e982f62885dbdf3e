"""What of performance an incentive counts, and what of that isn't repaid yet, as SQL (I-15, I-16).

Both are over rows `counted (key, amount, credit_amount, order_id)`: the lines of a partner (or of
an incentive) in the scene and with the strategies of a policy.
"""

# Of a sale on credit that isn't repaid, what is still lent: what was refunded isn't owed any more.
FROZEN_BASE = """
select lent.key, sum(least(greatest(lent.credit, 0), owed.amount)) as amount
from (
  select key, order_id, sum(credit_amount) as credit from counted where credit_amount <> 0
  group by key, order_id) lent
join sales_order sold on sold.id = lent.order_id and sold.payment_state = 'PAID_ON_CREDIT'
cross join lateral (
  select coalesce(sum(part.amount - part.refunded_amount), 0) as amount from payment_part part
  where part.order_id = sold.id and part.instrument = 'CREDIT') owed
group by lent.key
"""

# The part of an amount that is frozen: at the same ratio, and never more than the whole.
FROZEN = (
    "least({amount}, round(least(coalesce({frozen_base}, 0), greatest({base}, 0)) * {ratio}, 2))"
)

# The first and the last month of an incentive's period.
FIRST_MONTH = "to_char({t}.starts_at at time zone 'Asia/Shanghai', 'YYYY-MM')"
LAST_MONTH = "to_char({t}.ends_at at time zone 'Asia/Shanghai' - interval '1 day', 'YYYY-MM')"
