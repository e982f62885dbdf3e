"""What a coupon is good for: which lines of an order, and how much of each it pays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from kit.money import Money
from models.catalogue import GoodsCategory, GoodsKind
from models.orders import OrderLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableLine:
    """A line of an order, and what is to be paid for it.

    `is_discounted`: a partner's or merchant's discount is in its price.
    """

    line_id: UUID
    goods_id: UUID
    category: GoodsCategory
    amount: Money
    kind: GoodsKind
    is_discounted: bool


class Limited(Protocol):
    """What limits a coupon."""

    @property
    def categories(self) -> list[str]: ...
    @property
    def goods(self) -> list[str]: ...
    @property
    def minimum(self) -> Decimal | None: ...
    @property
    def excludes_discounts(self) -> bool: ...
    @property
    def strict_only(self) -> bool: ...


def payable(line: OrderLine, amount: Money) -> PayableLine:
    """A line that was ordered, of which so much is to be paid."""
    return PayableLine(
        line_id=line.id,
        goods_id=line.goods_id,
        category=line.category,
        amount=amount,
        kind=line.kind,
        # A merchant's price, and an offer below 100 %, are a partner's discount; so is 609.
        is_discounted=line.discount is None or line.discount < 1 or line.adjustment != 0,
    )


def is_good_for(limits: Limited, line: PayableLine) -> bool:
    """Whether it may pay anything of the line."""
    if limits.categories and line.category.value not in limits.categories:
        return False
    if limits.goods and str(line.goods_id) not in limits.goods:
        return False
    if limits.excludes_discounts and line.is_discounted:
        return False
    return not limits.strict_only or line.kind in (GoodsKind.STRICT_SELECTED, GoodsKind.STRICT_SELF)


def good_lines(limits: Limited, lines: Sequence[PayableLine]) -> list[PayableLine]:
    """The lines that it may pay; none where the order comes to less than it asks for."""
    total = sum((line.amount.amount for line in lines), Decimal(0))
    if limits.minimum is not None and total < limits.minimum:
        return []
    return [line for line in lines if is_good_for(limits, line)]


def in_shares(amount: Money, rests: Mapping[UUID, Money]) -> dict[UUID, Money]:
    """The amount over lines in proportion to what is left to pay of each, never more than that.

    `amount` is at most the sum of the rests; lines that get nothing are left out.
    """
    weights = [rest.amount for rest in rests.values()]
    assert Decimal(0) < amount.amount <= sum(weights)
    shares = zip(rests, amount.split(weights), strict=True)
    return {line_id: share for line_id, share in shares if share.amount}
