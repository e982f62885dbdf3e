"""What has paid orders, as the API shows it: parts, their shares, and online payments."""

from typing import Annotated, Any

import strawberry

from domain.orders.policy import PARTS
from kit.reads import Node, column, embedded, items, one, sql
from kit.reads import table as read_from
from kit.scope import INHERITED
from models import payments
from models.payments import Instrument, OnlineState
from schema.enums import described
from schema.money import Money
from schema.references import CouponRef, OrderLineRef, OrderRef, RechargeRef, TransferRef
from schema.scalars import DateTime

# The number of the transfer of a row: whoever sees what was paid may quote it.
BOOKED = "(select booked.number from ledger_transfer booked where booked.id = {t}.transfer_id)"

PaymentPartRef = Annotated["PaymentPart", strawberry.lazy("schema.payments")]

described(
    Instrument,
    "By what an order is paid.",
    CASH="The customer's cash account, recharged online or otherwise.",
    CREDIT="信用: the customer's credit account, to be repaid.",
    PARTNER_BALANCE="伙伴代付: the balance of a partner.",
    VOUCHER="代金券.",
    CASH_COUPON="现金券.",
    STORED_VALUE_CARD="储值卡.",
)
described(
    OnlineState,
    "What has become of an online payment.",
    name="OnlinePaymentStatus",
    WAITING="Its money hasn't landed yet.",
    PAID="Its money has landed and paid the order.",
    FAILED="Its money has landed, and the order couldn't be paid any more; it is on the account.",
    LET_GO="The order went another way; money that lands later stays on the account.",
)


def yuan(column: str, description: str) -> Any:
    """A field that is a column's amount, in CNY."""
    parts = {"amount": f"{{t}}.{column}", "currency": "'CNY'"}
    return embedded(parts, description)


@read_from(
    payments.PaymentShare,
    prefix="pms",
    scope=INHERITED,
    description="How much of a part of the payment went into a line.",
)
class PaymentShare:
    """The shares of a part add up to it, and so do those of a line."""

    part: PaymentPartRef | None = one("part_id", "Of which part; null when you may not see it.")
    line: OrderLineRef | None = one("line_id", "Into which line.")
    amount: Money = yuan("amount", "How much.")
    refunded_amount: Money = yuan("refunded_amount", "How much of `amount` was given back.")


@read_from(
    payments.PaymentPart,
    prefix="pmp",
    scope=PARTS,
    description="What one instrument has paid of an order (支付明细).",
)
class PaymentPart(Node):
    """6.2."""

    order: OrderRef | None = one("order_id", "Of which order.")
    position: int = column("Its place, from 1 on.")
    instrument: Instrument = column("By what.")
    amount: Money = yuan("amount", "How much.")
    refunded_amount: Money = yuan("refunded_amount", "How much of `amount` was given back.")
    counts_performance: bool = column(
        "Whether it is part of the cash consumption that a partner's share is worked out from."
    )
    needs_repayment: bool = column("Whether the customer has to pay it back.")
    coupon: CouponRef | None = one(
        "coupon_id",
        "The voucher, cash coupon or card; null for money, and for one not yours to see.",
    )
    transfer: TransferRef | None = one(
        "transfer_id",
        "How the money moved; null for coupons, and for who sees neither account.",
    )
    transfer_number: str | None = sql(
        BOOKED,
        "The number of `transfer`, to be quoted, also by who may not see it; null for coupons.",
    )
    shares: list[PaymentShare] = items(
        "part_id", "Into which lines it went.", order="line_id", limit=50
    )


@read_from(
    payments.OnlinePayment,
    prefix="onp",
    scope=PARTS,
    description="That money is on its way to pay an order.",
)
class OnlinePayment(Node):
    """The customer's recharge names the order."""

    status: OnlineState = column("What has become of it.", "state")
    amount: Money = yuan("amount", "How much is to come.")
    recharge: RechargeRef | None = one(
        "recharge_id", "The customer's recharge by which it comes; null when you may not see it."
    )
    failure: str | None = column("The code of what stood in the way when it had come.")
    created_at: DateTime = column("When it was begun.")
    ended_at: DateTime | None = column("When it came to its end, whichever.")
