"""Filters and orders of lists of quota, its records and test-voucher applications; their enums."""

from enum import Enum

import strawberry

from kit.reads import of_node, ordering, where, within
from models.quotas import QuotaKind, QuotaOperation, QuotaStatus, VoucherApplicationStatus
from schema.enums import described
from schema.ranges import AmountRange, DateTimeRange
from schema.searching import search_partner

described(
    QuotaKind,
    "What is issued from quota.",
    VOUCHER="代金券额度: vouchers (quota_type 0 of the cloud API).",
    CASH_COUPON="现金券额度: cash coupons (quota_type 1).",
)
described(
    QuotaStatus,
    "Whether something may be issued from quota.",
    NORMAL="正常: from its first moment to its last (quota_status 0 of the cloud API).",
    INVALID="失效: its time is over, or the platform has ended it; the rest is lost (3).",
    ADJUSTING="调整中: the platform looks at its value; nothing can be issued (4).",
    FROZEN="冻结: nothing can be issued until the platform lets it go (5).",
    RECLAIMED="已回收: the distributor has taken the rest back (6).",
)
described(
    QuotaOperation,
    "What moved quota.",
    GRANT="The platform gave it.",
    ISSUE="发放: a distributor issued it to a reseller (operation_type 10 of the cloud API).",
    RECLAIM="回收: a distributor took the rest back (11).",
    ADJUST="The platform has changed its value.",
    LAPSE="It ended before it was used.",
)
described(
    VoucherApplicationStatus,
    "Where an application for test vouchers stands.",
    DRAFT="Not handed in yet; the platform's own business.",
    SUBMITTED="It waits for a decision.",
    APPROVED="The quota was given.",
    REJECTED="It was refused.",
    CANCELLED="The draft was thrown away.",
)

# By the time, whether or not a worker has come by.
STATUS_NOW = (
    "case when {t}.status in ('NORMAL', 'ADJUSTING', 'FROZEN') and {t}.expires_at <= {now}"
    " then 'INVALID' else {t}.status end"
)


@strawberry.input(description="Which quotas a list is about; all conditions together.")
class VoucherQuotaFilter:
    kind: list[QuotaKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    status: list[QuotaStatus] | None = where(
        f"{STATUS_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    number: str | None = where("{t}.number = {value}", "With this number.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    parent_id: strawberry.ID | None = of_node("parent_id", "vqt", "Issued from this quota.")
    issued_to_resellers: bool | None = where(
        "({t}.parent_id is not null) = {value}",
        "True: what distributors have issued; false: what the platform has given.",
    )
    created: DateTimeRange | None = within("created_at", "Given in this span.")
    expires: DateTimeRange | None = within("expires_at", "Ending in this span.")


@strawberry.enum(description="What quotas can be ordered by.")
class VoucherQuotaOrderField(Enum):
    CREATED_AT = strawberry.enum_value("created_at", description="By when they were given.")
    EXPIRES_AT = strawberry.enum_value("expires_at", description="By when they end.")


VoucherQuotaOrder = ordering("How quotas are ordered.", VoucherQuotaOrderField.CREATED_AT)


@strawberry.input(description="Which movements of quota; all conditions together.")
class QuotaRecordFilter:
    operation: list[QuotaOperation] | None = where(
        "{t}.operation = any({value})", "By any of these."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner's quota.")
    quota_id: strawberry.ID | None = of_node("quota_id", "vqt", "Of this quota.")
    parent_id: strawberry.ID | None = of_node(
        "parent_id", "vqt", "Issued from this quota, or reclaimed to it."
    )
    created: DateTimeRange | None = within("created_at", "In this span.")
    partner: str | None = search_partner()
    amount: AmountRange | None = within("amount", "Of an amount in this span.")


@strawberry.enum(description="What movements of quota can be ordered by.")
class QuotaRecordOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when it moved.")
    AMOUNT = strawberry.enum_value("amount", description="By how much moved.")


QuotaRecordOrder = ordering("How movements of quota are ordered.", QuotaRecordOrderField.CREATED_AT)


@strawberry.input(description="Which applications for test vouchers; all conditions together.")
class TestVoucherApplicationFilter:
    status: list[VoucherApplicationStatus] | None = where(
        "{t}.status = any({value})", "In any of these statuses."
    )
    number: str | None = where("{t}.number = {value}", "With this number.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "For this partner.")
    created: DateTimeRange | None = within("created_at", "Begun in this span.")
    partner: str | None = search_partner()
    submitted: DateTimeRange | None = within("submitted_at", "Submitted in this span.")
    amount: AmountRange | None = within("amount", "For an amount in this span.")


@strawberry.enum(description="What applications for test vouchers can be ordered by.")
class TestVoucherApplicationOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were begun.")
    SUBMITTED_AT = strawberry.enum_value(
        "submitted_at", description="By when they were handed in; a draft counts as latest."
    )
    AMOUNT = strawberry.enum_value("amount", description="By what they ask for.")


TestVoucherApplicationOrder = ordering(
    "How applications for test vouchers are ordered.", TestVoucherApplicationOrderField.CREATED_AT
)
