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
    found = await prices_at({(id, at) for id in sku_ids})
    return {sku_id: price for (sku_id, _), price in found.items()}


async def prices_at(
    wanted: Collection[tuple[UUID, datetime]],
) -> dict[tuple[UUID, datetime], SkuPrice]:
    """The price of each SKU that held at the moment beside it; one that had none is missing."""
    pairs = sorted(set(wanted))
    found = await database.rows(
        f"select wanted.at as wanted_at, {rows.columns(SkuPrice, 't')}"
        " from unnest($1::uuid[], $2::timestamptz[]) as wanted (id, at)"
        " cross join lateral (select * from sku_price p"
        "   where p.sku_id = wanted.id and p.valid_from <= wanted.at"
        "   order by p.valid_from desc limit 1) t",
        *([id for id, _ in pairs], [at for _, at in pairs]),
    )
    moments = [row.pop("wanted_at") for row in found]
    return {
        (price.sku_id, at): price
        for at, price in zip(moments, rows.as_models(SkuPrice, found), strict=True)
    }
