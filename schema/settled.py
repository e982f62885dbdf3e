"""What settlement lines stand for, as whoever is paid by them may read it.

A partner that sells to another's customer sees the order and what has paid it, not the customer's
refunds and consumption at large. Of those, what its own statements count is told here, with them.
"""

from kit.reads import column, items, money, one, sql, table
from kit.scope import INHERITED
from models import consumption, incentives, refunds
from models.consumption import BillType
from models.incentives import PartState
from models.payments import Instrument
from models.refunds import RefundKind, Returned
from schema.consumption import ByInstrument
from schema.goods import GoodsRef
from schema.money import Money
from schema.payments import BOOKED, PaymentPartRef
from schema.references import IncentiveRef, OrderLineRef, OrderRef, TransferRef
from schema.scalars import DateTime, YearMonth


@table(
    refunds.RefundPart,
    prefix="srp",
    scope=INHERITED,
    description="What came back of one instrument's payment.",
)
class SettledRefundPart:
    """6.6."""

    payment_part: PaymentPartRef | None = one("part_id", "The payment that it takes back from.")
    instrument: Instrument = column("By what it was paid.")
    counts_performance: bool = column("Whether the payment was part of the cash consumption.")
    amount: Money = money("amount", "currency", "How much of the payment came back.")
    returned_to: Returned | None = column("Where it went; null until it has.", "returned")
    transfer: TransferRef | None = one(
        "transfer_id", "How the money moved; null for coupons, and for who sees neither account."
    )
    transfer_number: str | None = sql(
        BOOKED,
        "The number of `transfer`, to be quoted; null for coupons, and until the money moves.",
    )


@table(
    refunds.Refund,
    prefix="srf",
    scope=INHERITED,
    description="What came back of a sale that was settled (退订), for who is paid by it.",
)
class SettledRefund:
    """D-06, S-23."""

    number: str = column("The number of the refund, for people.")
    kind: RefundKind = column("By which rule it came back.")
    order: OrderRef | None = one("order_id", "Of which order.")
    order_line: OrderLineRef | None = one("line_id", "Of which line.")
    refund_order: OrderRef | None = one("refund_order_id", "The order with negative amounts.")
    pieces: int = column("How many of the line's pieces.")
    used_days: int | None = column("The days of use; null where they don't matter.")
    total_days: int | None = column("The days that were paid; null where they don't matter.")
    amount: Money = money("amount", "currency", "What came back.")
    consumed: Money = money("consumed", "currency", "What was kept for the days of use.")
    refunded_at: DateTime | None = column("When it came back.")
    parts: list[SettledRefundPart] = items(
        "refund_id", "By which ways it came back.", order="id", limit=10
    )


@table(
    consumption.ConsumptionRecord,
    prefix="scr",
    scope=INHERITED,
    description="A charge of usage that was settled, for who is paid by it.",
)
class SettledUsage(ByInstrument):
    """K-01."""

    period: YearMonth = column("The month in Beijing that it belongs to.")
    bill_type: BillType = column("What it is about.")
    occurred_at: DateTime = column("When it was used last.")
    goods: GoodsRef | None = one("goods_id", "For which goods.")
    official_amount: Money = money("official_amount", "currency", "What it costs at list price.")
    consume_amount: Money = money("consume_amount", "currency", "What was spent.")
    transfer: TransferRef | None = one(
        "transfer_id", "How its money moved; null where none did, and for who sees neither account."
    )
    transfer_number: str | None = sql(
        BOOKED,
        "The number of `transfer`, to be quoted, also by who may not see it; null where no money"
        " moved.",
    )


@table(
    incentives.IncentivePart,
    prefix="sip",
    scope=INHERITED,
    description="The part of an incentive that a line pays.",
)
class SettledIncentive:
    """I-15."""

    incentive: IncentiveRef | None = one("incentive_id", "Of which incentive.")
    amount: Money = money("amount", "currency", "How much of it.")
    status: PartState = column("Where it stands.", "state")
    thawed: bool = column("Whether it was sold on credit, and has been repaid since.")
