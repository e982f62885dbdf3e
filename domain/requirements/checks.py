"""Whether a merchant may be asked, and may say yes: all that fails is told at once (R-01, R-02).

What holds when a requirement is submitted has to hold still when the merchant accepts it: goods may
have been taken off sale, their maximum lowered, the customer gone. An acceptance is the promise of
the ratio that is asked for, and no private offer could keep it any longer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from domain.catalogue import terms
from domain.programmes.conditions import SELLING_PROGRAMME, joined_programmes
from domain.requirements import wishes
from domain.requirements.wishes import Wanted
from kit import ratios
from kit.problems import FailedCheck, SeveralReasons
from models.catalogue import Goods
from models.customers import Customer
from models.requirements import CustomerRequirement


class RequirementCheck(StrEnum):
    """The machine code of each check that a requirement can fail."""

    PROGRAMME_NOT_JOINED = "PROGRAMME_NOT_JOINED"
    CUSTOMER_NOT_ASSOCIATED = "CUSTOMER_NOT_ASSOCIATED"
    MERCHANT_MISSING = "MERCHANT_MISSING"
    SEVERAL_MERCHANTS = "SEVERAL_MERCHANTS"
    GOODS_NOT_ON_SALE = "GOODS_NOT_ON_SALE"
    SKU_NOT_ON_SALE = "SKU_NOT_ON_SALE"
    POLICY_MISSING = "POLICY_MISSING"
    RATIO_ABOVE_MAXIMUM = "RATIO_ABOVE_MAXIMUM"


TEXTS = {
    RequirementCheck.PROGRAMME_NOT_JOINED: (
        "The partner isn't in the customer service provider programme.",
        "伙伴未加入客户服务商计划。",
    ),
    RequirementCheck.CUSTOMER_NOT_ASSOCIATED: (
        "The customer isn't associated with the partner.",
        "客户未与该伙伴关联。",
    ),
    RequirementCheck.MERCHANT_MISSING: (
        "The platform's own goods have no merchant to ask: {concerns}.",
        "平台自营商品没有商家:{concerns}。",
    ),
    RequirementCheck.SEVERAL_MERCHANTS: (
        "The goods are of several merchants: {concerns}; ask each of them.",
        "商品分属多个商家:{concerns},请分别提交。",
    ),
    RequirementCheck.GOODS_NOT_ON_SALE: (
        "These goods are not on sale: {concerns}.",
        "以下商品未在售:{concerns}。",
    ),
    RequirementCheck.SKU_NOT_ON_SALE: (
        "These SKUs are not on sale: {concerns}.",
        "以下规格未在售:{concerns}。",
    ),
    RequirementCheck.POLICY_MISSING: (
        "Nothing is settled yet of what selling these goods earns: {concerns}.",
        "以下商品尚无生效的激励政策:{concerns}。",
    ),
    RequirementCheck.RATIO_ABOVE_MAXIMUM: (
        "The expected ratio is above the maximum of these goods: {limits}.",
        "期望分成比例高于以下商品的最大值:{limits}。",
    ),
}


@dataclass(frozen=True, slots=True)
class RatioLimit:
    """What goods allow."""

    about: ClassVar[dict[str, str]] = {
        "goods": "The number of the goods.",
        "maximum_ratio": "The greatest share that they allow at this moment.",
    }
    goods: str
    maximum_ratio: Decimal

    def __str__(self) -> str:
        return f"{self.goods} {ratios.written(self.maximum_ratio)}"


@dataclass(frozen=True, slots=True)
class FailedGoodsCheck(FailedCheck):
    """One check of goods that are wanted or offered, and which of them fail it."""

    about = FailedCheck.about | {
        "concerns": "Numbers of the goods, or codes of the SKUs, that it is about; empty where it"
        " is about none in particular.",
        "limits": "What those goods allow, when the ratio is too high.",
    }
    concerns: list[str] = field(default_factory=list)
    limits: list[RatioLimit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FailedRequirementCheck(FailedGoodsCheck):
    """One check that the requirement fails, and the rule behind it."""

    texts = TEXTS
    code: RequirementCheck
    rule: str = "R-01"


class RequirementCheckFailed(SeveralReasons):
    """The requirement fails at least one of the checks; all that it fails are named."""

    en = "The merchant can't be asked for this, or not promise it: {texts}"
    zh = "该需求不满足条件:{texts}"
    about = {"checks": "Every check that fails, in order."}
    checks: list[FailedRequirementCheck]


def of_merchants(goods: Sequence[Goods]) -> Iterator[FailedRequirementCheck]:
    """What goods can't be asked for together, whenever it is."""
    own = [each.number for each in goods if each.merchant_id is None]
    if own:
        yield FailedRequirementCheck(RequirementCheck.MERCHANT_MISSING, concerns=own)
    if len({each.merchant_id for each in goods if each.merchant_id}) > 1:
        theirs = [each.number for each in goods if each.merchant_id]
        yield FailedRequirementCheck(RequirementCheck.SEVERAL_MERCHANTS, concerns=theirs)


