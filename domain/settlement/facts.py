"""What stands behind a settlement line, as one JSON value: by what it was paid, what it reverses.

Over a row `{t}` of settlement_line; for `kit.reads` and for the export of a statement alike.
"""

# A test voucher is one from a quota that was applied for as such, or that was passed on from it.
_IS_TEST = """exists (select from coupon
  join voucher_quota quota on quota.id = coupon.quota_id
  left join voucher_quota above on above.id = quota.parent_id
  where coupon.id = part.coupon_id
    and coalesce(quota.application_id, above.application_id) is not null)"""

_PART = f"""json_build_object('part_id', part.id, 'instrument', part.instrument,
  'amount', paid.amount::text, 'counts', part.counts_performance, 'is_test', {_IS_TEST})"""

_OF_SALE = f"""(select json_agg({_PART} order by part.position)
  from payment_share paid join payment_part part on part.id = paid.part_id
  where paid.line_id = {{t}}.order_line_id and paid.amount > 0)"""

_OF_REFUND = f"""(select json_agg({_PART} order by part.position)
  from refund_part paid join payment_part part on part.id = paid.part_id
  where paid.refund_id = {{t}}.refund_id and paid.amount > 0)"""

# What was debt when it was charged stands in the ledger alone.
_PAID_LATER = """(select json_build_array(json_build_object('record_id', paid.subject_id,
    'instrument', 'CASH', 'amount', paid.amount::text, 'counts', true, 'is_test', false))
  from ledger_transfer paid where paid.id = {t}.transfer_id)"""

_OF_USAGE = """(select json_agg(json_build_object('record_id', record.id,
    'instrument', paid.instrument, 'amount', paid.amount::text,
    'counts', record.counts_performance and paid.is_like_cash, 'is_test', false))
  from consumption_record record cross join lateral (values
    ('CASH', record.cash, true), ('CREDIT', record.credit, true),
    ('STORED_VALUE_CARD', record.stored_value_card, true),
    ('CASH_COUPON', record.cash_coupon, true), ('VOUCHER', record.voucher, false),
    ('DEBT', record.debt, false)) paid (instrument, amount, is_like_cash)
  where record.id = {t}.consumption_record_id and paid.amount <> 0)"""

PAID = (
    f"case {{t}}.kind when 'ORIGINAL' then {_OF_SALE} when 'REVERSAL' then {_OF_REFUND}"
    f" when 'USAGE' then case when {{t}}.transfer_id is null then {_OF_USAGE}"
    f" else {_PAID_LATER} end end"
)

ORIGINAL = """(select json_build_object('id', first.id, 'amount', first.amount::text,
    'cash', first.cash::text, 'deal_amount', first.deal_amount::text,
    'floor_amount', first.floor_amount::text, 'period', first.period,
    'rule_version', first.rule_version)
  from settlement_line first where first.id = {t}.original_id)"""

POLICY = "(select sold.policy_id from order_line sold where sold.id = {t}.order_line_id)"

# Of a statement `{t}`: how many lines of each kind it has, and what they come to.
SUMS = """(select json_agg(json_build_object('kind', kind, 'lines', lines, 'amount', amount::text)
    order by kind)
  from (select line.kind, count(*) as lines, sum(line.amount) as amount
    from settlement_line line where line.statement_id = {t}.id group by line.kind) by_kind)"""

CARRIED_FROM = """(select json_build_object('id', before.id, 'number', before.number,
    'total_amount', before.total_amount::text)
  from statement before where before.id = {t}.carried_from_id)"""

# A line names the part of the incentive that it pays; the rest is frozen, or paid by other lines.
INCENTIVE = """(select json_build_object('id', whole.id, 'base_amount', whole.base_amount::text,
    'ratio', whole.ratio::text, 'others', (whole.amount - part.amount)::text)
  from incentive_part part join incentive whole on whole.id = part.incentive_id
  where part.id = {t}.incentive_id)"""

# Of an incentive `{t}`: the one of the period before, whose base was below zero.
BASE_CARRIED_FROM = """(select before.id from incentive before
  where before.partner_id = {t}.partner_id and before.code = {t}.code
    and before.ends_at = {t}.starts_at and {t}.carry_in <> 0)"""

BUSINESS_INFORMATION = (
    "(select whole.business_information_id from statement whole where whole.id = {t}.statement_id)"
)

RULE_VERSION = "(select made.rule_version from settlement_run made where made.id = {t}.run_id)"
