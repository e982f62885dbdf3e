"""What a coupon is good for: which lines of an order, and how much of each it pays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from kit import database
from kit.money import Money
from models.catalogue import GoodsCategory, GoodsKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableLine:
    """A line of an order, and what is to be paid for it.

    `kind` and `is_discounted` (a partner's discount is in its price) may be left out for lines that
    stand in the database: they are read there where a coupon asks for them.
    """

    line_id: UUID
    goods_id: UUID
    category: GoodsCategory
    amount: Money
    kind: GoodsKind | None = None
    is_discounted: bool | None = None


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


async def with_facts(
    lines: Sequence[PayableLine], *, for_any: Sequence[Limited]
) -> Sequence[PayableLine]:
    """The lines with kind and discount, read where one of the coupons asks for such a thing."""
    asks = any(limits.excludes_discounts or limits.strict_only for limits in for_any)
    if not asks or all(line.kind is not None and line.is_discounted is not None for line in lines):
        return lines
    found = await database.rows(_FACTS, [line.line_id for line in lines])
    facts = {row["id"]: row for row in found}
    return [
        PayableLine(
            line_id=line.line_id,
            goods_id=line.goods_id,
            category=line.category,
            amount=line.amount,
            kind=line.kind or GoodsKind(facts[line.line_id]["kind"]),
            is_discounted=facts[line.line_id]["is_discounted"]
            if line.is_discounted is None
            else line.is_discounted,
        )
        for line in lines
    ]


_FACTS = """
select id, kind, (discount is distinct from 1) as is_discounted from order_line where id = any($1)
"""
