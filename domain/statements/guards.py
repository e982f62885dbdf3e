"""What stands in the way of each step of a statement (domain.md 5.12). Pure functions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from kit.status import WrongStatus
from models.statement_steps import DisputeStatus, SignerRole
from models.statements import StatementStatus as Status


class StatementOfAnotherPartner(Problem):
    """Invoices and doubts come from whoever is paid."""

    en = "Only the partner that the statement pays does this."
    zh = "仅该账单所属的合作伙伴可以操作。"


class ReviewedByYou(Problem):
    """Who has reviewed a statement doesn't sign it, too."""

    en = "You have reviewed this statement; somebody else has to sign it."
    zh = "您已审核该账单,须由他人会签。"


class AlreadyCountersigned(Problem):
    """From then on a statement is paid; what was wrong comes with the next one."""

    en = "It was countersigned at {countersigned_at:%Y-%m-%d %H:%M} UTC."
    zh = "该账单已于 {countersigned_at:%Y-%m-%d %H:%M}(UTC)完成会签。"
    about = {"countersigned_at": "When the last signature was given."}
    countersigned_at: datetime


class InvoiceNotAskedFor(Problem):
    """Only after the notice may an invoice be issued (S-13)."""

    en = "Invoices may be issued once the notice to do so has come; it hasn't yet."
    zh = "收到开票通知后方可开具发票。"


class InvoiceNoticeSent(Problem):
    """The notice counts from when it was first sent."""

    en = "The notice was sent at {notified_at:%Y-%m-%d %H:%M} UTC."
    zh = "开票通知已于 {notified_at:%Y-%m-%d %H:%M}(UTC)发送。"
    about = {"notified_at": "When the notice was first sent."}
    notified_at: datetime


class StatementRow(Protocol):
    """The columns of a statement that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...
    @property
    def reviewed_by(self) -> UUID | None: ...
    @property
    def countersigned_at(self) -> datetime | None: ...
    @property
    def notified_at(self) -> datetime | None: ...


class DisputeRow(Protocol):
    """The columns of a dispute that guards read."""

    @property
    def partner_id(self) -> UUID: ...
    @property
    def status(self) -> str: ...


def send(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, once."""
    return _reviews(viewer) or _is(row, Status.GENERATED, wanted=Status.SENT)


