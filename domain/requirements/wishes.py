"""The goods that a requirement names: read, and brought into rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.catalogue.quantities import check_lines, check_quantity
from kit import database, rows
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound
from models.catalogue import Goods, Sku
from models.requirements import CustomerRequirement, RequirementLine

_LINES = ("input", "lines")


@dataclass(frozen=True, slots=True)
class Wish:
    """Goods that a customer wants: any way of buying them, or this SKU, and how many."""

    goods_id: UUID
    sku_id: UUID | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What lines name, each goods and SKU once, in the order of the lines."""

    goods: list[Goods]
    skus: list[Sku]


async def found(wishes: Sequence[Wish]) -> Wanted:
    """The goods and SKUs of new lines. Raises InvalidInput for lines that make no sense, and
    NotFound for goods that the store has never shown and SKUs that aren't those goods'."""
    _check(wishes)
    wanted = await _wanted(
        [wish.goods_id for wish in wishes],
        [wish.sku_id for wish in wishes if wish.sku_id is not None],
    )
    goods = {each.id for each in wanted.goods if each.is_listed}
    skus = {each.id: each.goods_id for each in wanted.skus}
    for place, wish in enumerate(wishes):
        if wish.goods_id not in goods:
            raise NotFound(thing="goods", path=(*_LINES, str(place), "goodsId"))
        if wish.sku_id is not None and skus.get(wish.sku_id) != wish.goods_id:
            raise NotFound(thing="sku", path=(*_LINES, str(place), "skuId"))
    return wanted


async def of(requirement_id: UUID) -> Wanted:
    """The goods and SKUs of a requirement as they are now."""
    lines = await RequirementLine.filter(requirement_id=requirement_id).order_by("position")
    return await _wanted(
        [line.goods_id for line in lines],
        [line.sku_id for line in lines if line.sku_id is not None],
    )


async def keep(requirement: CustomerRequirement, wishes: Sequence[Wish], *, now: datetime) -> None:
    """Make these the lines of the requirement, instead of any that it had."""
    await database.execute("delete from requirement_line where requirement_id = $1", requirement.id)
    await rows.insert_all(
        [
            RequirementLine(
                id=new_id(),
                created_at=now,
                requirement_id=requirement.id,
                position=position,
                goods_id=wish.goods_id,
                sku_id=wish.sku_id,
                quantity=wish.quantity,
            )
            for position, wish in enumerate(wishes, start=1)
        ]
    )


def _check(wishes: Sequence[Wish]) -> None:
    check_lines(len(wishes), path=_LINES)
    seen: set[tuple[UUID, UUID | None]] = set()
    for place, wish in enumerate(wishes):
        check_quantity(wish.quantity, path=(*_LINES, str(place), "quantity"))
        if (wish.goods_id, wish.sku_id) in seen:
            raise InvalidInput(
                reason="An earlier line names the same.",
                reason_zh="该商品或规格重复。",
                path=(*_LINES, str(place)),
            )
        seen.add((wish.goods_id, wish.sku_id))


async def _wanted(goods_ids: Sequence[UUID], sku_ids: Sequence[UUID]) -> Wanted:
    goods = {row.id: row for row in await Goods.filter(id__in=list(goods_ids))}
    skus = {row.id: row for row in await Sku.filter(id__in=list(sku_ids))} if sku_ids else {}
    return Wanted(
        goods=[goods[id] for id in dict.fromkeys(goods_ids) if id in goods],
        skus=[skus[id] for id in dict.fromkeys(sku_ids) if id in skus],
    )
