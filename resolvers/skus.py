"""Mutations of the catalogue's SKUs and their prices."""

from datetime import datetime
from uuid import UUID

import strawberry

from domain.catalogue import prices, selling, skus
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from resolvers.mutation import Outcome, mutation
from schema import sku_changes as changes


@strawberry.type
class SkuMutation:
    @mutation(
        "Add a way to buy goods. To goods that are on sale it is added off sale, since it has no"
        " price yet.",
        changes.SkuCreatePayload,
        requires=describe("skuCreate"),
    )
    async def sku_create(
        self, viewer: Viewer, input: changes.SkuCreateInput, now: datetime
    ) -> Outcome:
        sku = await skus.create(
            viewer=viewer,
            goods_id=ids.decode("gds", input.goods_id, path=("input", "goodsId")),
            sku_code=input.code,
            name=input.name,
            charge_mode=input.charge_mode,
            months=input.months,
            now=now,
        )
        return Outcome(sku=sku.id)

    @mutation("Call a SKU something else.", changes.SkuEditPayload, requires=describe("skuEdit"))
    async def sku_edit(self, viewer: Viewer, input: changes.SkuEditInput, now: datetime) -> Outcome:
        sku = await skus.edit(
            viewer=viewer,
            sku_id=_id(input.id),
            expected_version=input.expected_version,
            name=input.name,
            now=now,
        )
        return Outcome(sku=sku.id)

    @mutation(
        "Offer a SKU, which needs a price if its goods are on sale.",
        changes.SkuPutOnSalePayload,
        requires=describe("skuPutOnSale"),
    )
    async def sku_put_on_sale(
        self, viewer: Viewer, input: changes.SkuInput, now: datetime
    ) -> Outcome:
        sku = await selling.put_sku_on_sale(viewer=viewer, sku_id=_id(input.id), now=now)
        return Outcome(sku=sku.id)

    @mutation(
        "Stop offering a SKU; the last one of goods on sale goes with its goods alone.",
        changes.SkuTakeOffSalePayload,
        requires=describe("skuTakeOffSale"),
    )
    async def sku_take_off_sale(
        self, viewer: Viewer, input: changes.SkuInput, now: datetime
    ) -> Outcome:
        sku = await selling.take_sku_off_sale(viewer=viewer, sku_id=_id(input.id), now=now)
        return Outcome(sku=sku.id)

    @mutation(
        "Set what a SKU costs from a moment ahead on. What it has cost stays.",
        changes.SkuPriceSetPayload,
        requires=describe("skuPriceSet"),
    )
    async def sku_price_set(
        self, viewer: Viewer, input: changes.SkuPriceSetInput, now: datetime
    ) -> Outcome:
        price = await prices.set_price(
            viewer=viewer,
            sku_id=ids.decode("sku", input.sku_id, path=("input", "skuId")),
            expected_version=input.expected_version,
            list_price=input.list_price,
            floor_price=input.floor_price,
            valid_from=input.valid_from,
            now=now,
        )
        return Outcome(sku_price=price.id, sku=price.sku_id)

    @mutation(
        "Take back a price that isn't in force yet; the one before it goes on.",
        changes.SkuPriceRemovePayload,
        requires=describe("skuPriceRemove"),
    )
    async def sku_price_remove(
        self, viewer: Viewer, input: changes.SkuPriceRemoveInput, now: datetime
    ) -> Outcome:
        price_id = ids.decode("prc", input.id, path=("input", "id"))
        sku = await prices.remove(viewer=viewer, price_id=price_id, now=now)
        return Outcome(sku=sku.id)


def _id(text: str) -> UUID:
    return ids.decode("sku", text, path=("input", "id"))
