"""One line of a simulated order: which offers concern it, what it lacks, what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from domain.catalogue.amounts import CURRENCY
from domain.identity.viewer import Viewer, ViewerKind
from domain.pricing import arithmetic, verdicts
from domain.pricing.arithmetic import Amounts
from domain.pricing.reading import Offers
from domain.pricing.verdicts import Finding, Obstacle, Setting
from kit.money import Money
from models.catalogue import Goods, GoodsPolicy, Sku, SkuPrice
from models.offers import ExclusiveOffer, ExclusiveOfferLine
from models.private_offers import PrivateOffer, PrivateOfferLine

Quantities = Mapping[tuple[UUID, UUID], int]  # by offer and SKU: how many all lines want of it


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of an order: so many of a SKU, with one offer or none."""

    sku_id: UUID
    quantity: int
    exclusive_offer_id: UUID | None = None
    private_offer_id: UUID | None = None

    @property
    def asked(self) -> list[UUID]:
        """The offers that are named; one, if it makes sense."""
        return [id for id in (self.exclusive_offer_id, self.private_offer_id) if id is not None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """An offer, and what keeps a line from using it; nothing, and it can."""

    offer: ExclusiveOffer | PrivateOffer
    findings: list[Finding]

    def is_used_by(self, line: Wanted) -> bool:
        """Whether the line names it, and can use it."""
        return self.offer.id in line.asked and not self.findings


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it would be sold. `amounts` are None without a price, the floors when there is
    none, or the viewer may not know it; `used` is the offer that made the price."""

    goods: Goods
    sku: Sku
    quantity: int
    unit_price: Money | None
    amounts: Amounts | None
    authorized_floor: Money | None
    floor_price: Money | None
    findings: list[Finding]
    used: ExclusiveOffer | PrivateOffer | None
    exclusive: list[Verdict]
    private: list[Verdict]
    automatic: list[Finding]


def line(
    wanted: Wanted,
    setting: Setting,
    *,
    price: SkuPrice | None,
    offers: Offers,
    quantities: Quantities,
    automatic: list[Finding],
    viewer: Viewer,
) -> Line:
    """The line as it would be sold. Raises InvalidInput for more than an account can hold."""
    exclusive = _exclusive(wanted, setting, offers, quantities)
    private = _private(wanted, setting, offers, quantities)
    used = next((v.offer for v in (*exclusive, *private) if v.is_used_by(wanted)), None)
    return Line(
        goods=setting.goods,
        sku=setting.sku,
        quantity=wanted.quantity,
        unit_price=money(price.list_price) if price else None,
        amounts=_amounts(wanted, price, used, offers),
        authorized_floor=_authorized(wanted, price, setting.policy, viewer),
        floor_price=_floor(wanted, price, viewer),
        findings=verdicts.of_sale(setting, price),
        used=used,
        exclusive=exclusive,
        private=private,
        automatic=_of_automatic(automatic, used),
    )


def knows_ahead(viewer: Viewer) -> bool:
    """Whether prices to come, and floor prices, are its business: the platform's."""
    return viewer.kind in (ViewerKind.STAFF, ViewerKind.SYSTEM)


def money(amount: Decimal) -> Money:
    """In the one currency that there is (A-23)."""
    return Money(amount, CURRENCY)


def _of_automatic(
    findings: list[Finding], used: ExclusiveOffer | PrivateOffer | None
) -> list[Finding]:
    own = [Finding(Obstacle.PRIVATE_OFFER_CHOSEN)] if isinstance(used, PrivateOffer) else []
    return findings + own


def _exclusive(
    wanted: Wanted, line: Setting, offers: Offers, quantities: Quantities
) -> list[Verdict]:
    return [
        Verdict(offer, verdicts.of_exclusive(offer, lines, _with_all(offer.id, line, quantities)))
        for offer in offers.exclusive
        if _concerns(lines := offers.exclusive_lines.get(offer.id, ()), line)
        or offer.id == wanted.exclusive_offer_id
    ]


def _private(
    wanted: Wanted, line: Setting, offers: Offers, quantities: Quantities
) -> list[Verdict]:
    return [
        Verdict(offer, verdicts.of_private(offer, lines, _with_all(offer.id, line, quantities)))
        for offer in offers.private
        if _concerns(lines := offers.private_lines.get(offer.id, ()), line)
        or offer.id == wanted.private_offer_id
    ]


def _concerns(
    lines: Sequence[ExclusiveOfferLine] | Sequence[PrivateOfferLine], line: Setting
) -> bool:
    return any(each.goods_id == line.goods.id for each in lines)


def _with_all(offer_id: UUID, line: Setting, quantities: Quantities) -> Setting:
    """Several lines of one SKU share what an offer has of it."""
    return replace(line, quantity=quantities.get((offer_id, line.sku.id), line.quantity))


def _amounts(
    wanted: Wanted,
    price: SkuPrice | None,
    used: ExclusiveOffer | PrivateOffer | None,
    offers: Offers,
) -> Amounts | None:
    if price is None:
        return None
    listed = money(price.list_price)
    if isinstance(used, PrivateOffer):
        agreed = next(
            line for line in offers.private_lines[used.id] if line.sku_id == wanted.sku_id
        )
        return arithmetic.at_price(listed, wanted.quantity, money(agreed.unit_price))
    discount = used.discount if used is not None else arithmetic.WHOLE
    return arithmetic.at_discount(listed, wanted.quantity, discount)


def _authorized(
    wanted: Wanted, price: SkuPrice | None, policy: GoodsPolicy | None, viewer: Viewer
) -> Money | None:
    """The least that a partner may ask; no business of customers (G-01)."""
    if price is None or policy is None or viewer.kind is ViewerKind.CUSTOMER:
        return None
    share = policy.authorized_floor if policy.allows_discount else arithmetic.WHOLE
    return arithmetic.floor(money(price.list_price), wanted.quantity, share)


def _floor(wanted: Wanted, price: SkuPrice | None, viewer: Viewer) -> Money | None:
    if price is None or price.floor_price is None or not knows_ahead(viewer):
        return None
    return arithmetic.times(money(price.floor_price), wanted.quantity)
