"""What stands in the way of each action on a payment application (申付单, 5.14). Pure functions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.incentives.guards import is_theirs
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.payment_applications import PaymentApplicationState as State


class ApplicationRow(Protocol):
    """The columns of an application that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def state(self) -> str: ...


def submit(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Its partner, once."""
    return is_theirs(row.partner_id, viewer) or _can_be(row, State.SUBMITTED)


def cancel(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Its partner, as long as it is a draft."""
    return is_theirs(row.partner_id, viewer) or _can_be(row, State.CANCELLED)


def invoice(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Its partner, when the platform has accepted it."""
    return is_theirs(row.partner_id, viewer) or _can_be(row, State.INVOICED)


def accept(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform."""
    return _reviews(viewer) or _can_be(row, State.INVOICE_PENDING)


def reject(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform."""
    return _reviews(viewer) or _can_be(row, State.REJECTED)


def send_back(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, for a wrong invoice (I-11)."""
    if refused := _reviews(viewer):
        return refused
    if row.state != State.INVOICED:
        return WrongStatus(status=str(row.state), wanted=State.INVOICE_PENDING.value)
    return None


def pay(row: ApplicationRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when the invoice is right; and once more when the bank could not."""
    return _reviews(viewer) or _can_be(row, State.PAYING)


def _reviews(viewer: Viewer) -> Problem | None:
    needed = Item.SETTLEMENT_REVIEW
    return None if viewer.may(needed) else Forbidden(needs=needed)


def _can_be(row: ApplicationRow, wanted: State) -> Problem | None:
    if wanted not in State.arrows().get(State(row.state), frozenset()):
        return WrongStatus(status=str(row.state), wanted=wanted.value)
    return None


COLUMNS = ("partner_id", "state")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "paymentApplicationSubmit": submit,
    "paymentApplicationCancel": cancel,
    "paymentApplicationAccept": accept,
    "paymentApplicationReject": reject,
    "paymentApplicationInvoice": invoice,
    "paymentApplicationInvoiceReturn": send_back,
    "paymentApplicationPay": pay,
}
