"""What a partner's unsettled rows come to, in one statement of SQL: for the run and its preview.

Every row comes out once: with its amount, or with what it waits for. The sale's own lines, what
refunds take back of them and of settled ones, usage, and adjustments; nothing is written.
"""

from domain.settlement import eligibility, formula
from domain.settlement.eligibility import PendingReason
from domain.settlement.rules import CURRENT, RULES

_RULES = RULES[CURRENT]

# $1 partner, $2 the end of the period, $3 as of when, $4 the tax rate of the partner's fee.
_UNTIL, _AT = "$2::timestamptz", "$3::timestamptz"

_TERMS = {
    "model": "share_model",
    "kind": "goods_kind",
    "floor": "floor_amount",
    "ratio": "ratio",
    "fee_tax": "fee_tax_rate",
}
_ABOVE = formula.numerator(_RULES, cash="cash", deal="deal_amount", **_TERMS)
_BELOW = formula.denominator(model="share_model", goods_tax="goods_tax_rate")
_SHARE = formula.rounded(_ABOVE, _BELOW)

_USED = formula.rounded(
    formula.numerator(_RULES, cash="(cash_before + cash)", deal="deal_amount", **_TERMS),
    _BELOW,
    signed=True,
)
_USED_BEFORE = formula.rounded(
    formula.numerator(_RULES, cash="cash_before", deal="deal_amount", **_TERMS),
    _BELOW,
    signed=True,
)

_BACK_ABOVE = formula.numerator(
    _RULES, cash="back_cash", deal="deal_amount", refunded="back_amount", **_TERMS
)
_BACK_BELOW = formula.denominator(
    model="share_model", goods_tax="goods_tax_rate", deal="deal_amount"
)
_BY_FLOOR = formula.by_floor("share_model")

_SALES = f"""
waiting as materialized (
  select * from unsettled u where u.partner_id = $1 and u.created_at <= {_AT}
  order by u.order_line_id
), sold as (
  select w.id as unsettled_id, l.id as order_line_id, o.customer_id, l.goods_id,
    l.share_model, l.kind as goods_kind, w.cash, l.due_amount as deal_amount, l.floor_amount,
    l.share_ratio as ratio, l.tax_rate as goods_tax_rate, $4::numeric as fee_tax_rate,
    {eligibility.eligible_at(_AT)} as eligible_at
  from waiting w join order_line l on l.id = w.order_line_id join sales_order o on o.id = l.order_id
  where w.kind = 'ORIGINAL'
), original as materialized (
  select sold.*, {_SHARE} as amount from sold where eligible_at < {_UNTIL}
)"""

# Takes back what was settled before ({hold} keeps that from being voided meanwhile), or what is
# settled now. A refund after the period comes with its sale when both are there.
_REFUNDS = f"""
settled as materialized (
  select first.id, first.order_line_id, first.customer_id, first.goods_id, first.share_model,
    first.goods_kind, first.cash, first.deal_amount, first.floor_amount, first.ratio,
    first.goods_tax_rate, first.fee_tax_rate, first.eligible_at, first.amount
  from settlement_line first
  where first.kind = 'ORIGINAL' and first.voided_at is null and first.order_line_id = any(array(
    select w.order_line_id from waiting w where w.kind = 'REVERSAL'))
  {{hold}}
), whole as (
  select id, order_line_id, customer_id, goods_id, share_model, goods_kind, cash, deal_amount,
    floor_amount, ratio, goods_tax_rate, fee_tax_rate, eligible_at, amount from settled
  union all
  select null, order_line_id, customer_id, goods_id, share_model, goods_kind, cash, deal_amount,
    floor_amount, ratio, goods_tax_rate, fee_tax_rate, eligible_at, amount from original
), back as (
  select w.id as unsettled_id, w.refund_id, whole.id as original_id, whole.order_line_id,
    whole.customer_id, whole.goods_id, whole.share_model, whole.goods_kind, whole.cash,
    whole.deal_amount, whole.floor_amount, whole.ratio, whole.goods_tax_rate, whole.fee_tax_rate,
    whole.amount, returned.cash as back_cash,
    back.amount as back_amount, back.refunded_at, whole.eligible_at as sold_at,
    greatest(back.refunded_at, whole.eligible_at) as eligible_at
  from waiting w join refund back on back.id = w.refund_id
  join whole on whole.order_line_id = w.order_line_id
  cross join lateral (
    select coalesce(sum(part.amount), 0) as cash
    from refund_part part where part.refund_id = back.id and part.counts_performance) returned
  where w.kind = 'REVERSAL' and back.refunded_at <= {_AT}
    and (back.refunded_at < {_UNTIL} or whole.id is null and back.kind <> 'PARTIAL_USED')
), counted as (
  select back.*, before.taken,
    case when {_BY_FLOOR} then back.deal_amount else back.cash end as base,
    case when {_BY_FLOOR} then before.refunded else before.cash end as base_before,
    sum(case when {_BY_FLOOR} then back_amount else back_cash end) over one_after_the_other
      as base_now,
    sum({formula.rounded(_BACK_ABOVE, _BACK_BELOW)}) over one_after_the_other as taken_now
  from back cross join lateral (
    select coalesce(-sum(earlier.amount), 0) as taken, coalesce(-sum(earlier.cash), 0) as cash,
      coalesce(-sum(earlier.deal_amount), 0) as refunded
    from settlement_line earlier
    where earlier.order_line_id = back.order_line_id and earlier.kind = 'REVERSAL'
      and earlier.original_id = back.original_id and earlier.voided_at is null) before
  window one_after_the_other as (partition by order_line_id order by refunded_at, refund_id)
), limited as (
  select counted.*, base_before + base_now >= base as is_whole,
    case when base_before + base_now >= base then amount else least(amount, taken + taken_now) end
      as taken_upto
  from counted
), reversal as (
  select limited.*, coalesce(lag(taken_upto) over one_after_the_other, taken) as taken_before,
    is_whole and not coalesce(lag(is_whole) over one_after_the_other, base_before >= base
      and base > 0) as takes_remainder
  from limited
  window one_after_the_other as (partition by order_line_id order by refunded_at, refund_id)
)"""

