"""The partner's invoices for an application (I-10, I-11, S-20): VAT special, and to the cent."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.incentives import application_guards as guards
from domain.incentives.applying import held, move
from domain.invoices import checking, using
from domain.invoices.checking import Given
from kit.ids import new_id
from kit.transaction import transactional
from models.payment_applications import IncentiveInvoice, PaymentApplication
from models.payment_applications import PaymentApplicationState as State


@transactional
async def hand_in(
    *, viewer: Viewer, application_id: UUID, invoices: Sequence[Given], now: datetime
) -> PaymentApplication:
    """Hand in the invoices of an accepted application: one or several, together its total.

    Raises InvoiceMustBeSpecial, InvoiceTaxDiffers, InvoiceTotalsDiffer, InvoiceUsedAlready,
    WrongStatus, InvalidInput.
    """
    permissions.require(viewer, "paymentApplicationInvoice")
    application = await held(viewer, application_id, guards.invoice, now)
    assert application.fee_tax_rate is not None
    right = checking.checked(
        invoices, total=application.total_amount, tax_rate=application.fee_tax_rate, now=now
    )
    await using.claim(right, by=application.id)
    for invoice in right:
        await IncentiveInvoice(
            id=new_id(),
            created_at=now,
            application_id=application.id,
            code=invoice.code or "",
            number=invoice.number,
            issued_on=invoice.issued_on,
            net_amount=invoice.net,
            tax_amount=invoice.tax,
            total_amount=invoice.total,
            tax_rate=invoice.tax_rate,
        ).insert()
    application.invoiced_at = now
    numbers = ", ".join(invoice.number for invoice in right)
    await move(application, State.INVOICED, "invoiced", viewer=viewer, invoices=numbers, now=now)
    return application
