"""Vouchers, cash coupons and stored-value cards as the API shows them, and what they could pay."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domain.catalogue.amounts import CURRENCY
from domain.vouchers import guards, usable
from domain.vouchers.deadlines import EXPIRE_COUPON
from domain.vouchers.policy import COUPON_RECORDS, COUPONS
from kit import ids
from kit.money import Money as Amount
from kit.problems import InvalidInput
from kit.reads import Connection, Node, column, connection, money, one, sql, table
from models import vouchers as models
from models.vouchers import CouponKind, CouponOperation
from schema.actions import AvailableAction, Blocker, available
from schema.deadlines import Deadline, deadline_of
from schema.events import Event, happened
from schema.money import Money
from schema.partners import PartnerRef
from schema.references import CouponRef, CustomerRef
from schema.scalars import DateTime, Decimal
from schema.terms_of_use import with_terms
from schema.voucher_lists import STATUS_NOW, CouponRecordFilter, CouponRecordOrder, CouponStatus

if TYPE_CHECKING:
    from schema.quotas import VoucherQuota

QuotaRef = Annotated["VoucherQuota", strawberry.lazy("schema.quotas")]

MOST_LINES = 100

# What a partner notes for itself isn't the customer's to read.
_NOT_FOR_CUSTOMERS = "case when {{viewer.kind}}::text <> 'CUSTOMER' then {{t}}.{column} end"


@table(
    models.CouponRecord,
    prefix="cpr",
    scope=COUPON_RECORDS,
    description="One movement of a coupon or card, or an attempt to issue or reclaim one that"
    " failed. The changes of a coupon add up to its balance.",
)
class CouponRecord(Node):
    operation: CouponOperation = column("What happened.")
    operation_code: int | None = sql(
        "case {t}.operation when 'ISSUE' then 1 when 'RECLAIM' then 2 when 'UNBIND_RECLAIM' then 3"
        " when 'EXPIRY_RECLAIM' then 4 when 'UNSUBSCRIPTION_RECLAIM' then 5"
        " when 'SWITCH_RECLAIM' then 8 end",
        "operation_type of the cloud API; null for what it doesn't tell.",
    )
    result_code: int = sql(
        "case when {t}.failure is null then 0 else -1 end",
        "result of the cloud API: 0, or -1 for an attempt that failed, which customers don't see.",
    )
    failure_code: str | None = column(
        "Why it failed: the code of the customer's or coupon's refusal; null for what was done.",
        "failure",
    )
    coupon: CouponRef | None = one("coupon_id", "Which coupon; null where none was issued.")
    quota: QuotaRef | None = one("quota_id", "The quota that it is from, if that is yours to see.")
    partner: PartnerRef | None = one("partner_id", "Who issued it; null for the platform.")
    customer: CustomerRef | None = one("customer_id", "Whose it is.")
    order_number: str | None = column("The order that it paid or that gave it back.")
    amount: Money = money("amount", "currency", "How much moved, or was to.")
    change: Money = money(
        "change",
        "currency",
        "What that did to the coupon's balance: nothing where a refund went past the customer.",
    )
    actor_name: str = sql(
        "case when {viewer.kind}::text <> 'CUSTOMER' then {t}.actor_name else '' end",
        "Who did it; empty for the customer.",
    )
    note: str | None = sql(
        _NOT_FOR_CUSTOMERS.format(column="note"), "What they have said. Not for the customer."
    )
    created_at: DateTime = column("When it happened.")


@table(
    models.Coupon,
    prefix="cpn",
    scope=COUPONS,
    description="Something of a value that a customer pays orders with, in parts if need be: a"
    " voucher (代金券), a cash coupon (现金券) or a stored-value card (储值卡). `faceValue` is"
    " always `balance` plus `used`, `reclaimed` and `lapsed`.",
)
@with_terms()
class Coupon(Node):
    """V-03, V-07; domain.md 5.11."""

    number: str = column("Its number, for people (coupon_code of the cloud API).")
    kind: CouponKind = column("What it is.")
    type_code: int = sql(
        "case {t}.kind when 'VOUCHER' then 301 when 'CASH_COUPON' then 302 else 303 end",
        "The payment type of the cloud API: 301, 302, 303.",
    )
    status: CouponStatus = sql(STATUS_NOW, "Where it stands now, to the microsecond.")
    status_code: int = sql(
        f"case {STATUS_NOW} when 'NOT_ACTIVATED' then 1 when 'USABLE' then 2 when 'USED' then 3"
        " when 'EXPIRED' then 4 else 5 end",
        "status of the cloud API.",
    )
    is_frozen: bool = column("Whether the platform lets nobody use it for now.")
    is_locked: bool = sql(
        "{t}.lock_order_id is not null", "Whether an order whose payment is under way keeps it."
    )
    customer: CustomerRef | None = one("customer_id", "Whose it is.")
    partner: PartnerRef | None = one("partner_id", "Who issued it; null for the platform.")
    quota: QuotaRef | None = one(
        "quota_id", "The quota that it was issued from, if that is yours to see."
    )
    counts_performance: bool = column("Whether what it pays counts to partners' performance.")
    needs_repayment: bool = column("Whether the customer has to repay what it pays.")
    face_value: Money = money("face_value", "currency", "What was issued.")
    balance: Money = money("balance", "currency", "What is left.")
    used: Money = money("used", "currency", "What paid for orders.")
    reclaimed: Money = money("reclaimed", "currency", "What went back to the quota.")
    lapsed: Money = money("lapsed", "currency", "What was lost.")
    note: str | None = sql(
        _NOT_FOR_CUSTOMERS.format(column="note"), "The issuer's note. Not for the customer."
    )
    created_at: DateTime = column("When it was issued.")
    last_used_at: DateTime | None = column("When it paid for an order last.")
    ended_at: DateTime | None = sql(
        "case when {t}.status = 'USABLE' and {t}.expires_at <= {now} then {t}.expires_at"
        " else {t}.ended_at end",
        "When it expired or was reclaimed.",
    )
    version: int = column("Rises with every change.")
    records: Connection[CouponRecord] = connection(
        "coupon_id",
        "What it went through, in amounts.",
        filter=CouponRecordFilter,
        order=CouponRecordOrder,
    )
    deadline: Deadline | None = deadline_of(EXPIRE_COUPON, "Its end.")
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()


@strawberry.input(description="A line that somebody thinks of buying.")
class UsableLineInput:
    goods_id: strawberry.ID = strawberry.field(description="Which goods.")
    amount: Decimal = strawberry.field(description="What the line would cost.")
    is_discounted: bool = strawberry.field(
        default=False, description="Whether a partner's discount is in `amount`."
    )


@strawberry.input(
    description="For what: an order, or lines of a cart with the customer whose cart it is."
)
class CouponsUsableInput:
    order_id: strawberry.ID | None = strawberry.field(default=None, description="The order.")
    customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="The customer; with `lines`."
    )
    lines: list[UsableLineInput] | None = strawberry.field(
        default=None, description="The lines, at most 100; with `customerId`."
    )


@strawberry.type(description="A coupon or card that isn't over, and what it alone could pay.")
class UsableCoupon:
    id: strawberry.ID = strawberry.field(description="The coupon.")
    number: str = strawberry.field(description="Its number.")
    kind: CouponKind = strawberry.field(description="What it is.")
    balance: Money = strawberry.field(description="What is left on it.")
    expires_at: DateTime = strawberry.field(description="When it ends.")
    amount: Money = strawberry.field(description="The most that it could pay; 0.00 for nothing.")
    blocked_by: Blocker | None = strawberry.field(
        description="Why it could pay nothing; null when it could."
    )

    @classmethod
    def of(cls, found: usable.Usable, locale: str) -> "UsableCoupon":
        """As the domain has found it."""
        coupon, problem = found.coupon, found.problem
        return cls(
            id=strawberry.ID(ids.encode("cpn", coupon.id)),
            number=coupon.number,
            kind=coupon.kind,
            balance=Money.of(Amount(coupon.balance, coupon.currency)),
            expires_at=DateTime(coupon.expires_at),
            amount=Money.of(found.amount),
            blocked_by=Blocker(code=problem.code, message=problem.in_words(locale))
            if problem
            else None,
        )


def asked(input: CouponsUsableInput) -> UUID | tuple[UUID, list[usable.Wanted]]:
    """The order that is meant, or the customer and the lines. Raises InvalidInput for neither."""
    if input.order_id is not None and input.customer_id is None and input.lines is None:
        return ids.decode("ord", input.order_id, path=("input", "orderId"))
    if input.order_id is not None or input.customer_id is None or not input.lines:
        raise InvalidInput(
            reason="Name either an order, or a customer and lines.",
            reason_zh="请指定订单,或指定客户及商品行。",
            path=("input",),
        )
    if len(input.lines) > MOST_LINES:
        raise InvalidInput(
            reason=f"At most {MOST_LINES} lines.",
            reason_zh=f"最多 {MOST_LINES} 行。",
            path=("input", "lines"),
        )
    wanted = [
        usable.Wanted(
            goods_id=ids.decode("gds", line.goods_id, path=("input", "lines", str(place))),
            amount=Amount(line.amount, CURRENCY),
            is_discounted=line.is_discounted,
        )
        for place, line in enumerate(input.lines)
    ]
    return ids.decode("cus", input.customer_id, path=("input", "customerId")), wanted
