"""What orders have to say when associations change and when offers are to be withdrawn."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.associations.change_checks import ChangeCheck, FailedChangeCheck
from domain.associations.effects import Done, Ending, Switched, Wish
from domain.funds import effects as funds
from domain.funds.effects import Repaid
from domain.identity.viewer import Viewer
from domain.offers.effects import Withdrawal
from domain.orders import history, repaying
from kit import database
from models.customers import AssociationType
from models.order_states import PaymentState
from models.orders import Order

MOST_NUMBERS = 20


async def forbid_while_partner_pays(wish: Wish) -> Sequence[FailedChangeCheck]:
    """An order that waits for the partner's payment has to be settled first (C-19)."""
    waits = await Order.filter(
        customer_id=wish.customer.id,
        payment_state=PaymentState.PENDING_PARTNER_PAYMENT,
        pay_by__gt=wish.now,
    ).exists()
    return [FailedChangeCheck(ChangeCheck.PARTNER_PAYMENT_PENDING)] if waits else []


async def take_back_from_partner(fact: Ending) -> Done:
    """Who is no longer its partner doesn't pay: the customer may itself."""
    return await _unpaid(fact.customer_id, fact.viewer, fact.now)


async def take_back_from_reseller(fact: Switched) -> Done:
    """A reseller pays for agency customers alone (D-02)."""
    if fact.to_type is not AssociationType.REFERRAL:
        return {}
    return await _unpaid(fact.customer_id, fact.viewer, fact.now)


async def mark_repaid(fact: Repaid) -> funds.Done:
    """What the money covers, the oldest order first."""
    done = await repaying.settle_repaid(
        customer_id=fact.customer_id, viewer=fact.viewer, now=fact.now
    )
    return {"orders": done} if done else {}


async def hold_offers(asked: Withdrawal) -> Sequence[str]:
    """The numbers of orders that can still be paid and count on the offer."""
    found = await database.rows(
        "select distinct o.number from order_line l join sales_order o on o.id = l.order_id"
        " where l.exclusive_offer_id = $1 and o.status = 'PENDING_PAYMENT' and o.pay_by > $2"
        f" order by o.number limit {MOST_NUMBERS}",
        *(asked.offer_id, asked.now),
    )
    return [row["number"] for row in found]


async def _unpaid(customer_id: UUID, viewer: Viewer, now: datetime) -> Done:
    asked = PaymentState.PENDING_PARTNER_PAYMENT
    orders = (
        await Order.filter(customer_id=customer_id, payment_state=asked)
        .order_by("id")
        .select_for_update(no_key=True)
    )
    for order in orders:
        order.payer_id = None
        order.payment_state = order.payment_state.to(PaymentState.UNPAID)
        order.version += 1
        await order.save(update_fields=["payer_id", "payment_state", "version"])
        await history.of_order(
            "partner_recalled",
            order,
            viewer=viewer,
            before={"payment_state": asked.value},
            after={"payment_state": order.payment_state.value},
            reason="ASSOCIATION_CHANGED",
            now=now,
        )
    return {"unpaid": len(orders)} if orders else {}
