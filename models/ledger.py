"""The ledger: accounts, and the transfers between them. What it holds true, the database does.

Migration 0004 has what a model can't say: entries are never changed, those of a transfer add up to
nothing, each follows the one before, and an account's balance is that of its last entry.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Record
from models.customers import Customer
from models.partners import Partner

CURRENCY = "CNY"


class LedgerAccountKind(StrEnum):
    """What an account holds (domain.md 3.5); BOOK is one of the house's own."""

    CASH = "CASH"
    CREDIT = "CREDIT"
    REWARD = "REWARD"
    DEPOSIT = "DEPOSIT"
    ALLOCATABLE = "ALLOCATABLE"
    BOOK = "BOOK"


# `models.identity` has another AccountKind, and migrations and the API know both by their names.
AccountKind = LedgerAccountKind

# What the cloud's own API calls them (`account_type`).
ACCOUNT_WIRE: Mapping[LedgerAccountKind, int] = {
    LedgerAccountKind.CASH: 1,
    LedgerAccountKind.CREDIT: 2,
    LedgerAccountKind.REWARD: 5,
    LedgerAccountKind.DEPOSIT: 7,
    LedgerAccountKind.ALLOCATABLE: 8,
}


class Book(StrEnum):
    """The house's own accounts. They have no running balance, so that no two payments wait."""

    OUTSIDE = "OUTSIDE"
    SALES = "SALES"
    ADJUSTMENTS = "ADJUSTMENTS"
    PAYOUTS = "PAYOUTS"
    REWARDS = "REWARDS"
    SETTLEMENTS = "SETTLEMENTS"


class TradeType(StrEnum):
    """Why money moved."""

    RECHARGE = "RECHARGE"
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    WITHDRAWAL = "WITHDRAWAL"
    REPAYMENT = "REPAYMENT"
    DEPOSIT = "DEPOSIT"
    ADJUSTMENT = "ADJUSTMENT"
    ALLOCATION = "ALLOCATION"
    RECOVERY = "RECOVERY"
    UNBIND_RECOVERY = "UNBIND_RECOVERY"
    BONUS = "BONUS"
    MODE_TRANSFER = "MODE_TRANSFER"
    SETTLEMENT = "SETTLEMENT"


# What the cloud's own API calls them (`trade_type`), in its spelling; it has no settlements.
TRADE_WIRE: Mapping[TradeType, str] = {
    TradeType.RECHARGE: "RECHARGE",
    TradeType.PAYMENT: "DEDEUCT",
    TradeType.REFUND: "REFUND",
    TradeType.WITHDRAWAL: "RFROZEN",
    TradeType.REPAYMENT: "TRANS",
    TradeType.DEPOSIT: "TRANS",
    TradeType.ADJUSTMENT: "ADJUST",
    TradeType.ALLOCATION: "BEADJUST",
    TradeType.RECOVERY: "BERETRIEVE",
    TradeType.UNBIND_RECOVERY: "BEUNBIND",
    TradeType.BONUS: "BONUSCONVERT",
    TradeType.MODE_TRANSFER: "TRADE_MODE_TRANSFER",
    TradeType.SETTLEMENT: "SETTLEMENT",
}


class LedgerAccount(Record):
    """What a partner or a customer has of one kind; or a book of the house, without an owner.

    `balance` is the sum of the account's entries, `entries` how many those are. `held` is promised
    to open holds; `credit_limit` is how far below zero a CREDIT account may go. Of cash,
    `designated` is earmarked (专款专用), `unreturned_invoices` invoiced and not returned (欠票),
    `uncredited` spent and not booked yet (未入账): facts from elsewhere that limit what can leave.
    """

    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", null=True, on_delete=fields.RESTRICT, related_name="ledger_accounts"
    )
    partner_id: UUID | None
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", null=True, on_delete=fields.RESTRICT, related_name="ledger_accounts"
    )
    customer_id: UUID | None
    book = fields.CharEnumField(Book, max_length=16, null=True)
    kind = fields.CharEnumField(LedgerAccountKind, max_length=16)
    currency = fields.CharField(3, default=CURRENCY)
    balance: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    held: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    credit_limit: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    designated: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    unreturned_invoices: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    uncredited: Decimal = fields.DecimalField(18, 2, default=Decimal(0))
    entries = fields.IntField(default=0)

    @property
    def available(self) -> Decimal:
        """What can be spent of it now."""
        return self.balance - self.held + self.credit_limit

    class Meta:
        table = "ledger_account"
        indexes = (Index(fields=("created_at", "id"), name="ledger_account_by_age"),)
        constraints = (
            UniqueConstraint(
                fields=("partner_id", "kind", "currency"), name="ledger_account_of_partner"
            ),
            UniqueConstraint(
                fields=("customer_id", "kind", "currency"), name="ledger_account_of_customer"
            ),
            UniqueConstraint(fields=("book", "currency"), name="ledger_account_of_house"),
            UniqueConstraint(fields=("id", "currency"), name="ledger_account_currency"),
            CheckConstraint(
                name="ledger_account_one_owner",
                check="num_nonnulls(partner_id, customer_id, book) = 1"
                " and (book is not null) = (kind = 'BOOK')",
            ),
            CheckConstraint(
                name="ledger_account_not_overdrawn", check="balance - held + credit_limit >= 0"
            ),
            CheckConstraint(
                name="ledger_account_credit",
                check="case when kind = 'CREDIT' then balance <= 0 else credit_limit = 0 end",
            ),
            CheckConstraint(
                name="ledger_account_amounts",
                check="held >= 0 and credit_limit >= 0 and designated >= 0"
                " and unreturned_invoices >= 0 and uncredited >= 0 and entries >= 0",
            ),
            CheckConstraint(
                name="ledger_account_book_is_plain",
                check="kind <> 'BOOK' or (balance = 0 and held = 0 and entries = 0)",
            ),
            CheckConstraint(
                name="ledger_account_begins_with_nothing", check="entries > 0 or balance = 0"
            ),
        )


