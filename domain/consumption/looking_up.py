"""What lines of usage name: customers, SKUs, what was ordered, prices, what came before."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue import terms
from domain.consumption.periods import closed_at, first_shown, period_of
from domain.consumption.usage_lines import Line, LineRefused, UsageLineCode
from kit import database
from models.catalogue import ChargeMode, Sku, SkuPrice
from models.customers import Customer
from models.subscriptions import Subscription
from models.usage import UsageRecord

_BY_USE = (ChargeMode.ON_DEMAND, ChargeMode.PER_USE)


@dataclass(frozen=True, slots=True)
class Known:
    """What the lines of a file name, by how they name it."""

    customers: dict[str, UUID]
    skus: dict[str, Sku]
    ordered: dict[tuple[UUID, UUID], datetime]  # customer, SKU: since when it may be used
    prices: dict[tuple[UUID, datetime], SkuPrice]  # SKU, moment of use: what held then
    had: dict[tuple[UUID, UUID], list[Subscription]]  # customer, SKU: what there is or was of it
    before: dict[tuple[str, str], UsageRecord]
    corrected: set[UUID]  # of those before


async def known(lines: Sequence[Line], *, owner_id: UUID, merchant_id: UUID | None) -> Known:
    """Look it up at once. `merchant_id` None: goods of every merchant, and the platform's."""
    customers = await _customers({line.customer for line in lines}, merchant_id)
    skus = {
        sku.code: sku
        for sku in await Sku.filter(code__in=sorted({line.sku for line in lines})).prefetch_related(
            "goods"
        )
        if merchant_id is None or sku.goods.merchant_id == merchant_id
    }
    ordered = await database.rows(
        "select o.customer_id, l.sku_id, min(o.paid_at) as since from sales_order o"
        " join order_line l on l.order_id = o.id"
        " where o.customer_id = any($1) and l.sku_id = any($2) and o.paid_at is not null"
        " and o.type <> 'UNSUBSCRIBE' group by 1, 2",
        sorted(customers.values()),
        sorted(sku.id for sku in skus.values()),
    )
    had = defaultdict(list)
    for each in await Subscription.filter(
        customer_id__in=sorted(customers.values()), sku_id__in=[sku.id for sku in skus.values()]
    ).only("id", "customer_id", "sku_id", "opened_at", "ended_at"):
        had[each.customer_id, each.sku_id].append(each)
    named = {line.record_id for line in lines} | {line.corrects for line in lines if line.corrects}
    before = await UsageRecord.filter(owner_id=owner_id, record_id__in=sorted(named))
    corrected = await UsageRecord.filter(corrects_id__in=[each.id for each in before]).values_list(
        "corrects_id", flat=True
    )
    return Known(
        customers,
        skus,
        {(row["customer_id"], row["sku_id"]): row["since"] for row in ordered},
        await terms.prices_at(
            {(skus[line.sku].id, line.used_at) for line in lines if line.sku in skus}
        ),
        had,
        {(record.source, record.record_id): record for record in before},
        set(corrected),  # type: ignore[arg-type]
    )


async def _customers(accounts: set[str], merchant_id: UUID | None) -> dict[str, UUID]:
    """Those who have ordered goods of the merchant: it can't try which other accounts there are."""
    found = await Customer.filter(account_name__in=sorted(accounts)).values_list(
        "account_name", "id"
    )
    if merchant_id is None:
        return dict(found)
    bought = await database.rows(
        "select distinct o.customer_id from sales_order o join order_line l on l.order_id = o.id"
        " where o.customer_id = any($1) and l.merchant_id = $2",
        sorted(id for _, id in found),
        merchant_id,
    )
    own = {row["customer_id"] for row in bought}
    return {name: id for name, id in found if id in own}


def judge(line: Line, known: Known, *, now: datetime) -> Sku:
    """The SKU that a line is about. Raises LineRefused for what can't be so."""
    sku = known.skus.get(line.sku)
    if sku is None:
        raise LineRefused(line.number, UsageLineCode.SKU_UNKNOWN, line.sku)
    if sku.charge_mode not in _BY_USE:
        raise LineRefused(line.number, UsageLineCode.NOT_PAID_BY_USE, line.sku)
    customer_id = known.customers.get(line.customer)
    if customer_id is None:
        raise LineRefused(line.number, UsageLineCode.CUSTOMER_UNKNOWN, line.customer)
    if line.used_at > now:
        raise LineRefused(line.number, UsageLineCode.TIME_NOT_COME)
    if period_of(line.used_at) < first_shown(now):
        raise LineRefused(line.number, UsageLineCode.TIME_TOO_OLD)
    since = known.ordered.get((customer_id, sku.id))
    if since is None or line.used_at < since:
        raise LineRefused(line.number, UsageLineCode.NOT_ORDERED, line.sku)
    opened = [
        each for each in known.had.get((customer_id, sku.id), []) if each.opened_at <= line.used_at
    ]
    # Who has never had a subscription of it, or not by then, uses what was ordered.
    if opened and all(each.ended_at and each.ended_at <= line.used_at for each in opened):
        raise LineRefused(line.number, UsageLineCode.SUBSCRIPTION_ENDED, line.sku)
    return sku


def price_of(line: Line, sku: Sku, known: Known) -> Decimal:
    """What a unit cost at the moment of use. Raises LineRefused."""
    found = known.prices.get((sku.id, line.used_at))
    if found is None:
        raise LineRefused(line.number, UsageLineCode.NO_PRICE, line.sku)
    return found.list_price


def is_repeated(line: Line, known: Known) -> bool:
    """Whether it was handed in before. Raises LineRefused if it was another then."""
    before = known.before.get((line.source, line.record_id))
    if before is None:
        return False
    sku = known.skus.get(line.sku)
    same = (
        before.customer_id == known.customers.get(line.customer)
        and sku is not None
        and before.sku_id == sku.id
        and before.used_at == line.used_at
        and before.quantity == line.quantity
        and before.corrects_id == (_corrected_id(line, known) if line.corrects else None)
    )
    if not same:
        raise LineRefused(line.number, UsageLineCode.CHANGED, line.record_id)
    return True


def corrected(line: Line, known: Known, *, now: datetime) -> UsageRecord:
    """The record that a line corrects, which is of the same thing. Raises LineRefused.

    Each is corrected once, and then by correcting the correction; until its month is billed.
    """
    assert line.corrects is not None
    before = known.before.get((line.source, line.corrects))
    if before is None:
        raise LineRefused(line.number, UsageLineCode.CORRECTED_UNKNOWN, line.corrects)
    sku = known.skus.get(line.sku)
    same = (
        before.customer_id == known.customers.get(line.customer)
        and sku is not None
        and before.sku_id == sku.id
        and before.used_at == line.used_at
    )
    if not same:
        raise LineRefused(line.number, UsageLineCode.CORRECTION_DIFFERS, line.corrects)
    if before.id in known.corrected:
        raise LineRefused(line.number, UsageLineCode.CORRECTED_ALREADY, line.corrects)
    if now >= closed_at(before.period):
        raise LineRefused(line.number, UsageLineCode.MONTH_CLOSED, before.period)
    return before


def _corrected_id(line: Line, known: Known) -> UUID | None:
    before = known.before.get((line.source, line.corrects or ""))
    return before.id if before else None
