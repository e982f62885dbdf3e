"""Invoices for a statement: told by the partner, then signed for by the platform (S-12…S-15)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.invoices import checking, using
from domain.invoices.checking import Given
from domain.statements import guards, history, steps
from kit.ids import new_id
from kit.problems import Problem
from kit.transaction import transactional
from kit.workdays import SHANGHAI
from models.statement_steps import Invoice
from models.statement_steps import InvoiceStatus as InvoiceIs
from models.statements import Statement
from models.statements import StatementStatus as Status
from models.statements import StatementStepKind as StepKind


class NoInvoice(Problem):
    """There is nothing to sign for as long as the partner hasn't told of it."""

    en = "The partner hasn't told of any invoice for it yet."
    zh = "合作伙伴尚未登记该账单的发票。"


@transactional
async def submit(
    *, viewer: Viewer, statement_id: UUID, invoices: Sequence[Given], now: datetime
) -> Statement:
    """Tell of the invoices that cover a statement, 1 to 20; those told before are withdrawn.

    Raises StatementOfAnotherPartner, InvoiceNotAskedFor, WrongStatus, InvoiceMustBeSpecial,
    InvoiceTaxDiffers, InvoiceTotalsDiffer, InvoiceUsedAlready, InvalidInput.
    """
    permissions.require(viewer, "statementInvoiceSubmit")
    statement = await steps.held(statement_id, guards.submit_invoice, viewer=viewer, now=now)
    assert statement.notified_at is not None, "the guard has seen the notice"
    right = checking.checked(
        invoices,
        total=statement.total_amount,
        tax_rate=statement.fee_tax_rate,
        since=statement.notified_at.astimezone(SHANGHAI).date(),
        now=now,
    )
    await using.claim(right, by=statement.id)
    await _withdraw(statement, now)
    for given in right:
        await _invoice(statement, given, viewer, now).insert()
    await steps.save(statement)
    await history.of(
        "invoice_submitted",
        statement,
        viewer=viewer,
        after={"invoices": ", ".join(given.number for given in right)},
        now=now,
    )
    return statement


@transactional
async def receive(*, viewer: Viewer, statement_id: UUID, now: datetime) -> Statement:
    """Sign for the invoices, and the list with them (签收). Raises WrongStatus, NoInvoice."""
    permissions.require(viewer, "statementInvoiceReceive")
    statement = await steps.held(statement_id, guards.receive_invoice, viewer=viewer, now=now)
    invoices = await of(statement, InvoiceIs.SUBMITTED)
    if not invoices:
        raise NoInvoice()
    for invoice in invoices:
        invoice.status = invoice.status.to(InvoiceIs.RECEIVED)
        invoice.received_at = now
        await _save(invoice)
    statement.received_at = now
    await steps.turn(statement, StepKind.VERIFY, now=now)
    await steps.move(statement, Status.INVOICE_RECEIVED, "invoice_received", viewer=viewer, now=now)
    return statement


async def decide(
    statement: Statement, wanted: InvoiceIs, *, refusal: str | None = None, now: datetime
) -> None:
    """Take the invoices that have come for a held statement to what was found of them."""
    for invoice in await of(statement, InvoiceIs.RECEIVED):
        invoice.status = invoice.status.to(wanted)
        invoice.decided_at = now
        invoice.refusal = refusal
        await _save(invoice)


async def of(statement: Statement, status: InvoiceIs) -> list[Invoice]:
    """The invoices of a statement that stand there, in the order in which they were told."""
    return await Invoice.filter(statement_id=statement.id, status=status).order_by("id")


async def _withdraw(statement: Statement, now: datetime) -> None:
    for invoice in await of(statement, InvoiceIs.SUBMITTED):
        invoice.status = invoice.status.to(InvoiceIs.WITHDRAWN)
        invoice.decided_at = now
        await _save(invoice)


async def _save(invoice: Invoice) -> None:
    invoice.version += 1
    await invoice.save(update_fields=["status", "received_at", "decided_at", "refusal", "version"])


def _invoice(statement: Statement, given: Given, viewer: Viewer, now: datetime) -> Invoice:
    return Invoice(
        id=new_id(),
        created_at=now,
        statement_id=statement.id,
        partner_id=statement.partner_id,
        code=given.code,
        number=given.number,
        kind=given.kind,
        issued_on=given.issued_on,
        tax_rate=given.tax_rate,
        net_amount=given.net,
        tax_amount=given.tax,
        total_amount=given.total,
        currency=statement.currency,
        status=InvoiceIs.SUBMITTED,
        submitted_by=viewer.actor_id,
    )
