"""What two statements of a partner say differently, line by line, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.settlement import whereabouts
from kit import database
from kit.problems import Problem
from models.settlement import SettledKind
from models.statements import Statement

ZERO = Decimal("0.00")


class NotComparable(Problem):
    """They are about different things."""

    en = "Only two statements of the same partner and kind can be compared."
    zh = "只能比较同一伙伴、同一类型的两张账单。"


class Change(StrEnum):
    """What has become of a line."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


class Why(StrEnum):
    """Why a line was added or removed, or which of its inputs changed."""

    SOLD_SINCE = "SOLD_SINCE"
    PAID = "PAID"
    REPAID = "REPAID"
    OPENED = "OPENED"
    TOOK_EFFECT = "TOOK_EFFECT"
    SUPERVISION_DONE = "SUPERVISION_DONE"
    REFUNDED = "REFUNDED"
    USED = "USED"
    ATTAINED = "ATTAINED"
    ADJUSTED = "ADJUSTED"
    HAD_WAITED = "HAD_WAITED"
    STAYS = "STAYS"
    SETTLED_ELSEWHERE = "SETTLED_ELSEWHERE"
    WAITS_AGAIN = "WAITS_AGAIN"
    GONE = "GONE"
    FEE_TAX_RATE = "FEE_TAX_RATE"
    GOODS_TAX_RATE = "GOODS_TAX_RATE"
    RULES = "RULES"
    CASH = "CASH"
    PRICE = "PRICE"
    RATIO = "RATIO"
    OTHER_REFUNDS = "OTHER_REFUNDS"
    OTHER_USAGE = "OTHER_USAGE"
    AMOUNT = "AMOUNT"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, and from what to what, where an input changed; or since when, or where it is now."""

    why: Why
    before: str | None = None
    after: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one thing came to in either statement; None where it isn't in it."""

    id: UUID
    change: Change
    kind: SettledKind
    order_number: str | None
    customer_name: str | None
    before_line_id: UUID | None
    after_line_id: UUID | None
    before_amount: Decimal | None
    after_amount: Decimal | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """How many lines of a kind either has, and what they come to."""

    kind: SettledKind
    before_lines: int
    before_amount: Decimal
    after_lines: int
    after_amount: Decimal


async def comparable(before_id: UUID, after_id: UUID) -> None:
    """Raise NotComparable for statements of different partners or kinds."""
    found = await Statement.filter(id__in=[before_id, after_id])
    if len({(each.partner_id, each.kind) for each in found}) != 1:
        raise NotComparable()


async def sums(before_id: UUID, after_id: UUID) -> list[Sums]:
    """By kind: lines and amounts of both."""
    found = await database.rows(_SUMS, before_id, after_id)
    return [Sums(**row | {"kind": SettledKind(row["kind"])}) for row in found]


async def count(before_id: UUID, after_id: UUID, *, most: int) -> int:
    """How many lines differ, counted up to one more than `most`."""
    row = await database.row(
        f"{_PAIRS} select count(*) as found from (select from pairs limit $3) counted",
        *(before_id, after_id, most + 1),
    )
    assert row is not None
    return int(row["found"])


async def page(before_id: UUID, after_id: UUID, *, size: int, behind: UUID | None) -> Sequence[Row]:
    """Lines that differ, in the order of their ids, from behind that one on.

    One more than `size`, if there is one, tells that others follow.
    """
    found = await database.rows(_PAGE, before_id, after_id, behind, size + 1)
    return [_row(row) for row in found]


def _row(row: dict[str, Any]) -> Row:
    change = Change(row["change"])
    kind = SettledKind(row["kind"])
    reasons: tuple[Reason, ...]
    if change is Change.ADDED:
        reasons = (_came(row, kind),)
    elif change is Change.REMOVED:
        reasons = (_went(row),)
    else:
        reasons = tuple(_changed(row))
    return Row(
        id=row["id"],
        change=change,
        kind=kind,
        order_number=row["order_number"],
        customer_name=row["customer_name"],
        before_line_id=row["b_id"],
        after_line_id=row["a_id"],
        before_amount=row["b_amount"],
        after_amount=row["a_amount"],
        reasons=reasons,
    )


def _came(row: dict[str, Any], kind: SettledKind) -> Reason:
    """Why a line is in the later one alone: what has happened since the earlier one was made."""
    since = row["eligible_at"]
    match kind:
        case SettledKind.REVERSAL:
            return Reason(Why.REFUNDED, at=row["refunded_at"])
        case SettledKind.USAGE:
            return Reason(Why.PAID if row["transfer_id"] else Why.USED, at=since)
        case SettledKind.INCENTIVE:
            return Reason(Why.ATTAINED, at=since)
        case SettledKind.ADJUSTMENT:
            return Reason(Why.ADJUSTED, at=since)
    if since < row["ended_at"]:
        # It could have been in the earlier one: the partner wasn't certified, or it was void then.
        return Reason(Why.HAD_WAITED, at=since)
    if row["ordered_at"] is not None and row["ordered_at"] >= row["ended_at"]:
        return Reason(Why.SOLD_SINCE, at=row["ordered_at"])
    for column, why in _CONDITIONS.items():
        if row[column] == since:
            return Reason(why, at=since)
    return Reason(Why.HAD_WAITED, at=since)


