"""What pays an order: coupons, credit, cash, or a partner's balance; and of each, which lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity.viewer import Viewer
from domain.ledger import accounts, posting
from domain.ledger.accounts import Book
from domain.ledger.posting import Leg
from domain.orders.wishes import NOTHING
from domain.vouchers import redeeming
from domain.vouchers.fitting import payable
from domain.vouchers.redeeming import Redeemed
from kit.money import Money
from kit.problems import Problem
from models.ledger import AccountKind, TradeType
from models.orders import Order, OrderLine
from models.payments import Instrument
from models.vouchers import CouponKind


class PaymentDoesNotFit(Problem):
    """More is to be paid by credit than the coupons leave."""

    en = "By credit {credit} were to be paid, and only {rest} is left to pay."
    zh = "信用支付金额 {credit} 超过待支付金额 {rest}。"
    about = {"credit": "What was to be paid by credit.", "rest": "What the coupons leave to pay."}
    credit: Decimal
    rest: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """By what an order is to be paid. `payer_id` is the partner whose balance pays all of it."""

    coupons: Mapping[UUID, Money | None] = field(default_factory=dict)
    credit: Money = NOTHING
    payer_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one instrument has paid, in all and of each line."""

    instrument: Instrument
    amount: Money
    by_line: Mapping[UUID, Money]
    counts_performance: bool
    needs_repayment: bool = False
    account_id: UUID | None = None
    coupon_id: UUID | None = None
    transfer_id: UUID | None = None


_OF_COUPON = {
    CouponKind.VOUCHER: Instrument.VOUCHER,
    CouponKind.CASH_COUPON: Instrument.CASH_COUPON,
    CouponKind.STORED_VALUE_CARD: Instrument.STORED_VALUE_CARD,
}


async def spend(
    order: Order, lines: Sequence[OrderLine], *, payment: Payment, viewer: Viewer, now: datetime
) -> list[Spent]:
    """Take what is due of the order from where the payment says; what each has paid.

    Money goes to the house's book of sales. Raises the problems of coupons, PaymentDoesNotFit, and
    InsufficientBalance (CBC.99005003).
    """
    rests = {line.id: Money(line.due_amount, order.currency) for line in lines}
    spent = [
        _by_coupon(each)
        for each in await redeeming.redeem(
            coupon_amounts=payment.coupons,
            order_id=order.id,
            order_number=order.number,
            customer_id=order.customer_id,
            lines=[payable(line, rests[line.id]) for line in lines],
            viewer=viewer,
            now=now,
        )
    ]
    for each in spent:
        for line_id, amount in each.by_line.items():
            rests[line_id] -= amount
    rest = _sum(rests, order.currency)
    if not 0 <= payment.credit.amount <= rest.amount:
        raise PaymentDoesNotFit(
            credit=payment.credit.amount, rest=rest.amount, path=("input", "creditAmount")
        )
    by_credit = shared(payment.credit, rests)
    by_money = {line_id: amount - by_credit[line_id] for line_id, amount in rests.items()}
    return spent + await _by_accounts(order, payment, by_credit, by_money, viewer, now)


def shared(amount: Money, rests: Mapping[UUID, Money]) -> dict[UUID, Money]:
    """An amount over lines in proportion to what is left to pay of each, and never more of one."""
    weights = [rest.amount for rest in rests.values()]
    if not amount.amount:
        return dict.fromkeys(rests, amount)
    return dict(zip(rests, amount.split(weights), strict=True))


async def _by_accounts(
    order: Order,
    payment: Payment,
    by_credit: Mapping[UUID, Money],
    by_money: Mapping[UUID, Money],
    viewer: Viewer,
    now: datetime,
) -> list[Spent]:
    drawn = []
    if payment.credit.amount:
        account = await accounts.of_customer(order.customer_id, AccountKind.CREDIT, now=now)
        drawn.append((Instrument.CREDIT, account.id, payment.credit, by_credit))
    if (money := _sum(by_money, order.currency)).amount:
        if payment.payer_id is not None:
            account = await accounts.of_partner(payment.payer_id, AccountKind.CASH, now=now)
            drawn.append((Instrument.PARTNER_BALANCE, account.id, money, by_money))
        else:
            account = await accounts.of_customer(order.customer_id, AccountKind.CASH, now=now)
            drawn.append((Instrument.CASH, account.id, money, by_money))
    if not drawn:
        return []
    whole = sum((amount for _, _, amount, _ in drawn), Money(Decimal(0), order.currency))
    transfer = await posting.post(
        kind=TradeType.PAYMENT,
        legs=[
            *(Leg(account_id, -amount) for _, account_id, amount, _ in drawn),
            Leg(accounts.book(Book.SALES), whole),
        ],
        subject_type="order",
        subject_id=order.id,
        customer_id=order.customer_id,
        viewer=viewer,
        now=now,
    )
    return [
        Spent(
            instrument=instrument,
            amount=amount,
            by_line=by_line,
            counts_performance=True,
            needs_repayment=instrument is Instrument.CREDIT,
            account_id=account_id,
            transfer_id=transfer.id,
        )
        for instrument, account_id, amount, by_line in drawn
    ]


def _by_coupon(each: Redeemed) -> Spent:
    return Spent(
        instrument=_OF_COUPON[each.kind],
        amount=each.amount,
        by_line=each.by_line,
        counts_performance=each.counts_performance,
        needs_repayment=each.needs_repayment,
        coupon_id=each.coupon_id,
    )


def _sum(amounts: Mapping[UUID, Money], currency: str) -> Money:
    return sum(amounts.values(), Money(Decimal(0), currency))
