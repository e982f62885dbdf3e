"""What stands in the way of each action on an order (domain.md 5.9). Pure functions."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any, ClassVar, Protocol
from uuid import UUID

from domain.identity.items import Item
from domain.identity.viewer import Viewer, ViewerKind
from kit.guards import Guard
from kit.problems import Forbidden, Problem
from models.catalogue import GoodsKind
from models.order_states import OrderStatus as Status
from models.order_states import PaymentState

STRICT = (GoodsKind.STRICT_SELECTED, GoodsKind.STRICT_SELF)


class OrderNotPayable(Problem):
    """Its status has changed: it is paid, cancelled, or waits for somebody else's payment."""

    code: ClassVar[str] = "CBC.3106"
    en = "The order is {status}, {payment_state}: that can't be done with it now."
    zh = "订单当前状态为 {status}、{payment_state},不能执行此操作。"
    about = {"status": "Where the order stands.", "payment_state": "Who has paid or is to pay."}
    status: str
    payment_state: str


class OrderNotCancellable(Problem):
    """Only what hasn't been paid is cancelled; what was paid is unsubscribed (D-14)."""

    code: ClassVar[str] = "CBC.99005010"
    en = "The order is {status}: only an order that waits for payment can be cancelled."
    zh = "订单状态为 {status},只有待支付的订单才能取消。"
    about = {"status": "Where the order stands."}
    status: str


class OrderOverdue(Problem):
    """Its time to be paid is over, whether or not a worker has come by."""

    en = "The order had to be paid by {pay_by:%Y-%m-%d %H:%M} UTC."
    zh = "订单已于 {pay_by:%Y-%m-%d %H:%M}(UTC)超过支付期限。"
    about = {"pay_by": "The first instant at which it was too late."}
    pay_by: datetime


class OrderOfAnotherCustomer(Problem):
    """A customer pays, cancels and asks for its own orders; its partner may do so on behalf."""

    en = "Only the customer does this, or its partner on behalf of it."
    zh = "仅客户本人或获授权的伙伴可代为操作。"


class NotAskedToPay(Problem):
    """A partner pays what its customer asked it to pay, and a distributor its resellers', too."""

    en = "Your partner isn't the one to pay this order."
    zh = "贵司不是该订单的代付伙伴。"


class PartnerPaymentNotPossible(Problem):
    """Customers of solution providers and distributors may ask, of resellers those in agency."""

    en = "No partner can be asked to pay this order: {why}"
    zh = "该订单无法申请伙伴支付:{why_zh}"
    untold = ("why", "why_zh")
    why: str
    why_zh: str


class LineNotAdjustable(Problem):
    """Only strictly selected goods that no offer has priced are adjusted (D-04, X-15)."""

    en = "The price of line {position} can't be adjusted: {why}"
    zh = "第 {position} 行不支持调价:{why_zh}"
    about = {"position": "Which line, from 1 on."}
    untold = ("why", "why_zh")
    position: int
    why: str
    why_zh: str


