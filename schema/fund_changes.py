"""Allocating, recharging and withdrawing money: inputs and payloads."""

from typing import Any

import strawberry

from domain.funds.allocating import FundsForAgencyOnly, NotASubCustomer, ResellerNotYours
from domain.funds.owners import MoneyOfThePartner, OnlyForItself
from domain.funds.withdrawable import WithdrawalBlocked
from domain.funds.withdrawing import OriginalRouteClosed
from domain.ledger.posting import DuplicateTransId, InsufficientBalance, TransIdInProgress
from kit.status import WrongStatus
from models.funds import RechargeChannel, RechargeMethod, WithdrawalKind
from schema.funds import AdjustRecord, Recharge, Withdrawal
from schema.inputs import idempotency_key, needed_idempotency_key
from schema.payloads import ItemResult, made, payload, per_item, told
from schema.scalars import Decimal

_AMOUNT = "How much, more than 0, with at most two decimals."
_NOTE = "What to note, at most 500 characters."
_WHICH = "The withdrawal."


def trans_id() -> Any:
    """The caller's own name for a movement of money."""
    return strawberry.field(
        default=None,
        description="Your name for this movement, 1 to 128 characters: with the same name and"
        " content again it is the one that was made before; with another content it is refused"
        " (CBC.99007009).",
    )


@strawberry.input(description="Whom to give money, or from whom to take it back, and how much.")
class FundsMoveInput:
    """For `fundsAllocate` and `fundsRecover`."""

    customer_id: strawberry.ID = strawberry.field(description="The agency customer.")
    amount: Decimal = strawberry.field(description=_AMOUNT)
    reseller_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The reseller whose customer it is and whose balance is used; for its"
        " distributor.",
    )
    note: str | None = strawberry.field(default=None, description=_NOTE)
    trans_id: str | None = trans_id()
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="How much one of many customers is to get.")
class FundsAllotmentInput:
    """An item of `fundsAllocateMany`."""

    customer_id: strawberry.ID = strawberry.field(description="The agency customer.")
    amount: Decimal = strawberry.field(description=_AMOUNT)
    trans_id: str | None = trans_id()


@strawberry.input(description="Which customers to give how much each.")
class FundsAllocateManyInput:
    """For `fundsAllocateMany`."""

    allotments: list[FundsAllotmentInput] = strawberry.field(
        description="1 to 100, each customer once; the first ones get it when it isn't enough."
    )
    reseller_id: strawberry.ID | None = strawberry.field(
        default=None, description="The reseller whose customers they are; for its distributor."
    )
    note: str | None = strawberry.field(default=None, description=_NOTE)
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which reseller to give money, or to take it back from.")
class ResellerFundsMoveInput:
    """For `resellerFundsAllocate` and `resellerFundsRecover`."""

    reseller_id: strawberry.ID = strawberry.field(description="One of your resellers.")
    amount: Decimal = strawberry.field(description=_AMOUNT)
    note: str | None = strawberry.field(default=None, description=_NOTE)
    trans_id: str | None = trans_id()
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="How much money to bring in, and how.")
class RechargeCreateInput:
    """For `rechargeCreate`."""

    method: RechargeMethod = strawberry.field(description="How it comes.")
    channel: RechargeChannel | None = strawberry.field(
        default=None, description="Through whom; needed for ONLINE."
    )
    amount: Decimal = strawberry.field(description=_AMOUNT)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which bank transfer has come, and whose it is.")
class RechargeRecordInput:
    """For `rechargeRecord`."""

    reference: str = strawberry.field(
        description="The bank's name for it: it is credited once, however often it is told."
    )
    amount: Decimal = strawberry.field(description=_AMOUNT)
    recharge_id: strawberry.ID | None = strawberry.field(
        default=None, description="The recharge that had announced it."
    )
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose it is, if it wasn't announced: a partner's."
    )
    customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose it is, if it wasn't announced: a customer's."
    )
    with_bonus: bool = strawberry.field(
        default=False, description="Whether a bonus or voucher came with it (F-08)."
    )
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Where money is to go.")
class BankAccountInput:
    """For `withdrawalCreate`."""

    bank_name: str = strawberry.field(description="The bank, 1 to 160 characters.")
    name: str = strawberry.field(description="In whose name the account is.")
    number: str = strawberry.field(description="The number of the account or card.")


@strawberry.input(description="How much money to take out, and which way.")
class WithdrawalCreateInput:
    """For `withdrawalCreate`."""

    kind: WithdrawalKind = strawberry.field(description="Which way.")
    amount: Decimal = strawberry.field(description=_AMOUNT)
    recharge_id: strawberry.ID | None = strawberry.field(
        default=None, description="What to give back; needed for ORIGINAL_ROUTE, and only there."
    )
    bank_account: BankAccountInput | None = strawberry.field(
        default=None, description="Where it is to go; needed unless `kind` is ORIGINAL_ROUTE."
    )
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which withdrawal to let go out.")
class WithdrawalApproveInput:
    """For `withdrawalApprove`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    idempotency_key: str = needed_idempotency_key()


@strawberry.input(description="Which withdrawal to take off the list.")
class WithdrawalDeleteInput:
    """For `withdrawalDelete`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which withdrawal to refuse, and why.")
class WithdrawalRejectInput:
    """For `withdrawalReject`."""

    id: strawberry.ID = strawberry.field(description=_WHICH)
    reason: str = strawberry.field(description="Why, 1 to 500 characters.")
    idempotency_key: str = needed_idempotency_key()


_MOVING = (InsufficientBalance, DuplicateTransId, TransIdInProgress, ResellerNotYours)
_CUSTOMERS = (*_MOVING, NotASubCustomer, FundsForAgencyOnly)
_RECORD = "What was written down."


@payload(errors=_CUSTOMERS)
class FundsAllocatePayload:
    adjust_record: AdjustRecord | None = made(_RECORD)


@payload(errors=_CUSTOMERS)
class FundsRecoverPayload:
    adjust_record: AdjustRecord | None = made(_RECORD)


@payload()
class FundsAllocateManyPayload:
    results: list[ItemResult] = per_item(
        "What became of each customer, in the order given.", prefix="cus"
    )
    adjust_records: list[AdjustRecord] | None = made(
        "What was written down: one for each customer that is done, in that order.", many=True
    )


@payload(errors=_MOVING)
class ResellerFundsAllocatePayload:
    adjust_record: AdjustRecord | None = made(_RECORD)


@payload(errors=_MOVING)
class ResellerFundsRecoverPayload:
    adjust_record: AdjustRecord | None = made(_RECORD)


@payload(errors=(MoneyOfThePartner, OnlyForItself))
class RechargeCreatePayload:
    recharge: Recharge | None = made("The recharge, which waits for the money.")


@payload(errors=(DuplicateTransId, TransIdInProgress))
class RechargeRecordPayload:
    recharge: Recharge | None = made("The recharge that this reference has brought.")


@payload(
    errors=(
        WithdrawalBlocked,
        InsufficientBalance,
        OriginalRouteClosed,
        OnlyForItself,
    )
)
class WithdrawalCreatePayload:
    withdrawal: Withdrawal | None = made("The application, which waits for the platform's review.")


@payload(errors=(WrongStatus,))
class WithdrawalApprovePayload:
    withdrawal: Withdrawal | None = made("As it stands now.")


@payload(errors=(WrongStatus,))
class WithdrawalRejectPayload:
    withdrawal: Withdrawal | None = made("As it stands now.")


@payload(errors=(WrongStatus, OnlyForItself))
class WithdrawalDeletePayload:
    deleted_id: strawberry.ID | None = told("The id of the withdrawal that is off your list.")
