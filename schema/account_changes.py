"""Credit, adjustments, deposits and facts of accounts: inputs and payloads."""

from typing import Any

import strawberry

from domain.funds.crediting import MoreIsOwed, NoCreditForAgencyCustomers
from domain.funds.owners import OnlyForItself
from domain.ledger.posting import (
    DuplicateTransId,
    InsufficientBalance,
    NothingOwed,
    TransIdInProgress,
)
from models.ledger import LedgerAccountKind
from schema.accounts import Account, LedgerTransfer
from schema.fund_changes import trans_id
from schema.inputs import idempotency_key, needed_idempotency_key
from schema.payloads import made, payload
from schema.scalars import Decimal


def _reason() -> Any:
    return strawberry.field(description="Why, 1 to 500 characters.")


@strawberry.input(description="How much a customer may owe, and why.")
class CreditLimitSetInput:
    """For `creditLimitSet`."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    limit: Decimal = strawberry.field(description="Up to which amount; 0 closes the account.")
    reason: str = _reason()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="How much to pay back of what is owed on credit.")
class CreditRepayInput:
    """For `creditRepay`."""

    amount: Decimal = strawberry.field(description="At most what is owed.")
    trans_id: str | None = trans_id()
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which account to correct, by how much, and why.")
class AccountAdjustInput:
    """For `accountAdjust`."""

    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose it is: a partner's."
    )
    customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose it is: a customer's."
    )
    kind: LedgerAccountKind = strawberry.field(
        description="Which of the owner's accounts; it is opened if there is none."
    )
    amount: Decimal = strawberry.field(description="What to add; below zero: to take.")
    reason: str = _reason()
    trans_id: str | None = trans_id()
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="How much of a partner's cash becomes its deposit, and why.")
class DepositMoveInput:
    """For `depositMove`."""

    partner_id: strawberry.ID = strawberry.field(description="The partner.")
    amount: Decimal = strawberry.field(
        description="How much goes from cash to deposit; below zero: back."
    )
    reason: str = _reason()
    trans_id: str | None = trans_id()
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="What other systems know of a cash account; what is left out stays.")
class AccountFactsSetInput:
    """For `accountFactsSet`."""

    id: strawberry.ID = strawberry.field(description="The account.")
    designated: Decimal | None = strawberry.field(
        default=None, description="What is earmarked (专款专用)."
    )
    unreturned_invoices: Decimal | None = strawberry.field(
        default=None, description="What was invoiced and not returned (欠票)."
    )
    uncredited: Decimal | None = strawberry.field(
        default=None, description="What was spent and isn't booked yet (未入账)."
    )
    reason: str = _reason()
    idempotency_key: str | None = idempotency_key()


_BOOKED = (InsufficientBalance, NothingOwed, DuplicateTransId, TransIdInProgress)


@payload(errors=(NoCreditForAgencyCustomers, MoreIsOwed))
class CreditLimitSetPayload:
    account: Account | None = made("The credit account as it stands now.")


@payload(errors=(*_BOOKED, OnlyForItself))
class CreditRepayPayload:
    ledger_transfer: LedgerTransfer | None = made("The repayment.")


@payload(errors=_BOOKED)
class AccountAdjustPayload:
    ledger_transfer: LedgerTransfer | None = made("The adjustment.")


@payload(errors=_BOOKED)
class DepositMovePayload:
    ledger_transfer: LedgerTransfer | None = made("The transfer between the two accounts.")


@payload()
class AccountFactsSetPayload:
    account: Account | None = made("The account as it stands now.")
