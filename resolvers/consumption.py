"""Queries of consumption and partner bills."""

from typing import Annotated

import strawberry

from domain.consumption import summing
from domain.consumption.periods import FIRST_SHOWN
from domain.consumption.summing import ConsumptionGrouping
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from kit.reads import Connection, root_connection
from schema import conditions
from schema.consumption import ConsumptionRecord, ConsumptionSummary, PartnerBill, summary_of
from schema.consumption_lists import (
    ConsumptionFilter,
    ConsumptionOrder,
    PartnerBillFilter,
    PartnerBillOrder,
    within_reach,
)
from schema.context import Context
from schema.scalars import DateTime


@strawberry.type
class ConsumptionQuery:
    consumption: Connection[ConsumptionRecord] = root_connection(
        "What customers have spent (消费明细), of this month and the eighteen before it: a"
        " customer's own; that of customers while they were a partner's, also after they have left;"
        " an account manager's is that of the customers in his hands. Earlier months are refused"
        f" (`CONSUMPTION_TOO_OLD`). {describe('consumption')}",
        filter=ConsumptionFilter,
        order=ConsumptionOrder,
        where=f"{{t}}.period >= {FIRST_SHOWN}",
        guard=may_list("consumption"),
        judge=within_reach,
    )
    partner_bills: Connection[PartnerBill] = root_connection(
        "Bills of your partner, and of its resellers for a distributor; not for account managers,"
        f" who see only some customers. {describe('partnerBills')}",
        filter=PartnerBillFilter,
        order=PartnerBillOrder,
        guard=may_list("partnerBills"),
    )

    @strawberry.field(
        description="What `consumption` lists with this filter, in sums, but for what was recorded"
        f" today. {describe('consumptionSummary')}"
    )
    async def consumption_summary(
        self,
        info: strawberry.Info[Context, None],
        by: Annotated[
            ConsumptionGrouping, strawberry.argument(description="By what it is summed up.")
        ] = ConsumptionGrouping.MONTH,
        filter: Annotated[
            ConsumptionFilter | None, strawberry.argument(description="Of what; all if unsaid.")
        ] = None,
    ) -> ConsumptionSummary:
        context = info.context
        may_list("consumptionSummary")(context.viewer)
        within_reach(conditions.values(filter), context.now)
        found = await summing.summary(
            viewer=context.viewer, by=by, conditions=conditions.of(filter), now=context.now
        )
        return summary_of(by, found, DateTime(context.now))
