"""Queries and mutations of what partners doubt, and of what is put right."""

from datetime import datetime

import strawberry

from domain.identity import permissions
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.statements import adjustments, disputing
from domain.statements.disputing import Adjustment
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import statement_changes as changes
from schema.invoices import StatementDispute
from schema.statement_lists import StatementDisputeFilter, StatementDisputeOrder


@strawberry.type
class StatementDisputeQuery:
    statement_dispute: StatementDispute | None = root_one(
        "A dispute by its id; null when you may not see it.", prefix="std"
    )
    statement_disputes: Connection[StatementDispute] = root_connection(
        "What partners doubt about their statements: a partner's own; the platform sees all."
        f" {describe('statementDisputes')}",
        filter=StatementDisputeFilter,
        order=StatementDisputeOrder,
        guard=lambda viewer: permissions.require(viewer, "statementDisputes"),
    )


@strawberry.type
class StatementDisputeMutation:
    @mutation(
        "Say what you doubt of a statement or one of its lines, until it is countersigned.",
        changes.StatementDisputeOpenPayload,
        requires=describe("statementDisputeOpen"),
    )
    async def statement_dispute_open(
        self, viewer: Viewer, input: changes.StatementDisputeOpenInput, now: datetime
    ) -> Outcome:
        dispute = await disputing.open_(
            viewer=viewer,
            statement_id=ids.decode("stm", input.statement_id, path=("input", "statementId")),
            line_id=ids.optional("stl", input.line_id, path=("input", "lineId")),
            text=input.text,
            now=now,
        )
        return Outcome(statement_dispute=dispute.id)

    @mutation(
        "Answer a dispute; what was wrong can be put right with the next statement.",
        changes.StatementDisputeAnswerPayload,
        requires=describe("statementDisputeAnswer"),
    )
    async def statement_dispute_answer(
        self, viewer: Viewer, input: changes.StatementDisputeAnswerInput, now: datetime
    ) -> Outcome:
        adjustment = None
        if input.adjustment is not None:
            adjustment = Adjustment(
                amount=input.adjustment.amount, goods_tax_rate=input.adjustment.goods_tax_ratio
            )
        dispute = await disputing.answer(
            viewer=viewer,
            dispute_id=ids.decode("std", input.id, path=("input", "id")),
            text=input.answer,
            adjustment=adjustment,
            now=now,
        )
        return Outcome(statement_dispute=dispute.id)

    @mutation(
        "Close a dispute: the partner at any time, the platform once it has answered.",
        changes.StatementDisputeClosePayload,
        requires=describe("statementDisputeClose"),
    )
    async def statement_dispute_close(
        self, viewer: Viewer, input: changes.StatementDisputeCloseInput, now: datetime
    ) -> Outcome:
        dispute = await disputing.close(
            viewer=viewer, dispute_id=ids.decode("std", input.id, path=("input", "id")), now=now
        )
        return Outcome(statement_dispute=dispute.id)

    @mutation(
        "Enter a difference that comes with a partner's next statement (调账).",
        changes.SettlementAdjustmentEnterPayload,
        requires=describe("settlementAdjustmentEnter"),
    )
    async def settlement_adjustment_enter(
        self, viewer: Viewer, input: changes.SettlementAdjustmentEnterInput, now: datetime
    ) -> Outcome:
        adjustment = await adjustments.enter(
            viewer=viewer,
            partner_id=ids.decode("ptn", input.partner_id, path=("input", "partnerId")),
            amount=input.amount,
            goods_tax_rate=input.goods_tax_ratio,
            reason=input.reason,
            line_id=ids.optional("stl", input.line_id, path=("input", "lineId")),
            now=now,
        )
        return Outcome(settlement_adjustment=adjustment.id)
