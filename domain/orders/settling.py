"""The instant at which an order is paid: offers, bindings, instruments and shares, all or nothing.

For workflows that hold the customer and the order and have asked their guards. Money is due to the
cent: coupons first, then the credit that was chosen, and cash, or a partner's balance, for the
rest; each part is split over the lines, so that the shares of a part add up to it and those of a
line to what is due of it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.associations.authorization_guards import CustomerIsFrozen
from domain.identity.viewer import Viewer
from domain.offers import automatic, bindings
from domain.orders import deadlines, history, spending, standing
from domain.orders.effects import PAID, Paid
from domain.orders.spending import Payment, Spent
from kit import faults, rows
from kit.ids import new_id
from kit.transaction import assert_open
from models.catalogue import GoodsKind
from models.customers import Customer, Freeze
from models.offers import ExclusiveOfferLine
from models.order_states import OrderStatus, PaymentState
from models.orders import Order, OrderLine
from models.payments import PaymentPart, PaymentShare

# Goods that the system makes its 100 % offer for; others are not asked for in vain.
_OFFERED = (GoodsKind.JOINT_OPERATED, GoodsKind.SELF_OPERATED)


async def settle(
    order: Order,
    customer: Customer,
    lines: Sequence[OrderLine],
    *,
    payment: Payment | None,
    viewer: Viewer,
    now: datetime,
) -> None:
    """Pay the order now. `payment` None: nothing is due.

    Raises NotOrderable for what is no longer sold or offered, OfferChanged, the problems of private
    offers and coupons, PaymentDoesNotFit, InsufficientBalance; all is undone then.
    """
    assert_open()
    if customer.freeze is not Freeze.NONE:
        raise CustomerIsFrozen()
    await standing.check(order, lines, now=now)
    faults.reach("order_payment.checked")
    await _offer(order, lines, now)
    faults.reach("order_payment.offered")
    spent = await spending.spend(order, lines, payment=payment or Payment(), viewer=viewer, now=now)
    faults.reach("order_payment.spent")
    await _write(order, spent, now)
    before = {"status": order.status.value, "payment_state": order.payment_state.value}
    is_lent = any(each.needs_repayment for each in spent)
    order.status = order.status.to(OrderStatus.PROCESSING)
    order.payment_state = order.payment_state.to(
        PaymentState.PAID_ON_CREDIT if is_lent else PaymentState.PAID
    )
    order.paid_at = order.settled_at = now
    order.version += 1
    await order.save(
        update_fields=["status", "payment_state", "paid_at", "settled_at", "payer_id", "version"]
    )
    await deadlines.cancel(order)
    await history.of_order(
        "paid",
        order,
        viewer=viewer,
        merchants=[line.merchant_id for line in lines],
        before=before,
        after={"status": order.status.value, "payment_state": order.payment_state.value},
        now=now,
    )
    faults.reach("order_payment.told")
    await PAID.run(Paid(order_id=order.id, customer_id=customer.id, viewer=viewer, now=now))
    faults.reach("order_payment.before_commit")


async def _offer(order: Order, lines: Sequence[OrderLine], now: datetime) -> None:
    """The 100 % offer for what is sold without one (X-09), and the binding that the order makes."""
    if order.seller_id is None:
        return
    plain = [
        line
        for line in lines
        if line.exclusive_offer_id is None
        and line.private_offer_id is None
        and line.kind in _OFFERED
    ]
    if plain:
        offer = await automatic.ensure(
            customer_id=order.customer_id,
            partner_id=order.seller_id,
            goods_ids=sorted({line.goods_id for line in plain}),
            order_id=order.id,
            now=now,
        )
        if offer is not None:
            offered = await _goods_of(offer.id)
            served = [line for line in plain if line.goods_id in offered]
            for line in served:
                line.exclusive_offer_id = offer.id
            await OrderLine.filter(id__in=[line.id for line in served]).update(
                exclusive_offer_id=offer.id
            )
    await bindings.bind(customer_id=order.customer_id, partner_id=order.seller_id, now=now)


async def _goods_of(offer_id: UUID) -> set[UUID]:
    return {line.goods_id for line in await ExclusiveOfferLine.filter(offer_id=offer_id)}


async def _write(order: Order, spent: Sequence[Spent], now: datetime) -> None:
    parts, shares = [], []
    for place, each in enumerate(spent, start=1):
        part = PaymentPart(
            id=new_id(),
            created_at=now,
            order_id=order.id,
            position=place,
            instrument=each.instrument,
            amount=each.amount.amount,
            currency=each.amount.currency,
            counts_performance=each.counts_performance,
            needs_repayment=each.needs_repayment,
            account_id=each.account_id,
            coupon_id=each.coupon_id,
            transfer_id=each.transfer_id,
        )
        parts.append(part)
        shares += [
            PaymentShare(
                id=new_id(),
                created_at=now,
                part_id=part.id,
                line_id=line_id,
                amount=amount.amount,
            )
            for line_id, amount in each.by_line.items()
            if amount.amount > 0
        ]
    await rows.insert_all(parts)
    await rows.insert_all(shares)
