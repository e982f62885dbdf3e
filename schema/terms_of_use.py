"""For what quota and coupons are good, as they are asked for and told."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import strawberry

from domain.vouchers.terms import Terms
from kit import ids
from kit.reads import column, money, sql
from models.catalogue import GoodsCategory
from schema import goods_lists  # noqa: F401 -- the enums must be known first
from schema.money import Money
from schema.scalars import DateTime, Decimal

C = TypeVar("C", bound=type)


@strawberry.input(description="What it may be used for; what is left out isn't limited.")
class VoucherLimitsInput:
    categories: list[GoodsCategory] | None = strawberry.field(
        default=None,
        description="Goods of these categories, at most 10 (cloud_service_types of the cloud API).",
    )
    goods_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="These goods, at most 10 (product_ids of the cloud API)."
    )
    minimum: Decimal | None = strawberry.field(
        default=None, description="Orders that come to at least this much."
    )
    excludes_discounts: bool | None = strawberry.field(
        default=None, description="Nothing that a partner's discount has made cheaper."
    )
    strict_only: bool | None = strawberry.field(
        default=None, description="Strictly selected goods alone (严选)."
    )


def terms(
    limits: VoucherLimitsInput | None, *, effective_at: Any = None, expires_at: Any = None
) -> Terms:
    """What the client wishes. Raises InvalidInput for ids of something else."""
    given = limits or VoucherLimitsInput()
    path = ("input", "limits", "goodsIds")
    return Terms(
        effective_at=effective_at,
        expires_at=expires_at,
        categories=given.categories,
        goods=None
        if given.goods_ids is None
        else [ids.decode("gds", id, path=path) for id in given.goods_ids],
        minimum=given.minimum,
        excludes_discounts=given.excludes_discounts,
        strict_only=given.strict_only,
    )


def customers(wished: list[strawberry.ID] | None) -> list[UUID]:
    """To whom the client designates it. Raises InvalidInput for ids of something else."""
    return [ids.decode("cus", id, path=("input", "customerIds")) for id in wished or ()]


def with_terms() -> Callable[[C], C]:
    """Give a type of the API the fields of `models.quotas.TermsOfUse`."""

    def decorate(cls: C) -> C:
        fields: dict[str, tuple[Any, Any]] = {
            "effective_at": (DateTime, column("From when it can be used.")),
            "expires_at": (
                DateTime,
                column("The instant from which it can't be used any more."),
            ),
            "categories": (
                list[GoodsCategory],
                sql("{t}.categories", "Goods of which categories it is for; none: of all."),
            ),
            "goods_ids": (
                list[strawberry.ID],
                sql(_GOODS_IDS, "The goods that it is for; none: all of its categories."),
            ),
            "minimum": (
                Money | None,
                money("minimum", "currency", "What an order has to come to; null: anything."),
            ),
            "excludes_discounts": (
                bool,
                column("Whether it pays nothing that a partner's discount has made cheaper."),
            ),
            "strict_only": (bool, column("Whether it is for strictly selected goods alone.")),
        }
        for name, (type, source) in fields.items():
            cls.__annotations__[name] = type
            setattr(cls, name, source)
        return cls

    return decorate


_GOODS_IDS = (
    "coalesce((select jsonb_agg('gds_' || replace(each, '-', ''))"
    " from jsonb_array_elements_text({t}.goods) each), '[]'::jsonb)"
)
