"""Queries and mutations of statements: from the review to the payment."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.identity import permissions
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.statements import (
    cancelling,
    countersigning,
    invoicing,
    notifying,
    paying,
    repaying,
    sending,
    sheets,
    totals,
    verifying,
)
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import conditions
from schema import statement_changes as changes
from schema.context import Context
from schema.invoices import Invoice
from schema.statement_lists import InvoiceFilter, InvoiceOrder, StatementFilter, StatementOrder
from schema.statement_totals import StatementTotals
from schema.statements import Statement


@strawberry.type
class StatementQuery:
    statement: Statement | None = root_one(
        "A statement by its id; null when you may not see it.", prefix="stm"
    )
    statements: Connection[Statement] = root_connection(
        "Statements: a partner's own, once they were sent; the platform sees all."
        f" {describe('statements')}",
        filter=StatementFilter,
        order=StatementOrder,
        guard=lambda viewer: permissions.require(viewer, "statements"),
    )
    invoice: Invoice | None = root_one(
        "An invoice by its id; null when you may not see it.", prefix="ivc"
    )
    invoices: Connection[Invoice] = root_connection(
        f"Invoices for statements: a partner's own; the platform sees all. {describe('invoices')}",
        filter=InvoiceFilter,
        order=InvoiceOrder,
        guard=lambda viewer: permissions.require(viewer, "invoices"),
    )

    @strawberry.field(
        description="The statements that `statements` lists with this filter, in sums."
        f" {describe('statementTotals')}"
    )
    async def statement_totals(
        self,
        info: strawberry.Info[Context, None],
        filter: Annotated[
            StatementFilter | None,
            strawberry.argument(description="Which statements; all if unsaid."),
        ] = None,
    ) -> StatementTotals:
        context = info.context
        permissions.require(context.viewer, "statementTotals")
        found = await totals.of_statements(
            viewer=context.viewer, conditions=conditions.of(filter), now=context.now
        )
        return StatementTotals.of(found)


@strawberry.type
class StatementMutation:
    @mutation(
        "Say that a statement's lines were reviewed, and send it. Above zero it goes on to be paid;"
        " below, the next statement of its rates carries it; nothing is closed.",
        changes.StatementSendPayload,
        requires=describe("statementSend"),
    )
    async def statement_send(
        self, viewer: Viewer, input: changes.StatementInput, now: datetime
    ) -> Outcome:
        found = await sending.send(viewer=viewer, statement_id=_id(input.id), now=now)
        return Outcome(statement=found.id)

    @mutation(
        "Begin the payment process of a statement that was sent: the platform's signatures are"
        " wanted.",
        changes.StatementCountersignStartPayload,
        requires=describe("statementCountersignStart"),
    )
    async def statement_countersign_start(
        self, viewer: Viewer, input: changes.StatementInput, now: datetime
    ) -> Outcome:
        found = await countersigning.start(viewer=viewer, statement_id=_id(input.id), now=now)
        return Outcome(statement=found.id)

    @mutation(
        "Sign a statement (会签): each signature by somebody else, and none by who has reviewed it;"
        " each name has a permission item of its own."
        " After the last one a payment sheet is made.",
        changes.StatementCountersignPayload,
        requires=describe("statementCountersign"),
    )
    async def statement_countersign(
        self, viewer: Viewer, input: changes.StatementCountersignInput, now: datetime
    ) -> Outcome:
        found = await countersigning.sign(
            viewer=viewer, statement_id=_id(input.id), role=input.role, now=now
        )
        return Outcome(statement=found.id)

    @mutation(
        "Ask the finance system for the payment sheet again, after it could not make one.",
        changes.StatementSheetRetryPayload,
        requires=describe("statementSheetRetry"),
    )
    async def statement_sheet_retry(
        self, viewer: Viewer, input: changes.StatementInput, now: datetime
    ) -> Outcome:
        found = await sheets.retry(viewer=viewer, statement_id=_id(input.id), now=now)
        return Outcome(statement=found.id)

    @mutation(
        "Send the partner the notice to invoice (开票通知); its invoice is due a month later.",
        changes.StatementNotifyPayload,
        requires=describe("statementNotify"),
    )
    async def statement_notify(
        self, viewer: Viewer, input: changes.StatementNotifyInput, now: datetime
    ) -> Outcome:
        found = await notifying.notify(
            viewer=viewer, statement_id=_id(input.id), address=input.address, now=now
        )
        return Outcome(statement=found.id)

    @mutation(
        "Tell of the invoices that you have issued for a statement, after the notice: special VAT"
        " invoices at its fee's tax rate, which together come to what it pays, to the cent.",
        changes.StatementInvoiceSubmitPayload,
        requires=describe("statementInvoiceSubmit"),
    )
    async def statement_invoice_submit(
        self, viewer: Viewer, input: changes.StatementInvoiceSubmitInput, now: datetime
    ) -> Outcome:
        found = await invoicing.submit(
            viewer=viewer,
            statement_id=_id(input.id),
            invoices=[invoice.given() for invoice in input.invoices],
            now=now,
        )
        return Outcome(statement=found.id)

    @mutation(
        "Sign for the invoices of a statement that have come (签收).",
        changes.StatementInvoiceReceivePayload,
        requires=describe("statementInvoiceReceive"),
    )
    async def statement_invoice_receive(
        self, viewer: Viewer, input: changes.StatementInput, now: datetime
    ) -> Outcome:
        found = await invoicing.receive(viewer=viewer, statement_id=_id(input.id), now=now)
        return Outcome(statement=found.id)

    @mutation(
        "Find the invoices of a statement right; the bank is asked to pay it.",
        changes.StatementInvoiceVerifyPayload,
        requires=describe("statementInvoiceVerify"),
    )
    async def statement_invoice_verify(
        self, viewer: Viewer, input: changes.StatementPayInput, now: datetime
    ) -> Outcome:
        found = await verifying.verify(viewer=viewer, statement_id=_id(input.id), now=now)
        return Outcome(statement=found.id)

    @mutation(
        "Find the invoices of a statement wrong, and say why; the partner issues others.",
        changes.StatementInvoiceRejectPayload,
        requires=describe("statementInvoiceReject"),
    )
    async def statement_invoice_reject(
        self, viewer: Viewer, input: changes.StatementReasonInput, now: datetime
    ) -> Outcome:
        found = await verifying.reject(
            viewer=viewer, statement_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(statement=found.id)

    @mutation(
        "Ask the bank again, after it could not pay; to the account that is certified by now.",
        changes.StatementPayRetryPayload,
        requires=describe("statementPayRetry"),
    )
    async def statement_pay_retry(
        self, viewer: Viewer, input: changes.StatementPayInput, now: datetime
    ) -> Outcome:
        found = await paying.retry(viewer=viewer, statement_id=_id(input.id), now=now)
        return Outcome(statement=found.id)

    @mutation(
        "Say that a partner has paid back what a statement is below zero (补付), all of it and by"
        " other means than its next statement, which then doesn't carry it.",
        changes.StatementRepaymentRecordPayload,
        requires=describe("statementRepaymentRecord"),
    )
    async def statement_repayment_record(
        self, viewer: Viewer, input: changes.StatementRepaymentRecordInput, now: datetime
    ) -> Outcome:
        found = await repaying.record(
            viewer=viewer, statement_id=_id(input.id), reference=input.reference, now=now
        )
        return Outcome(statement=found.id)

    @mutation(
        "Take a statement back before it is countersigned, and say why: what it stood for waits to"
        " be settled again.",
        changes.StatementCancelPayload,
        requires=describe("statementCancel"),
    )
    async def statement_cancel(
        self, viewer: Viewer, input: changes.StatementReasonInput, now: datetime
    ) -> Outcome:
        found = await cancelling.cancel(
            viewer=viewer, statement_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(statement=found.id)

    @mutation(
        "Let the statements of a cancelled one's partner and period be made again, at the tax rates"
        " of today.",
        changes.StatementRegeneratePayload,
        requires=describe("statementRegenerate"),
    )
    async def statement_regenerate(
        self, viewer: Viewer, input: changes.StatementInput, now: datetime
    ) -> Outcome:
        id = _id(input.id)
        await cancelling.regenerate(viewer=viewer, statement_id=id, now=now)
        return Outcome(statement=id)


def _id(text: str) -> UUID:
    return ids.decode("stm", text, path=("input", "id"))
