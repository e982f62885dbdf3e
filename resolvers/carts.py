"""The cart of a customer."""

from datetime import datetime
from typing import Annotated

import strawberry

from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.orders import carting
from kit import ids
from kit.problems import InvalidInput
from resolvers.mutation import Outcome, mutation
from schema import carts
from schema.carts import Cart
from schema.context import Context
from schema.order_changes import offer, wanted

BEHALF = ("input", "onBehalfOf")


@strawberry.type
class CartQuery:
    @strawberry.field(
        description="What a customer thinks of buying, and what it costs now: your own, or that of"
        " a customer that you may order for."
    )
    async def cart(
        self,
        info: strawberry.Info[Context, None],
        customer_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Whose, if you aren't a customer yourself."),
        ] = None,
    ) -> Cart:
        context = info.context
        context.viewer.require_sign_in()
        id = ids.optional("cus", customer_id, path=("customerId",))
        id = id or context.viewer.customer_id
        if id is None:
            raise InvalidInput(
                reason="Say whose cart; you aren't a customer.",
                reason_zh="请指定客户。",
                path=("customerId",),
            )
        lines, quote = await carting.priced(viewer=context.viewer, customer_id=id, now=context.now)
        return Cart.of(lines, quote, context.locale)


@strawberry.type
class CartMutation:
    @mutation(
        "Put something into the cart; more of the same is added to its line.",
        carts.CartLineAddPayload,
        requires=describe("cartLineAdd"),
    )
    async def cart_line_add(
        self, viewer: Viewer, input: carts.CartLineAddInput, now: datetime
    ) -> Outcome:
        line = await carting.add(
            viewer=viewer,
            line=wanted(input.line, "line"),
            seller_account_name=input.seller_account_name,
            on_behalf_of=offer("cus", input.on_behalf_of, BEHALF),
            now=now,
        )
        return Outcome(cart_line=line.id)

    @mutation(
        "Say anew how many, for how long and by which offer.",
        carts.CartLineChangePayload,
        requires=describe("cartLineChange"),
    )
    async def cart_line_change(
        self, viewer: Viewer, input: carts.CartLineChangeInput, now: datetime
    ) -> Outcome:
        line = await carting.change(
            viewer=viewer,
            line_id=ids.decode("ctl", input.id, path=("input", "id")),
            expected_version=input.expected_version,
            quantity=input.quantity,
            periods=input.periods,
            exclusive_offer_id=offer(
                "eof", input.exclusive_offer_id, ("input", "exclusiveOfferId")
            ),
            private_offer_id=offer("pvo", input.private_offer_id, ("input", "privateOfferId")),
            on_behalf_of=offer("cus", input.on_behalf_of, BEHALF),
            now=now,
        )
        return Outcome(cart_line=line.id)

    @mutation(
        "Take lines out of the cart; those that are gone already don't matter.",
        carts.CartLineRemovePayload,
        requires=describe("cartLineRemove"),
    )
    async def cart_line_remove(
        self, viewer: Viewer, input: carts.CartLineRemoveInput, now: datetime
    ) -> Outcome:
        removed = await carting.remove(
            viewer=viewer,
            line_ids=[ids.decode("ctl", id, path=("input", "ids")) for id in input.ids],
            on_behalf_of=offer("cus", input.on_behalf_of, BEHALF),
            now=now,
        )
        return Outcome(removed_count=removed)
