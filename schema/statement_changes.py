"""Taking statements on their way: inputs and payloads."""

import strawberry

from domain.invoices.checking import (
    InvoiceMustBeSpecial,
    InvoiceTaxDiffers,
    InvoiceTotalsDiffer,
    InvoiceUsedAlready,
)
from domain.settlement.voiding import RefundsSettledElsewhere
from domain.statements.cancelling import AlreadyRegenerated, CarryTaken
from domain.statements.countersigning import AlreadySigned, SignedByYou
from domain.statements.disputing import DisputedAlready
from domain.statements.guards import (
    AlreadyCountersigned,
    InvoiceNotAskedFor,
    InvoiceNoticeSent,
    ReviewedByYou,
    StatementOfAnotherPartner,
)
from domain.statements.invoicing import NoInvoice
from kit.status import WrongStatus
from schema.inputs import idempotency_key, needed_idempotency_key
from schema.invoice_inputs import InvoiceInput
from schema.invoices import StatementDispute
from schema.payloads import made, payload
from schema.scalars import Decimal
from schema.settlement_adjustments import SettlementAdjustment
from schema.statement_enums import SignerRole
from schema.statements import Statement

_NOW = "The statement as it stands now."
_DISPUTE = "The dispute as it stands now."


@strawberry.input(description="Which statement.")
class StatementInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The statement.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which statement is paid.")
class StatementPayInput:
    """For the mutations that let money move."""

    id: strawberry.ID = strawberry.field(description="The statement.")
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="What a statement is below zero, and by which payment it came back.")
class StatementRepaymentRecordInput:
    """For `statementRepaymentRecord`."""

    id: strawberry.ID = strawberry.field(description="The statement.")
    reference: str = strawberry.field(
        description="What the partner's payment is called where it has come, 1 to 128 characters."
    )
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which statement, and why.")
class StatementReasonInput:
    """For the mutations that need a reason."""

    id: strawberry.ID = strawberry.field(description="The statement.")
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which statement is signed, and in whose name.")
class StatementCountersignInput:
    """For `statementCountersign`."""

    id: strawberry.ID = strawberry.field(description="The statement.")
    role: SignerRole = strawberry.field(description="In whose name you sign.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Whose invoice is asked for, and where it is to go.")
class StatementNotifyInput:
    """For `statementNotify`."""

    id: strawberry.ID = strawberry.field(description="The statement.")
    address: str = strawberry.field(
        description="Where invoices on paper are to be mailed, 1 to 500 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The invoices that cover a statement; together they come to it.")
