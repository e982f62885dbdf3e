"""Goods that can be sold; name only what the test is about."""

from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from kit import ids
from kit.ids import new_id
from models.catalogue import (
    ChargeMode,
    Goods,
    GoodsCategory,
    GoodsKind,
    GoodsPolicy,
    IncentiveStrategy,
    ShareModel,
    Sku,
    SkuPrice,
)
from models.partners import Partner, PartnerKind
from tests.factories import LONG_AGO, a_partner

_serial = count(1)

_OF_THE_PLATFORM = (GoodsKind.SELF_OPERATED, GoodsKind.STRICT_SELF)


async def a_merchant(name: str = "Ink & Paper") -> Partner:
    """A partner that sells goods of its own in the store."""
    return await a_partner(name, kind=PartnerKind.MERCHANT)


async def some_goods(
    name: str = "Cloud archive",
    *,
    kind: GoodsKind | None = None,
    merchant: Partner | None = None,
    category: GoodsCategory = GoodsCategory.SAAS,
    on_sale: bool = True,
    is_listed: bool = True,
    number: str | None = None,
    policy: bool = True,
    **terms: Any,
) -> Goods:
    """Goods on sale, with a policy since long ago unless told otherwise (`terms` are the policy's).

    Self-operated, or joint-operated when a merchant is named; kinds that need one get a new one.
    """
    if kind is None:
        kind = GoodsKind.JOINT_OPERATED if merchant else GoodsKind.SELF_OPERATED
    if merchant is None and kind not in _OF_THE_PLATFORM:
        merchant = await a_merchant()
    goods = Goods(
        id=new_id(),
        created_at=LONG_AGO,
        number=number or f"G{next(_serial):06}",
        name=name,
        summary=None,
        kind=kind,
        category=category,
        on_sale=on_sale and is_listed,
        is_listed=is_listed,
        merchant_id=merchant.id if merchant else None,
    )
    await goods.insert()
    if policy:
        await a_policy(goods, **terms)
    return goods


async def a_policy(goods: Goods, *, since: datetime = LONG_AGO, **terms: Any) -> GoodsPolicy:
    """What selling the goods earns from a moment on: 20 % of the deal price, at least 85 % of the
    list price, at most 30 % in a joint sale."""
    facts: dict[str, Any] = {
        "strategy": IncentiveStrategy.STANDARD,
        "share_model": ShareModel.DEAL_PRICE,
        "share_ratio": Decimal("0.2"),
        "max_ratio": Decimal("0.3"),
        "authorized_floor": Decimal("0.85"),
        "allows_discount": True,
        "tax_rate": Decimal("0.06"),
        "requires_supervision": False,
        "five_day_refund": False,
    }
    policy = GoodsPolicy(
        id=new_id(), created_at=LONG_AGO, goods_id=goods.id, valid_from=since, **(facts | terms)
    )
    await policy.insert()
    return policy


async def a_sku(
    of: Goods,
    *,
    price: str | None = "1000.00",
    floor: str | None = None,
    name: str = "Standard, a year",
    charge_mode: ChargeMode = ChargeMode.PERIOD,
    code: str | None = None,
    on_sale: bool = True,
) -> Sku:
    """A way to buy the goods, priced since long ago unless `price` is None."""
    sku = Sku(
        id=new_id(),
        created_at=LONG_AGO,
        goods_id=of.id,
        code=code or f"SKU-{next(_serial):06}",
        name=name,
        charge_mode=charge_mode,
        months=12 if charge_mode is ChargeMode.PERIOD else None,
        on_sale=on_sale,
    )
    await sku.insert()
    if price is not None:
        await a_price(sku, price, floor=floor)
    return sku


async def a_price(
    sku: Sku, price: str, *, floor: str | None = None, since: datetime = LONG_AGO
) -> SkuPrice:
    """What the SKU costs from a moment on, in CNY."""
    row = SkuPrice(
        id=new_id(),
        created_at=LONG_AGO,
        sku_id=sku.id,
        valid_from=since,
        list_price=Decimal(price),
        floor_price=Decimal(floor) if floor is not None else None,
    )
    await row.insert()
    return row


def gds(goods: Goods) -> str:
    """The id of goods as the API writes it."""
    return ids.encode("gds", goods.id)


def sku_id(sku: Sku) -> str:
    """The id of a SKU as the API writes it."""
    return ids.encode("sku", sku.id)


def gpo(policy: GoodsPolicy) -> str:
    """The id of a version of a policy as the API writes it."""
    return ids.encode("gpo", policy.id)
