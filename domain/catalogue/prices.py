"""Prices: what a SKU costs from a moment on; what it has cost is never changed."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue import amounts, guards, history, terms
from domain.catalogue.goods import expect
from domain.catalogue.policies import (
    BY_FLOOR_PRICE,
    FloorPriceMissing,
    InForceAlready,
    beginning,
)
from domain.catalogue.policy import PRICES
from domain.catalogue.skus import held
from domain.identity import permissions
from domain.identity.viewer import Viewer
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import InvalidInput
from kit.transaction import lock, transactional
from models.catalogue import Sku, SkuPrice

_TOLD = ("valid_from", "list_price", "floor_price", "currency")


@transactional
async def set_price(
    *,
    viewer: Viewer,
    sku_id: UUID,
    expected_version: int,
    list_price: Decimal,
    floor_price: Decimal | None = None,
    valid_from: datetime | None = None,
    now: datetime,
) -> SkuPrice:
    """Let it cost so much, tax included, from a moment ahead on; the first, if unsaid, from now on.

    A price that is to begin at the same moment is replaced. Raises InThePast, FloorPriceMissing,
    NotYourGoods, VersionConflict (of the SKU).
    """
    permissions.require(viewer, "skuPriceSet")
    list_price = amounts.price(list_price, path=("input", "listPrice"))
    floor_price = _floor(floor_price, list_price)
    sku, goods = await held(viewer=viewer, sku_id=sku_id, now=now)
    refuse(guards.edit(goods, viewer, now))
    expect(expected_version, sku.version)
    is_first = not await SkuPrice.exists(sku_id=sku.id, valid_from__lte=now)
    valid_from = beginning(valid_from, is_first=is_first, now=now)
    if floor_price is None:
        policy = (await terms.policies([goods.id], at=valid_from)).get(goods.id)
        if policy is not None and policy.share_model in BY_FLOOR_PRICE:
            raise FloorPriceMissing(codes=[sku.code], path=("input", "floorPrice"))

    price = await lock(SkuPrice, sku_id=sku.id, valid_from=valid_from)
    before = history.facts(price, *_TOLD) if price is not None else None
    if price is None:
        price = SkuPrice(
            id=new_id(),
            created_at=now,
            sku_id=sku.id,
            valid_from=valid_from,
            list_price=list_price,
            floor_price=floor_price,
            currency=amounts.CURRENCY,
        )
        await price.insert()
    else:
        price.list_price, price.floor_price = list_price, floor_price
        await price.save(update_fields=["list_price", "floor_price"])
    await _touch(sku)
    after = history.facts(price, *_TOLD)
    await history.of_sku(
        "price_set", sku, goods, viewer=viewer, before=before, after=after, now=now
    )
    return price


@transactional
async def remove(*, viewer: Viewer, price_id: UUID, now: datetime) -> Sku:
    """Take back a price that isn't in force yet; the one before goes on. Raises InForceAlready."""
    permissions.require(viewer, "skuPriceRemove")
    await PRICES.require(SkuPrice, price_id, viewer=viewer, now=now, thing="price")
    seen = await SkuPrice.get(id=price_id)
    sku, goods = await held(viewer=viewer, sku_id=seen.sku_id, now=now)
    price = await PRICES.lock(SkuPrice, price_id, viewer=viewer, now=now, thing="price")
    refuse(guards.edit(goods, viewer, now))
    if price.valid_from <= now:
        raise InForceAlready(since=price.valid_from)
    await price.delete()
    await _touch(sku)
    before = history.facts(price, *_TOLD)
    await history.of_sku("price_removed", sku, goods, viewer=viewer, before=before, now=now)
    return sku


def _floor(given: Decimal | None, list_price: Decimal) -> Decimal | None:
    if given is None:
        return None
    floor = amounts.price(given, path=("input", "floorPrice"))
    if floor > list_price:
        raise InvalidInput(
            reason="The floor price is at most the list price.",
            reason_zh="底价不能高于目录价。",
            path=("input", "floorPrice"),
        )
    return floor


async def _touch(sku: Sku) -> None:
    sku.version += 1
    await sku.save(update_fields=["version"])
