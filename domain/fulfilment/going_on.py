"""Whether a subscription can be gone on with: that nothing else of it is under way."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.fulfilment import expiry, leftovers
from domain.fulfilment.effects import held_up_by
from domain.fulfilment.opening import periods_of
from domain.fulfilment.spans import is_change
from domain.identity.viewer import Viewer
from kit import database
from kit.problems import Problem
from kit.status import WrongStatus
from kit.transaction import lock
from models.order_states import OrderType
from models.orders import Order, OrderLine
from models.subscriptions import Subscription
from models.subscriptions import SubscriptionStatus as Status

_GOING_ON = (OrderType.RENEW, OrderType.CHANGE)


class SubscriptionIsBusy(Problem):
    """What is priced by what a subscription is has to wait until it is that."""

    en = "Something else of it comes first: {numbers}."
    zh = "该资源存在未完成的业务({numbers}),请先处理。"
    about = {
        "numbers": "The numbers, separated by commas, of what is under way or has not begun:"
        " refunds that are to be decided, renewals and changes that are paid."
    }
    numbers: str


async def check(order: Order, lines: Sequence[OrderLine], *, viewer: Viewer, now: datetime) -> None:
    """For an order that is being paid: what it renews or changes is still what it was priced for.

    A change takes the other unpaid orders of its subscription with it, whose prices are of the old.
    Holds the subscriptions. Raises WrongStatus and SubscriptionIsBusy.
    """
    if order.type not in _GOING_ON:
        return
    for id in sorted({line.subscription_id for line in lines if line.subscription_id}):
        subscription = await lock(Subscription, id=id)
        assert subscription is not None
        status = expiry.status_at(subscription, now)
        if status.is_final:
            raise WrongStatus(status=status.value, wanted=Status.IN_USE.value)
        if order.type == OrderType.CHANGE:
            await to_change(subscription, but=order.id, now=now)
            await leftovers.cancel(id, but=order.id, viewer=viewer, now=now)
        else:
            await while_changing(id)


async def to_change(subscription: Subscription, *, but: UUID | None = None, now: datetime) -> None:
    """Raise SubscriptionIsBusy while a refund, renewal or another change of it isn't done."""
    numbers = await _unfinished(subscription.id, _GOING_ON, but)
    for period in await periods_of(subscription.id):
        if period.given_back_at is not None:
            continue
        numbers += await held_up_by(period.line_id, now=now)
        if not is_change(period) and period.started_at is not None and period.started_at > now:
            line = await OrderLine.get(id=period.line_id).prefetch_related("order")
            numbers.append(line.order.number)
    _refuse(numbers)


async def while_changing(subscription_id: UUID) -> None:
    """Raise SubscriptionIsBusy while a change of it is paid and not carried out."""
    _refuse(await _unfinished(subscription_id, (OrderType.CHANGE,), None))


async def _unfinished(
    subscription_id: UUID, types: Sequence[OrderType], but: UUID | None
) -> list[str]:
    found = await database.rows(
        """
        select distinct o.number from order_line l join sales_order o on o.id = l.order_id
        where l.subscription_id = $1 and o.type = any($2) and o.status = 'PROCESSING'
            and l.fulfilment in ('WAITING', 'PROVISIONING', 'FAILED') and o.id is distinct from $3
        order by o.number""",
        *(subscription_id, [type.value for type in types], but),
    )
    return [row["number"] for row in found]


def _refuse(numbers: Sequence[str]) -> None:
    if numbers:
        raise SubscriptionIsBusy(numbers=", ".join(dict.fromkeys(numbers)))
