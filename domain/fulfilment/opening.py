"""What an opened line brings: a new subscription, or more time or another SKU for one there is."""

import logging
from datetime import datetime
from uuid import UUID

from domain.fulfilment import expiry, history
from domain.fulfilment.spans import is_supervised, lay_out, months_of
from domain.identity.viewer import SYSTEM
from domain.orders import history as order_history
from kit import database
from kit.ids import new_id
from kit.numbers import numbered
from kit.transaction import lock
from models.order_states import Fulfilment, OrderType
from models.orders import Order, OrderLine
from models.subscriptions import Subscription, SubscriptionPeriod
from models.subscriptions import SubscriptionStatus as Status

log = logging.getLogger(__name__)


async def open_line(order: Order, line: OrderLine, *, resource: str | None, now: datetime) -> None:
    """Take note that the cloud has delivered a line; the order is held."""
    before: Fulfilment = line.fulfilment
    if line.fulfilment == Fulfilment.FAILED:
        line.fulfilment = before.to(Fulfilment.PROVISIONING)
    if order.type == OrderType.NEW:
        await _begin(order, line, resource=resource, now=now)
    elif order.type == OrderType.CHANGE:
        await _turn(order, line, now=now)
    else:
        await _go_on(order, line, now=now)


async def take_effect(line: OrderLine, *, now: datetime) -> None:
    """Let the time of a supervised line's subscription run from `now`, when it has been opened."""
    subscription = await lock(Subscription, line_id=line.id)
    if subscription is None or subscription.effective_at is not None:
        return
    subscription.effective_at = now
    await arrange(subscription, now=now)


async def arrange(subscription: Subscription, *, now: datetime) -> None:
    """Lay the periods of a subscription out anew, tell their lines, and set its timer."""
    periods = await periods_of(subscription.id)
    lay_out(subscription, periods)
    await database.execute(
        _LAY_OUT,
        [period.id for period in periods],
        [period.started_at for period in periods],
        [period.ends_at for period in periods],
    )
    subscription.version += 1
    await subscription.save(update_fields=["effective_at", "expires_at", "status", "version"])
    await expiry.schedule(subscription, now=now)


async def periods_of(subscription_id: UUID) -> list[SubscriptionPeriod]:
    """All of them in their order, those that were given back among them."""
    return await SubscriptionPeriod.filter(subscription_id=subscription_id).order_by("position")


async def _begin(order: Order, line: OrderLine, *, resource: str | None, now: datetime) -> None:
    id = new_id()
    waits = is_supervised(line) and line.supervision_done_at is None
    subscription = Subscription(
        id=id,
        created_at=now,
        number=numbered("SB", id, at=now),
        customer_id=order.customer_id,
        partner_id=order.partner_id,
        manager_id=order.manager_id,
        merchant_id=line.merchant_id,
        goods_id=line.goods_id,
        sku_id=line.sku_id,
        line_id=line.id,
        order_id=order.id,
        quantity=line.quantity,
        charge_mode=line.charge_mode,
        status=Status.IN_USE,
        resource=resource,
        opened_at=now,
        # Accepted before the cloud said so: it runs from when it is there.
        effective_at=None if waits else now,
    )
    line.subscription_id = subscription.id
    await _note_open(line, now)
    period = SubscriptionPeriod(
        id=new_id(),
        created_at=now,
        subscription_id=subscription.id,
        line_id=line.id,
        position=1,
        months=months_of(line),
    )
    # The row's columns have to agree with each other from the first.
    lay_out(subscription, [period])
    await subscription.insert()
    await period.insert()
    await history.of(
        "subscription",
        "opened",
        subscription,
        viewer=SYSTEM,
        after={"status": Status.IN_USE.value},
        now=now,
    )
    if not waits:
        await arrange(subscription, now=now)


async def _go_on(order: Order, line: OrderLine, *, now: datetime) -> None:
    assert line.subscription_id is not None
    subscription = await lock(Subscription, id=line.subscription_id)
    assert subscription is not None
    status = expiry.status_at(subscription, now)
    if status.is_final:
        await _too_late(order, line, now)
        return
    periods = await periods_of(subscription.id)
    await SubscriptionPeriod(
        id=new_id(),
        created_at=now,
        subscription_id=subscription.id,
        line_id=line.id,
        position=max((period.position for period in periods), default=0) + 1,
        months=months_of(line),
        # Renewed when its time was over: the gap isn't paid for.
        started_at=now if status is Status.FROZEN else None,
    ).insert()
    before: Status = subscription.status
    if subscription.status == Status.FROZEN:
        subscription.status = before.to(Status.IN_USE)
    await _note_open(line, now)
    await arrange(subscription, now=now)
    await history.of(
        "subscription",
        "renewed",
        subscription,
        viewer=SYSTEM,
        before={"status": before.value},
        after={
            "status": subscription.status.value,
            "expires_at": subscription.expires_at.isoformat() if subscription.expires_at else None,
        },
        now=now,
    )


async def _turn(order: Order, line: OrderLine, *, now: datetime) -> None:
    assert line.subscription_id is not None
    subscription = await lock(Subscription, id=line.subscription_id)
    assert subscription is not None
    ends_at = subscription.expires_at
    if subscription.status != Status.IN_USE or ends_at is None or ends_at <= now:
        await _too_late(order, line, now)
        return
    periods = await periods_of(subscription.id)
    await SubscriptionPeriod(
        id=new_id(),
        created_at=now,
        subscription_id=subscription.id,
        line_id=line.id,
        position=periods[-1].position + 1,
        months=0,
        started_at=now,
    ).insert()
    before = {"sku_id": str(subscription.sku_id), "quantity": subscription.quantity}
    subscription.sku_id, subscription.quantity = line.sku_id, line.quantity
    await subscription.save(update_fields=["sku_id", "quantity"])
    await _note_open(line, now)
    await arrange(subscription, now=now)
    await history.of(
        "subscription",
        "changed",
        subscription,
        viewer=SYSTEM,
        before=before,
        after={"sku_id": str(subscription.sku_id), "quantity": subscription.quantity},
        now=now,
    )


async def _note_open(line: OrderLine, now: datetime) -> None:
    line.fulfilment = line.fulfilment.to(Fulfilment.OPEN)
    line.opened_at = now
    await line.save(update_fields=["fulfilment", "opened_at", "subscription_id"])


async def _too_late(order: Order, line: OrderLine, now: datetime) -> None:
    """What was to be renewed or changed is over: the line failed, and comes back in full."""
    log.error("line %s of order %s goes on with what is over", line.position, order.number)
    line.fulfilment = line.fulfilment.to(Fulfilment.FAILED)
    await line.save(update_fields=["fulfilment"])
    await order_history.of_order(
        "fulfilment_failed",
        order,
        viewer=SYSTEM,
        merchants=[line.merchant_id],
        after={"position": line.position, "fulfilment": line.fulfilment.value},
        reason="SUBSCRIPTION_OVER",
        now=now,
    )


_LAY_OUT = """
with laid as (
  update subscription_period period set started_at = given.started_at, ends_at = given.ends_at
  from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) as given (id, started_at, ends_at)
  where period.id = given.id
  returning period.line_id, period.started_at, period.ends_at, period.given_back_at
)
update order_line line set effective_at = laid.started_at, expires_at = laid.ends_at
from laid where line.id = laid.line_id and laid.given_back_at is null
"""
