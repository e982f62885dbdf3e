"""Charging usage: to the cent for each customer, goods and month; only the whole is rounded (K-07).

Cash pays first, as far as it goes, by one transfer; what isn't covered is the record's debt, which
moves no money until there is some (`collecting`). Several imports of a month come to what one would
have come to.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from uuid import UUID

from domain.consumption import collecting
from domain.consumption.effects import CHARGED, Charged
from domain.identity.viewer import Viewer
from domain.ledger import accounts, posting
from domain.ledger.posting import Leg
from kit import database
from kit.ids import new_id
from kit.money import CENT, Money
from kit.transaction import assert_open
from models.catalogue import Goods
from models.consumption import BillType, ConsumptionRecord
from models.customers import Customer
from models.ledger import CURRENCY, AccountKind, Book, TradeType


@dataclass(frozen=True, slots=True)
class Month:
    """What is charged together; `last_used_at` is the last use that the import has told of."""

    customer_id: UUID
    goods_id: UUID
    period: str
    last_used_at: datetime


async def charge(
    month: Month,
    *,
    without: Decimal = Decimal(0),
    usage_import_id: UUID,
    viewer: Viewer,
    now: datetime,
) -> tuple[Decimal, Decimal]:
    """Charge what a month comes to beyond what was charged for it: how much, and what is debt.

    The customer is held. The record has the partner, association and manager of the last use.
    `without` is what corrections take from it, which is to come back by itself.
    """
    assert_open()
    # What was owed before comes first, should there have been money since.
    await collecting.collect(month.customer_id, viewer=viewer, now=now)
    key = (month.customer_id, month.goods_id, month.period)
    amount = await still_due(*key, without=without)
    if amount <= 0:
        return Decimal(0), Decimal(0)
    record_id = new_id()
    cash, transfer_id = await _by_cash(month, amount, record_id, viewer=viewer, now=now)
    [belongs] = await database.rows(_BELONGS, month.customer_id, month.last_used_at)
    goods = await Goods.get(id=month.goods_id)
    await ConsumptionRecord(
        id=record_id,
        created_at=now,
        period=month.period,
        bill_type=BillType.USAGE,
        occurred_at=month.last_used_at,
        customer_id=month.customer_id,
        goods_id=goods.id,
        merchant_id=goods.merchant_id,
        usage_import_id=usage_import_id,
        transfer_id=transfer_id,
        counts_performance=True,
        official_amount=amount,
        discount_amount=Decimal(0),
        consume_amount=amount,
        cash=cash,
        debt=amount - cash,
        **belongs,
    ).insert()
    if cash < amount:
        customer = await Customer.get(id=month.customer_id)
        await collecting.note(customer, has_debt=True, viewer=viewer, now=now)
    await CHARGED.run(Charged(record_id=record_id, now=now))
    return amount, amount - cash


async def still_due(
    customer_id: UUID, goods_id: UUID, period: str, *, without: Decimal = Decimal(0)
) -> Decimal:
    """What the month comes to, to the cent, beyond what was charged; below zero for too much.

    `without` is left out of what was used.
    """
    key = (customer_id, goods_id, period)
    [used] = await database.rows(
        "select coalesce(sum(amount), 0) as amount from usage_record"
        " where customer_id = $1 and goods_id = $2 and period = $3",
        *key,
    )
    [charged] = await database.rows(
        "select coalesce(sum(consume_amount), 0) as amount from consumption_record"
        " where customer_id = $1 and goods_id = $2 and period = $3 and bill_type = 'USAGE'",
        *key,
    )
    with localcontext() as exactly:
        exactly.prec = 60
        whole = (Decimal(used["amount"]) - without).quantize(CENT, ROUND_HALF_UP)
    return whole - Decimal(charged["amount"])


async def _by_cash(
    month: Month, amount: Decimal, record_id: UUID, *, viewer: Viewer, now: datetime
) -> tuple[Decimal, UUID | None]:
    opened = await accounts.of_customer(month.customer_id, AccountKind.CASH, now=now)
    account = await accounts.lock(opened.id)
    cash = min(max(account.available, Decimal(0)), amount)
    if not cash:
        return cash, None
    money = Money(cash, CURRENCY)
    transfer = await posting.post(
        kind=TradeType.PAYMENT,
        legs=[Leg(account.id, -money), Leg(accounts.book(Book.SALES), money)],
        subject_type="consumption_record",
        subject_id=record_id,
        customer_id=month.customer_id,
        note=f"usage {month.period}",
        viewer=viewer,
        now=now,
    )
    return cash, transfer.id


_BELONGS = """
select belongs.partner_id, belongs.id as association_id, belongs.type as association_type,
  cared.manager_id
from (select) as always
left join lateral (
  select a.id, a.partner_id, a.type from association a
  where a.customer_id = $1 and a.started_at <= $2 and (a.ended_at is null or a.ended_at > $2)
  order by a.started_at desc limit 1) belongs on true
left join lateral (
  select g.manager_id from customer_assignment g
  where g.customer_id = $1 and g.partner_id = belongs.partner_id
    and g.from_at <= $2 and (g.to_at is null or g.to_at > $2)
  order by g.from_at desc limit 1) cared on true
"""
