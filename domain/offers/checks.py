"""Whether an offer may be granted as it is (X-01, X-03, G-09, 5.7): all that fails at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.programmes.conditions import SELLING_PROGRAMME, joined_programmes
from kit import database
from kit.problems import FailedCheck, SeveralReasons
from models.catalogue import Goods, GoodsKind, GoodsPolicy, Sku
from models.offers import ExclusiveOffer, ExclusiveOfferLine

# What customer service providers earn on (5.7); the rest is the merchants' own business.
KINDS = frozenset({GoodsKind.JOINT_OPERATED, GoodsKind.SELF_OPERATED})


class OfferCheck(StrEnum):
    """The machine code of each check that an offer can fail."""

    PROGRAMME_NOT_JOINED = "PROGRAMME_NOT_JOINED"
    EFFECTIVE_NOT_IN_FUTURE = "EFFECTIVE_NOT_IN_FUTURE"
    ENDS_BEFORE_IT_BEGINS = "ENDS_BEFORE_IT_BEGINS"
    GOODS_KIND_EXCLUDED = "GOODS_KIND_EXCLUDED"
    GOODS_NOT_ON_SALE = "GOODS_NOT_ON_SALE"
    SKU_NOT_ON_SALE = "SKU_NOT_ON_SALE"
    NO_POLICY_IN_FORCE = "NO_POLICY_IN_FORCE"
    DISCOUNT_NOT_ALLOWED = "DISCOUNT_NOT_ALLOWED"
    OVERLAPS = "OVERLAPS"


_TEXTS = {
    OfferCheck.PROGRAMME_NOT_JOINED: (
        "The partner hasn't joined the customer service provider programme.",
        "贵司未加入云商店客户服务商计划。",
    ),
    OfferCheck.EFFECTIVE_NOT_IN_FUTURE: (
        "It must take effect later than now.",
        "申请生效时间需大于当前时间。",
    ),
    OfferCheck.ENDS_BEFORE_IT_BEGINS: (
        "It must end after it takes effect.",
        "失效时间需大于生效时间。",
    ),
    OfferCheck.GOODS_KIND_EXCLUDED: (
        "Only joint-operated goods and the platform's own can be offered: {concerns}.",
        "仅联营商品和平台自营商品支持专属优惠:{concerns}。",
    ),
    OfferCheck.GOODS_NOT_ON_SALE: (
        "These goods aren't on sale: {concerns}.",
        "商品未在售:{concerns}。",
    ),
    OfferCheck.SKU_NOT_ON_SALE: (
        "These SKUs aren't on sale: {concerns}.",
        "规格未在售:{concerns}。",
    ),
    OfferCheck.NO_POLICY_IN_FORCE: (
        "No incentive policy will be in force for these goods: {concerns}.",
        "商品在生效时间无激励政策:{concerns}。",
    ),
    OfferCheck.DISCOUNT_NOT_ALLOWED: (
        "Partners can't grant a discount on these goods: {concerns}.",
        "商品不允许应用伙伴授予折扣:{concerns}。",
    ),
    OfferCheck.OVERLAPS: (
        "Another offer of yours for this customer and some of these goods overlaps: {concerns}.",
        "该客户的部分商品在此期间已有贵司的专属优惠:{concerns}。",
    ),
}


@dataclass(frozen=True, slots=True)
class FailedOfferCheck(FailedCheck):
    """One check that the offer fails, the rule behind it, and what is to blame."""

    about = FailedCheck.about | {
        "concerns": "Numbers of the goods, codes of the SKUs or numbers of the offers to blame;"
        " empty when it is the offer as a whole.",
    }
    texts = _TEXTS
    code: OfferCheck
    concerns: list[str] = field(default_factory=list)


class OfferCheckFailed(SeveralReasons):
    """The offer fails at least one of the checks; all that it fails are named."""

    en = "This offer can't be granted: {texts}"
    zh = "专属优惠校验未通过:{texts}"
    about = {"checks": "Every check that the offer fails, in order."}
    checks: list[FailedOfferCheck]


async def failures(
    offer: ExclusiveOffer,
    lines: Sequence[ExclusiveOfferLine],
    *,
    policies: Mapping[UUID, GoodsPolicy],
    now: datetime,
) -> list[FailedOfferCheck]:
    """Everything that the offer fails when it is submitted at `now`.

    `policies` are those in force when the offer takes effect. The caller holds the customer, since
    whoever submits another offer for it would have to wait.
    """
    failed = []
    if offer.effective_at <= now:
        failed.append(FailedOfferCheck(OfferCheck.EFFECTIVE_NOT_IN_FUTURE, "X-03"))
    if offer.expires_at <= offer.effective_at:
        failed.append(FailedOfferCheck(OfferCheck.ENDS_BEFORE_IT_BEGINS, "5.7"))
    failed += await grounds(offer, lines, now=now)
    failed += await _of_policies(offer, lines, policies)
    if overlapping := await _overlapping(offer, lines, now):
        failed.append(FailedOfferCheck(OfferCheck.OVERLAPS, "5.7", overlapping))
    return sorted(failed, key=lambda each: list(OfferCheck).index(each.code))


async def grounds(
    offer: ExclusiveOffer, lines: Sequence[ExclusiveOfferLine], *, now: datetime
) -> list[FailedOfferCheck]:
    """What has to be so before an offer is even drafted: the programme, and the goods on sale."""
    failed = []
    if SELLING_PROGRAMME not in await joined_programmes(partner_id=offer.partner_id, now=now):
        failed.append(FailedOfferCheck(OfferCheck.PROGRAMME_NOT_JOINED, "X-01"))
    goods = await Goods.filter(id__in=[line.goods_id for line in lines]).order_by("number")
    skus = await Sku.filter(id__in=[line.sku_id for line in lines if line.sku_id]).order_by("code")
    for code, concerns in (
        (OfferCheck.GOODS_KIND_EXCLUDED, [each.number for each in goods if each.kind not in KINDS]),
        (OfferCheck.GOODS_NOT_ON_SALE, [each.number for each in goods if not each.on_sale]),
        (OfferCheck.SKU_NOT_ON_SALE, [sku.code for sku in skus if not sku.on_sale]),
    ):
        if concerns:
            failed.append(FailedOfferCheck(code, "5.7", concerns))
    return failed


def refuse(failed: Sequence[FailedOfferCheck]) -> None:
    """Raise OfferCheckFailed with all of them, if there are any."""
    if failed:
        raise OfferCheckFailed(checks=list(failed))


async def _of_policies(
    offer: ExclusiveOffer,
    lines: Sequence[ExclusiveOfferLine],
    policies: Mapping[UUID, GoodsPolicy],
) -> list[FailedOfferCheck]:
    goods = await Goods.filter(id__in=[line.goods_id for line in lines]).order_by("number")
    failed = []
    if lacking := [each.number for each in goods if each.id not in policies]:
        failed.append(FailedOfferCheck(OfferCheck.NO_POLICY_IN_FORCE, "G-01", lacking))
    # The whole list price is no discount.
    forbidden = [
        each.number
        for each in goods
        if offer.discount < 1 and each.id in policies and not policies[each.id].allows_discount
    ]
    if forbidden:
        failed.append(FailedOfferCheck(OfferCheck.DISCOUNT_NOT_ALLOWED, "G-09", forbidden))
    return failed


async def _overlapping(
    offer: ExclusiveOffer, lines: Sequence[ExclusiveOfferLine], now: datetime
) -> list[str]:
    """Numbers of the partner's live offers that share the customer, some goods and some time.

    What is being reviewed counts: it could be granted any day. What an order has made doesn't: it
    is good for that order alone.
    """
    rows = await database.rows(
        """
        select other.number from exclusive_offer other
        where other.customer_id = $1 and other.partner_id = $2 and other.id <> $3
          and other.status in ('MANUAL_REVIEW', 'SCHEDULED', 'EFFECTIVE')
          and other.origin = 'MANUAL' and other.expires_at > $4
          and other.effective_at < $6 and other.expires_at > $5
          and exists (select from exclusive_offer_line line
            where line.offer_id = other.id and line.goods_id = any($7))
        order by other.number""",
        *(offer.customer_id, offer.partner_id, offer.id, now),
        *(offer.effective_at, offer.expires_at, [line.goods_id for line in lines]),
    )
    return [row["number"] for row in rows]
