"""Carts: what is in them and what it costs now; inputs and payloads."""

from collections.abc import Sequence
from uuid import UUID

import strawberry

from domain.catalogue.amounts import CURRENCY
from domain.orders.carting import CartIsFull
from domain.orders.policy import CART_LINES
from domain.orders.quoting import Quote, Quoted
from domain.orders.wishes import NOTHING
from domain.pricing.arithmetic import Amounts
from kit import ids
from kit.money import Money as Amount
from kit.reads import Node, column, one, table
from models import carts as models
from models.carts import CartLine as Row
from schema.goods import SkuRef
from schema.inputs import expected_version, idempotency_key, on_behalf_of
from schema.money import Money
from schema.order_changes import ON_BEHALF, OrderLineInput
from schema.partners import PartnerRef
from schema.payloads import made, payload, told
from schema.pricing import PriceAmounts, PriceFinding
from schema.scalars import DateTime


@table(
    models.CartLine,
    prefix="ctl",
    scope=CART_LINES,
    description="Something in a customer's cart.",
)
class CartLine(Node):
    """What it costs is told by `cart`."""

    sku: SkuRef | None = one("sku_id", "Of what.")
    quantity: int = column("How many.")
    periods: int = column("For how many periods; 0 for what has none.")
    seller: PartnerRef | None = one("seller_id", "The partner that was named for it.")
    created_at: DateTime = column("When it was put there.")
    version: int = column("Rises with every change; pass it as `expectedVersion`.")


@strawberry.type(description="A line of a cart as it would be ordered now.")
class PricedCartLine:
    id: strawberry.ID = strawberry.field(description="The line.")
    version: int = strawberry.field(description="Pass it as `expectedVersion`.")
    sku_id: strawberry.ID = strawberry.field(description="The SKU.")
    code: str = strawberry.field(description="The SKU's code.")
    goods_id: strawberry.ID = strawberry.field(description="Its goods.")
    goods_name: str = strawberry.field(description="How the goods are called.")
    quantity: int = strawberry.field(description="How many.")
    periods: int = strawberry.field(description="For how many periods; 0 for what has none.")
    exclusive_offer_id: strawberry.ID | None = strawberry.field(
        description="The exclusive offer that it uses; null for none."
    )
    private_offer_id: strawberry.ID | None = strawberry.field(
        description="The private offer that it uses; null for none."
    )
    unit_list_price: Money | None = strawberry.field(
        description="What one costs for a period without a discount; null without a price."
    )
    amounts: PriceAmounts | None = strawberry.field(
        description="What it comes to, nothing where use is paid; null without a price."
    )
    findings: list[PriceFinding] = strawberry.field(
        description="All that keeps it from being ordered now."
    )


@strawberry.type(description="What a customer thinks of buying, and what that costs now.")
class Cart:
    lines: list[PricedCartLine] = strawberry.field(description="The oldest first, at most 50.")
    total: PriceAmounts | None = strawberry.field(
        description="The sum of the lines; null when one has no price."
    )
    seller_id: strawberry.ID | None = strawberry.field(
        description="The partner that an order of all of it would be bound to; null for none."
    )

    @staticmethod
    def of(rows: Sequence[Row], quote: Quote | None, locale: str) -> "Cart":
        """As the API tells it."""
        if quote is None:
            nothing = PriceAmounts(
                list=Money.of(NOTHING), discount=Money.of(NOTHING), deal=Money.of(NOTHING)
            )
            return Cart(lines=[], total=nothing, seller_id=None)
        return Cart(
            lines=[_priced(row, line, locale) for row, line in zip(rows, quote.lines, strict=True)],
            total=_amounts(quote.total),
            seller_id=_id("ptn", quote.seller_id),
        )


@strawberry.input(description="What to put into the cart.")
class CartLineAddInput:
    """For `cartLineAdd`."""

    line: OrderLineInput = strawberry.field(description="So many of what, by which offer.")
    seller_account_name: str | None = strawberry.field(
        default=None,
        description="The account of the partner that an order of it is bound to"
        " (绑定的客户服务商).",
    )
    on_behalf_of: strawberry.ID | None = on_behalf_of()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="How a line of the cart is to be.")
class CartLineChangeInput:
    """For `cartLineChange`."""

    id: strawberry.ID = strawberry.field(description="The line.")
    expected_version: int = expected_version()
    quantity: int = strawberry.field(description="How many, 1 to 1000000.")
    periods: int | None = strawberry.field(
        default=None, description="For how many periods, one if unsaid; nothing without periods."
    )
    exclusive_offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The exclusive offer that it uses; none if unsaid."
    )
    private_offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The private offer that it uses instead; none if unsaid."
    )
    on_behalf_of: strawberry.ID | None = on_behalf_of()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What to take out of the cart.")
class CartLineRemoveInput:
    """For `cartLineRemove`."""

    ids: list[strawberry.ID] = strawberry.field(description="The lines, 1 to 100.")
    on_behalf_of: strawberry.ID | None = on_behalf_of()
    idempotency_key: str | None = idempotency_key()


@payload(errors=(CartIsFull, *ON_BEHALF))
class CartLineAddPayload:
    cart_line: CartLine | None = made("The line as it stands now.")


@payload(errors=ON_BEHALF, versioned=True)
class CartLineChangePayload:
    cart_line: CartLine | None = made("The line as it stands now.")


@payload(errors=ON_BEHALF)
class CartLineRemovePayload:
    removed_count: int | None = told("How many of the lines there were.")


def _priced(row: Row, line: Quoted, locale: str) -> PricedCartLine:
    return PricedCartLine(
        id=strawberry.ID(ids.encode("ctl", row.id)),
        version=row.version,
        sku_id=strawberry.ID(ids.encode("sku", line.sku.id)),
        code=line.sku.code,
        goods_id=strawberry.ID(ids.encode("gds", line.goods.id)),
        goods_name=line.goods.name,
        quantity=row.quantity,
        periods=row.periods,
        exclusive_offer_id=_id("eof", row.exclusive_offer_id),
        private_offer_id=_id("pvo", row.private_offer_id),
        unit_list_price=Money.of(Amount(line.price.list_price, CURRENCY)) if line.price else None,
        amounts=_amounts(line.amounts),
        findings=[
            PriceFinding(code=each.code, rule=each.rule, message=each.in_words(locale))
            for each in line.findings
        ],
    )


def _amounts(amounts: Amounts | None) -> PriceAmounts | None:
    if amounts is None:
        return None
    return PriceAmounts(
        list=Money.of(amounts.list),
        discount=Money.of(amounts.discount),
        deal=Money.of(amounts.deal),
    )


def _id(prefix: str, id: UUID | None) -> strawberry.ID | None:
    return strawberry.ID(ids.encode(prefix, id)) if id is not None else None
