"""Looking at the invoices that have come: right, and it is paid; or wrong, and issued anew."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.statements import guards, invoicing, letters, paying, steps
from kit import texts
from kit.transaction import transactional
from models.statement_steps import InvoiceStatus
from models.statements import Statement
from models.statements import StatementStatus as Status
from models.statements import StatementStepKind as StepKind


@transactional
async def verify(*, viewer: Viewer, statement_id: UUID, now: datetime) -> Statement:
    """Find the invoices right; the bank is asked to pay. Raises WrongStatus."""
    permissions.require(viewer, "statementInvoiceVerify")
    statement = await steps.held(statement_id, guards.verify_invoice, viewer=viewer, now=now)
    await invoicing.decide(statement, InvoiceStatus.VERIFIED, now=now)
    statement.verified_at = now
    await steps.turn(statement, StepKind.PAY, now=now)
    await paying.ask(statement, now=now)
    await steps.move(statement, Status.PAYING, "invoice_verified", viewer=viewer, now=now)
    return statement


@transactional
async def reject(*, viewer: Viewer, statement_id: UUID, reason: str, now: datetime) -> Statement:
    """Find them wrong, and say why: the partner issues others (S-12); its deadline stays.

    Raises WrongStatus.
    """
    permissions.require(viewer, "statementInvoiceReject")
    reason = texts.reason(reason)
    statement = await steps.held(statement_id, guards.reject_invoice, viewer=viewer, now=now)
    await invoicing.decide(statement, InvoiceStatus.REJECTED, refusal=reason, now=now)
    attempt = await steps.attempts(statement, StepKind.VERIFY)
    await steps.turn(statement, StepKind.INVOICE, until=statement.invoice_due_at, now=now)
    await steps.move(
        statement,
        Status.INVOICE_REJECTED,
        "invoice_rejected",
        viewer=viewer,
        reason=reason,
        now=now,
    )
    await letters.tell_rejected(statement, reason=reason, attempt=attempt, now=now)
    return statement
