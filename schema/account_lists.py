"""Filters of lists of accounts, entries and transfers, and the enums in them."""

from enum import Enum

import strawberry

from kit.reads import Argument, flag, of_node, ordering, where, within
from models.ledger import LedgerAccountKind, TradeType
from schema.enums import described
from schema.ranges import AmountRange, DateTimeRange
from schema.scalars import DateTime, Decimal
from schema.searching import search_customer, search_partner

# Over a transfer: whether the name that it was given is the viewer's own.
NAMED_BY_VIEWER = (
    "({viewer.kind}::text = 'STAFF' or {t}.trans_scope ="
    " coalesce({viewer.partner_id}::uuid, {viewer.customer_id}::uuid))"
)

described(
    LedgerAccountKind,
    "What an account holds.",
    CASH="余额 (1 in the cloud API): money that can be spent, and withdrawn.",
    CREDIT="信用 (2 in the cloud API): what a customer may spend unpaid; below zero it owes.",
    REWARD="奖励 (5 in the cloud API): incentives that were paid to a partner.",
    DEPOSIT="保证金 (7 in the cloud API): what a partner has left as security.",
    ALLOCATABLE="可拨款 (8 in the cloud API): what a partner may only hand on.",
    BOOK="One of the platform's own books, the other side of what comes in and goes out.",
)
described(
    TradeType,
    "Why money moved.",
    RECHARGE="充值: money has come in.",
    PAYMENT="消费: an order was paid.",
    REFUND="退款: an order was refunded.",
    WITHDRAWAL="提现: money was paid out.",
    REPAYMENT="还款: what was spent on credit was paid back.",
    DEPOSIT="保证金: cash became a deposit, or the other way round.",
    ADJUSTMENT="调账: the platform has corrected an account.",
    ALLOCATION="拨款: a partner gave money to a customer or reseller.",
    RECOVERY="回收: a partner took money back.",
    UNBIND_RECOVERY="解绑回收: what was left went back as a customer left or was switched.",
    BONUS="A bonus became money.",
    MODE_TRANSFER="Money moved as the mode of trade changed.",
    SETTLEMENT="结算: a statement or a payment application was paid to a partner's bank.",
)


@strawberry.input(description="Which accounts; all conditions together.")
class AccountFilter:
    """Conditions over indexed columns."""

    kind: list[LedgerAccountKind] | None = where(
        "{t}.kind = any({value})", "Of any of these kinds."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer.")
    customer: str | None = search_customer()
    partner: str | None = search_partner()
    created: DateTimeRange | None = within("created_at", "Opened in this span.")


@strawberry.enum(description="What accounts can be ordered by.")
class AccountOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were opened.")


AccountOrder = ordering("How accounts are ordered.", AccountOrderField.CREATED_AT)


@strawberry.input(description="Which lines of a statement of account; all conditions together.")
class AccountEntryFilter:
    """Conditions over columns of entries."""

    kind: list[TradeType] | None = where("{t}.kind = any({value})", "For any of these reasons.")
    created: DateTimeRange | None = within("created_at", "In this span.")
    income: bool | None = flag(
        "{t}.amount > 0", "{t}.amount < 0", "Income alone (true), or expenses alone (false)."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "About this customer.")
    amount_at_least: Decimal | None = where(
        "abs({t}.amount) >= {value}::numeric", "Of at least this amount, either way."
    )


@strawberry.enum(description="What lines of a statement of account can be ordered by.")
class AccountEntryOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when the money moved.")


AccountEntryOrder = ordering(
    "How lines of a statement of account are ordered.", AccountEntryOrderField.CREATED_AT
)


@strawberry.input(description="Which transfers; all conditions together.")
class LedgerTransferFilter:
    """Conditions over columns of transfers."""

    kind: list[TradeType] | None = where("{t}.kind = any({value})", "For any of these reasons.")
    created: DateTimeRange | None = within("created_at", "In this span.")
    number: str | None = where("{t}.number = {value}::text", "With this number.")
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "About this customer.")
    trans_id: str | None = where(
        f"{{t}}.trans_id = {{value}}::text and {NAMED_BY_VIEWER}", "That you gave this `transId`."
    )
    subject_id: strawberry.ID | None = of_node(
        "subject_id", None, "For the object with this id: an order, a recharge, a statement."
    )
    customer: str | None = search_customer()
    amount: AmountRange | None = within("amount", "Of an amount in this span.")


@strawberry.enum(description="What transfers can be ordered by.")
class LedgerTransferOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when the money moved.")
    AMOUNT = strawberry.enum_value("amount", description="By how much moved.")


LedgerTransferOrder = ordering("How transfers are ordered.", LedgerTransferOrderField.CREATED_AT)


@strawberry.input(description="Which audits; all conditions together.")
class LedgerAuditFilter:
    """Conditions over a row a night."""

    is_sound: bool | None = where(
        "{t}.is_sound = {value}", "Those that found nothing (true), or something (false)."
    )
    created: DateTimeRange | None = within("created_at", "Made in this span.")


@strawberry.enum(description="What audits can be ordered by.")
class LedgerAuditOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were made.")


LedgerAuditOrder = ordering("How audits are ordered.", LedgerAuditOrderField.CREATED_AT)


# The wire's window when nothing is said; `created` narrows it further.
SINCE = Argument(DateTime, "From this instant on; from a year ago on if unsaid.")
SINCE_THEN = "{t}.created_at >= coalesce({arg.since}::timestamptz, {now} - interval '1 year')"
