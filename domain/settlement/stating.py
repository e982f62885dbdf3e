"""From a partner's unsettled rows to its statements: worked out, split by rates, written."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.incentives import settling
from domain.settlement import carrying, computing, eligibility
from domain.settlement.rules import CURRENT
from kit import database, faults
from kit.ids import new_id
from kit.numbers import numbered
from models.settlement import StatementKind
from models.settlement_runs import SettlementRun
from models.statements import Statement

NUMBER = "ST"


@dataclass(frozen=True, slots=True)
class Stated:
    """What came of a partner's share: its statements, their lines, and what still waits."""

    statement_ids: list[UUID]
    lines: int
    waiting: int


async def state(run: SettlementRun, partner_id: UUID) -> Stated:
    """Make the partner's statements of a run, in the caller's transaction.

    One for each pair of tax rates (A-26). Where a statement of that key lives, what came since
    waits for the next period. Without certified business information nothing is made.
    """
    certified = await certified_at(partner_id, run.as_of)
    if certified is None:
        return Stated([], 0, await _waiting(partner_id))
    await database.rows("select set_config('work_mem', '64MB', true)")  # else it sorts on disk
    await database.execute(_TABLE)
    if run.kind is StatementKind.BASIC:
        await database.execute(
            _BASIC, partner_id, run.ends_at, run.as_of, certified["fee_tax_rate"]
        )
    else:
        await _incentives(run, partner_id, certified["fee_tax_rate"])
    await database.execute(_LEAVE_LIVE, partner_id, run.kind, run.period)
    faults.reach("settlement.computed")
    statements = []
    for group in await database.rows(_GROUPS):
        statement = await _statement(run, partner_id, certified["id"], group)
        await statement.insert()
        statements.append(statement)
    faults.reach("settlement.headed")
    if statements:
        await database.execute(_POINT)
        await database.execute(
            _LINES,
            *(run.as_of, partner_id, run.period, CURRENT, [each.id for each in statements]),
            [each.goods_tax_rate for each in statements],
            [each.fee_tax_rate for each in statements],
        )
        faults.reach("settlement.lined")
        await database.execute(_SETTLED, partner_id)
        if run.kind is StatementKind.ASSESSMENT:
            await settling.follow([each.id for each in statements], now=run.as_of)
    await database.execute("drop table settling")
    return Stated(
        [each.id for each in statements],
        sum(each.lines for each in statements),
        await _waiting(partner_id),
    )


async def certified_at(partner_id: UUID, at: datetime) -> dict[str, Any] | None:
    """The business information that a partner was certified with then: its id and tax rate."""
    return await database.row(_CERTIFIED, partner_id, at)


async def _incentives(run: SettlementRun, partner_id: UUID, fee_tax_rate: Decimal) -> None:
    payable = await settling.payable(partner_id=partner_id, ends_at=run.ends_at, as_of=run.as_of)
    await database.execute(
        _INCENTIVES,
        [each.incentive_id for each in payable],
        [each.amount for each in payable],
        [each.ready_at for each in payable],
        fee_tax_rate,
    )


async def _statement(
    run: SettlementRun, partner_id: UUID, business_information_id: UUID, group: dict[str, Any]
) -> Statement:
    rates = {name: group[name] for name in ("goods_tax_rate", "fee_tax_rate")}
    carry = await carrying.carry_into(
        partner_id=partner_id, kind=run.kind, period=run.period, holding=True, **rates
    )
    carry_in = carry.amount if carry else Decimal(0)
    replaced = await database.row(_REPLACED, *(partner_id, run.kind, run.period), *rates.values())
    id = new_id()
    return Statement(
        id=id,
        created_at=run.as_of,
        number=numbered(NUMBER, id, at=run.as_of),
        partner_id=partner_id,
        run_id=run.id,
        kind=run.kind,
        period=run.period,
        lines=group["lines"],
        lines_amount=group["amount"],
        carry_in=carry_in,
        carried_from_id=carry.statement_id if carry else None,
        total_amount=group["amount"] + carry_in,
        replaces_id=replaced["id"] if replaced else None,
        business_information_id=business_information_id,
        **rates,
    )


