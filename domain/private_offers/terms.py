"""The terms of a private offer: a share, a span of time, and prices each; checked and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue.amounts import CURRENCY
from domain.catalogue.quantities import check_lines, check_quantity
from kit import database, ratios, rows, texts
from kit.ids import new_id
from kit.money import Money
from kit.problems import InvalidInput, NotFound
from models.catalogue import Goods, Sku
from models.private_offers import PrivateOfferLine, PrivateOfferVersion

LONGEST_NOTE = 1000

_LINES = ("input", "lines")


@dataclass(frozen=True, slots=True)
class Price:
    """A SKU, how many, and what each costs, tax included, in CNY."""

    sku_id: UUID
    unit_price: Decimal
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Terms:
    """What a merchant offers: from `effective_at` up to `expires_at`, half open."""

    ratio: Decimal
    effective_at: datetime
    expires_at: datetime
    prices: Sequence[Price]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """The goods and SKUs that lines name, in their order."""

    goods: list[Goods]
    skus: list[Sku]


def checked(terms: Terms) -> Terms:
    """The terms, or InvalidInput for what no rule could accept. Dates may be in the past yet."""
    if terms.expires_at <= terms.effective_at:
        raise InvalidInput(
            reason="It has to end after it begins.",
            reason_zh="失效时间应晚于生效时间。",
            path=("input", "expiresAt"),
        )
    check_lines(len(terms.prices), path=_LINES)
    return Terms(
        ratio=ratios.checked(terms.ratio, path=("input", "ratio")),
        effective_at=terms.effective_at,
        expires_at=terms.expires_at,
        prices=[_checked(terms.prices, place) for place in range(len(terms.prices))],
        note=texts.optional(terms.note, longest=LONGEST_NOTE, path=("input", "note")),
    )


async def found(prices: Sequence[Price], *, merchant_id: UUID) -> Offered:
    """The SKUs of new lines. Raises NotFound for what isn't one of this merchant's."""
    offered = await _offered([price.sku_id for price in prices])
    goods = {each.id: each.merchant_id for each in offered.goods}
    own = {sku.id for sku in offered.skus if goods[sku.goods_id] == merchant_id}
    for place, price in enumerate(prices):
        if price.sku_id not in own:
            raise NotFound(thing="sku", path=(*_LINES, str(place), "skuId"))
    return offered


async def of(version: PrivateOfferVersion) -> Terms:
    """What a version says."""
    return Terms(
        ratio=version.ratio,
        effective_at=version.effective_at,
        expires_at=version.expires_at,
        prices=[
            Price(line.sku_id, line.unit_price, line.quantity)
            for line in await lines_of(version.id)
        ],
        note=version.note,
    )


async def lines_of(version_id: UUID) -> list[PrivateOfferLine]:
    """The prices of a version, in their order."""
    return await PrivateOfferLine.filter(terms_id=version_id).order_by("position")


async def named_by(lines: Sequence[PrivateOfferLine]) -> Offered:
    """The goods and SKUs of lines as they are now."""
    return await _offered([line.sku_id for line in lines])


async def draft(
    *, offer_id: UUID, sequence: int, terms: Terms, offered: Offered, by: UUID, now: datetime
) -> PrivateOfferVersion:
    """Write a new draft of the terms."""
    version = PrivateOfferVersion(
        id=new_id(),
        created_at=now,
        offer_id=offer_id,
        sequence=sequence,
        status="DRAFT",
        ratio=terms.ratio,
        effective_at=terms.effective_at,
        expires_at=terms.expires_at,
        note=terms.note,
        created_by=by,
    )
    await version.insert()
    await keep(version, terms.prices, offered=offered, now=now)
    return version


async def keep(
    version: PrivateOfferVersion, prices: Sequence[Price], *, offered: Offered, now: datetime
) -> None:
    """Make these the prices of a draft, instead of any that it had."""
    await database.execute("delete from private_offer_line where terms_id = $1", version.id)
    goods_of = {sku.id: sku.goods_id for sku in offered.skus}
    await rows.insert_all(
        [
            PrivateOfferLine(
                id=new_id(),
                created_at=now,
                terms_id=version.id,
                position=position,
                sku_id=price.sku_id,
                goods_id=goods_of[price.sku_id],
                quantity=price.quantity,
                unit_price=price.unit_price,
                currency=CURRENCY,
            )
            for position, price in enumerate(prices, start=1)
        ]
    )


def _checked(prices: Sequence[Price], place: int) -> Price:
    price, path = prices[place], (*_LINES, str(place))
    check_quantity(price.quantity, path=(*path, "quantity"))
    if any(other.sku_id == price.sku_id for other in prices[:place]):
        raise InvalidInput(
            reason="An earlier line names the same SKU.",
            reason_zh="该规格重复。",
            path=(*path, "skuId"),
        )
    try:
        amount = Money(price.unit_price, CURRENCY).amount
    except InvalidInput as problem:
        problem.path = (*path, "unitPrice")
        raise
    if amount <= 0:
        raise InvalidInput(
            reason="A price is more than 0.", reason_zh="单价应大于 0。", path=(*path, "unitPrice")
        )
    return Price(price.sku_id, amount, price.quantity)


async def _offered(sku_ids: Sequence[UUID]) -> Offered:
    found = {row.id: row for row in await Sku.filter(id__in=list(sku_ids))}
    skus = [found[id] for id in sku_ids if id in found]
    goods = {row.id: row for row in await Goods.filter(id__in=[sku.goods_id for sku in skus])}
    return Offered(goods=[goods[id] for id in dict.fromkeys(s.goods_id for s in skus)], skus=skus)
