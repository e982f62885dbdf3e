"""Where what a line of a cancelled statement stood for is now, as SQL for `differing`.

Over a row `pair` of that, the order's line `sold`, and `run.made_at`, when the statement was made.
"""

# The number of the statement that has it. Adjustments have no id of their own, but one that waits
# again is as old as it was (see `voiding`), to the microsecond.
ELSEWHERE = """case pair.kind
    when 'INCENTIVE' then (
      select other.number
      from settlement_line live join statement other on other.id = live.statement_id
      where live.voided_at is null and live.kind = 'INCENTIVE'
        and live.incentive_id = pair.incentive_id)
    when 'ADJUSTMENT' then (
      select other.number
      from statement other join settlement_line live on live.statement_id = other.id
      where other.partner_id = pair.partner_id and other.created_at >= run.made_at
        and live.voided_at is null and live.kind = 'ADJUSTMENT'
        and live.eligible_at = pair.eligible_at and live.amount = pair.b_amount
        and live.reason = pair.reason
      limit 1)
    else (
      select other.number
      from settlement_line live join statement other on other.id = live.statement_id
      where live.voided_at is null and live.kind = pair.kind and live.order_line_id = sold.id
        and live.refund_id is not distinct from pair.refund_id
        and live.consumption_record_id is not distinct from pair.consumption_record_id
        and live.transfer_id is not distinct from pair.transfer_id
      limit 1) end"""

# Whether it waits for its next statement.
WAITS = """case pair.kind
    when 'INCENTIVE' then exists (
      select from incentive_part part join incentive earned on earned.id = part.incentive_id
      where part.id = pair.incentive_id and part.state = 'READY' and earned.state <> 'LAPSED')
    when 'ADJUSTMENT' then exists (
      select from unsettled waiting
      where waiting.partner_id = pair.partner_id and waiting.kind = 'ADJUSTMENT'
        and waiting.created_at = pair.eligible_at and waiting.amount = pair.b_amount
        and waiting.reason = pair.reason)
    else exists (
      select from unsettled waiting
      where waiting.kind = pair.kind and waiting.order_line_id = sold.id
        and waiting.refund_id is not distinct from pair.refund_id
        and waiting.consumption_record_id is not distinct from pair.consumption_record_id
        and waiting.transfer_id is not distinct from pair.transfer_id) end"""
