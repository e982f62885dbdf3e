"""Adding SKUs, pricing them, putting them on sale: inputs and payloads."""

import strawberry

from domain.catalogue.guards import NotYourGoods, OffSaleAlready, OnSaleAlready
from domain.catalogue.policies import FloorPriceMissing, InForceAlready, InThePast
from domain.catalogue.selling import NotReadyForSale
from domain.catalogue.skus import CodeTaken, TooManySkus
from models.catalogue import ChargeMode
from schema.goods import Sku, SkuPrice
from schema.inputs import expected_version, idempotency_key
from schema.payloads import made, payload
from schema.scalars import DateTime, Decimal

_SKU = "The SKU as it stands now."


@strawberry.input(description="A way to buy goods.")
class SkuCreateInput:
    """For `skuCreate`."""

    goods_id: strawberry.ID = strawberry.field(description="The goods.")
    code: str = strawberry.field(
        description="Its code: 2 to 64 letters, digits, dots, hyphens, underscores; kept in"
        " capitals."
    )
    name: str = strawberry.field(description="How it is called, 1 to 160 characters.")
    charge_mode: ChargeMode = strawberry.field(description="How use is charged.")
    months: int | None = strawberry.field(
        default=None, description="How many months a PERIOD has, 1 to 120; null for other modes."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What is said of the SKU from now on.")
class SkuEditInput:
    """For `skuEdit`."""

    id: strawberry.ID = strawberry.field(description="The SKU.")
    expected_version: int = expected_version()
    name: str = strawberry.field(description="How it is called, 1 to 160 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which SKU.")
class SkuInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The SKU.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(
    description="What a SKU costs from a moment on, in CNY. A price that is to begin at the same"
    " moment, and hasn't, is replaced."
)
class SkuPriceSetInput:
    """For `skuPriceSet`."""

    sku_id: strawberry.ID = strawberry.field(description="The SKU.")
    expected_version: int = expected_version()
    valid_from: DateTime | None = strawberry.field(
        default=None,
        description="From when on, after now. The first price of all may leave it out: then it"
        " holds at once.",
    )
    list_price: Decimal = strawberry.field(
        description="What one costs, tax included: 0 or more, at most 2 decimals."
    )
    floor_price: Decimal | None = strawberry.field(
        default=None,
        description="What it is settled with (底价), at most the list price; null for none.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which price.")
class SkuPriceRemoveInput:
    """For `skuPriceRemove`."""

    id: strawberry.ID = strawberry.field(description="The price, which isn't in force yet.")
    idempotency_key: str | None = idempotency_key()


@payload(errors=(CodeTaken, TooManySkus, NotYourGoods))
class SkuCreatePayload:
    sku: Sku | None = made(_SKU)


@payload(errors=(NotYourGoods,), versioned=True)
class SkuEditPayload:
    sku: Sku | None = made(_SKU)


@payload(errors=(NotReadyForSale, OnSaleAlready, NotYourGoods))
class SkuPutOnSalePayload:
    sku: Sku | None = made(_SKU)


@payload(errors=(NotReadyForSale, OffSaleAlready, NotYourGoods))
class SkuTakeOffSalePayload:
    sku: Sku | None = made(_SKU)


@payload(errors=(InThePast, FloorPriceMissing, NotYourGoods), versioned=True)
class SkuPriceSetPayload:
    sku_price: SkuPrice | None = made("The price that was set.")
    sku: Sku | None = made(_SKU)


@payload(errors=(InForceAlready, NotYourGoods))
class SkuPriceRemovePayload:
    sku: Sku | None = made(_SKU)
