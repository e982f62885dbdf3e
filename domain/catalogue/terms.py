"""What holds at a moment: policies and prices are versioned by when they begin (G-01, G-08)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from kit import database, rows
from models.catalogue import GoodsPolicy, SkuPrice


async def policies(goods_ids: Collection[UUID], *, at: datetime) -> dict[UUID, GoodsPolicy]:
    """The policy of each of the goods that held at a moment; goods that had none are missing."""
    found = await database.rows(
        f"select {rows.columns(GoodsPolicy, 't')} from unnest($1::uuid[]) as wanted (id)"
        " cross join lateral (select * from goods_policy p"
        "   where p.goods_id = wanted.id and p.valid_from <= $2"
        "   order by p.valid_from desc limit 1) t",
        *(sorted(set(goods_ids)), at),
    )
    return {policy.goods_id: policy for policy in rows.as_models(GoodsPolicy, found)}


async def prices(sku_ids: Collection[UUID], *, at: datetime) -> dict[UUID, SkuPrice]:
    """The price of each of the SKUs that held at a moment; a SKU that had none is missing."""
    found = await database.rows(
        f"select {rows.columns(SkuPrice, 't')} from unnest($1::uuid[]) as wanted (id)"
        " cross join lateral (select * from sku_price p"
        "   where p.sku_id = wanted.id and p.valid_from <= $2"
        "   order by p.valid_from desc limit 1) t",
        *(sorted(set(sku_ids)), at),
    )
    return {price.sku_id: price for price in rows.as_models(SkuPrice, found)}
