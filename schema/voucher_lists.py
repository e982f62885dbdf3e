"""Filters and orders of lists of coupons and their records, and the enums in them."""

from enum import Enum, StrEnum

import strawberry

from kit.reads import of_node, ordering, where, within
from models.vouchers import CouponKind, CouponOperation
from schema.enums import described
from schema.ranges import AmountRange, DateTimeRange
from schema.searching import search_customer

described(
    CouponKind,
    "What a customer pays with beside money.",
    VOUCHER="代金券: counts for no partner's share (coupon_type 1 of the cloud API).",
    CASH_COUPON="现金券: counts or doesn't, as it says (coupon_type 4).",
    STORED_VALUE_CARD="储值卡: what it pays counts as cash, buying it doesn't.",
)
described(
    CouponOperation,
    "What moved a coupon.",
    ISSUE="发放: it was issued (operation_type 1 of the cloud API).",
    RECLAIM="回收: whoever issued it took the rest back (2).",
    UNBIND_RECLAIM="解绑自动回收: the customer left the partner (3).",
    EXPIRY_RECLAIM="过期回收: its time was over; the rest went back to the quota (4).",
    UNSUBSCRIPTION_RECLAIM="退订回收: a refund went to the quota, as the customer had left (5).",
    SWITCH_RECLAIM="切换关联类型自动回收: the association was switched (8).",
    USE="It paid for an order.",
    REFUND="An order gave back what it had paid.",
    LAPSE="It was lost: no quota was there to take it.",
)

# By the time, whether or not a worker has come by.
STATUS_NOW = (
    "case when {t}.status <> 'USABLE' then {t}.status when {t}.expires_at <= {now} then 'EXPIRED'"
    " when {t}.effective_at > {now} then 'NOT_ACTIVATED' else 'USABLE' end"
)

# The same as a condition that PostgreSQL can estimate, so that a page walks an index.
_IN_STATUS = (
    "({t}.status = any({value}::text[]) and ({t}.status <> 'USABLE'"
    " or {t}.expires_at > {now} and {t}.effective_at <= {now})"
    " or {t}.status = 'USABLE' and {t}.expires_at <= {now} and 'EXPIRED' = any({value}::text[])"
    " or {t}.status = 'USABLE' and {t}.expires_at > {now} and {t}.effective_at > {now}"
    " and 'NOT_ACTIVATED' = any({value}::text[]))"
)


class CouponStatus(StrEnum):
    """Where a coupon stands at the moment of asking; what is kept is `models.vouchers`'s."""

    NOT_ACTIVATED = "NOT_ACTIVATED"
    USABLE = "USABLE"
    USED = "USED"
    EXPIRED = "EXPIRED"
    RECLAIMED = "RECLAIMED"


described(
    CouponStatus,
    "Where a coupon or card stands.",
    NOT_ACTIVATED="未激活: its time is still to come (status 1 of the cloud API).",
    USABLE="可使用: something is left on it (2).",
    USED="已使用: nothing is left (3).",
    EXPIRED="已过期: its time is over (4).",
    RECLAIMED="已回收: it was taken back (5).",
)


@strawberry.input(description="Which coupons and cards a list is about; all conditions together.")
class CouponFilter:
    kind: list[CouponKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    status: list[CouponStatus] | None = where(_IN_STATUS, "In any of these statuses as of now.")
    number: str | None = where("{t}.number = {value}", "With this number (coupon_code).")
    search: str | None = search_customer(
        "A piece of the customer's name or account, at least 2 characters."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Issued by this partner.")
    quota_id: strawberry.ID | None = of_node("quota_id", "vqt", "Issued from this quota.")
    is_frozen: bool | None = where("{t}.is_frozen = {value}", "Frozen, or not.")
    created: DateTimeRange | None = within("created_at", "Issued in this span.")
    expires: DateTimeRange | None = within("expires_at", "Ending in this span.")


@strawberry.enum(description="What coupons can be ordered by.")
class CouponOrderField(Enum):
    CREATED_AT = strawberry.enum_value("created_at", description="By when they were issued.")
    EXPIRES_AT = strawberry.enum_value("expires_at", description="By when they end.")


CouponOrder = ordering("How coupons are ordered.", CouponOrderField.CREATED_AT)


@strawberry.input(description="Which movements of coupons; all conditions together.")
class CouponRecordFilter:
    operation: list[CouponOperation] | None = where(
        "{t}.operation = any({value})", "By any of these."
    )
    failed: bool | None = where(
        "({t}.failure is not null) = {value}", "Whether it is an attempt that failed."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "Of this customer's.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Issued by this partner.")
    quota_id: strawberry.ID | None = of_node("quota_id", "vqt", "Issued from this quota.")
    coupon_id: strawberry.ID | None = of_node("coupon_id", "cpn", "Of this coupon.")
    order_id: strawberry.ID | None = of_node("order_id", "ord", "Of this order.")
    created: DateTimeRange | None = within("created_at", "In this span.")
    customer: str | None = search_customer()
    amount: AmountRange | None = within("amount", "Of an amount in this span.")


@strawberry.enum(description="What records of coupons can be ordered by.")
class CouponRecordOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when it happened.")
    AMOUNT = strawberry.enum_value("amount", description="By how much it was about.")


CouponRecordOrder = ordering(
    "How records of coupons are ordered.", CouponRecordOrderField.CREATED_AT
)
