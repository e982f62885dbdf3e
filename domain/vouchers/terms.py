"""From when until when and for what something is good, and that a part isn't good for more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.catalogue import amounts
from domain.catalogue.policy import GOODS
from domain.identity.viewer import Viewer
from kit.problems import InvalidInput, NotFound, Problem
from models.catalogue import Goods, GoodsCategory
from models.quotas import TermsOfUse

MOST_LIMITS = 10  # V-09
LONGEST_NOTE = 500


class LimitsExceedQuota(Problem):
    """What is issued is good for no longer and for nothing else than what it is issued from."""

    code = "CBC.99000023"
    en = "It would be good for more than its quota is: {limits}."
    zh = "优惠券的限制超出额度的限制:{limits}。"
    about = {"limits": "Which of `window`, `categories`, `goods`."}
    limits: str


class ConditionsExceedQuota(Problem):
    """Conditions that the quota puts on orders hold for all that is issued from it."""

    code = "CBC.99000024"
    en = "It has to keep the conditions of its quota: {conditions}."
    zh = "优惠券的订单条件超出额度的订单条件:{conditions}。"
    about = {"conditions": "Which of `minimum`, `excludesDiscounts`, `strictOnly`."}
    conditions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """As somebody wishes them; what is None is as its quota has it, or without limit."""

    effective_at: datetime | None = None
    expires_at: datetime | None = None
    categories: Sequence[GoodsCategory] | None = None
    goods: Sequence[UUID] | None = None
    minimum: Decimal | None = None
    excludes_discounts: bool | None = None
    strict_only: bool | None = None

    def columns(self) -> dict[str, Any]:
        """As the table has them; the window must be known."""
        assert self.effective_at is not None
        assert self.expires_at is not None
        return {
            "effective_at": self.effective_at,
            "expires_at": self.expires_at,
            "categories": sorted({category.value for category in self.categories or ()}),
            "goods": sorted({str(id) for id in self.goods or ()}),
            "minimum": self.minimum,
            "excludes_discounts": bool(self.excludes_discounts),
            "strict_only": bool(self.strict_only),
        }


async def checked(
    terms: Terms, *, quota: TermsOfUse | None = None, viewer: Viewer, now: datetime
) -> Terms:
    """The same with a window that is one: from now on, unless it says from when.

    Raises InvalidInput for a window that is over or none, for too many limits or a minimum that
    isn't an amount; NotFound for goods that the viewer doesn't see, unless the `quota` that it is
    issued from has them.
    """
    effective_at = terms.effective_at or now
    if terms.expires_at is None or not max(effective_at, now) < terms.expires_at:
        raise InvalidInput(
            reason="It has to end in the future, and after it begins.",
            reason_zh="失效时间须晚于当前时间及生效时间。",
            path=("input", "expiresAt"),
        )
    for name, limits in (("categories", terms.categories), ("goodsIds", terms.goods)):
        if len(set(limits or ())) > MOST_LIMITS:
            raise InvalidInput(
                reason=f"At most {MOST_LIMITS} of them.",
                reason_zh=f"最多 {MOST_LIMITS} 项。",
                path=("input", "limits", name),
            )
    if terms.minimum is not None:
        positive(terms.minimum, path=("input", "limits", "minimum"))
    known = {UUID(each) for each in quota.goods} if quota else set()
    for id in sorted(set(terms.goods or ()) - known):
        if not await GOODS.sees(Goods, id, viewer=viewer, now=now):
            raise NotFound(thing="goods", path=("input", "limits", "goodsIds"))
    return replace(terms, effective_at=effective_at)


def inherited(terms: Terms, quota: TermsOfUse, *, now: datetime) -> Terms:
    """What is told nothing of is as the quota has it (V-09). Raises nothing; see `within`."""
    minimum = terms.minimum if terms.minimum is not None else quota.minimum
    categories = terms.categories or [GoodsCategory(each) for each in quota.categories]
    return Terms(
        effective_at=terms.effective_at or max(now, quota.effective_at),
        expires_at=terms.expires_at or quota.expires_at,
        categories=categories,
        goods=terms.goods or [UUID(each) for each in quota.goods],
        minimum=minimum,
        excludes_discounts=_or(terms.excludes_discounts, quota.excludes_discounts),
        strict_only=_or(terms.strict_only, quota.strict_only),
    )


def within(terms: Terms, quota: TermsOfUse) -> None:
    """Raise LimitsExceedQuota or ConditionsExceedQuota unless the quota allows these terms."""
    mine = terms.columns()
    limits = {
        "window": mine["effective_at"] < quota.effective_at
        or mine["expires_at"] > quota.expires_at,
        "categories": _exceeds(mine["categories"], quota.categories),
        "goods": _exceeds(mine["goods"], quota.goods),
    }
    if any(limits.values()):
        raise LimitsExceedQuota(limits=_named(limits))
    conditions = {
        "minimum": (mine["minimum"] or 0) < (quota.minimum or 0),
        "excludesDiscounts": quota.excludes_discounts and not mine["excludes_discounts"],
        "strictOnly": quota.strict_only and not mine["strict_only"],
    }
    if any(conditions.values()):
        raise ConditionsExceedQuota(conditions=_named(conditions))


def positive(amount: Decimal, *, path: tuple[str, ...]) -> Decimal:
    """The amount with two decimals. Raises InvalidInput for none, and for what isn't above 0."""
    return amounts.positive(amount, path=path).amount


def _or(said: bool | None, otherwise: bool) -> bool:
    return otherwise if said is None else said


def _exceeds(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    return bool(theirs) and not (mine and set(mine) <= set(theirs))


def _named(exceeded: dict[str, bool]) -> str:
    return ", ".join(name for name, exceeds in exceeded.items() if exceeds)
