"""Writing goods down and putting them on sale: inputs and payloads."""

import strawberry

from domain.catalogue.goods import KindNotForMerchants, MerchantsOnly, NumberTaken
from domain.catalogue.guards import NotYourGoods, OffSaleAlready, OnSaleAlready
from domain.catalogue.policies import (
    FloorPriceMissing,
    InForceAlready,
    InThePast,
    ShareModelUnfit,
)
from domain.catalogue.selling import NotReadyForSale, SaleCheck
from models.catalogue import GoodsCategory, GoodsKind, IncentiveStrategy, ShareModel
from schema.enums import described
from schema.goods import Goods, GoodsPolicy
from schema.inputs import expected_version, idempotency_key
from schema.payloads import made, payload
from schema.scalars import DateTime, Decimal

described(
    SaleCheck,
    "What goods can lack that are to be put on sale.",
    NO_POLICY="No policy is in force.",
    NO_SKU="No SKU is on sale.",
    NO_PRICE="A SKU has no price in force.",
    NO_FLOOR_PRICE="A SKU has no floor price, which the share model in force needs.",
)

_GOODS = "The goods as they stand now."


@strawberry.input(description="What is to be sold. A merchant's goods are its own.")
class GoodsCreateInput:
    """For `goodsCreate`."""

    number: str = strawberry.field(
        description="Its number: 2 to 32 letters, digits, dots, hyphens, underscores; kept in"
        " capitals."
    )
    name: str = strawberry.field(description="How it is called, 1 to 200 characters.")
    kind: GoodsKind = strawberry.field(
        description="Who stands behind it: JOINT_OPERATED or COMMON for merchants; any for the"
        " platform."
    )
    category: GoodsCategory = strawberry.field(description="What is delivered.")
    summary: str | None = strawberry.field(
        default=None, description="What it is, at most 1000 characters."
    )
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Who sells it: the platform says so for all kinds but its own.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What is said of the goods from now on; what is left out is none.")
class GoodsEditInput:
    """For `goodsEdit`."""

    id: strawberry.ID = strawberry.field(description="The goods.")
    expected_version: int = expected_version()
    name: str = strawberry.field(description="How they are called, 1 to 200 characters.")
    category: GoodsCategory = strawberry.field(description="What is delivered.")
    summary: str | None = strawberry.field(
        default=None, description="What they are, at most 1000 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which goods.")
class GoodsInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The goods.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(
    description="What selling goods earns from a moment on. A version that is to begin at the same"
    " moment, and hasn't, is replaced."
)
class GoodsPolicySetInput:
    """For `goodsPolicySet`."""

    goods_id: strawberry.ID = strawberry.field(description="The goods.")
    expected_version: int = expected_version()
    valid_from: DateTime | None = strawberry.field(
        default=None,
        description="From when on, after now. The first version of all may leave it out: then it"
        " holds at once.",
    )
    strategy: IncentiveStrategy = strawberry.field(description="What a sale counts for.")
    share_model: ShareModel = strawberry.field(
        description="By which formula the partner's share is worked out; it must fit the kind."
    )
    share_ratio: Decimal = strawberry.field(
        description="The partner's share, 0 to 1, at most 6 decimals."
    )
    max_ratio: Decimal = strawberry.field(
        description="The most that may be agreed in a joint sale, 0 to 1, at most 6 decimals."
    )
    authorized_floor_ratio: Decimal = strawberry.field(
        description="The least part of the list price that a partner may ask without a special"
        " application: above 0, up to 1, at most 4 decimals."
    )
    tax_ratio: Decimal = strawberry.field(
        description="The output tax rate, from 0 up to, not including, 1, at most 4 decimals."
    )
    allows_discount: bool = strawberry.field(
        default=True, description="Whether a partner may grant a discount at all."
    )
    requires_supervision: bool = strawberry.field(
        default=False, description="Whether a sale is settled only after supervision."
    )
    five_day_refund: bool = strawberry.field(
        default=False, description="Whether it may be returned within five days without a reason."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which version of a policy.")
class GoodsPolicyRemoveInput:
    """For `goodsPolicyRemove`."""

    id: strawberry.ID = strawberry.field(description="The version, which isn't in force yet.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(NumberTaken, MerchantsOnly, KindNotForMerchants))
class GoodsCreatePayload:
    goods: Goods | None = made(_GOODS)


@payload(errors=(NotYourGoods,), versioned=True)
class GoodsEditPayload:
    goods: Goods | None = made(_GOODS)


@payload(errors=(NotReadyForSale, OnSaleAlready, NotYourGoods))
class GoodsPutOnSalePayload:
    goods: Goods | None = made(_GOODS)


@payload(errors=(OffSaleAlready, NotYourGoods))
class GoodsTakeOffSalePayload:
    goods: Goods | None = made(_GOODS)


@payload(errors=(InThePast, ShareModelUnfit, FloorPriceMissing), versioned=True)
class GoodsPolicySetPayload:
    goods_policy: GoodsPolicy | None = made("The version that was set.")
    goods: Goods | None = made(_GOODS)


@payload(errors=(InForceAlready,))
class GoodsPolicyRemovePayload:
    goods: Goods | None = made(_GOODS)
