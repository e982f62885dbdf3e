"""Accounts, statements of account and transfers as the API shows them."""

from enum import Enum
from typing import Any

import strawberry
from strawberry import enum_value

from domain.ledger.policy import ACCOUNTS, AUDITS, ENTRIES, TRANSFERS
from kit.reads import (
    Connection,
    Node,
    column,
    computed,
    connection,
    embedded,
    items,
    money,
    one,
    polymorphic,
    sql,
    table,
)
from models import ledger as models
from models.ledger import ACCOUNT_WIRE, TRADE_WIRE, LedgerAccountKind, TradeType
from schema.account_lists import (
    NAMED_BY_VIEWER,
    SINCE,
    SINCE_THEN,
    AccountEntryFilter,
    AccountEntryOrder,
)
from schema.events import Event, happened
from schema.money import Money
from schema.partners import PartnerRef
from schema.references import AccountRef, CustomerRef, TransferRef
from schema.scalars import DateTime


def wire(column: str, codes: Any) -> str:
    """The value that the cloud's own API has for the column's."""
    cases = " ".join(f"when '{name.value}' then '{code}'" for name, code in codes.items())
    return f"case {{t}}.{column} {cases} end"


def _sum(expression: str, description: str) -> Any:
    return embedded({"amount": expression, "currency": "{t}.currency"}, description)


@strawberry.enum(description="Whether a line of a statement adds or takes.")
class EntryType(Enum):
    INCOME = enum_value("INCOME", description="收入 (1 in the cloud API).")
    EXPENSE = enum_value("EXPENSE", description="支出 (2 in the cloud API).")


@table(
    models.LedgerEntry,
    prefix="aen",
    scope=ENTRIES,
    description="A line of a statement of account (收支明细): what a transfer added to an account.",
)
class AccountEntry(Node):
    """The wire's account change record."""

    account: AccountRef | None = one("account_id", "Whose balance it changed.")
    transfer: TransferRef | None = one("transfer_id", "The transfer that it is one side of.")
    kind: TradeType = column("Why the money moved.")
    kind_code: str = sql(wire("kind", TRADE_WIRE), "The cloud API's name of the reason.")
    type: EntryType = sql(
        "case when {t}.amount > 0 then 'INCOME' else 'EXPENSE' end", "Whether it adds or takes."
    )
    amount: Money = money("amount", "currency", "What was added; below zero: taken.")
    balance_after: Money | None = money(
        "balance_after", "currency", "The balance since; null for a book of the platform."
    )
    sequence: int | None = column("Its place among the account's lines, 1 for the first.")
    customer: CustomerRef | None = one(
        "customer_id", "The customer that it is about; null for none that you may see."
    )
    created_at: DateTime = column("When the money moved.")


def _text(row: Any, request: Any) -> list[str]:
    return [
        ", ".join(f"{name}: {value}" for name, value in each.items()) for each in row.differences
    ]


@table(
    models.LedgerTransfer,
    prefix="trf",
    scope=TRANSFERS,
    description="Money that moved between accounts, at once and for good. Its entries add up to"
    " nothing; you see those of accounts that you see.",
)
class LedgerTransfer(Node):
    """Append-only."""

    number: str = column("Its number, for people (`trade_id` of the cloud API).")
    kind: TradeType = column("Why the money moved.")
    kind_code: str = sql(wire("kind", TRADE_WIRE), "The cloud API's name of the reason.")
    amount: Money = money("amount", "currency", "How much moved.")
    customer: CustomerRef | None = one(
        "customer_id", "The customer that it is about; null for none that you may see."
    )
    subject_type: str = column("What kind of thing it was for: `recharge`, `order`.")
    subject: Node | None = polymorphic(
        "subject_type",
        "subject_id",
        {
            "adjust_record": "AdjustRecord",
            "consumption_record": "ConsumptionRecord",
            "ledger_account": "Account",
            "order": "Order",
            "payment_application": "PaymentApplication",
            "recharge": "Recharge",
            "refund": "Refund",
            "statement": "Statement",
            "withdrawal": "Withdrawal",
        },
        "What it was for; null when you may not see it.",
    )
    note: str | None = column("What whoever moved it has noted.")
    trans_id: str | None = sql(
        f"case when {NAMED_BY_VIEWER} then {{t}}.trans_id end",
        "The name that you gave to it (`transId`).",
    )
    created_at: DateTime = column("When the money moved.")
    entries: list[AccountEntry] = items(
        "transfer_id", "Its sides, as far as you see them.", order="amount, id", limit=20
    )


@table(
    models.LedgerAccount,
    prefix="act",
    scope=ACCOUNTS,
    description="What a partner or a customer has of one kind. Of customers, a partner sees its"
    " agency customers' alone.",
)
class Account(Node):
    """Balances of domain.md 3.5."""

    partner: PartnerRef | None = one("partner_id", "Whose it is, if it is a partner's.")
    customer: CustomerRef | None = one("customer_id", "Whose it is, if it is a customer's.")
    kind: LedgerAccountKind = column("What it holds.")
    kind_code: str | None = sql(
        wire("kind", ACCOUNT_WIRE), "The cloud API's number of the kind; null for books."
    )
    balance: Money = money(
        "balance", "currency", "The sum of all its entries; 0 for a book of the platform."
    )
    held: Money = money("held", "currency", "What of it is promised to open withdrawals (冻结).")
    available: Money = _sum(
        "({t}.balance - {t}.held + {t}.credit_limit)", "What can be spent now, credit included."
    )
    credit_limit: Money = money(
        "credit_limit", "currency", "How far below zero a CREDIT account may go."
    )
    designated: Money = money(
        "designated", "currency", "What of it is earmarked (专款专用), and can't be handed on."
    )
    unreturned_invoices: Money = money(
        "unreturned_invoices", "currency", "What was invoiced and not returned (欠票)."
    )
    uncredited: Money = money(
        "uncredited", "currency", "What was spent and isn't booked yet (未入账)."
    )
    created_at: DateTime = column("When it was opened.")
    entries: Connection[AccountEntry] = connection(
        "account_id",
        "The statement of account (收支明细), the latest first.",
        filter=AccountEntryFilter,
        order=AccountEntryOrder,
        where=SINCE_THEN,
        arguments={"since": SINCE},
    )
    history: Connection[Event] = happened("What people did to it.")


@table(
    models.LedgerAudit,
    prefix="lau",
    scope=AUDITS,
    description="A nightly recount of the whole ledger. For the platform.",
)
class LedgerAudit(Node):
    """Σ of everything is 0."""

    scheduled_for: DateTime = column("For which night it was made.")
    created_at: DateTime = column("When it was done.")
    account_count: int = column("How many accounts there were.", "accounts")
    entry_count: int = column("How many entries there were.", "entries")
    is_sound: bool = column("Whether everything added up.")
    differences: list[str] = computed(
        _text, ("differences",), "What didn't add up, each in a line; empty when all did."
    )