def start_countersigning(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when it was sent."""
    return _reviews(viewer) or _is(row, Status.SENT, wanted=Status.TO_COUNTERSIGN)


def countersign(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Who holds the right to a signature but for its reviewer, as long as one is missing."""
    if not viewer.may(*SIGNS.values()):
        return Forbidden(needs=", ".join(SIGNS.values()))
    if refused := _is(
        row, Status.TO_COUNTERSIGN, Status.COUNTERSIGNING, wanted=Status.COUNTERSIGNING
    ):
        return refused
    if row.countersigned_at is not None:
        return AlreadyCountersigned(countersigned_at=row.countersigned_at)
    if viewer.actor_id is not None and viewer.actor_id == row.reviewed_by:
        return ReviewedByYou()
    return None


def retry_sheet(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when no payment sheet could be made."""
    return _reviews(viewer) or _is(row, Status.SHEET_FAILED, wanted=Status.COUNTERSIGNING)


def notify(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, once, when there is a payment sheet."""
    if row.notified_at is not None and viewer.may(Item.SETTLEMENT_REVIEW):
        return InvoiceNoticeSent(notified_at=row.notified_at)
    return _reviews(viewer) or _is(row, Status.TO_INVOICE, wanted=Status.TO_INVOICE)


def submit_invoice(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, after the notice (S-13), and again after its invoice was rejected."""
    if refused := _pays_to(row, viewer, Item.STATEMENT_INVOICE):
        return refused
    if row.status in _BEFORE_THE_NOTICE or (
        row.status == Status.TO_INVOICE and row.notified_at is None
    ):
        return InvoiceNotAskedFor()
    return _is(row, *_WAITS_FOR_INVOICE, wanted=Status.INVOICE_RECEIVED)


def receive_invoice(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform signs for what has come (S-14)."""
    return _reviews(viewer) or _is(row, *_WAITS_FOR_INVOICE, wanted=Status.INVOICE_RECEIVED)


def verify_invoice(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, once the invoices are there."""
    return _reviews(viewer) or _is(row, Status.INVOICE_RECEIVED, wanted=Status.PAYING)


def reject_invoice(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """As to verify."""
    return _reviews(viewer) or _is(row, Status.INVOICE_RECEIVED, wanted=Status.INVOICE_REJECTED)


def retry_payment(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, when the bank could not pay."""
    return _reviews(viewer) or _is(row, Status.PAY_FAILED, wanted=Status.PAYING)


def record_repayment(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, for what is below zero and waits for a statement that carries it."""
    return _reviews(viewer) or _is(row, Status.CARRIED_OVER, wanted=Status.REPAID)


def cancel(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, until the last signature."""
    if refused := _reviews(viewer):
        return refused
    if row.countersigned_at is not None:
        return AlreadyCountersigned(countersigned_at=row.countersigned_at)
    status = Status(row.status)
    if Status.CANCELLED not in status.arrows().get(status, frozenset()):
        return WrongStatus(status=status.value, wanted=Status.CANCELLED.value)
    return None


def regenerate(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Who may start runs, for what was cancelled."""
    if not viewer.may(Item.SETTLEMENT_RUN):
        return Forbidden(needs=Item.SETTLEMENT_RUN)
    return _is(row, Status.CANCELLED, wanted=Status.GENERATED)


def open_dispute(row: StatementRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner, from when it was sent until it is countersigned.

    What is below zero is signed by nobody, and may be paid back instead: it stays open to doubt.
    """
    if refused := _pays_to(row, viewer, Item.STATEMENT_VIEW, Item.STATEMENT_INVOICE):
        return refused
    if row.countersigned_at is not None:
        return AlreadyCountersigned(countersigned_at=row.countersigned_at)
    return _is(row, *_OPEN_TO_DOUBT, wanted="DISPUTED")


def answer_dispute(row: DisputeRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, once."""
    return _reviews(viewer) or _moves(row, DisputeStatus.ANSWERED)


def close_dispute(row: DisputeRow, viewer: Viewer, now: datetime) -> Problem | None:
    """Who has opened it, at any time; the platform, once it has answered."""
    if viewer.may(Item.SETTLEMENT_REVIEW):
        if row.status == DisputeStatus.OPEN:
            return WrongStatus(status=str(row.status), wanted=DisputeStatus.CLOSED.value)
    elif refused := _pays_to(row, viewer, Item.STATEMENT_VIEW, Item.STATEMENT_INVOICE):
        return refused
    return _moves(row, DisputeStatus.CLOSED)


_BEFORE_THE_NOTICE = (
    Status.GENERATED,
    Status.SENT,
    Status.TO_COUNTERSIGN,
    Status.COUNTERSIGNING,
    Status.SHEET_FAILED,
)
_WAITS_FOR_INVOICE = (Status.TO_INVOICE, Status.INVOICE_REJECTED)
# Whose name a right lets one sign in: nobody gives both signatures, whatever he holds.
SIGNS: dict[SignerRole, Item] = {
    SignerRole.BUSINESS: Item.STATEMENT_SIGN_BUSINESS,
    SignerRole.FINANCE: Item.STATEMENT_SIGN_FINANCE,
}
_OPEN_TO_DOUBT = (
    Status.SENT,
    Status.TO_COUNTERSIGN,
    Status.COUNTERSIGNING,
    Status.CARRIED_OVER,
)


def _reviews(viewer: Viewer) -> Problem | None:
    return None if viewer.may(Item.SETTLEMENT_REVIEW) else Forbidden(needs=Item.SETTLEMENT_REVIEW)


def _pays_to(row: StatementRow | DisputeRow, viewer: Viewer, *items: Item) -> Problem | None:
    if viewer.kind is not ViewerKind.OPERATOR or viewer.partner_id != row.partner_id:
        return StatementOfAnotherPartner()
    return None if viewer.may(*items) else Forbidden(needs=", ".join(items))


def _is(row: StatementRow, *statuses: Status, wanted: str) -> Problem | None:
    if row.status in statuses:
        return None
    return WrongStatus(status=str(row.status), wanted=str(wanted))


def _moves(row: DisputeRow, wanted: DisputeStatus) -> Problem | None:
    status = DisputeStatus(row.status)
    if wanted in status.arrows().get(status, frozenset()):
        return None
    return WrongStatus(status=status.value, wanted=wanted.value)


COLUMNS = ("partner_id", "status", "reviewed_by", "countersigned_at", "notified_at")
DISPUTE_COLUMNS = ("partner_id", "status")

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "statementSend": send,
    "statementCountersignStart": start_countersigning,
    "statementCountersign": countersign,
    "statementSheetRetry": retry_sheet,
    "statementNotify": notify,
    "statementInvoiceSubmit": submit_invoice,
    "statementInvoiceReceive": receive_invoice,
    "statementInvoiceVerify": verify_invoice,
    "statementInvoiceReject": reject_invoice,
    "statementPayRetry": retry_payment,
    "statementRepaymentRecord": record_repayment,
    "statementCancel": cancel,
    "statementRegenerate": regenerate,
    "statementDisputeOpen": open_dispute,
}
DISPUTE_ACTIONS: dict[str, Guard] = {
    "statementDisputeAnswer": answer_dispute,
    "statementDisputeClose": close_dispute,
}
