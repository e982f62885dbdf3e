"""The query that simulates what an order would cost."""

from typing import Annotated

import strawberry

from domain.identity.permissions import describe
from domain.pricing import simulation
from kit import ids
from schema import pricing
from schema.context import Context
from schema.pricing import PriceSimulateInput, PriceSimulation


@strawberry.type
class PricingQuery:
    @strawberry.field(
        description="What an order would cost a customer, which of its offers could be used and why"
        " others couldn't, and whether the payment would make an offer of 100 %. Nothing is"
        f" written. {describe('priceSimulate')}"
    )
    async def price_simulate(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[PriceSimulateInput, strawberry.argument(description="What order.")],
    ) -> PriceSimulation:
        context = info.context
        found = await simulation.simulate(
            viewer=context.viewer,
            customer_id=ids.decode("cus", input.customer_id, path=("input", "customerId")),
            wanted=[pricing.wanted(line, place) for place, line in enumerate(input.lines)],
            at=input.at,
            now=context.now,
        )
        return PriceSimulation.of(found, context.locale)
