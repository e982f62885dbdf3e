"""Usage that was told too high: what was charged too much comes back by records below zero.

Each takes back from one charge: that of the import which had told it first, and others of the month
only for what rounding makes of it. So it belongs to the same partner and manager. What is still
owed of the charge is let go before cash comes back, and what an agency customer had been given goes
on to the partner of then, once they have parted.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID

from domain.consumption import charging, collecting
from domain.consumption.effects import CHARGED, Charged
from domain.funds import aftermath
from domain.identity.viewer import Viewer
from domain.ledger import accounts, posting
from domain.ledger.posting import Leg
from kit import database
from kit.ids import new_id
from kit.money import Money
from kit.transaction import assert_open
from models.consumption import BillType, ConsumptionRecord
from models.ledger import CURRENCY, AccountKind, Book, TradeType
from models.usage import UsageRecord

Key = tuple[UUID, UUID, str]  # customer, goods, period


@dataclass(frozen=True, slots=True)
class Less:
    """Corrections that take something, by month; each was taken in."""

    records: dict[Key, list[UsageRecord]]

    @classmethod
    def of(cls, taken: Sequence[UsageRecord]) -> "Less":
        """Those among what was taken in."""
        found = defaultdict(list)
        for record in taken:
            if record.amount < 0:
                found[record.customer_id, record.goods_id, record.period].append(record)
        return cls(dict(found))

    def of_month(self, key: Key) -> Decimal:
        """What they take from a month, exactly; zero or below."""
        return _sum(self.records.get(key, ()))


async def take_back(less: Less, *, usage_import_id: UUID, viewer: Viewer, now: datetime) -> Decimal:
    """Give back what the corrections leave too much of what was charged; how much that was.

    The customers are held, and what else was told has been charged. Cash that comes back pays what
    the customer owes otherwise.
    """
    assert_open()
    returned = Decimal(0)
    for key in sorted(less.records):
        told_by = await _told_by(less.records[key])
        groups: dict[tuple[UUID, ...], list[UsageRecord]] = defaultdict(list)
        for record in less.records[key]:
            groups[told_by[record.id]].append(record)
        rest = less.of_month(key)
        for imports, records in sorted(groups.items()):
            with localcontext() as exactly:
                exactly.prec = 60
                rest -= _sum(records)
            too_much = -await charging.still_due(*key, without=rest)
            if too_much > 0:
                await _from_charges(key, imports, too_much, usage_import_id, viewer, now)
                returned += too_much
    for customer_id in sorted({customer_id for customer_id, _, _ in less.records}):
        await collecting.collect(customer_id, viewer=viewer, now=now)
    return returned


async def _told_by(records: Sequence[UsageRecord]) -> dict[UUID, tuple[UUID, ...]]:
    """By which imports what each corrects was told, the last first."""
    found = await database.rows(_TOLD_BY, [record.id for record in records])
    return {row["id"]: tuple(row["imports"]) for row in found}


async def _from_charges(
    key: Key,
    imports: Sequence[UUID],
    amount: Decimal,
    usage_import_id: UUID,
    viewer: Viewer,
    now: datetime,
) -> None:
    rest = amount
    for charge in await database.rows(_CHARGES, *key, list(imports)):
        part = min(rest, charge["remains"])
        await _take(charge, part, min(part, charge["owed"]), usage_import_id, viewer, now)
        rest -= part
        if not rest:
            return
    raise AssertionError(f"{rest} more of {key} comes back than was charged")


async def _take(
    charge: dict[str, Any],
    amount: Decimal,
    debt: Decimal,
    usage_import_id: UUID,
    viewer: Viewer,
    now: datetime,
) -> None:
    id, cash = new_id(), amount - debt
    await ConsumptionRecord(
        id=id,
        created_at=now,
        bill_type=BillType.USAGE,
        usage_import_id=usage_import_id,
        corrects_id=charge["id"],
        transfer_id=await _return(charge, id, cash, viewer, now) if cash else None,
        official_amount=-amount,
        discount_amount=Decimal(0),
        consume_amount=-amount,
        cash=-cash,
        debt=-debt,
        **{name: charge[name] for name in _SAME},
    ).insert()
    await CHARGED.run(Charged(record_id=id, corrects_id=charge["id"], now=now))


async def _return(
    charge: dict[str, Any], record_id: UUID, cash: Decimal, viewer: Viewer, now: datetime
) -> UUID:
    account = await accounts.of_customer(charge["customer_id"], AccountKind.CASH, now=now)
    await accounts.lock(account.id)
    money = Money(cash, CURRENCY)
    transfer = await posting.post(
        kind=TradeType.REFUND,
        legs=[Leg(account.id, money), Leg(accounts.book(Book.SALES), -money)],
        subject_type="consumption_record",
        subject_id=record_id,
        customer_id=charge["customer_id"],
        note=f"usage {charge['period']}",
        viewer=viewer,
        now=now,
    )
    await aftermath.recover_refunded(
        customer_id=charge["customer_id"], paid_at=charge["created_at"], amount=cash, now=now
    )
    return transfer.id


def _sum(records: Sequence[UsageRecord]) -> Decimal:
    with localcontext() as exactly:
        exactly.prec = 60
        return sum((record.amount for record in records), Decimal(0))


_SAME = (
    "period",
    "occurred_at",
    "customer_id",
    "partner_id",
    "association_id",
    "association_type",
    "manager_id",
    "goods_id",
    "merchant_id",
    "counts_performance",
)

_TOLD_BY = """
with recursive chain (id, at, depth) as (
  select made.id, made.corrects_id, 1 from usage_record made where made.id = any($1)
  union all
  select chain.id, said.corrects_id, chain.depth + 1
  from chain join usage_record said on said.id = chain.at where said.corrects_id is not null
)
select chain.id, array_agg(said.usage_import_id order by chain.depth) as imports
from chain join usage_record said on said.id = chain.at group by chain.id
"""

_CHARGES = f"""
select {", ".join(_SAME)}, id, created_at, remains, owed from (
  select record.*, record.consume_amount + back.amount as remains,
    record.debt - ({collecting.PAID_SINCE.format(t="record")}) + back.debt as owed
  from consumption_record record cross join lateral (
    select coalesce(sum(consume_amount), 0) as amount, coalesce(sum(debt), 0) as debt
    from consumption_record where corrects_id = record.id) back
  where record.customer_id = $1 and record.goods_id = $2 and record.period = $3
    and record.bill_type = 'USAGE' and record.consume_amount > 0
) charged
where remains > 0
order by array_position($4::uuid[], usage_import_id) nulls last, id desc
"""
