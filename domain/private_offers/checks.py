"""Whether terms may be published: all that fails is told at once (R-02, R-03, domain.md 5.8).

What is looked at is what holds at the publication. A maximum or a list price that changes later
leaves published terms alone: the customer has seen them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.catalogue import terms as catalogue
from domain.private_offers import terms
from domain.private_offers.terms import Offered
from domain.requirements import checks as requirements
from domain.requirements import wishes
from domain.requirements.checks import FailedGoodsCheck, RequirementCheck
from domain.requirements.wishes import Wanted
from kit.problems import SeveralReasons
from models.customers import Customer
from models.private_offers import (
    PrivateOffer,
    PrivateOfferLine,
    PrivateOfferStatus,
    PrivateOfferVersion,
)


class PrivateOfferCheck(StrEnum):
    """The machine code of each check that terms can fail."""

    PROGRAMME_NOT_JOINED = "PROGRAMME_NOT_JOINED"
    CUSTOMER_NOT_ASSOCIATED = "CUSTOMER_NOT_ASSOCIATED"
    GOODS_NOT_ON_SALE = "GOODS_NOT_ON_SALE"
    SKU_NOT_ON_SALE = "SKU_NOT_ON_SALE"
    POLICY_MISSING = "POLICY_MISSING"
    RATIO_ABOVE_MAXIMUM = "RATIO_ABOVE_MAXIMUM"
    GOODS_NOT_ASKED_FOR = "GOODS_NOT_ASKED_FOR"
    PRICE_MISSING = "PRICE_MISSING"
    PRICE_ABOVE_LIST = "PRICE_ABOVE_LIST"
    ENDS_IN_THE_PAST = "ENDS_IN_THE_PAST"
    BEGINS_LATER = "BEGINS_LATER"


# What is checked as of requirements is said as there.
_TEXTS = {
    PrivateOfferCheck(code.value): requirements.TEXTS[code]
    for code in (
        RequirementCheck.PROGRAMME_NOT_JOINED,
        RequirementCheck.CUSTOMER_NOT_ASSOCIATED,
        RequirementCheck.GOODS_NOT_ON_SALE,
        RequirementCheck.SKU_NOT_ON_SALE,
        RequirementCheck.POLICY_MISSING,
    )
} | {
    PrivateOfferCheck.RATIO_ABOVE_MAXIMUM: (
        "The ratio is above the maximum of these goods: {limits}.",
        "分成比例高于以下商品的最大值:{limits}。",
    ),
    PrivateOfferCheck.GOODS_NOT_ASKED_FOR: (
        "The requirement doesn't ask for these goods: {concerns}.",
        "客户需求中不包含以下商品:{concerns}。",
    ),
    PrivateOfferCheck.PRICE_MISSING: (
        "These SKUs have no list price yet: {concerns}.",
        "以下规格尚无目录价:{concerns}。",
    ),
    PrivateOfferCheck.PRICE_ABOVE_LIST: (
        "These SKUs would cost more than their list price: {concerns}.",
        "以下规格的单价高于目录价:{concerns}。",
    ),
    PrivateOfferCheck.ENDS_IN_THE_PAST: (
        "They would be over already.",
        "失效时间已过。",
    ),
    PrivateOfferCheck.BEGINS_LATER: (
        "While earlier terms are in force, newer ones have to begin at once.",
        "优惠生效期间,新版本应立即生效。",
    ),
}


@dataclass(frozen=True, slots=True)
class FailedPrivateOfferCheck(FailedGoodsCheck):
    """One check that the terms fail, and the rule behind it."""

    texts = _TEXTS
    code: PrivateOfferCheck
    rule: str = "R-03"


class PrivateOfferCheckFailed(SeveralReasons):
    """The terms fail at least one of the checks; all that they fail are named."""

    en = "These terms can't be published: {texts}"
    zh = "该优惠不满足发布条件:{texts}"
    about = {"checks": "Every check that fails, in order."}
    checks: list[FailedPrivateOfferCheck]


async def failures(
    offer: PrivateOffer, draft: PrivateOfferVersion, *, customer: Customer, now: datetime
) -> list[FailedPrivateOfferCheck]:
    """Everything that stands against publishing the draft at `now`."""
    lines = await terms.lines_of(draft.id)
    offered = await terms.named_by(lines)
    shared = [
        *await requirements.of_partner(offer.partner_id, customer=customer, now=now),
        *requirements.of_sale(Wanted(offered.goods, offered.skus)),
        *await requirements.of_ratio(offered.goods, draft.ratio, now=now),
    ]
    return [
        *(
            FailedPrivateOfferCheck(
                PrivateOfferCheck(each.code.value), each.rule, each.concerns, each.limits
            )
            for each in shared
        ),
        *await _of_requirement(offer, offered),
        *await _of_prices(lines, offered, now),
        *_of_time(offer, draft, now),
    ]


def refuse(failed: Sequence[FailedPrivateOfferCheck]) -> None:
    """Raise PrivateOfferCheckFailed with all of them, if there are any."""
    if failed:
        raise PrivateOfferCheckFailed(checks=list(failed))


async def _of_requirement(offer: PrivateOffer, offered: Offered) -> list[FailedPrivateOfferCheck]:
    if offer.requirement_id is None:
        return []
    asked = {goods.id for goods in (await wishes.of(offer.requirement_id)).goods}
    more = [goods.number for goods in offered.goods if goods.id not in asked]
    if not more:
        return []
    return [FailedPrivateOfferCheck(PrivateOfferCheck.GOODS_NOT_ASKED_FOR, concerns=more)]


async def _of_prices(
    lines: Sequence[PrivateOfferLine], offered: Offered, now: datetime
) -> list[FailedPrivateOfferCheck]:
    listed = await catalogue.prices([line.sku_id for line in lines], at=now)
    codes = {sku.id: sku.code for sku in offered.skus}
    without = [codes[line.sku_id] for line in lines if line.sku_id not in listed]
    above = [
        codes[line.sku_id]
        for line in lines
        if line.sku_id in listed and line.unit_price > listed[line.sku_id].list_price
    ]
    found = {PrivateOfferCheck.PRICE_MISSING: without, PrivateOfferCheck.PRICE_ABOVE_LIST: above}
    return [FailedPrivateOfferCheck(code, concerns=skus) for code, skus in found.items() if skus]


def _of_time(
    offer: PrivateOffer, draft: PrivateOfferVersion, now: datetime
) -> list[FailedPrivateOfferCheck]:
    if draft.expires_at <= now:
        return [FailedPrivateOfferCheck(PrivateOfferCheck.ENDS_IN_THE_PAST)]
    if offer.status is PrivateOfferStatus.EFFECTIVE and draft.effective_at > now:
        return [FailedPrivateOfferCheck(PrivateOfferCheck.BEGINS_LATER)]
    return []
