"""The order that unsubscribes: negative amounts that name the order they take back."""

from datetime import datetime

from kit.ids import new_id
from kit.money import Money
from kit.numbers import numbered
from models.order_states import Fulfilment, OrderSource, OrderStatus, OrderType, PaymentState
from models.orders import Order, OrderLine
from models.refunds import Refund


async def unsubscribe_order(
    refund: Refund, order: Order, line: OrderLine, *, now: datetime
) -> Order:
    """Write the order (退订, wire order_type 4) that gives the refund's amount back.

    It has the partner, seller and terms of the order that it takes back, and is paid and completed
    from the first.
    """
    id = new_id()
    made = Order(
        id=id,
        created_at=now,
        number=numbered("SO", id, at=now),
        type=OrderType.UNSUBSCRIBE,
        source=OrderSource.CUSTOMER,
        customer_id=order.customer_id,
        partner_id=order.partner_id,
        association_id=order.association_id,
        association_type=order.association_type,
        manager_id=order.manager_id,
        seller_id=order.seller_id,
        policy_scene=order.policy_scene,
        base_order_id=order.id,
        placed_by=refund.requested_by,
        status=OrderStatus.COMPLETED,
        payment_state=PaymentState.PAID,
        currency=order.currency,
        list_amount=-refund.amount,
        deal_amount=-refund.amount,
        due_amount=-refund.amount,
        paid_at=now,
        completed_at=now,
        payer_id=order.payer_id,
    )
    await made.insert()
    await OrderLine(
        id=new_id(),
        created_at=now,
        order_id=made.id,
        position=1,
        goods_id=line.goods_id,
        sku_id=line.sku_id,
        merchant_id=line.merchant_id,
        quantity=refund.pieces,
        periods=line.periods,
        charge_mode=line.charge_mode,
        months=line.months,
        unit_price=line.unit_price,
        list_amount=-refund.amount,
        discount=line.discount,
        deal_amount=-refund.amount,
        due_amount=-refund.amount,
        kind=line.kind,
        category=line.category,
        share_model=line.share_model,
        share_ratio=line.share_ratio,
        strategy=line.strategy,
        tax_rate=line.tax_rate,
        floor_amount=_floor_of(line, refund),
        requires_supervision=line.requires_supervision,
        five_day_refund=line.five_day_refund,
        policy_id=line.policy_id,
        exclusive_offer_id=line.exclusive_offer_id,
        private_offer_id=line.private_offer_id,
        requirement_id=line.requirement_id,
        subscription_id=line.subscription_id,
        fulfilment=Fulfilment.OPEN,
        opened_at=now,
        effective_at=now,
    ).insert()
    return made


def _floor_of(line: OrderLine, refund: Refund) -> object:
    """The floor price goes back with the price, in proportion (E9e)."""
    if line.floor_amount is None or not line.due_amount:
        return None
    rest = line.due_amount - refund.amount
    return -Money(line.floor_amount, refund.currency).split([refund.amount, rest])[0].amount
