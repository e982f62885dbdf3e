"""What becomes of a refund that waits: a yes, a no and why, taken back, or overruled."""

from datetime import datetime
from uuid import UUID

from domain.fulfilment import history
from domain.fulfilment.completing import locked_order
from domain.fulfilment.effects import Moving
from domain.fulfilment.going_on import SubscriptionIsBusy
from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.refunds import deadlines, guards
from domain.refunds.executing import execute, say
from domain.refunds.policy import REFUNDS
from domain.refunds.quoting import RefundInProgress
from domain.refunds.writing import LONGEST_NOTE
from kit import texts
from kit.guards import Guard, refuse
from kit.transaction import lock, transactional
from models.customers import Customer
from models.order_states import OrderStatus, OrderType
from models.orders import Order
from models.refunds import DecidedBy, Refund, RefundKind
from models.refunds import RefundStatus as Status


@transactional
async def accept(*, viewer: Viewer, refund_id: UUID, now: datetime) -> Refund:
    """Agree: the money goes back at once. Raises RefundIsAccepted at and after the deadline."""
    permissions.require(viewer, "refundAccept")
    refund = await _held(refund_id, guards.accept, viewer=viewer, now=now)
    return await _execute(refund, DecidedBy.MERCHANT, viewer, now)


@transactional
async def override(*, viewer: Viewer, refund_id: UUID, reason: str, now: datetime) -> Refund:
    """Give back over the merchant's head, also when it has said no; the platform's.

    Raises RefundInProgress when the line has been asked for, or given back, once more since, and
    SubscriptionIsBusy when the subscription has been changed since.
    """
    permissions.require(viewer, "refundOverride")
    reason = texts.needed(reason, longest=LONGEST_NOTE, path=("input", "reason"))
    refund = await _held(refund_id, guards.override, viewer=viewer, now=now)
    later = await Refund.filter(
        line_id=refund.line_id,
        status__in=[Status.MERCHANT_REVIEW, Status.REFUNDED],
        created_at__gte=refund.created_at,
        id__not=refund.id,
    ).first()
    if later is not None:
        raise RefundInProgress(number=later.number)
    await _check_unchanged(refund)
    await history.of("refund", "overridden", refund, viewer=viewer, reason=reason, now=now)
    return await _execute(refund, DecidedBy.PLATFORM, viewer, now)


@transactional
async def reject(*, viewer: Viewer, refund_id: UUID, reason: str, now: datetime) -> Refund:
    """Refuse, and say why; the platform may still overrule it."""
    permissions.require(viewer, "refundReject")
    reason = texts.needed(reason, longest=LONGEST_NOTE, path=("input", "reason"))
    refund = await _held(refund_id, guards.reject, viewer=viewer, now=now)
    for each in [refund, *await _with(refund)]:
        each.refusal = reason
        await _end(each, Status.REJECTED, "rejected", DecidedBy.MERCHANT, viewer, reason, now)
    return refund


@transactional
async def cancel(*, viewer: Viewer, refund_id: UUID, now: datetime) -> Refund:
    """Take the wish back before it is decided; the customer goes on with what it has."""
    permissions.require(viewer, "refundCancel")
    refund = await _held(refund_id, guards.cancel, viewer=viewer, now=now)
    for each in [refund, *await _with(refund)]:
        await _end(each, Status.CANCELLED, "cancelled", DecidedBy.CUSTOMER, viewer, None, now)
    return refund


async def holding(moving: Moving) -> list[str]:
    """The refunds that stand against a delivery's going on. Answers fulfilment's HELD."""
    waiting = await Refund.filter(line_id=moving.line_id, status=Status.MERCHANT_REVIEW)
    return [refund.number for refund in waiting]


async def _held(refund_id: UUID, guard: Guard, *, viewer: Viewer, now: datetime) -> Refund:
    """The refund, held after its customer and its order, when the guard lets pass."""
    await REFUNDS.require(Refund, refund_id, viewer=viewer, now=now, thing="refund")
    found = await Refund.get(id=refund_id)
    await lock(Customer, id=found.customer_id)
    await locked_order(found.order_id)
    refund = await REFUNDS.lock(Refund, refund_id, viewer=viewer, now=now, thing="refund")
    refuse(guard(refund, viewer, now))
    return refund


async def _with(refund: Refund) -> list[Refund]:
    """The refunds that share its fate, held: what several lines have paid of the same days.

    The period that was bought and the changes made in it end together. The customer is held, so
    that nobody else decides on them.
    """
    if refund.subscription_id is None or refund.kind != RefundKind.PARTIAL_USED:
        return []
    found = await Refund.filter(
        subscription_id=refund.subscription_id,
        kind=RefundKind.PARTIAL_USED,
        status=refund.status,
        created_at=refund.created_at,
        id__not=refund.id,
    ).order_by("id")
    for each in sorted(found, key=lambda other: other.order_id):
        await locked_order(each.order_id)
    return (
        await Refund.filter(id__in=[each.id for each in found])
        .order_by("id")
        .select_for_update(no_key=True)
    )


async def _check_unchanged(refund: Refund) -> None:
    if refund.subscription_id is None:
        return
    later = await Order.filter(
        type=OrderType.CHANGE,
        lines__subscription_id=refund.subscription_id,
        status__in=[OrderStatus.PROCESSING, OrderStatus.COMPLETED],
        paid_at__gte=refund.created_at,
    ).distinct()
    if later:
        raise SubscriptionIsBusy(numbers=", ".join(order.number for order in later))


async def _execute(refund: Refund, decided_by: DecidedBy, viewer: Viewer, now: datetime) -> Refund:
    # Worked out before the first of them is another one's past.
    companions = await _with(refund)
    done = await execute(refund.id, decided_by=decided_by, viewer=viewer, now=now)
    for each in companions:
        await execute(each.id, decided_by=decided_by, viewer=viewer, now=now)
    await deadlines.schedule(refund.customer_id, now=now)
    return done


async def _end(
    refund: Refund,
    wanted: Status,
    happened: str,
    decided_by: DecidedBy,
    viewer: Viewer,
    reason: str | None,
    now: datetime,
) -> None:
    before: Status = refund.status
    refund.status = before.to(wanted)
    refund.decided_at = now
    refund.decided_by = decided_by
    refund.version += 1
    await refund.save(update_fields=["status", "decided_at", "decided_by", "refusal", "version"])
    await history.of(
        "refund",
        happened,
        refund,
        viewer=viewer,
        before={"status": before.value},
        after={"status": wanted.value},
        reason=reason,
        now=now,
    )
    await say(refund.order_id, viewer=viewer, now=now)
    await deadlines.schedule(refund.customer_id, now=now)