class LedgerTransfer(Record):
    """That money moved, and why. `amount` is all that came to accounts by it.

    `subject` is what it was for: an order, a recharge. `trans_id` is the name that a caller has
    given it, so that it happens once however often it is asked for; `trans_scope` is whose name.
    """

    number = fields.CharField(32, unique=True)
    kind = fields.CharEnumField(TradeType, max_length=24)
    currency = fields.CharField(3, default=CURRENCY)
    amount: Decimal = fields.DecimalField(18, 2)
    subject_type = fields.CharField(40)
    subject_id: UUID = fields.UUIDField()
    customer_id: UUID | None = fields.UUIDField(null=True)
    trans_id = fields.CharField(128, null=True)
    trans_scope: UUID | None = fields.UUIDField(null=True)
    note = fields.CharField(500, null=True)
    actor_kind = fields.CharField(16)
    actor_id: UUID | None = fields.UUIDField(null=True)
    actor_name = fields.CharField(160)

    class Meta:
        table = "ledger_transfer"
        indexes = (
            Index(fields=("created_at", "id"), name="ledger_transfer_by_age"),
            Index(fields=("subject_id", "created_at"), name="ledger_transfer_of_subject"),
            Index(fields=("customer_id", "created_at", "id"), name="ledger_transfer_of_customer"),
            Index(fields=("amount", "id"), name="ledger_transfer_by_amount"),
        )
        constraints = (
            UniqueConstraint(fields=("trans_scope", "trans_id"), name="ledger_transfer_trans_once"),
            UniqueConstraint(fields=("id", "currency"), name="ledger_transfer_currency"),
            CheckConstraint(
                name="ledger_transfer_trans_wholly",
                check="(trans_id is null) = (trans_scope is null)",
            ),
        )


class LedgerEntry(Record):
    """What a transfer added to one account: more than nothing is an income, less an expense.

    `sequence` counts an account's entries from 1 on; a book's have none, and no balances. `kind`
    and `customer_id` repeat the transfer's.
    """

    transfer: fields.ForeignKeyRelation[LedgerTransfer] = fields.ForeignKeyField(
        "models.LedgerTransfer", on_delete=fields.RESTRICT, related_name="entries"
    )
    transfer_id: UUID
    account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", on_delete=fields.RESTRICT, related_name="account_entries"
    )
    account_id: UUID
    currency = fields.CharField(3, default=CURRENCY)
    kind = fields.CharEnumField(TradeType, max_length=24)
    customer_id: UUID | None = fields.UUIDField(null=True)
    amount: Decimal = fields.DecimalField(18, 2)
    sequence: int | None = fields.IntField(null=True)
    balance_before: Decimal | None = fields.DecimalField(18, 2, null=True)
    balance_after: Decimal | None = fields.DecimalField(18, 2, null=True)

    class Meta:
        table = "ledger_entry"
        indexes = (
            Index(fields=("created_at", "id"), name="ledger_entry_by_age"),
            Index(fields=("account_id", "created_at", "id"), name="ledger_entry_of_account"),
            Index(fields=("transfer_id",), name="ledger_entry_of_transfer"),
        )
        constraints = (
            UniqueConstraint(fields=("account_id", "sequence"), name="ledger_entry_sequence"),
            UniqueConstraint(
                fields=("account_id", "sequence", "balance_after"), name="ledger_entry_balance"
            ),
            CheckConstraint(name="ledger_entry_moves_something", check="amount <> 0"),
            CheckConstraint(
                name="ledger_entry_adds_up",
                check="num_nonnulls(sequence, balance_before, balance_after) in (0, 3)"
                " and (sequence is null or balance_after = balance_before + amount)",
            ),
            CheckConstraint(
                name="ledger_entry_begins_with_nothing",
                check="sequence > 1 or (sequence = 1 and balance_before = 0) or sequence is null",
            ),
        )


class LedgerAudit(Record):
    """What a night's recount has come to; `differences` names whatever doesn't add up."""

    scheduled_for: datetime = fields.DatetimeField()
    accounts = fields.IntField()
    entries = fields.BigIntField()
    is_sound = fields.BooleanField()
    differences: list[dict[str, Any]] = fields.JSONField(default=list)

    class Meta:
        table = "ledger_audit"
        indexes = (Index(fields=("created_at", "id"), name="ledger_audit_by_age"),)