_CONDITIONS = {
    "repaid_at": Why.REPAID,
    "supervision_done_at": Why.SUPERVISION_DONE,
    "effective_at": Why.TOOK_EFFECT,
    "opened_at": Why.OPENED,
    "paid_at": Why.PAID,
    "any_refunded_at": Why.REFUNDED,
}


def _went(row: dict[str, Any]) -> Reason:
    """Where a line is that the later one hasn't: unless it was cancelled, where it was."""
    if row["b_voided_at"] is None:
        return Reason(Why.STAYS)
    if row["elsewhere"] is not None:
        return Reason(Why.SETTLED_ELSEWHERE, after=row["elsewhere"])
    return Reason(Why.WAITS_AGAIN if row["waits"] else Why.GONE)


def _changed(row: dict[str, Any]) -> list[Reason]:
    """Which inputs are others; the amount itself, where none is and it is another nevertheless."""
    found = []
    for column, why in _INPUTS.items():
        before, after = row[f"b_{column}"], row[f"a_{column}"]
        if before != after:
            found.append(Reason(why, before=_text(before), after=_text(after)))
    if not found:
        found.append(
            Reason(Why.AMOUNT, before=_text(row["b_amount"]), after=_text(row["a_amount"]))
        )
    return found


_INPUTS = {
    "fee_tax_rate": Why.FEE_TAX_RATE,
    "goods_tax_rate": Why.GOODS_TAX_RATE,
    "rule_version": Why.RULES,
    "cash": Why.CASH,
    "deal_amount": Why.PRICE,
    "floor_amount": Why.PRICE,
    "ratio": Why.RATIO,
    "taken_before": Why.OTHER_REFUNDS,
    "cash_before": Why.OTHER_USAGE,
}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


_COMPARED = (*_INPUTS, "takes_remainder", "amount")

# What a line stands for. Adjustments with the same words and amount are told apart by their place.
_THING = """select line.*, line.kind || ' ' || case when line.kind = 'ADJUSTMENT'
    then line.reason || line.amount || ' ' || row_number() over (
      partition by line.kind, line.reason, line.amount order by line.id)
    else coalesce(line.refund_id, line.transfer_id, line.consumption_record_id, line.incentive_id,
      line.order_line_id)::text end as thing
  from settlement_line line where line.statement_id = """

_PAIRS = f"""with b as ({_THING}$1), a as ({_THING}$2), pairs as (
  select coalesce(a.id, b.id) as id, coalesce(a.kind, b.kind) as kind,
    case when b.id is null then 'ADDED' when a.id is null then 'REMOVED' else 'CHANGED' end
      as change,
    b.id as b_id, a.id as a_id, coalesce(a.eligible_at, b.eligible_at) as eligible_at,
    coalesce(a.customer_id, b.customer_id) as customer_id,
    coalesce(a.order_line_id, b.order_line_id) as order_line_id,
    coalesce(a.refund_id, b.refund_id) as refund_id,
    coalesce(a.consumption_record_id, b.consumption_record_id) as consumption_record_id,
    coalesce(a.transfer_id, b.transfer_id) as transfer_id,
    coalesce(a.incentive_id, b.incentive_id) as incentive_id,
    coalesce(a.partner_id, b.partner_id) as partner_id, coalesce(a.reason, b.reason) as reason,
    b.voided_at as b_voided_at,
    {", ".join(f"b.{name} as b_{name}, a.{name} as a_{name}" for name in _COMPARED)}
  from b full join a on a.thing = b.thing
  where a.id is null or b.id is null
    or ({", ".join(f"a.{name}" for name in _COMPARED)})
      is distinct from ({", ".join(f"b.{name}" for name in _COMPARED)})
)"""

_ROWS = f"""
select pair.*, sale.number as order_number, buys.name as customer_name,
  sale.created_at as ordered_at, sale.paid_at, sale.repaid_at, sold.opened_at, sold.effective_at,
  sold.supervision_done_at, back.refunded_at, run.ends_at as ended_at,
  (select max(given.refunded_at) from refund given where given.line_id = sold.id)
    as any_refunded_at,
  {whereabouts.ELSEWHERE} as elsewhere, {whereabouts.WAITS} as waits
from (select * from pairs where $3::uuid is null or id > $3 order by id limit $4) pair
cross join (select made.ends_at, first.created_at as made_at from statement first
  join settlement_run made on made.id = first.run_id where first.id = $1) run
left join order_line sold on sold.id = pair.order_line_id
left join sales_order sale on sale.id = sold.order_id
left join customer buys on buys.id = pair.customer_id
left join refund back on back.id = pair.refund_id
order by pair.id
"""

_PAGE = _PAIRS + _ROWS

_SUMS = """
select kind,
  count(*) filter (where statement_id = $1) as before_lines,
  coalesce(sum(amount) filter (where statement_id = $1), 0.00) as before_amount,
  count(*) filter (where statement_id = $2) as after_lines,
  coalesce(sum(amount) filter (where statement_id = $2), 0.00) as after_amount
from settlement_line where statement_id in ($1, $2) group by kind order by kind
"""
