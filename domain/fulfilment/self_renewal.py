"""Subscriptions that renew by themselves: a day before they end, from the customer's cash.

Orders and money come before a subscription in the order of locks, so the timer is the customer's,
for whichever of its subscriptions is next.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.audit.events import PLATFORM_TENANT
from domain.fulfilment import history
from domain.identity.viewer import SYSTEM
from domain.orders import paying, placing
from domain.orders.wishes import Wanted
from kit import database, timers
from kit.problems import InvalidInput, Problem
from kit.timers import Waits
from kit.transaction import lock, savepoint
from models.customers import Customer
from models.order_states import OrderType
from models.orders import Order
from models.subscriptions import Subscription

RENEW = "subscription.renew"
AHEAD = timedelta(days=1)  # inferred

# It is tried once for each end, and looked at again when that end has come: renewed by then, it
# has another one.
_LIVE = "auto_renew and status = 'IN_USE' and expires_at is not null"
_DUE_AT = (
    "case when renewal_tried_for = expires_at then expires_at + interval '1 minute'"
    f" else expires_at - interval '{AHEAD.total_seconds():.0f} seconds' end"
)


async def schedule(customer_id: UUID, *, now: datetime) -> None:
    """Set the customer's timer to the first of its subscriptions that renew themselves."""
    found = await database.row(
        f"select min({_DUE_AT}) as due_at from subscription where customer_id = $1 and {_LIVE}",
        customer_id,
    )
    if found is None or found["due_at"] is None:
        await timers.cancel(RENEW, subject_id=customer_id)
        return
    await timers.schedule(
        RENEW,
        tenant_id=PLATFORM_TENANT,
        subject_id=customer_id,
        due_at=found["due_at"],
        on_timeout="START",
        now=now,
    )


async def renew_due(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Order and pay one more period of what ends within a day; what can't be paid is told.

    The effect of the timer `subscription.renew`; its subjects are customers, which the caller
    holds.
    """
    for customer_id in subject_ids:
        customer = await lock(Customer, id=customer_id)
        assert customer is not None
        due = await database.rows(
            f"""
            select id from subscription
            where customer_id = $1 and {_LIVE} and expires_at > $2
                and renewal_tried_for is distinct from expires_at and {_DUE_AT} <= $2
            order by id""",
            *(customer_id, now),
        )
        for row in due:
            await _renew(customer, row["id"], now)
        await schedule(customer_id, now=now)


# Every customer with something that renews itself has a timer for it, and no other.
RENEW_WAITS = Waits(
    kind=RENEW,
    table="customer",
    live=f"customer.id in (select customer_id from subscription where {_LIVE})",
    due_at=f"(select min({_DUE_AT}) from subscription"
    f" where subscription.customer_id = customer.id and {_LIVE})",
    tenant_id=f"'{PLATFORM_TENANT}'::uuid",
    on_timeout="START",
)


async def wanted(subscription: Subscription, *, months: int | None = None) -> Wanted:
    """The line that renews it; without `months` by one period of what was bought.

    Raises InvalidInput when the SKU isn't sold for so many months.
    """
    sku = await subscription.sku
    assert sku.months is not None
    periods, rest = divmod(months or sku.months, sku.months)
    if rest:
        raise InvalidInput(
            reason=f"{sku.code} is sold by {sku.months} months.",
            reason_zh=f"规格 {sku.code} 须按 {sku.months} 个月的整数倍续订。",
            path=("input", "months"),
        )
    return Wanted(
        sku_id=subscription.sku_id,
        quantity=subscription.quantity,
        periods=periods,
        subscription_id=subscription.id,
    )


async def _renew(customer: Customer, subscription_id: UUID, now: datetime) -> None:
    subscription = await Subscription.get(id=subscription_id)
    base = await Order.get(id=subscription.order_id)
    refusal: Problem | None = None
    try:
        async with savepoint():
            order = await placing.place_lines(
                viewer=SYSTEM,
                customer=customer,
                lines=[await wanted(subscription)],
                type=OrderType.RENEW,
                else_seller_id=base.seller_id,
                base_order_id=base.id,
                now=now,
            )
            await paying.pay(viewer=SYSTEM, order_id=order.id, now=now)
    except Problem as problem:
        refusal = problem
    held = await lock(Subscription, id=subscription_id)
    assert held is not None
    held.renewal_tried_for = held.expires_at
    held.version += 1
    await held.save(update_fields=["renewal_tried_for", "version"])
    await history.of(
        "subscription",
        "renewal_failed" if refusal else "renewal_ordered",
        held,
        viewer=SYSTEM,
        reason=refusal.code if refusal else None,
        now=now,
    )
