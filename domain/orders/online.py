"""Paying an order online: a recharge that names it, and pays it as soon as the money has landed."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.associations.authorization_guards import CustomerIsFrozen
from domain.catalogue.amounts import CURRENCY
from domain.funds import recharging
from domain.funds.effects import Done, Landed
from domain.funds.owners import MoneyOfThePartner, Owner
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.ledger import accounts
from domain.ledger.posting import InsufficientBalance
from domain.orders import guards, history, online_state, settling
from domain.orders.holding import held
from domain.orders.paying import amount_of
from domain.orders.spending import Payment, PaymentDoesNotFit
from domain.orders.wishes import NOTHING
from domain.vouchers import keeping
from domain.vouchers.fitting import payable
from kit.guards import refuse
from kit.ids import new_id
from kit.money import Money
from kit.problems import InvalidInput, Problem
from kit.transaction import lock, savepoint, transactional
from models.customers import Customer, Freeze
from models.funds import RechargeChannel, RechargeMethod
from models.ledger import AccountKind
from models.orders import Order, OrderLine
from models.payments import OnlinePayment, OnlineState


@transactional
async def begin(
    *,
    viewer: Viewer,
    order_id: UUID,
    channel: RechargeChannel,
    coupons: Mapping[UUID, Decimal | None] | None = None,
    credit_amount: Decimal | None = None,
    now: datetime,
) -> OnlinePayment:
    """Ask the payment system for what coupons and credit leave; an earlier try is let go.

    Coupons need amounts and are kept for the order. What couldn't pay it now is refused before
    anybody sends money. Money that lands too late, twice, or for an order that went another way,
    is the customer's: it stays on the cash account. Raises OrderNotPayable, OrderOverdue,
    CustomerIsFrozen, PaymentDoesNotFit, InsufficientBalance for the credit, MoneyOfThePartner for
    agency customers (F-02), and the problems of coupons.
    """
    permissions.require(viewer, "orderPayOnline")
    given = {id: _needed(amount) for id, amount in (coupons or {}).items()}
    credit = amount_of(credit_amount, "creditAmount") or NOTHING
    order, customer = await held(viewer, order_id, guards.pay, now=now)
    owner = Owner(customer=customer)
    if owner.is_agency_customer:
        raise MoneyOfThePartner()
    if customer.freeze is not Freeze.NONE:
        raise CustomerIsFrozen()
    await online_state.let_go(order, now=now)
    due = Money(order.due_amount, order.currency)
    amount = due - sum(given.values(), NOTHING) - credit
    if amount.amount <= 0:
        raise PaymentDoesNotFit(credit=credit.amount, rest=amount.amount + credit.amount)
    await _check_credit(credit, customer, now)
    if given:
        lines = await OrderLine.filter(order_id=order.id).order_by("position")
        await keeping.keep(
            coupon_amounts=given,
            order_id=order.id,
            customer_id=order.customer_id,
            lines=[payable(line, Money(line.due_amount, order.currency)) for line in lines],
            now=now,
        )
    assert order.pay_by is not None
    recharge = await recharging.announce(
        owner=owner,
        method=RechargeMethod.ONLINE,
        channel=channel,
        amount=amount,
        order_id=order.id,
        expires_at=min(order.pay_by, now + recharging.LIFETIME),
        viewer=viewer,
        now=now,
    )
    payment = OnlinePayment(
        id=new_id(),
        created_at=now,
        order_id=order.id,
        recharge_id=recharge.id,
        state=OnlineState.WAITING,
        amount=amount.amount,
        credit_amount=credit.amount,
        coupons={str(id): str(each.amount) for id, each in given.items()},
    )
    await payment.insert()
    await history.of_order(
        "online_payment_begun", order, viewer=viewer, after={"amount": str(amount.amount)}, now=now
    )
    return payment


async def landed(fact: Landed) -> Done:
    """The money of an order's online payment is there: pay the order, if it can still be paid.

    The effect of funds' LANDED, with the customer held, before any other: the order comes before
    what the customer owes for usage. Whatever stands in the way, the money is the customer's.
    """
    payment = await OnlinePayment.get_or_none(recharge_id=fact.recharge_id)
    if payment is None:
        return {}
    order = await lock(Order, id=payment.order_id)
    assert order is not None
    waiting = await online_state.waiting(order)
    if waiting is None or waiting.recharge_id != fact.recharge_id:
        return {"order": "went another way"}
    try:
        async with savepoint():
            await _pay(order, waiting, fact)
    except Problem as problem:
        await online_state.end(
            order, waiting, OnlineState.FAILED, failure=problem.code, now=fact.now
        )
        await history.of_order(
            "online_payment_failed",
            order,
            viewer=fact.viewer,
            after={"failure": problem.code},
            now=fact.now,
        )
        return {"failed": problem.code}
    return {"paid": order.number}


async def _pay(order: Order, payment: OnlinePayment, fact: Landed) -> None:
    order = await Order.get(id=order.id)  # what is changed here, a refusal undoes
    customer = await order.customer
    refuse(guards.pay(order, fact.viewer, fact.now))
    await settling.settle(
        order,
        customer,
        await OrderLine.filter(order_id=order.id).order_by("position"),
        payment=Payment(
            coupons={
                UUID(id): Money(Decimal(amount), CURRENCY) for id, amount in payment.coupons.items()
            },
            credit=Money(payment.credit_amount, CURRENCY),
        ),
        viewer=fact.viewer,
        now=fact.now,
    )
    done = await lock(OnlinePayment, id=payment.id)
    assert done is not None
    await online_state.end(order, done, OnlineState.PAID, now=fact.now)


async def _check_credit(credit: Money, customer: Customer, now: datetime) -> None:
    if not credit.amount:
        return
    account = await accounts.of_customer(customer.id, AccountKind.CREDIT, now=now)
    if account.available < credit.amount:
        raise InsufficientBalance(
            needed=credit.amount, available=account.available, path=("input", "creditAmount")
        )


def _needed(given: Decimal | None) -> Money:
    amount = amount_of(given, "coupons")
    if amount is None:
        raise InvalidInput(
            reason="Say how much of each coupon: what is left is asked for online.",
            reason_zh="在线支付须填写每张优惠券的使用金额。",
            path=("input", "coupons"),
        )
    return amount
