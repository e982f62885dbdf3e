"""Orders of the demo that are paid by other means than what is on the account."""

from datetime import datetime, timedelta

from domain.funds import crediting
from domain.orders import online, paying
from domain.upstream import answering
from models.customers import AssociationType, Customer
from models.funds import RechargeChannel
from models.orders import Order
from models.upstream import UpstreamRequest
from partner_center.demo.orders import CASHIER, Purchase
from partner_center.demo.people import House
from partner_center.demo.stories import Story


async def payer_of(house: House, *, listed_before: datetime) -> Customer | None:
    """A customer of the house that pays for itself: agency customers use the partner's money."""
    return (
        await Customer.filter(
            partner_id=house.partner.id,
            association_type=AssociationType.REFERRAL,
            freeze="NONE",
            listed_at__lt=listed_before,
        )
        .order_by("account_name")
        .first()
    )


async def is_repaid(purchase: Purchase) -> Story:
    """Paid on credit, and repaid three days later."""
    order = await purchase.place()
    yield timedelta(minutes=30)
    await crediting.set_limit(
        viewer=CASHIER,
        customer_id=purchase.customer.id,
        limit=2 * order.due_amount,
        reason="客户信用评估通过",
        now=purchase.now,
    )
    yield timedelta(minutes=5)
    await paying.pay(
        viewer=purchase.buyer,
        order_id=order.id,
        credit_amount=order.due_amount,
        now=purchase.now,
    )
    yield timedelta(days=3)
    await purchase.recharge(order)
    await crediting.repay(viewer=purchase.buyer, amount=order.due_amount, now=purchase.now)


async def is_paid_online(purchase: Purchase) -> Story:
    """Paid through the payment page, and paid as soon as the money had landed."""
    order: Order = await purchase.place()
    yield timedelta(minutes=2)
    payment = await online.begin(
        viewer=purchase.buyer, order_id=order.id, channel=RechargeChannel.ALIPAY, now=purchase.now
    )
    yield timedelta(minutes=1)
    request = await UpstreamRequest.get(subject_id=payment.recharge_id)
    await answering.answered(
        request.id, ok=True, reference=f"PAY{request.id.hex[-12:].upper()}", now=purchase.now
    )
