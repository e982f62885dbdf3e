"""Putting goods and SKUs on sale, and off: only what can be priced and shared is sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from domain.catalogue import guards, history, terms
from domain.catalogue.guards import OffSaleAlready, OnSaleAlready
from domain.catalogue.policies import BY_FLOOR_PRICE
from domain.catalogue.policy import GOODS
from domain.catalogue.skus import held
from domain.identity import permissions
from domain.identity.viewer import Viewer
from kit.guards import refuse
from kit.problems import Reason, SeveralReasons
from kit.transaction import transactional
from models.catalogue import Goods, Sku


class SaleCheck(StrEnum):
    """The machine code of what goods lack."""

    NO_POLICY = "NO_POLICY"
    NO_SKU = "NO_SKU"
    NO_PRICE = "NO_PRICE"
    NO_FLOOR_PRICE = "NO_FLOOR_PRICE"


_TEXTS = {
    SaleCheck.NO_POLICY: ("No policy is in force.", "当前没有生效中的策略。"),
    SaleCheck.NO_SKU: ("No SKU is on sale.", "没有在售的规格。"),
    SaleCheck.NO_PRICE: ("The SKU {sku} has no price.", "规格 {sku} 没有生效中的价格。"),
    SaleCheck.NO_FLOOR_PRICE: (
        "The SKU {sku} has no floor price, which the share model needs.",
        "规格 {sku} 没有底价,而当前分成模式需要底价。",
    ),
}


@dataclass(frozen=True, slots=True)
class FailedSaleCheck(Reason):
    """One thing that goods lack, and the SKU that lacks it."""

    about: ClassVar[dict[str, str]] = {
        "code": "What is lacking.",
        "sku": "The code of the SKU in question; null when it is none in particular.",
        "message": "A sentence for a person, in the language of `Accept-Language`.",
    }
    texts = _TEXTS
    code: SaleCheck
    sku: str | None = None


class NotReadyForSale(SeveralReasons):
    """What can't be priced or shared isn't sold; all that is lacking is named."""

    en = "It can't be put on sale: {texts}"
    zh = "暂不能上架:{texts}"
    about = {"checks": "Everything that is lacking."}
    checks: list[FailedSaleCheck]


@transactional
async def put_on_sale(*, viewer: Viewer, goods_id: UUID, now: datetime) -> Goods:
    """Offer the goods to everybody. Raises NotReadyForSale, OnSaleAlready, NotYourGoods."""
    permissions.require(viewer, "goodsPutOnSale")
    goods = await GOODS.lock(Goods, goods_id, viewer=viewer, now=now, thing="goods")
    refuse(guards.put_on_sale(goods, viewer, now))
    skus = await Sku.filter(goods_id=goods.id, on_sale=True).order_by("code")
    await _refuse_unready(goods, skus, now)
    goods.on_sale = goods.is_listed = True
    goods.version += 1
    await goods.save(update_fields=["on_sale", "is_listed", "version"])
    await history.of_goods("put_on_sale", goods, viewer=viewer, now=now)
    return goods


@transactional
async def take_off_sale(*, viewer: Viewer, goods_id: UUID, now: datetime) -> Goods:
    """Sell no more of them; they can still be looked at. Raises OffSaleAlready, NotYourGoods."""
    permissions.require(viewer, "goodsTakeOffSale")
    goods = await GOODS.lock(Goods, goods_id, viewer=viewer, now=now, thing="goods")
    refuse(guards.take_off_sale(goods, viewer, now))
    goods.on_sale = False
    goods.version += 1
    await goods.save(update_fields=["on_sale", "version"])
    await history.of_goods("taken_off_sale", goods, viewer=viewer, now=now)
    return goods


@transactional
async def put_sku_on_sale(*, viewer: Viewer, sku_id: UUID, now: datetime) -> Sku:
    """Offer this way to buy the goods. Raises NotReadyForSale while they are on sale and it has no
    price; OnSaleAlready, NotYourGoods."""
    permissions.require(viewer, "skuPutOnSale")
    sku, goods = await held(viewer=viewer, sku_id=sku_id, now=now)
    refuse(guards.edit(goods, viewer, now))
    if sku.on_sale:
        raise OnSaleAlready()
    if goods.on_sale:
        await _refuse_unready(goods, [sku], now)
    return await _set_sku(sku, goods, True, viewer=viewer, now=now)


@transactional
async def take_sku_off_sale(*, viewer: Viewer, sku_id: UUID, now: datetime) -> Sku:
    """Stop offering it. Raises NotReadyForSale for the last one of goods on sale; OffSaleAlready,
    NotYourGoods."""
    permissions.require(viewer, "skuTakeOffSale")
    sku, goods = await held(viewer=viewer, sku_id=sku_id, now=now)
    refuse(guards.edit(goods, viewer, now))
    if not sku.on_sale:
        raise OffSaleAlready()
    others = Sku.filter(goods_id=goods.id, on_sale=True).exclude(id=sku.id)
    if goods.on_sale and not await others.exists():
        raise NotReadyForSale(checks=[FailedSaleCheck(SaleCheck.NO_SKU)])
    return await _set_sku(sku, goods, False, viewer=viewer, now=now)


async def _refuse_unready(goods: Goods, skus: Sequence[Sku], now: datetime) -> None:
    policy = (await terms.policies([goods.id], at=now)).get(goods.id)
    prices = await terms.prices([sku.id for sku in skus], at=now)
    failed = [] if policy else [FailedSaleCheck(SaleCheck.NO_POLICY)]
    if not skus:
        failed.append(FailedSaleCheck(SaleCheck.NO_SKU))
    for sku in skus:
        price = prices.get(sku.id)
        if price is None:
            failed.append(FailedSaleCheck(SaleCheck.NO_PRICE, sku.code))
        elif price.floor_price is None and policy and policy.share_model in BY_FLOOR_PRICE:
            failed.append(FailedSaleCheck(SaleCheck.NO_FLOOR_PRICE, sku.code))
    if failed:
        raise NotReadyForSale(checks=failed)


async def _set_sku(sku: Sku, goods: Goods, on_sale: bool, *, viewer: Viewer, now: datetime) -> Sku:
    sku.on_sale = on_sale
    sku.version += 1
    await sku.save(update_fields=["on_sale", "version"])
    happened = "put_on_sale" if on_sale else "taken_off_sale"
    await history.of_sku(happened, sku, goods, viewer=viewer, now=now)
    return sku