# What a customer has used of goods at the same terms is rounded as a whole (6.10): each charge is
# what it adds to that, the first one first. What corrects a charge is below zero; what was debt
# then has the moment and the cash of the transfer that paid it.
_USED_AT = "case when w.transfer_id is null then record.occurred_at else w.created_at end"
_USED_AS = "coalesce(transfer_id, consumption_record_id)"
_USAGE = f"""
used as (
  select w.id as unsettled_id, l.id as order_line_id, record.id as consumption_record_id,
    w.transfer_id, record.customer_id, record.goods_id, l.share_model, l.kind as goods_kind,
    case when not record.counts_performance then 0 when w.transfer_id is not null then w.cash
      else record.cash + record.credit + record.stored_value_card + record.cash_coupon end as cash,
    case when w.transfer_id is null then record.consume_amount end as deal_amount,
    null::numeric as floor_amount, l.share_ratio as ratio, l.tax_rate as goods_tax_rate,
    $4::numeric as fee_tax_rate, {_USED_AT} as eligible_at
  from waiting w join consumption_record record on record.id = w.consumption_record_id
  join order_line l on l.id = w.order_line_id
  where w.kind = 'USAGE' and {_USED_AT} < {_UNTIL}
), usage as (
  select used.*, sum(cash) over one_after_the_other - cash as cash_before from used
  window one_after_the_other as (
    partition by customer_id, goods_id, share_model, goods_kind, ratio, goods_tax_rate
    order by eligible_at, {_USED_AS})
)"""

_NONE = "null::uuid"
_NO_RATE = "null::numeric"

# The columns, in this order, for each kind of row; `place` puts refunds behind what they refund.
COLUMNS = (
    "unsettled_id, kind, order_line_id, refund_id, consumption_record_id, transfer_id, original_id,"
    " customer_id, goods_id, share_model, goods_kind, cash, deal_amount, floor_amount, ratio,"
    " goods_tax_rate, fee_tax_rate, eligible_at, taken_before, cash_before, takes_remainder,"
    " amount, reason, place_at, place"
)

_LINES = f"""
lines ({COLUMNS}) as (
  select unsettled_id, 'ORIGINAL', order_line_id, {_NONE}, {_NONE}, {_NONE}, {_NONE}, customer_id,
    goods_id, share_model, goods_kind, cash, deal_amount, floor_amount, ratio, goods_tax_rate,
    fee_tax_rate, eligible_at, {_NO_RATE}, {_NO_RATE}, false, amount, null::text, eligible_at,
    order_line_id
  from original
  union all
  select unsettled_id, 'REVERSAL', order_line_id, refund_id, {_NONE}, {_NONE}, original_id,
    customer_id, goods_id, share_model, goods_kind, -back_cash, -back_amount, floor_amount, ratio,
    goods_tax_rate, fee_tax_rate, eligible_at, taken_before, {_NO_RATE}, takes_remainder,
    taken_before - taken_upto, null, case when original_id is null then sold_at else eligible_at
    end, order_line_id
  from reversal
  union all
  select unsettled_id, 'USAGE', order_line_id, {_NONE}, consumption_record_id, transfer_id, {_NONE},
    customer_id, goods_id, share_model, goods_kind, cash, deal_amount, floor_amount, ratio,
    goods_tax_rate, fee_tax_rate, eligible_at, {_NO_RATE}, cash_before, false,
    {_USED} - {_USED_BEFORE}, null, eligible_at, {_USED_AS}
  from usage
  union all
  select id, 'ADJUSTMENT', {_NONE}, {_NONE}, {_NONE}, {_NONE}, line_id, {_NONE}, {_NONE}, null,
    null, 0, {_NO_RATE}, {_NO_RATE}, {_NO_RATE}, goods_tax_rate, $4, created_at, {_NO_RATE},
    {_NO_RATE}, false, amount, reason, created_at, id
  from waiting where kind = 'ADJUSTMENT' and created_at < {_UNTIL}
)"""


def computed(*, holding: bool) -> str:
    """Common table expressions that end with `lines`: what can be settled, line by line.

    `holding`: the settled sales that refunds take back from are held until the commit.
    """
    refunds = _REFUNDS.replace("{hold}", "for no key update of first" if holding else "")
    return f"with {_SALES},{refunds},{_USAGE},{_LINES}"


ORDERED = "place_at, place, kind, eligible_at, refund_id"

# What those of the rows wait for that aren't among `lines`: (kind, reasons, rows).
WAITING = f"""
select w.kind, case
    when w.kind = 'ORIGINAL' then (
      select {eligibility.missing(until=_UNTIL, at=_AT)}
      from order_line l join sales_order o on o.id = l.order_id where l.id = w.order_line_id)
    when w.kind = 'REVERSAL' and not exists (
      select from whole where whole.order_line_id = w.order_line_id)
      then array['{PendingReason.ORIGINAL_WAITS}']
    else array['{PendingReason.LATER_PERIOD}'] end as reasons, count(*) as rows
from waiting w where not exists (select from lines where lines.unsettled_id = w.id)
group by 1, 2
"""