def of_sale(wanted: Wanted) -> Iterator[FailedRequirementCheck]:
    """What of it can't be bought."""
    if off := [each.number for each in wanted.goods if not each.on_sale]:
        yield FailedRequirementCheck(RequirementCheck.GOODS_NOT_ON_SALE, concerns=off)
    if off := [each.code for each in wanted.skus if not each.on_sale]:
        yield FailedRequirementCheck(RequirementCheck.SKU_NOT_ON_SALE, concerns=off)


async def of_ratio(
    goods: Sequence[Goods], ratio: Decimal, *, now: datetime
) -> list[FailedRequirementCheck]:
    """Whether each of the goods allows this share at `now` (R-02)."""
    policies = await terms.policies([each.id for each in goods], at=now)
    failed = []
    if without := [each.number for each in goods if each.id not in policies]:
        failed.append(
            FailedRequirementCheck(RequirementCheck.POLICY_MISSING, rule="G-01", concerns=without)
        )
    limits = [
        RatioLimit(goods=each.number, maximum_ratio=policies[each.id].max_ratio)
        for each in goods
        if each.id in policies and ratio > policies[each.id].max_ratio
    ]
    if limits:
        failed.append(
            FailedRequirementCheck(
                RequirementCheck.RATIO_ABOVE_MAXIMUM,
                rule="R-02",
                concerns=[limit.goods for limit in limits],
                limits=limits,
            )
        )
    return failed


async def failures(
    requirement: CustomerRequirement, *, customer: Customer, now: datetime
) -> list[FailedRequirementCheck]:
    """Everything that stands against asking, or against a yes, at `now`."""
    wanted = await wishes.of(requirement.id)
    return [
        *await of_partner(requirement.partner_id, customer=customer, now=now),
        *of_merchants(wanted.goods),
        *of_sale(wanted),
        *await of_ratio(wanted.goods, requirement.expected_ratio, now=now),
    ]


async def of_partner(
    partner_id: UUID, *, customer: Customer, now: datetime
) -> list[FailedRequirementCheck]:
    """Whether the partner may sell together with a merchant, to this customer."""
    failed = []
    if SELLING_PROGRAMME not in await joined_programmes(partner_id=partner_id, now=now):
        failed.append(FailedRequirementCheck(RequirementCheck.PROGRAMME_NOT_JOINED, rule="P-01"))
    if customer.partner_id != partner_id:
        failed.append(FailedRequirementCheck(RequirementCheck.CUSTOMER_NOT_ASSOCIATED))
    return failed


def refuse(failed: Sequence[FailedRequirementCheck], *, path: tuple[str, ...] = ()) -> None:
    """Raise RequirementCheckFailed with all of them, if there are any."""
    if failed:
        raise RequirementCheckFailed(checks=list(failed), path=path)