class StatementInvoiceSubmitInput:
    """For `statementInvoiceSubmit`."""

    id: strawberry.ID = strawberry.field(description="The statement.")
    invoices: list[InvoiceInput] = strawberry.field(
        description="All of them, 1 to 20; those that you told of before are withdrawn."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What is doubted, and why.")
class StatementDisputeOpenInput:
    """For `statementDisputeOpen`."""

    statement_id: strawberry.ID = strawberry.field(description="The statement.")
    line_id: strawberry.ID | None = strawberry.field(
        default=None, description="The line of it; the statement as a whole, if null."
    )
    text: str = strawberry.field(description="What is doubted, 1 to 2000 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What the next statement gives, or takes.")
class StatementDisputeAdjustmentInput:
    """Part of `statementDisputeAnswer`."""

    amount: Decimal = strawberry.field(
        description="How much, tax included; below zero it is taken."
    )
    goods_tax_ratio: Decimal | None = strawberry.field(
        default=None,
        description="The goods' tax rate, which says with which statement it comes; if null, that"
        " of the statement in dispute.",
    )


@strawberry.input(description="What the platform says to a dispute.")
class StatementDisputeAnswerInput:
    """For `statementDisputeAnswer`."""

    id: strawberry.ID = strawberry.field(description="The dispute.")
    answer: str = strawberry.field(description="The answer, 1 to 2000 characters.")
    adjustment: StatementDisputeAdjustmentInput | None = strawberry.field(
        default=None, description="What is put right with the next statement; nothing, if null."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which dispute.")
class StatementDisputeCloseInput:
    """For `statementDisputeClose`."""

    id: strawberry.ID = strawberry.field(description="The dispute.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A difference that comes with a partner's next statement.")
class SettlementAdjustmentEnterInput:
    """For `settlementAdjustmentEnter`."""

    partner_id: strawberry.ID = strawberry.field(description="The partner.")
    amount: Decimal = strawberry.field(
        description="How much, tax included; below zero it is taken from the partner."
    )
    goods_tax_ratio: Decimal = strawberry.field(
        description="The goods' tax rate, which says with which statement it comes."
    )
    reason: str = strawberry.field(description="Why, 1 to 500 characters; the partner reads it.")
    line_id: strawberry.ID | None = strawberry.field(
        default=None, description="The settlement line that it puts right, if it is one."
    )
    idempotency_key: str = needed_idempotency_key()


@payload(errors=(WrongStatus,))
class StatementSendPayload:
    statement: Statement | None = made(_NOW)


@payload(errors=(WrongStatus,))
class StatementCountersignStartPayload:
    statement: Statement | None = made(_NOW)


@payload(errors=(WrongStatus, ReviewedByYou, AlreadySigned, SignedByYou, AlreadyCountersigned))
class StatementCountersignPayload:
    statement: Statement | None = made(_NOW)


@payload(errors=(WrongStatus,))
class StatementSheetRetryPayload:
    statement: Statement | None = made(_NOW)


@payload(errors=(WrongStatus, InvoiceNoticeSent))
class StatementNotifyPayload:
    statement: Statement | None = made(_NOW)


@payload(
    errors=(
        StatementOfAnotherPartner,
        InvoiceNotAskedFor,
        WrongStatus,
        InvoiceMustBeSpecial,
        InvoiceTaxDiffers,
        InvoiceTotalsDiffer,
        InvoiceUsedAlready,
    )
)
class StatementInvoiceSubmitPayload:
    statement: Statement | None = made(_NOW)


@payload(errors=(WrongStatus, NoInvoice))
class StatementInvoiceReceivePayload:
    statement: Statement | None = made(_NOW)


@payload(errors=(WrongStatus,))
class StatementInvoiceVerifyPayload:
    statement: Statement | None = made(_NOW)


@payload(errors=(WrongStatus,))
class StatementInvoiceRejectPayload:
    statement: Statement | None = made(_NOW)


@payload(errors=(WrongStatus,))
class StatementPayRetryPayload:
    statement: Statement | None = made(_NOW)


@payload(errors=(WrongStatus, CarryTaken))
class StatementRepaymentRecordPayload:
    statement: Statement | None = made(_NOW)


@payload(errors=(AlreadyCountersigned, WrongStatus, CarryTaken, RefundsSettledElsewhere))
class StatementCancelPayload:
    statement: Statement | None = made(_NOW)


@payload(errors=(WrongStatus, AlreadyRegenerated))
class StatementRegeneratePayload:
    statement: Statement | None = made("The cancelled statement; `replacedBy` follows in seconds.")


@payload(errors=(StatementOfAnotherPartner, AlreadyCountersigned, WrongStatus, DisputedAlready))
class StatementDisputeOpenPayload:
    statement_dispute: StatementDispute | None = made(_DISPUTE)


@payload(errors=(WrongStatus,))
class StatementDisputeAnswerPayload:
    statement_dispute: StatementDispute | None = made(_DISPUTE)


@payload(errors=(StatementOfAnotherPartner, WrongStatus))
class StatementDisputeClosePayload:
    statement_dispute: StatementDispute | None = made(_DISPUTE)


@payload()
class SettlementAdjustmentEnterPayload:
    settlement_adjustment: SettlementAdjustment | None = made(
        "The difference as it waits; null in a repeated answer, once a statement has it."
    )
