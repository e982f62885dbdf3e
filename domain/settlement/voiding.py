"""Taking a statement's lines back: what they stood for waits again (5.12, cancelled)."""

from datetime import datetime

from domain.incentives import settling
from kit import database
from kit.problems import Problem
from kit.transaction import assert_open
from models.statements import Statement


class RefundsSettledElsewhere(Problem):
    """Refunds of sales in the statement were taken back by another one, at its rates."""

    en = "Refunds of its sales are settled in {numbers}: that has to be cancelled first."
    zh = "其中订单的退订已在账单 {numbers} 中结算,请先取消该账单。"
    about = {"numbers": "The numbers of those statements, separated by commas."}
    numbers: str


async def void(statement: Statement, *, now: datetime) -> int:
    """Void the lines of a statement that has just become CANCELLED; how many there were.

    The caller holds it. What the lines stood for is unsettled again, as it was before: the next
    run of the same period, or of a later one, settles it anew. Raises RefundsSettledElsewhere.
    """
    assert_open()
    voided = await database.row(_VOID, statement.id, now)
    assert voided is not None
    # A statement of its own: a run that has just settled a refund held the line until its commit.
    elsewhere = await database.rows(_ELSEWHERE, statement.id)
    if elsewhere:
        raise RefundsSettledElsewhere(numbers=", ".join(row["number"] for row in elsewhere))
    await settling.follow([statement.id], now=now)
    return int(voided["lines"])


# An adjustment is as old as it was, so that it belongs to the same period again; and so is debt
# that was paid later.
_VOID = """
with gone as (
  update settlement_line line set voided_at = $2
  where line.statement_id = $1 and line.voided_at is null
  returning line.*
), back as (
  insert into unsettled (id, created_at, partner_id, kind, order_line_id, refund_id,
    consumption_record_id, transfer_id, line_id, cash, amount, goods_tax_rate, reason)
  select uuidv7(), eligible_at, partner_id, kind, order_line_id, refund_id, consumption_record_id,
    transfer_id, case when kind = 'ADJUSTMENT' then original_id end,
    case when kind = 'ORIGINAL' or transfer_id is not null then cash end,
    case when kind = 'ADJUSTMENT' then amount end,
    case when kind = 'ADJUSTMENT' then goods_tax_rate end, reason
  from gone where kind <> 'INCENTIVE'
)
select count(*) as lines from gone
"""

_ELSEWHERE = """
select distinct other.number
from settlement_line first join settlement_line back on back.order_line_id = first.order_line_id
  and back.original_id = first.id and back.kind = 'REVERSAL' and back.voided_at is null
join statement other on other.id = back.statement_id
where first.statement_id = $1 and first.kind = 'ORIGINAL'
order by other.number limit 10
"""