async def _waiting(partner_id: UUID) -> int:
    counted = await database.row(
        "select count(*) as waiting from unsettled where partner_id = $1", partner_id
    )
    assert counted is not None
    return int(counted["waiting"])


_CERTIFIED = f"""
select info.id, info.fee_tax_rate from business_information info
where info.id = {eligibility.certified("$1", "$2")}
"""

# `id`s are given in the order in which the lines are shown.
_TABLE = """
create temporary table settling (
  id uuid default uuidv7(), unsettled_id uuid, kind text, order_line_id uuid, refund_id uuid,
  consumption_record_id uuid, transfer_id uuid, incentive_id uuid, original_id uuid,
  customer_id uuid, goods_id uuid, share_model text, goods_kind text, cash numeric,
  deal_amount numeric, floor_amount numeric, ratio numeric, goods_tax_rate numeric(5, 4),
  fee_tax_rate numeric(5, 4), eligible_at timestamptz, taken_before numeric,
  cash_before numeric, takes_remainder boolean, amount numeric, reason text,
  place_at timestamptz, place uuid
) on commit drop
"""

_BASIC = (
    f"insert into settling ({computing.COLUMNS})"
    f" {computing.computed(holding=True)} select * from lines order by {computing.ORDERED}"
)

_INCENTIVES = """
insert into settling (kind, incentive_id, cash, fee_tax_rate, eligible_at, takes_remainder, amount)
select 'INCENTIVE', given.id, 0, $4, given.ready_at, false, given.amount
from unnest($1::uuid[], $2::numeric[], $3::timestamptz[]) as given (id, amount, ready_at)
order by given.id
"""

_LEAVE_LIVE = """
delete from settling using statement
where statement.partner_id = $1 and statement.kind = $2 and statement.period = $3
  and statement.status <> 'CANCELLED'
  and statement.goods_tax_rate is not distinct from settling.goods_tax_rate
  and statement.fee_tax_rate = settling.fee_tax_rate
"""

_GROUPS = """
select goods_tax_rate, fee_tax_rate, count(*) as lines, sum(amount) as amount
from settling group by goods_tax_rate, fee_tax_rate order by goods_tax_rate, fee_tax_rate
"""

# What was cancelled last of this key; if the fee's rate has changed meanwhile, at the old one.
_REPLACED = """
select before.id from statement before
where before.partner_id = $1 and before.kind = $2 and before.period = $3
  and before.goods_tax_rate is not distinct from $4 and before.status = 'CANCELLED'
  and not exists (select from statement later where later.replaces_id = before.id)
order by (before.fee_tax_rate = $5) desc, before.closed_at desc, before.id desc limit 1
"""

# A refund that is settled with its sale names the line of that.
_POINT = """
update settling back set original_id = sold.id from settling sold
where back.kind = 'REVERSAL' and back.original_id is null
  and sold.kind = 'ORIGINAL' and sold.order_line_id = back.order_line_id
"""

_LINES = """
insert into settlement_line (id, created_at, statement_id, partner_id, kind, customer_id, goods_id,
  order_line_id, refund_id, consumption_record_id, transfer_id, incentive_id, original_id, period,
  eligible_at, share_model, goods_kind, cash, deal_amount, floor_amount, ratio, goods_tax_rate,
  fee_tax_rate, rule_version, takes_remainder, taken_before, cash_before, amount, currency, reason)
select settling.id, $1, made.id, $2, kind, customer_id, goods_id, order_line_id, refund_id,
  consumption_record_id, transfer_id, incentive_id, original_id, $3, eligible_at, share_model,
  goods_kind, cash, deal_amount, floor_amount, ratio, settling.goods_tax_rate,
  settling.fee_tax_rate, $4, takes_remainder, taken_before, cash_before, amount, 'CNY', reason
from settling join unnest($5::uuid[], $6::numeric[], $7::numeric[])
  as made (id, goods_tax_rate, fee_tax_rate)
  on made.fee_tax_rate = settling.fee_tax_rate
  and coalesce(made.goods_tax_rate, -1) = coalesce(settling.goods_tax_rate, -1)
"""

# The partner is named so that its rows are found by its index, not among those of all.
_SETTLED = """
delete from unsettled using settling
where unsettled.id = settling.unsettled_id and unsettled.partner_id = $1
"""
