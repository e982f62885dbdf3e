"""Resources of a customer that is frozen with them: the cloud lets them rest, and go on again.

That a subscription is frozen because its customer is stands nowhere but with the customer, so that
what is opened meanwhile is frozen, too, and all go on at the same moment. Its time runs on.
"""

from datetime import datetime
from uuid import UUID

from domain.customers.effects import Done, Frozen, Unfrozen
from domain.upstream import asking
from domain.upstream.effects import Answer
from models.customers import Freeze
from models.order_states import OrderStatus
from models.orders import Order
from models.upstream import System

SUSPEND = "suspend"
RESUME = "resume"

_BOUGHT = (OrderStatus.PROCESSING, OrderStatus.COMPLETED)


async def freeze(fact: Frozen) -> Done:
    """Have its resources suspended with the account, or resumed if only that is frozen now."""
    if fact.extent is Freeze.ACCOUNT_AND_RESOURCES:
        return await _ask(SUSPEND, fact.customer_id, fact.now)
    if fact.before is Freeze.ACCOUNT_AND_RESOURCES:
        return await _ask(RESUME, fact.customer_id, fact.now)
    return {}


async def unfreeze(fact: Unfrozen) -> Done:
    """Have its resources resumed, if they were frozen."""
    if fact.before is Freeze.ACCOUNT_AND_RESOURCES:
        return await _ask(RESUME, fact.customer_id, fact.now)
    return {}


async def answered(answer: Answer) -> None:
    """Nothing hangs on it: what failed stays as a failed request, for people to see."""


async def _ask(operation: str, customer_id: UUID, now: datetime) -> Done:
    if not await Order.filter(customer_id=customer_id, status__in=_BOUGHT).exists():
        return {}
    await asking.ask(
        system=System.PROVISIONING,
        operation=operation,
        subject_type="customer",
        subject_id=customer_id,
        payload={"customer_id": str(customer_id)},
        now=now,
    )
    return {"asked": operation}
