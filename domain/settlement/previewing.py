"""What a run would make of a partner now: the same computation, of which nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.incentives import settling
from domain.settlement import carrying, computing, periods, stating
from domain.settlement.eligibility import PendingReason
from kit import database
from kit.problems import NotFound
from kit.transaction import transactional
from models.partners import Partner
from models.settlement import SettledKind, StatementKind


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAhead:
    """A statement that a run would make; `amounts` by kind of line."""

    goods_tax_rate: Decimal | None
    fee_tax_rate: Decimal
    lines: int
    amounts: dict[SettledKind, Decimal]
    lines_amount: Decimal
    carry_in: Decimal
    carried_from_id: UUID | None

    @property
    def total_amount(self) -> Decimal:
        """What it would come to."""
        return self.lines_amount + self.carry_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """So many rows that would wait on, for the same reasons."""

    kind: SettledKind
    reasons: tuple[PendingReason, ...]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the run would make of the partner, and what it would leave."""

    statements: Sequence[StatementAhead]
    waiting: Sequence[Waiting]


@transactional
async def preview(
    *, viewer: Viewer, kind: StatementKind, period: str, partner_id: UUID, now: datetime
) -> Preview:
    """A run of the period as it would be now, also of one that isn't over. Writes nothing.

    Raises NotFound, InvalidInput.
    """
    permissions.require(viewer, "settlementRunPreview")
    _, ends_at = periods.span(kind, period, path=("period",))
    if not await Partner.exists(id=partner_id):
        raise NotFound(thing="partner", path=("partnerId",))
    certified = await stating.certified_at(partner_id, now)
    rate = certified["fee_tax_rate"] if certified else Decimal(0)
    if kind is StatementKind.ASSESSMENT:
        groups, waiting = await _incentives(partner_id, ends_at, rate, now), []
    else:
        values = (partner_id, ends_at, now, rate)
        groups = await database.rows(f"{_COMPUTED} {_GROUPS}", *values)
        waiting = [_waiting(row) for row in await database.rows(f"{_COMPUTED} {_WAITING}", *values)]
    ahead: list[StatementAhead] = []
    for rates, of in _by_rates(groups).items():
        stands_in_the_way = (
            PendingReason.STATEMENT_EXISTS
            if await database.rows(_LIVE, partner_id, kind, period, *rates)
            else None
            if certified
            else PendingReason.NOT_CERTIFIED
        )
        if stands_in_the_way is None:
            ahead.append(await _ahead(partner_id, kind, period, rates, of))
            continue
        waiting += [
            Waiting(kind=SettledKind(row["kind"]), reasons=(stands_in_the_way,), rows=row["lines"])
            for row in of
        ]
    return Preview(statements=ahead, waiting=_together(waiting))


Rates = tuple[Decimal | None, Decimal]


def _by_rates(groups: Sequence[dict[str, Any]]) -> dict[Rates, list[dict[str, Any]]]:
    found: dict[Rates, list[dict[str, Any]]] = {}
    for row in groups:
        found.setdefault((row["goods_tax_rate"], row["fee_tax_rate"]), []).append(row)
    return found


async def _ahead(
    partner_id: UUID, kind: StatementKind, period: str, rates: Rates, of: list[dict[str, Any]]
) -> StatementAhead:
    carry = await carrying.carry_into(
        partner_id=partner_id,
        kind=kind,
        period=period,
        goods_tax_rate=rates[0],
        fee_tax_rate=rates[1],
        holding=False,
    )
    return StatementAhead(
        goods_tax_rate=rates[0],
        fee_tax_rate=rates[1],
        lines=sum(row["lines"] for row in of),
        amounts={SettledKind(row["kind"]): row["amount"] for row in of},
        lines_amount=sum((row["amount"] for row in of), Decimal(0)),
        carry_in=carry.amount if carry else Decimal(0),
        carried_from_id=carry.statement_id if carry else None,
    )


async def _incentives(
    partner_id: UUID, ends_at: datetime, rate: Decimal, now: datetime
) -> list[dict[str, Any]]:
    amounts = await settling.foreseen(partner_id=partner_id, ends_at=ends_at, now=now)
    if not amounts:
        return []
    return [
        {
            "goods_tax_rate": None,
            "fee_tax_rate": rate,
            "kind": SettledKind.INCENTIVE,
            "lines": len(amounts),
            "amount": sum(amounts, Decimal(0)),
        }
    ]


def _waiting(row: dict[str, Any]) -> Waiting:
    return Waiting(
        kind=SettledKind(row["kind"]),
        reasons=tuple(PendingReason(reason) for reason in row["reasons"] or ()),
        rows=row["rows"],
    )


def _together(waiting: Sequence[Waiting]) -> list[Waiting]:
    rows: dict[tuple[SettledKind, tuple[PendingReason, ...]], int] = {}
    for each in waiting:
        rows[each.kind, each.reasons] = rows.get((each.kind, each.reasons), 0) + each.rows
    return [
        Waiting(kind=kind, reasons=reasons, rows=count)
        for (kind, reasons), count in sorted(rows.items())
    ]


_COMPUTED = computing.computed(holding=False)

_GROUPS = """
select goods_tax_rate, fee_tax_rate, kind, count(*) as lines, sum(amount) as amount
from lines group by goods_tax_rate, fee_tax_rate, kind
order by goods_tax_rate, fee_tax_rate, kind
"""

_WAITING = f"{computing.WAITING} order by 1, 2"

_LIVE = """
select from statement where partner_id = $1 and kind = $2 and period = $3
  and goods_tax_rate is not distinct from $4 and fee_tax_rate = $5 and status <> 'CANCELLED'
"""
