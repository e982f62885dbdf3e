"""What the demo's orders have to look like."""

from models.order_states import OrderStatus, OrderType, PaymentState, RefundState
from models.orders import Order
from models.payments import OnlinePayment, OnlineState
from models.supervision import ServiceSupervision, SupervisionStep


async def orders_are_in_every_state_that_people_work_with() -> None:
    """In delivery, given back in part, lent and repaid, paid online, changed: one of each."""
    assert await ServiceSupervision.filter(
        step=SupervisionStep.DELIVERING, merchant_id__not_isnull=True
    ).exists()
    assert await Order.filter(
        status=OrderStatus.COMPLETED, refund_state=RefundState.PARTLY_REFUNDED
    ).exists()
    assert await Order.filter(
        payment_state=PaymentState.REPAID, repaid_at__not_isnull=True
    ).exists()
    assert await OnlinePayment.filter(state=OnlineState.PAID).exists()
    assert await Order.filter(type=OrderType.CHANGE, status=OrderStatus.COMPLETED).exists()
