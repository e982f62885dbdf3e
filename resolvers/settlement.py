"""Queries and mutations of settlement: runs, what they settle, and what partners have sold."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import strawberry

from domain.identity import permissions
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.settlement import previewing, runs, totals
from kit import ids
from kit.reads import Connection, root_connection, root_one
from models.settlement import StatementKind
from resolvers.mutation import Outcome, mutation
from schema import conditions
from schema.context import Context
from schema.settlement import SettlementLine, SettlementTransaction
from schema.settlement_lists import (
    SettlementLineFilter,
    SettlementLineOrder,
    SettlementTransactionFilter,
    SettlementTransactionOrder,
)
from schema.settlement_runs import (
    SettlementRun,
    SettlementRunFilter,
    SettlementRunOrder,
    SettlementRunPreview,
    SettlementRunStartInput,
    SettlementRunStartPayload,
    SettlementTotals,
)


def _needs(operation: str) -> Callable[[Viewer], None]:
    return lambda viewer: permissions.require(viewer, operation)


@strawberry.type
class SettlementQuery:
    settlement_run: SettlementRun | None = root_one(
        "A run by its id; null when you may not see it.", prefix="run"
    )
    settlement_runs: Connection[SettlementRun] = root_connection(
        f"Runs, the latest first; for the platform alone. {describe('settlementRuns')}",
        filter=SettlementRunFilter,
        order=SettlementRunOrder,
        guard=_needs("settlementRuns"),
    )
    settlement_lines: Connection[SettlementLine] = root_connection(
        "Settlement lines (结算明细): a partner's own, once their statements were sent; the"
        f" platform sees all. {describe('settlementLines')}",
        filter=SettlementLineFilter,
        order=SettlementLineOrder,
        guard=_needs("settlementLines"),
    )
    settlement_transactions: Connection[SettlementTransaction] = root_connection(
        "What a partner has sold (交易明细查询), paid: whether it is settled, since when it can be,"
        f" and what it waits for. {describe('settlementTransactions')}",
        filter=SettlementTransactionFilter,
        order=SettlementTransactionOrder,
        where="{t}.seller_id is not null and {t}.paid_at is not null and {t}.type <> 'UNSUBSCRIBE'",
        guard=_needs("settlementTransactions"),
    )

    @strawberry.field(
        description="The lines that `settlementLines` lists with this filter, in sums."
        f" {describe('settlementTotals')}"
    )
    async def settlement_totals(
        self,
        info: strawberry.Info[Context, None],
        filter: Annotated[
            SettlementLineFilter | None,
            strawberry.argument(description="Which lines; all if unsaid."),
        ] = None,
    ) -> SettlementTotals:
        context = info.context
        permissions.require(context.viewer, "settlementTotals")
        found = await totals.of_lines(
            viewer=context.viewer, conditions=conditions.of(filter), now=context.now
        )
        return SettlementTotals.of(found)

    @strawberry.field(
        description="What a run would make of a partner if it were begun now, also of a period that"
        f" isn't over; nothing is stored. {describe('settlementRunPreview')}"
    )
    async def settlement_run_preview(
        self,
        info: strawberry.Info[Context, None],
        kind: Annotated[StatementKind, strawberry.argument(description="Which statements.")],
        period: Annotated[
            str, strawberry.argument(description="A month `2025-10`, or a quarter `2025-Q4`.")
        ],
        partner_id: Annotated[strawberry.ID, strawberry.argument(description="Whose.")],
    ) -> SettlementRunPreview:
        found = await previewing.preview(
            viewer=info.context.viewer,
            kind=kind,
            period=period,
            partner_id=ids.decode("ptn", partner_id, path=("partnerId",)),
            now=info.context.now,
        )
        return SettlementRunPreview.of(found)


@strawberry.type
class SettlementMutation:
    @mutation(
        "Make the statements of a period that is over, of all partners. The billing day does so by"
        " itself; this is for when it can't wait, or was missed.",
        SettlementRunStartPayload,
        requires=describe("settlementRunStart"),
    )
    async def settlement_run_start(
        self, viewer: Viewer, input: SettlementRunStartInput, now: datetime
    ) -> Outcome:
        run = await runs.start_all(viewer=viewer, kind=input.kind, period=input.period, now=now)
        return Outcome(settlement_run=run.id)
