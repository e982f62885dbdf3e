"""The steps of a supervised delivery that buyer and merchant take in turn (domain.md 5.9)."""

from datetime import datetime
from uuid import UUID

from domain.associations import acting
from domain.fulfilment import guards
from domain.fulfilment.supervising import held, move
from domain.identity import permissions
from domain.identity.viewer import Viewer
from kit import texts
from kit.transaction import transactional
from models.associations import OnBehalfScope
from models.supervision import AppealState, ServiceSupervision
from models.supervision import SupervisionStep as Step

LONGEST_REQUIREMENT = 2000


@transactional
async def submit_requirement(
    *,
    viewer: Viewer,
    supervision_id: UUID,
    requirement: str,
    on_behalf_of: UUID | None = None,
    now: datetime,
) -> ServiceSupervision:
    """Say what is to be delivered; 1 to 2000 characters. A partner may do it on behalf."""
    permissions.require(viewer, "serviceRequirementSubmit")
    viewer = await acting.on_behalf(
        viewer=viewer, customer_id=on_behalf_of, scope=OnBehalfScope.ORDER, now=now
    )
    text = texts.needed(requirement, longest=LONGEST_REQUIREMENT, path=("input", "requirement"))
    order, row = await held(supervision_id, guards.submit_requirement, viewer=viewer, now=now)
    if viewer.customer_id is None and on_behalf_of != row.customer_id:
        raise guards.DeliveryOfAnotherCustomer()

    row.requirement = text
    await move(order, row, Step.MERCHANT_CONFIRM, "requirement_submitted", viewer=viewer, now=now)
    return row


@transactional
async def confirm(*, viewer: Viewer, supervision_id: UUID, now: datetime) -> ServiceSupervision:
    """Take the requirement on: the delivery begins."""
    permissions.require(viewer, "serviceRequirementConfirm")
    order, row = await held(supervision_id, guards.confirm, viewer=viewer, now=now)
    await move(order, row, Step.DELIVERING, "confirmed", viewer=viewer, now=now)
    return row


@transactional
async def send_back(
    *, viewer: Viewer, supervision_id: UUID, reason: str, now: datetime
) -> ServiceSupervision:
    """Ask the buyer to say better what it needs, and why."""
    permissions.require(viewer, "serviceRequirementReturn")
    reason = texts.reason(reason)
    order, row = await held(supervision_id, guards.send_back, viewer=viewer, now=now)
    await move(
        order,
        row,
        Step.SUBMIT_REQUIREMENT,
        "requirement_returned",
        viewer=viewer,
        reason=reason,
        now=now,
    )
    return row


@transactional
async def deliver(*, viewer: Viewer, supervision_id: UUID, now: datetime) -> ServiceSupervision:
    """Say that it is delivered: the buyer is to accept it, or to say what is wrong."""
    permissions.require(viewer, "serviceDeliver")
    order, row = await held(supervision_id, guards.deliver, viewer=viewer, now=now)
    if row.appeal != AppealState.NONE:
        # What was decided before concerned another delivery; the history has it.
        row.appeal = AppealState.NONE
        row.appealed_at = row.appeal_due_on = None
    await move(order, row, Step.BUYER_ACCEPT, "delivered", viewer=viewer, now=now)
    return row


@transactional
async def accept(*, viewer: Viewer, supervision_id: UUID, now: datetime) -> ServiceSupervision:
    """Accept the delivery: the buyer's time runs from now on, unless the platform reviews it."""
    permissions.require(viewer, "serviceAccept")
    order, row = await held(supervision_id, guards.accept, viewer=viewer, now=now)
    wanted = Step.PLATFORM_REVIEW if row.needs_review else Step.DONE
    await move(order, row, wanted, "accepted", viewer=viewer, now=now)
    return row


@transactional
async def reject(
    *, viewer: Viewer, supervision_id: UUID, reason: str, now: datetime
) -> ServiceSupervision:
    """Send the delivery back (驳回), and say why; the third time the merchant may appeal."""
    permissions.require(viewer, "serviceReject")
    reason = texts.reason(reason)
    order, row = await held(supervision_id, guards.reject, viewer=viewer, now=now)
    row.rejections += 1
    row.rejection = reason
    await move(
        order,
        row,
        Step.DELIVERING,
        "rejected",
        viewer=viewer,
        reason=reason,
        after={"rejections": row.rejections},
        now=now,
    )
    return row
