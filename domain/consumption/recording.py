"""Writing down what was spent: an effect of payments and of refunds, in their transaction."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.consumption.periods import period_of
from domain.orders import effects as orders
from domain.orders.effects import Paid
from domain.refunds import effects as refunds
from domain.refunds.effects import Refunded
from kit import database, rows
from kit.ids import new_id
from kit.money import Money
from models.consumption import BillType, ConsumptionRecord
from models.order_states import OrderType
from models.orders import OrderLine
from models.payments import Instrument
from models.refunds import Refund

_BILL_TYPES = {
    OrderType.NEW: BillType.NEW,
    OrderType.RENEW: BillType.RENEW,
    OrderType.CHANGE: BillType.CHANGE,
}

# Into which column what an instrument paid goes; a partner's money stands among cash.
_COLUMNS = {
    Instrument.CASH: "cash",
    Instrument.PARTNER_BALANCE: "cash",
    Instrument.CREDIT: "credit",
    Instrument.VOUCHER: "voucher",
    Instrument.CASH_COUPON: "cash_coupon",
    Instrument.STORED_VALUE_CARD: "stored_value_card",
}

_ASSOCIATED = ("partner_id", "association_id", "association_type", "manager_id")


async def record_paid(paid: Paid) -> orders.Done:
    """One record for each share of a payment in a line. The effect of orders' PAID.

    What it would have cost at list price is split over the shares of a line, so that those of the
    line add up. A line with nothing to pay leaves no record.
    """
    records = []
    by_line: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for share in await database.rows(_SHARES, paid.order_id):
        by_line[share["line_id"]].append(share)
    for shares in by_line.values():
        official = Money(shares[0]["list_amount"], shares[0]["currency"])
        officials = official.split([share["amount"] for share in shares])
        records += [
            _record(
                share,
                bill_type=_BILL_TYPES[OrderType(share["type"])],
                amount=share["amount"],
                official=part.amount,
                order_id=paid.order_id,
                now=paid.now,
            )
            for share, part in zip(shares, officials, strict=True)
        ]
    await rows.insert_all(records)
    return {"records": len(records)} if records else {}


async def record_refunded(fact: Refunded) -> refunds.Done:
    """One record below zero for each part that came back. The effect of refunds' REFUNDED.

    It counts for the partner and manager that what it gives back has counted for. The last refund
    of a line takes the rest of its list price.
    """
    refund = await Refund.get(id=fact.refund_id)
    parts = await database.rows(_PARTS, refund.id, refund.line_id)
    if not parts:
        return {}
    official = await _official_of(refund)
    officials = official.split([part["amount"] for part in parts])
    await rows.insert_all(
        [
            _record(
                part,
                bill_type=BillType.REFUND,
                amount=-part["amount"],
                official=-share.amount,
                order_id=refund.refund_order_id,
                refund_id=refund.id,
                now=fact.now,
            )
            for part, share in zip(parts, officials, strict=True)
        ]
    )
    return {"records": len(parts)}


async def _official_of(refund: Refund) -> Money:
    line = await OrderLine.get(id=refund.line_id)
    whole = Money(line.list_amount, refund.currency)
    if line.refunded_amount != line.due_amount:
        share, _ = whole.split([refund.amount, line.due_amount - refund.amount])
        return share
    [before] = await database.rows(
        "select coalesce(-sum(official_amount), 0) as amount from consumption_record"
        " where line_id = $1 and bill_type = 'REFUND'",
        line.id,
    )
    return whole - Money(Decimal(before["amount"]), refund.currency)


def _record(
    row: dict[str, Any],
    *,
    bill_type: BillType,
    amount: Decimal,
    official: Decimal,
    order_id: UUID | None,
    refund_id: UUID | None = None,
    now: datetime,
) -> ConsumptionRecord:
    instrument = Instrument(row["instrument"])
    is_partners = instrument is Instrument.PARTNER_BALANCE
    return ConsumptionRecord(
        id=new_id(),
        created_at=now,
        period=period_of(now),
        bill_type=bill_type,
        occurred_at=now,
        customer_id=row["customer_id"],
        goods_id=row["goods_id"],
        merchant_id=row["merchant_id"],
        order_id=order_id,
        line_id=row["line_id"],
        refund_id=refund_id,
        source_id=row["source_id"],
        transfer_id=row["transfer_id"],
        payer_id=row["payer_id"] if is_partners else None,
        counts_performance=row["counts_performance"],
        currency=row["currency"],
        official_amount=official,
        discount_amount=official - amount,
        consume_amount=amount,
        **{_COLUMNS[instrument]: amount},
        **{name: row[name] for name in _ASSOCIATED},
    )


# Of whom the customer is at this moment.
_SHARES = """
select share.id as source_id, share.amount, share.line_id, part.instrument, part.currency,
  part.counts_performance, part.transfer_id, line.goods_id, line.merchant_id, line.list_amount,
  bought.type, bought.payer_id, bought.customer_id,
  buyer.partner_id, buyer.association_id, buyer.association_type, buyer.manager_id
from payment_part part
join payment_share share on share.part_id = part.id
join order_line line on line.id = share.line_id
join sales_order bought on bought.id = part.order_id
join customer buyer on buyer.id = bought.customer_id
where part.order_id = $1 and share.amount > 0
order by line.position, part.position
"""

# Of whom it was when what comes back was recorded; else, when it was ordered.
_PARTS = """
select back.id as source_id, back.amount, share.line_id, back.instrument, back.currency,
  back.counts_performance, back.transfer_id, line.goods_id, line.merchant_id,
  bought.payer_id, bought.customer_id,
  case when paid.id is null then bought.partner_id else paid.partner_id end as partner_id,
  case when paid.id is null then bought.association_id else paid.association_id end
    as association_id,
  case when paid.id is null then bought.association_type else paid.association_type end
    as association_type,
  case when paid.id is null then bought.manager_id else paid.manager_id end as manager_id
from refund_part back
join payment_part part on part.id = back.part_id
join payment_share share on share.part_id = part.id and share.line_id = $2
join order_line line on line.id = share.line_id
join sales_order bought on bought.id = part.order_id
left join consumption_record paid on paid.source_id = share.id
where back.refund_id = $1 and back.amount > 0
order by part.position
"""
