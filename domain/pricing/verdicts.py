"""Whether an offer can be used for a line of an order, and what forbids it. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.offers import guards as exclusive
from domain.offers.automatic import AutomaticObstacle
from domain.offers.checks import KINDS
from domain.private_offers import guards as private
from kit.problems import Reason
from models.catalogue import Goods, GoodsPolicy, Sku, SkuPrice
from models.offers import (
    ExclusiveOffer,
    ExclusiveOfferLine,
    OfferOrigin,
    OfferStatus,
    QuotationKind,
)
from models.private_offers import PrivateOffer, PrivateOfferLine, PrivateOfferStatus


class Obstacle(StrEnum):
    """The machine code of what stands in the way."""

    GOODS_NOT_ON_SALE = "GOODS_NOT_ON_SALE"
    SKU_NOT_ON_SALE = "SKU_NOT_ON_SALE"
    NO_PRICE = "NO_PRICE"
    NO_POLICY = "NO_POLICY"
    OTHER_CUSTOMER = "OTHER_CUSTOMER"
    OTHER_PARTNER = "OTHER_PARTNER"
    NOT_APPROVED = "NOT_APPROVED"
    REJECTED = "REJECTED"
    NOT_PUBLISHED = "NOT_PUBLISHED"
    NOT_EFFECTIVE_YET = "NOT_EFFECTIVE_YET"
    EXPIRED = "EXPIRED"
    USED = "USED"
    WITHDRAWN = "WITHDRAWN"
    MADE_BY_AN_ORDER = "MADE_BY_AN_ORDER"
    GOODS_NOT_INCLUDED = "GOODS_NOT_INCLUDED"
    SKU_NOT_INCLUDED = "SKU_NOT_INCLUDED"
    QUANTITY_EXCEEDED = "QUANTITY_EXCEEDED"
    GOODS_KIND_EXCLUDED = "GOODS_KIND_EXCLUDED"
    DISCOUNT_NOT_ALLOWED = "DISCOUNT_NOT_ALLOWED"
    MERCHANT_NOT_OF_GOODS = "MERCHANT_NOT_OF_GOODS"
    NO_PARTNER = "NO_PARTNER"
    PRIVATE_OFFER_CHOSEN = "PRIVATE_OFFER_CHOSEN"


# By code: the rule, and a sentence in English and Chinese.
_TEXTS: dict[str, tuple[str, str, str]] = {
    Obstacle.GOODS_NOT_ON_SALE: ("5.7", "The goods aren't on sale.", "商品未在售。"),
    Obstacle.SKU_NOT_ON_SALE: ("5.7", "The SKU isn't on sale.", "规格未在售。"),
    Obstacle.NO_PRICE: ("G-01", "It has no price then.", "该时间没有生效中的价格。"),
    Obstacle.NO_POLICY: ("G-01", "The goods have no policy then.", "该时间没有生效中的策略。"),
    Obstacle.OTHER_CUSTOMER: (
        "X-13",
        "It is for another customer.",
        "该优惠授予了其他客户。",
    ),
    Obstacle.OTHER_PARTNER: (
        "A-22",
        "It is another partner's than that of an earlier line; an order has one partner.",
        "与前面行的优惠不属于同一伙伴,一个订单只能绑定一个伙伴。",
    ),
    Obstacle.NOT_APPROVED: (
        "X-06",
        "It isn't approved (yet).",
        "该优惠尚未审核通过。",
    ),
    Obstacle.REJECTED: ("X-06", "It was refused.", "该优惠审核未通过。"),
    Obstacle.NOT_PUBLISHED: ("R-03", "It isn't published yet.", "该商家优惠尚未发布。"),
    Obstacle.NOT_EFFECTIVE_YET: (
        "X-11",
        "It takes effect later; an offer must be there before the order.",
        "该优惠尚未生效,须在下单前生效。",
    ),
    Obstacle.EXPIRED: ("X-12", "It is over.", "该优惠已失效。"),
    Obstacle.USED: ("R-03", "An order has used it up.", "该商家优惠已被使用。"),
    Obstacle.WITHDRAWN: ("X-12", "It was withdrawn.", "该优惠已撤回。"),
    Obstacle.MADE_BY_AN_ORDER: (
        "X-09",
        "The system made it for one order, and for that alone.",
        "该优惠由系统为某一订单自动创建,不能用于其他订单。",
    ),
    Obstacle.GOODS_NOT_INCLUDED: ("X-12", "It isn't for these goods.", "该优惠不包含此商品。"),
    Obstacle.SKU_NOT_INCLUDED: ("X-14", "It isn't for this SKU.", "该优惠不包含此规格。"),
    Obstacle.QUANTITY_EXCEEDED: (
        "X-14",
        "It is for fewer of this SKU.",
        "数量超出该优惠的约定数量。",
    ),
    Obstacle.GOODS_KIND_EXCLUDED: (
        "S-24",
        "Only joint-operated goods and the platform's own are sold with exclusive offers.",
        "仅联营商品和平台自营商品适用专属优惠。",
    ),
    Obstacle.DISCOUNT_NOT_ALLOWED: (
        "G-09",
        "Partners can't grant a discount on these goods then.",
        "该时间商品不允许应用伙伴授予折扣。",
    ),
    Obstacle.MERCHANT_NOT_OF_GOODS: (
        "R-03",
        "The merchant who made it doesn't sell these goods.",
        "该商家优惠的商家并非此商品的商家。",
    ),
    Obstacle.NO_PARTNER: ("X-09", "No partner is bound.", "订单未绑定伙伴。"),
    Obstacle.PRIVATE_OFFER_CHOSEN: (
        "R-03",
        "The line is sold by a merchant's private offer.",
        "该行使用了商家优惠。",
    ),
    AutomaticObstacle.PROGRAMME_NOT_JOINED: (
        "X-01",
        "The partner hasn't joined the customer service provider programme.",
        "伙伴未加入云商店客户服务商计划。",
    ),
    AutomaticObstacle.NOT_BOUND: (
        "X-09",
        "The customer isn't bound to the partner.",
        "客户未与伙伴建立绑定关系。",
    ),
    AutomaticObstacle.OFFER_IN_FORCE: (
        "X-09",
        "The customer has an offer for these goods in force.",
        "客户已有该商品生效中的专属优惠。",
    ),
    AutomaticObstacle.OFFER_WITHIN_A_DAY: (
        "X-09",
        "The customer has an offer for these goods that takes effect within 24 hours.",
        "客户已有该商品 24 小时内即将生效的专属优惠。",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding(Reason):
    """One thing that stands in the way; the code is an Obstacle's or an AutomaticObstacle's."""

    texts = _TEXTS
    code: str

    @property
    def rule(self) -> str:
        """The rule behind it."""
        return _TEXTS[self.code][0]


@dataclass(frozen=True, slots=True)
class Setting:
    """The line that an offer is held against, at the moment in question.

    `partner_id` is whose offer an earlier line uses, if one does.
    """

    customer_id: UUID
    partner_id: UUID | None
    goods: Goods
    sku: Sku
    quantity: int
    policy: GoodsPolicy | None
    at: datetime


def of_sale(line: Setting, price: SkuPrice | None) -> list[Finding]:
    """All that keeps the line from being sold at any price; nothing, and it can be."""
    lacking = {
        Obstacle.GOODS_NOT_ON_SALE: not line.goods.on_sale,
        Obstacle.SKU_NOT_ON_SALE: not line.sku.on_sale,
        Obstacle.NO_PRICE: price is None,
        Obstacle.NO_POLICY: line.policy is None,
    }
    return [Finding(code) for code, is_lacking in lacking.items() if is_lacking]


def of_exclusive(
    offer: ExclusiveOffer, lines: Sequence[ExclusiveOfferLine], line: Setting
) -> list[Finding]:
    """All that keeps the line from using an exclusive offer; nothing, and it can."""
    found = _whose(offer.customer_id, offer.partner_id, line)
    status = exclusive.status_at(offer, line.at)
    if status in _EXCLUSIVE:
        found.append(_EXCLUSIVE[status])
    if offer.origin is OfferOrigin.AUTOMATIC:
        found.append(Obstacle.MADE_BY_AN_ORDER)
    mine = [each for each in lines if each.goods_id == line.goods.id]
    if not mine:
        found.append(Obstacle.GOODS_NOT_INCLUDED)
    elif offer.quotation is QuotationKind.CONFIGURATION:
        quantities = [each.quantity or 0 for each in mine if each.sku_id == line.sku.id]
        found += _of_quantity(quantities, line)
    if line.goods.kind not in KINDS:
        found.append(Obstacle.GOODS_KIND_EXCLUDED)
    if offer.discount < 1 and line.policy is not None and not line.policy.allows_discount:
        found.append(Obstacle.DISCOUNT_NOT_ALLOWED)
    return [Finding(code) for code in found]


def of_private(
    offer: PrivateOffer, lines: Sequence[PrivateOfferLine], line: Setting
) -> list[Finding]:
    """All that keeps the line from using a merchant's private offer; nothing, and it can."""
    found = _whose(offer.customer_id, offer.partner_id, line)
    status = private.status_at(offer, line.at)
    if status in _PRIVATE:
        found.append(_PRIVATE[status])
    if offer.merchant_id != line.goods.merchant_id:
        found.append(Obstacle.MERCHANT_NOT_OF_GOODS)
    if not any(each.goods_id == line.goods.id for each in lines):
        found.append(Obstacle.GOODS_NOT_INCLUDED)
    else:
        found += _of_quantity([each.quantity for each in lines if each.sku_id == line.sku.id], line)
    return [Finding(code) for code in found]


