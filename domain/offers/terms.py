"""What a partner writes into an offer: its words, its discount, its span, its goods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.catalogue.quantities import MOST_LINES, check_quantity
from kit import ratios, texts
from kit.ids import new_id
from kit.problems import InvalidInput, NotFound
from models.catalogue import Goods, Sku
from models.offers import ExclusiveOfferLine, QuotationKind

LONGEST_NAME = 160
LONGEST_NOTE = 500
DECIMALS = 4
LAST_YEAR = 2199


@dataclass(frozen=True, slots=True)
class WantedSku:
    """A SKU of a configuration, and how many of it."""

    sku_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that can be edited. Either `goods_ids` or `configuration`, never both.

    `discount` is the share of the list price that is paid (A-03).
    """

    name: str
    discount: Decimal
    effective_at: datetime
    expires_at: datetime
    goods_ids: Sequence[UUID] = ()
    configuration: Sequence[WantedSku] = ()
    note: str | None = None

    @property
    def quotation(self) -> QuotationKind:
        """Goods whatever the SKU, or certain SKUs (X-14)."""
        return QuotationKind.CONFIGURATION if self.configuration else QuotationKind.GOODS


def checked(terms: Terms) -> Terms:
    """The terms with words without blanks around them. Raises InvalidInput for what can't be.

    Whether they can be granted is another question: that is asked when the offer is submitted.
    """
    _check_lines(terms)
    _check_moment(terms.effective_at, path=("input", "effectiveAt"))
    _check_moment(terms.expires_at, path=("input", "expiresAt"))
    return Terms(
        name=texts.needed(terms.name, longest=LONGEST_NAME, path=("input", "name")),
        discount=share(terms.discount, path=("input", "discountRatio")),
        effective_at=terms.effective_at,
        expires_at=terms.expires_at,
        goods_ids=terms.goods_ids,
        configuration=terms.configuration,
        note=texts.optional(terms.note, longest=LONGEST_NOTE, path=("input", "note")),
    )


def share(value: Decimal, *, path: tuple[str, ...]) -> Decimal:
    """A share of the list price: above 0, at most 1, at most four decimals. Raises InvalidInput."""
    return ratios.checked(value, path=path, places=DECIMALS, above_least=True)


async def lines_of(terms: Terms, *, offer_id: UUID, now: datetime) -> list[ExclusiveOfferLine]:
    """The lines to be written. Raises NotFound for goods and SKUs that the store doesn't show."""
    if terms.configuration:
        return await _of_configuration(terms, offer_id, now)
    # What has never been on sale is its merchant's own business, and unknown to everybody else.
    listed = await Goods.filter(id__in=terms.goods_ids, is_listed=True).values_list("id", flat=True)
    for place, id in enumerate(terms.goods_ids):
        if id not in listed:
            raise NotFound(thing="goods", path=("input", "goodsIds", str(place)))
    return [
        _line(offer_id, place, now, goods_id=goods_id)
        for place, goods_id in enumerate(terms.goods_ids, start=1)
    ]


async def _of_configuration(
    terms: Terms, offer_id: UUID, now: datetime
) -> list[ExclusiveOfferLine]:
    wanted_ids = [wanted.sku_id for wanted in terms.configuration]
    found = await Sku.filter(id__in=wanted_ids, goods__is_listed=True)
    skus = {sku.id: sku for sku in found}
    for place, id in enumerate(wanted_ids):
        if id not in skus:
            raise NotFound(thing="SKU", path=("input", "configuration", str(place), "skuId"))
    return [
        _line(
            offer_id,
            place,
            now,
            goods_id=skus[wanted.sku_id].goods_id,
            sku_id=wanted.sku_id,
            quantity=wanted.quantity,
        )
        for place, wanted in enumerate(terms.configuration, start=1)
    ]


def _line(
    offer_id: UUID,
    place: int,
    now: datetime,
    *,
    goods_id: UUID,
    sku_id: UUID | None = None,
    quantity: int | None = None,
) -> ExclusiveOfferLine:
    return ExclusiveOfferLine(
        id=new_id(),
        created_at=now,
        offer_id=offer_id,
        position=place,
        goods_id=goods_id,
        sku_id=sku_id,
        quantity=quantity,
    )


def _check_moment(moment: datetime, *, path: tuple[str, ...]) -> None:
    if moment.year > LAST_YEAR:
        raise InvalidInput(
            reason=f"An offer begins and ends by the year {LAST_YEAR}.",
            reason_zh=f"生效时间与失效时间不能晚于 {LAST_YEAR} 年。",
            path=path,
        )


def _check_lines(terms: Terms) -> None:
    if bool(terms.goods_ids) == bool(terms.configuration):
        raise InvalidInput(
            reason="Give either goodsIds or configuration, with at least one entry.",
            reason_zh="商品报价(goodsIds)与配置单报价(configuration)须且仅须填写一项。",
            path=("input",),
        )
    field = "configuration" if terms.configuration else "goodsIds"
    named = [wanted.sku_id for wanted in terms.configuration] or list(terms.goods_ids)
    if len(named) > MOST_LINES or len(set(named)) < len(named):
        raise InvalidInput(
            reason=f"At most {MOST_LINES} entries, none of them twice.",
            reason_zh=f"最多 {MOST_LINES} 项,且不能重复。",
            path=("input", field),
        )
    for wanted in terms.configuration:
        check_quantity(wanted.quantity, path=("input", field, "quantity"))