class LineRow(Protocol):
    """The columns of a line that guards read."""

    @property
    def position(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def exclusive_offer_id(self) -> object | None: ...
    @property
    def private_offer_id(self) -> object | None: ...


class OrderRow(Protocol):
    """The columns of an order that guards read."""

    @property
    def customer_id(self) -> UUID: ...
    @property
    def partner_id(self) -> UUID | None: ...
    @property
    def payer_id(self) -> UUID | None: ...
    @property
    def status(self) -> str: ...
    @property
    def payment_state(self) -> str: ...
    @property
    def pay_by(self) -> datetime | None: ...


def pay(row: OrderRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The customer itself, until the deadline; nobody does that on behalf."""
    return _is_customers(row, viewer, on_behalf=False) or _is_open(row, PaymentState.UNPAID, now)


def cancel(row: OrderRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The customer, or its partner on behalf, as long as it is unpaid, the partner asked or not."""
    if problem := _is_customers(row, viewer):
        return problem
    if row.status != Status.PENDING_PAYMENT or _is_over(row, now):
        status = row.status if row.status != Status.PENDING_PAYMENT else Status.CANCELLED
        return OrderNotCancellable(status=str(status))
    return None


def request_partner(row: OrderRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The customer, or its partner on behalf, until the deadline."""
    if problem := _is_customers(row, viewer) or _is_open(row, PaymentState.UNPAID, now):
        return problem
    if row.partner_id is None:
        return PartnerPaymentNotPossible(
            why="the customer had no partner when it ordered.", why_zh="下单时客户未关联伙伴。"
        )
    return None


def recall_partner(row: OrderRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The customer takes its wish back, or its partner on behalf."""
    asked = PaymentState.PENDING_PARTNER_PAYMENT
    return _is_customers(row, viewer) or _is_open(row, asked, now)


def pay_as_partner(row: OrderRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The partner that was asked, or its distributor (D-03), until the deadline."""
    return _pays(row, viewer) or _is_open(row, PaymentState.PENDING_PARTNER_PAYMENT, now)


def adjust(row: OrderRow, viewer: Viewer, now: datetime) -> Problem | None:
    """The platform, and merchants their own lines; before anybody is asked to pay."""
    if not viewer.may(Item.ORDER_ADJUST):
        return Forbidden(needs=Item.ORDER_ADJUST)
    if viewer.kind is ViewerKind.OPERATOR and not viewer.is_merchant:
        return Forbidden(needs="MERCHANT")
    return _is_open(row, PaymentState.UNPAID, now)


def adjust_line(line: LineRow) -> Problem | None:
    """Strict goods alone, and the one discount of a line isn't an offer's."""
    if line.kind not in STRICT:
        return LineNotAdjustable(
            position=line.position,
            why="its goods aren't strictly selected ones.",
            why_zh="仅严选商品支持调价。",
        )
    if line.private_offer_id is not None or line.exclusive_offer_id is not None:
        return LineNotAdjustable(
            position=line.position, why="an offer has priced it.", why_zh="该行已使用优惠。"
        )
    return None


def adjust_some(row: Any, viewer: Viewer, now: datetime) -> Problem | None:
    """As `adjust`, and if not one line could be: why not the first. `row` has `LINES`, too."""
    if problem := adjust(row, viewer, now):
        return problem
    lines = [SimpleNamespace(**line) for line in row.lines]
    own = str(viewer.partner_id) if viewer.kind is ViewerKind.OPERATOR else None
    problems = [adjust_line(line) for line in lines if own in (None, line.merchant_id)]
    return None if None in problems else problems[0]


def is_overdue(row: OrderRow, now: datetime) -> bool:
    """Whether it is unpaid and its time is over, though nothing may have said so yet."""
    return row.status == Status.PENDING_PAYMENT and _is_over(row, now)


def _is_customers(row: OrderRow, viewer: Viewer, *, on_behalf: bool = True) -> Problem | None:
    if viewer.kind is ViewerKind.SYSTEM:
        return None
    if viewer.kind is ViewerKind.CUSTOMER and viewer.customer_id == row.customer_id:
        return None
    if on_behalf and viewer.kind is ViewerKind.OPERATOR and row.partner_id == viewer.partner_id:
        # Whether it has leave is seen by the mutation, which is told for whom it acts.
        return None if viewer.may(Item.ORDER_PLACE) else Forbidden(needs=Item.ORDER_PLACE)
    return OrderOfAnotherCustomer()


def _pays(row: OrderRow, viewer: Viewer) -> Problem | None:
    if not viewer.may(Item.ORDER_PAY):
        return Forbidden(needs=Item.ORDER_PAY)
    is_asked = row.payer_id is not None and row.payer_id in viewer.partner_ids
    return None if is_asked else NotAskedToPay()


def _is_open(row: OrderRow, wanted: PaymentState, now: datetime) -> Problem | None:
    if is_overdue(row, now):
        assert row.pay_by is not None
        return OrderOverdue(pay_by=row.pay_by)
    if row.status != Status.PENDING_PAYMENT or row.payment_state != wanted:
        return OrderNotPayable(status=str(row.status), payment_state=str(row.payment_state))
    return None


def _is_over(row: OrderRow, now: datetime) -> bool:
    return row.pay_by is not None and row.pay_by <= now


COLUMNS = ("customer_id", "partner_id", "payer_id", "status", "payment_state", "pay_by")

# The lines of an order `{t}`, for `adjust_some`.
LINES = """(
  select json_agg(json_build_object('position', line.position, 'kind', line.kind,
    'merchant_id', line.merchant_id, 'exclusive_offer_id', line.exclusive_offer_id,
    'private_offer_id', line.private_offer_id) order by line.position)
  from order_line line where line.order_id = {t}.id)"""

# By the name of the mutation that does it.
ACTIONS: dict[str, Guard] = {
    "orderPay": pay,
    "orderPayOnline": pay,
    "orderCancel": cancel,
    "orderPartnerPaymentRequest": request_partner,
    "orderPartnerPaymentRecall": recall_partner,
    "orderPartnerPay": pay_as_partner,
    "orderPartnerPaymentDecline": pay_as_partner,
    "orderPriceAdjust": adjust_some,
}
