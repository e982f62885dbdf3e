"""Consumption made by the real workflows; name only what the test is about."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from domain.consumption import importing
from domain.files import uploads
from domain.funds import recharging
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.orders import paying
from models.catalogue import ChargeMode, Sku
from models.consumption import ConsumptionRecord
from models.files import StoredFile
from models.orders import Order
from models.usage import UsageImport
from tests.catalogue.factories import a_sku
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop, fund, place

MONEY = ("cash", "credit", "voucher", "cash_coupon", "stored_value_card", "debt")


async def buy(shop: Shop, *, quantity: int = 1, now: datetime, **payment: Any) -> Order:
    """So many of the shop's SKU, paid at once."""
    order = await place(shop, shop.line(quantity), now=now)
    await fund(shop.customer, str(order.due_amount), now=now)
    await paying.pay(viewer=shop.buyer, order_id=order.id, now=now, **payment)
    return await Order.get(id=order.id)


async def spent() -> list[dict[str, str]]:
    """All records in the order of their making: type, amounts that aren't 0, as texts."""
    records = await ConsumptionRecord.all().order_by("created_at", "id")
    return [
        {"type": record.bill_type.value, "official": str(record.official_amount)}
        | {name: str(getattr(record, name)) for name in MONEY if getattr(record, name)}
        for record in records
    ]


async def metered(shop: Shop, *, price: str = "0.33", now: datetime) -> Sku:
    """A SKU of the shop's goods that is paid by use, which the customer has ordered."""
    sku = await a_sku(shop.goods, price=price, charge_mode=ChargeMode.ON_DEMAND)
    await place(shop, shop.line(sku_id=sku.id), now=now)
    return sku


def used(shop: Shop, sku: Sku, record_id: str, quantity: object, at: datetime) -> dict[str, object]:
    """A line of usage."""
    return {
        "source": "meter",
        "recordId": record_id,
        "customer": shop.customer.account_name,
        "sku": sku.code,
        "usedAt": at.isoformat(),
        "quantity": quantity,
    }


async def uploaded(by: Viewer, *lines: object, now: datetime) -> StoredFile:
    """A JSONL file; what is text already is written as it is."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file = BytesIO("\n".join(texts).encode())
    return await uploads.upload(viewer=by, name="usage.jsonl", file=file, now=now)


async def handed_in(by: Viewer, *lines: object, now: datetime) -> UsageImport:
    """The import of such a file."""
    file = await uploaded(by, *lines, now=now)
    return await importing.import_file(viewer=by, file_id=file.id, now=now)


async def since_january(shop: Shop, time: Clock) -> Sku:
    """0.33 a unit, ordered in January; it is the tenth of February."""
    time.now = datetime(2030, 1, 20, 4, tzinfo=UTC)
    sku = await metered(shop, now=time.now)
    time.now = datetime(2030, 2, 10, 4, tzinfo=UTC)
    return sku


async def recharge(shop: Shop, amount: str, now: Any, reference: str = "W1") -> None:
    """A bank transfer of the customer's comes in."""
    await recharging.record(
        viewer=await a_staff_viewer(Item.FUNDS_REVIEW),
        customer_id=shop.customer.id,
        amount=Decimal(amount),
        reference=reference,
        now=now,
    )
