"""What is left of a subscription when a period of it, or some pieces, are given back."""

from datetime import datetime

from domain.fulfilment import ending, history, leftovers
from domain.fulfilment.closing import ask_to_close
from domain.fulfilment.opening import arrange, periods_of
from domain.fulfilment.pieces import rest_of
from domain.fulfilment.spans import is_change
from domain.identity.viewer import SYSTEM
from kit.transaction import lock
from models.orders import OrderLine
from models.refunds import Refund
from models.subscriptions import Subscription, SubscriptionPeriod


async def shorten(refund: Refund, line: OrderLine, *, now: datetime) -> None:
    """Close it, take pieces from it, or let it end earlier; nothing when it was never opened.

    What was paid for a change comes back with the period beside it, which says what becomes of it.
    Unpaid orders that were priced for what it was are cancelled.
    """
    period = await SubscriptionPeriod.get_or_none(line_id=line.id)
    if period is None:
        return
    subscription = await lock(Subscription, id=period.subscription_id)
    assert subscription is not None
    is_running = period.position == 1 or (
        period.started_at is not None and period.started_at <= now
    )
    is_whole = (await rest_of(line, await periods_of(subscription.id))).pieces <= 0
    if not is_whole:
        if is_running and not is_change(period) and not subscription.status.is_final:
            await _take(subscription, refund.pieces, now)
        return
    period.given_back_at = now
    await period.save(update_fields=["given_back_at"])
    if subscription.status.is_final or is_change(period):
        return
    if is_running:
        await ending.close(subscription, viewer=SYSTEM, now=now)
        return
    await arrange(subscription, now=now)
    ends_at = subscription.expires_at
    await history.of(
        "subscription",
        "shortened",
        subscription,
        viewer=SYSTEM,
        after={"expires_at": ends_at.isoformat() if ends_at else None},
        now=now,
    )


async def _take(subscription: Subscription, pieces: int, now: datetime) -> None:
    before = subscription.quantity
    subscription.quantity -= pieces
    subscription.version += 1
    await subscription.save(update_fields=["quantity", "version"])
    await leftovers.cancel(subscription.id, viewer=SYSTEM, now=now)
    await ask_to_close(
        "subscription", subscription.id, resource=subscription.resource, pieces=pieces, now=now
    )
    await history.of(
        "subscription",
        "reduced",
        subscription,
        viewer=SYSTEM,
        before={"quantity": before},
        after={"quantity": subscription.quantity},
        now=now,
    )