_EXCLUSIVE = {
    OfferStatus.DRAFT: Obstacle.NOT_APPROVED,
    OfferStatus.SYSTEM_REVIEW: Obstacle.NOT_APPROVED,
    OfferStatus.MANUAL_REVIEW: Obstacle.NOT_APPROVED,
    OfferStatus.SCHEDULED: Obstacle.NOT_EFFECTIVE_YET,
    OfferStatus.EXPIRED: Obstacle.EXPIRED,
    OfferStatus.REJECTED: Obstacle.REJECTED,
    OfferStatus.WITHDRAWN: Obstacle.WITHDRAWN,
}
_PRIVATE = {
    PrivateOfferStatus.DRAFT: Obstacle.NOT_PUBLISHED,
    PrivateOfferStatus.PUBLISHED: Obstacle.NOT_EFFECTIVE_YET,
    PrivateOfferStatus.USED: Obstacle.USED,
    PrivateOfferStatus.EXPIRED: Obstacle.EXPIRED,
    PrivateOfferStatus.WITHDRAWN: Obstacle.WITHDRAWN,
}


def _whose(customer_id: UUID, partner_id: UUID, line: Setting) -> list[Obstacle]:
    found = []
    if customer_id != line.customer_id:
        found.append(Obstacle.OTHER_CUSTOMER)
    if line.partner_id not in (None, partner_id):
        found.append(Obstacle.OTHER_PARTNER)
    return found


def _of_quantity(quantities: Sequence[int], line: Setting) -> list[Obstacle]:
    if not quantities:
        return [Obstacle.SKU_NOT_INCLUDED]
    return [Obstacle.QUANTITY_EXCEEDED] if line.quantity > sum(quantities) else []
