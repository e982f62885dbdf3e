"""The notice to invoice (开票通知): from then on invoices may be issued, for one month (S-12)."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.statements import guards, history, letters, steps
from domain.statements.policy import LONGEST_ADDRESS, MONTHS_TO_INVOICE
from kit import texts
from kit.transaction import transactional
from kit.workdays import months_after
from models.statements import Statement
from models.statements import StatementStepKind as StepKind


@transactional
async def notify(*, viewer: Viewer, statement_id: UUID, address: str, now: datetime) -> Statement:
    """Ask the partner for its invoice; `address` is where paper is to be mailed (S-15).

    Raises WrongStatus unless it has a payment sheet, and InvoiceNoticeSent.
    """
    permissions.require(viewer, "statementNotify")
    address = texts.needed(address, longest=LONGEST_ADDRESS, path=("input", "address"))
    statement = await steps.held(statement_id, guards.notify, viewer=viewer, now=now)
    statement.notified_at = now
    statement.invoice_due_at = months_after(now, MONTHS_TO_INVOICE)
    statement.invoice_address = address
    await steps.turn(statement, StepKind.INVOICE, until=statement.invoice_due_at, now=now)
    await steps.save(statement)
    await history.of(
        "invoice_asked_for",
        statement,
        viewer=viewer,
        after={
            "invoice_due_at": statement.invoice_due_at.isoformat(),
            "invoice_address": statement.invoice_address,
        },
        now=now,
    )
    await letters.ask_for_invoice(statement, now=now)
    return statement
