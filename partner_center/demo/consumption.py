"""The demo's usage of goods that are paid by use, and the bills of last month."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from random import Random

from domain.catalogue import terms
from domain.consumption import billing, importing
from domain.files import uploads
from domain.funds import recharging
from kit.workdays import SHANGHAI
from models.catalogue import ChargeMode, Sku
from models.customers import Customer
from partner_center.demo.funds import PLATFORM
from partner_center.demo.orders import Purchase
from partner_center.demo.people import SEED, Cast
from partner_center.demo.stories import Story, play

_LINES = 24


async def load_consumption(cast: Cast, *, now: datetime) -> None:
    """A customer pays in, uses something by the hour, and its merchant tells of it."""
    dice = Random(SEED + 23)
    begin = now - timedelta(days=4)
    buyer = await Customer.get(account_name="changjiang")
    sku = await _metered(at=begin)
    if sku is not None:
        await recharging.record(
            viewer=PLATFORM,
            customer_id=buyer.id,
            amount=Decimal(100_000),
            reference="CMB-USAGE-0001",
            now=begin,
        )
        purchase = Purchase(cast.houses[0], buyer, sku, dice, begin)
        await play([(_is_used(purchase, cast), purchase)], now=now)


async def load_bills(*, now: datetime) -> None:
    """What came to be spent in the last month that is over, as it was billed on its fifth."""
    due = _latest_billing_day(now)
    await billing.make_bills(scheduled_for=due, now=due)


async def _is_used(purchase: Purchase, cast: Cast) -> Story:
    await purchase.place()
    goods = await purchase.sku.goods
    merchant = next(
        house.administrator for house in cast.merchants if house.partner.id == goods.merchant_id
    )
    first: dict[str, object] | None = None
    for _ in range(2):
        begin = purchase.now
        yield timedelta(days=1)
        lines: list[dict[str, object]] = [
            {
                "source": "meter-cn-north-4",
                "recordId": f"{begin:%Y%m%d}-{hour:02}",
                "customer": purchase.customer.account_name,
                "sku": purchase.sku.code,
                "usedAt": (begin + timedelta(hours=hour)).isoformat(),
                "quantity": f"{purchase.dice.uniform(0.0005, 0.015):.8f}",
            }
            for hour in range(1, _LINES)
        ]
        if first is not None:  # what wasn't used after all, and a customer that nobody knows
            lines.append(
                first | {"recordId": "again", "corrects": first["recordId"], "quantity": 0}
            )
            lines.append(lines[0] | {"recordId": "unknown", "customer": "unknown-account"})
        first = lines[0]
        file = await uploads.upload(
            viewer=merchant,
            name=f"usage-{begin:%Y-%m-%d}.jsonl",
            file=BytesIO("\n".join(json.dumps(line) for line in lines).encode()),
            now=purchase.now,
        )
        await importing.import_file(viewer=merchant, file_id=file.id, now=purchase.now)


async def _metered(*, at: datetime) -> Sku | None:
    """What a merchant sells by the hour."""
    skus = await Sku.filter(
        on_sale=True,
        charge_mode=ChargeMode.ON_DEMAND,
        goods__on_sale=True,
        goods__merchant_id__not_isnull=True,
    ).order_by("code")
    prices = await terms.prices([sku.id for sku in skus], at=at)
    policies = await terms.policies([sku.goods_id for sku in skus], at=at)
    return next((sku for sku in skus if sku.id in prices and sku.goods_id in policies), None)


def _latest_billing_day(now: datetime) -> datetime:
    there = now.astimezone(SHANGHAI)
    due = datetime.combine(there.replace(day=billing.DAY), billing.AT, SHANGHAI)
    if due > there:
        before = there.replace(day=1) - timedelta(days=1)
        due = datetime.combine(before.replace(day=billing.DAY), billing.AT, SHANGHAI)
    return due
