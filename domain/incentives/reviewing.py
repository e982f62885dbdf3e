"""What the platform does with applications: accepts or rejects them, and sends invoices back."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.incentives import application_guards as guards
from domain.incentives.applying import held, let_go, move, put
from kit import texts
from kit.transaction import transactional
from models.incentives import PartState
from models.payment_applications import IncentiveInvoice, PaymentApplication
from models.payment_applications import PaymentApplicationState as State


@transactional
async def accept(*, viewer: Viewer, application_id: UUID, now: datetime) -> PaymentApplication:
    """Agree: the partner is to send its invoice. What comes to nothing needs none, and is done."""
    permissions.require(viewer, "paymentApplicationAccept")
    application = await held(viewer, application_id, guards.accept, now)
    application.decided_at = now
    if application.total_amount > 0:
        await move(application, State.INVOICE_PENDING, "accepted", viewer=viewer, now=now)
        return application
    await move(application, State.NO_INVOICE, "accepted", viewer=viewer, now=now)
    application.ended_at = now
    await move(application, State.DONE, "done", viewer=viewer, now=now)
    await put(application, PartState.PAID, now=now)
    return application


@transactional
async def reject(
    *, viewer: Viewer, application_id: UUID, reason: str, now: datetime
) -> PaymentApplication:
    """Refuse it, and say why; its incentives can be applied for again."""
    permissions.require(viewer, "paymentApplicationReject")
    reason = texts.reason(reason)
    application = await held(viewer, application_id, guards.reject, now)
    await put(application, PartState.READY, now=now)
    await let_go(application)
    application.refusal = reason
    application.decided_at = application.ended_at = now
    await move(application, State.REJECTED, "rejected", viewer=viewer, reason=reason, now=now)
    return application


@transactional
async def return_invoices(
    *, viewer: Viewer, application_id: UUID, reason: str, now: datetime
) -> PaymentApplication:
    """Send wrong invoices back (退票重开, I-11); the partner issues others."""
    permissions.require(viewer, "paymentApplicationInvoiceReturn")
    reason = texts.reason(reason)
    application = await held(viewer, application_id, guards.send_back, now)
    await IncentiveInvoice.filter(application_id=application.id, returned_at=None).update(
        returned_at=now, return_reason=reason
    )
    application.invoiced_at = None
    await move(
        application,
        State.INVOICE_PENDING,
        "invoices_returned",
        viewer=viewer,
        reason=reason,
        now=now,
    )
    return application
