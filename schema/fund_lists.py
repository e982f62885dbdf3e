"""Filters of lists of recharges, adjust records and withdrawals, and the enums in them."""

from enum import Enum

import strawberry

from domain.funds.withdrawable import WithdrawalBlocker
from kit.reads import of_node, ordering, where, within
from models.funds import (
    AdjustKind,
    RechargeChannel,
    RechargeMethod,
    RechargeStatus,
    WithdrawalKind,
    WithdrawalStatus,
)
from schema.enums import described
from schema.ranges import AmountRange, DateTimeRange
from schema.searching import search_customer, search_partner

described(
    RechargeMethod,
    "How money comes in.",
    ONLINE="By an online payment system.",
    BANK_TRANSFER="By a transfer to the platform's bank account (电汇).",
)
described(
    RechargeChannel,
    "Through whom money comes in; it can go back the same way for a time.",
    ALIPAY="支付宝: for 11 months.",
    WECHAT="微信: for 11 months.",
    UNIONPAY="银联: for 3 months.",
    WIRE="电汇: always.",
)
described(
    RechargeStatus,
    "Where a recharge stands.",
    WAITING="Announced; the money hasn't come.",
    CREDITED="已入账: the money is on the account.",
    FAILED="The payment system has refused it.",
    EXPIRED="Nobody paid in time. Money that comes later is credited nevertheless.",
)
described(
    AdjustKind,
    "What a partner did with a customer's or reseller's money.",
    ALLOCATION="拨款: gave it (SOURCE_OPERATION_BEADJUST).",
    RECOVERY="回收: took it back (SOURCE_OPERATION_BERETRIEVE).",
    UNBIND_RECOVERY="解绑回收: got it back as the customer left (SOURCE_OPERATION_BEUNBIND).",
)
described(
    WithdrawalKind,
    "Which way money goes out.",
    ORIGINAL_ROUTE="原路提现: back the way a recharge has come.",
    BANK_CARD="银行卡提现: to a bank account.",
    REBATE="激励返点提现: incentives of a partner, to a bank account.",
)
described(
    WithdrawalStatus,
    "Where a withdrawal stands.",
    SUBMITTED="审核中: the platform will review it; the money is held.",
    APPROVED="The bank is asked to pay it out.",
    PAID="已提现: paid out.",
    REJECTED="已拒绝: the platform has refused it; it can be deleted.",
    PAY_FAILED="The bank could not pay it out; the money is free again.",
)
described(
    WithdrawalBlocker,
    "What forbids withdrawals from an account.",
    IN_PROCESS="Another withdrawal of the account is in process.",
    CONTRACT_FORBIDS="A special contract forbids refunds.",
    RECHARGE_WITH_BONUS="A recharge came with a bonus or a voucher.",
    SUB_CUSTOMERS_IN_DEBT="An agency customer is in debt.",
    UNRETURNED_INVOICES="More was invoiced than there is (欠票).",
    IN_DEBT="The customer is in debt itself.",
    MONEY_OF_THE_PARTNER="An agency customer's money is its partner's.",
    FROZEN="The customer is frozen.",
    NOTHING_TO_WITHDRAW="Nothing is left to withdraw.",
)

# A page that nobody paid in time is given up, whether or not a worker has come by.
RECHARGE_STATUS_NOW = (
    "case when {t}.status = 'WAITING' and {t}.expires_at <= {now} then 'EXPIRED'"
    " else {t}.status end"
)


@strawberry.input(description="Which recharges; all conditions together.")
class RechargeFilter:
    """Conditions over indexed columns."""

    status: list[RechargeStatus] | None = where(
        f"{RECHARGE_STATUS_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    method: list[RechargeMethod] | None = where("{t}.method = any({value})", "By any of these.")
    number: str | None = where("{t}.number = {value}::text", "With this number.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer.")
    created: DateTimeRange | None = within("created_at", "Announced in this span.")
    customer: str | None = search_customer()
    partner: str | None = search_partner()
    order_id: strawberry.ID | None = of_node("order_id", "ord", "That this order waits for.")
    channel: list[RechargeChannel] | None = where(
        "{t}.channel = any({value})", "Through any of these."
    )
    amount: AmountRange | None = within("amount", "Of an amount in this span.")
    credited: DateTimeRange | None = within("credited_at", "Credited in this span.")


@strawberry.enum(description="What recharges can be ordered by.")
class RechargeOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were announced.")
    AMOUNT = strawberry.enum_value("amount", description="By what was announced.")
    CREDITED_AT = strawberry.enum_value(
        "credited_at", description="By when the money came; what hasn't come counts as latest."
    )


RechargeOrder = ordering("How recharges are ordered.", RechargeOrderField.CREATED_AT)


@strawberry.input(description="Which adjust records; all conditions together.")
class AdjustRecordFilter:
    """Conditions over indexed columns."""

    kind: list[AdjustKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "With this customer.")
    reseller_id: strawberry.ID | None = of_node("reseller_id", "ptn", "With this reseller.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner's balance.")
    trans_id: str | None = where(
        "{t}.trans_id = {value}::text and {viewer.kind}::text <> 'CUSTOMER'",
        "With this `transId`; a customer, who isn't told it, finds nothing by it.",
    )
    created: DateTimeRange | None = within("created_at", "In this span.")
    customer: str | None = search_customer()
    amount: AmountRange | None = within("amount", "Of an amount in this span.")


@strawberry.enum(description="What adjust records can be ordered by.")
class AdjustRecordOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when the money moved.")
    AMOUNT = strawberry.enum_value("amount", description="By how much moved.")


AdjustRecordOrder = ordering("How adjust records are ordered.", AdjustRecordOrderField.CREATED_AT)


@strawberry.input(description="Which withdrawals; all conditions together.")
class WithdrawalFilter:
    """Conditions over indexed columns."""

    status: list[WithdrawalStatus] | None = where(
        "{t}.status = any({value})", "In any of these statuses."
    )
    kind: list[WithdrawalKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    number: str | None = where("{t}.number = {value}::text", "With this number.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer.")
    created: DateTimeRange | None = within("created_at", "Submitted in this span.")
    customer: str | None = search_customer()
    partner: str | None = search_partner()
    amount: AmountRange | None = within("amount", "Of an amount in this span.")
    decided: DateTimeRange | None = within("decided_at", "Decided in this span.")


@strawberry.enum(description="What withdrawals can be ordered by.")
class WithdrawalOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were submitted.")
    AMOUNT = strawberry.enum_value("amount", description="By how much goes out.")
    DECIDED_AT = strawberry.enum_value(
        "decided_at", description="By when the platform decided; what waits counts as latest."
    )


WithdrawalOrder = ordering("How withdrawals are ordered.", WithdrawalOrderField.CREATED_AT)
