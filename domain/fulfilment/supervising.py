"""The watch over a delivery: begun with the payment, moved under the order's lock, ended once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.fulfilment import history, opening, waiting
from domain.fulfilment.completing import locked_order, roll_up
from domain.fulfilment.effects import held_up_by
from domain.fulfilment.policy import SUPERVISIONS
from domain.identity.viewer import Viewer
from kit import rows
from kit.guards import Guard, refuse
from kit.ids import new_id
from kit.problems import Problem
from models.order_states import SupervisionState
from models.orders import Order, OrderLine
from models.supervision import ServiceSupervision
from models.supervision import SupervisionStep as Step

THING = "service_supervision"


class RefundIsPending(Problem):
    """While it isn't decided whether the money goes back, nothing is delivered or accepted."""

    en = "A refund of it is being decided ({numbers}): that comes first."
    zh = "该商品正在退订审批中({numbers}),请先完成退订处理。"
    about = {"numbers": "The numbers of the refunds, separated by commas."}
    numbers: str


async def begin(order: Order, lines: Sequence[OrderLine], *, now: datetime) -> None:
    """Start the watch over lines that have just been paid: their buyer says what it needs."""
    if not lines:
        return
    await OrderLine.filter(id__in=[line.id for line in lines]).update(
        supervision_state=SupervisionState.IN_PROGRESS
    )
    await rows.insert_all(
        [
            ServiceSupervision(
                id=new_id(),
                created_at=now,
                order_id=order.id,
                line_id=line.id,
                customer_id=order.customer_id,
                partner_id=order.partner_id,
                manager_id=order.manager_id,
                merchant_id=line.merchant_id,
                step=Step.SUBMIT_REQUIREMENT,
                step_since=now,
            )
            for line in lines
        ]
    )


async def held(
    supervision_id: UUID, guard: Guard, *, viewer: Viewer, now: datetime
) -> tuple[Order, ServiceSupervision]:
    """The order and the delivery, locked in this order, when the guard lets the viewer pass.

    Raises NotFound, RefundIsPending, and what the guard finds.
    """
    await SUPERVISIONS.require(
        ServiceSupervision, supervision_id, viewer=viewer, now=now, thing="service supervision"
    )
    order = await locked_order((await ServiceSupervision.get(id=supervision_id)).order_id)
    row = await SUPERVISIONS.lock(
        ServiceSupervision, supervision_id, viewer=viewer, now=now, thing="service supervision"
    )
    refuse(guard(row, viewer, now))
    if numbers := await held_up_by(row.line_id, now=now):
        raise RefundIsPending(numbers=", ".join(numbers))
    return order, row


async def move(
    order: Order,
    row: ServiceSupervision,
    wanted: Step,
    happened: str,
    *,
    viewer: Viewer,
    reason: str | None = None,
    after: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Take a delivery to another step, with all that hangs on it; both rows are held."""
    before: Step = row.step
    row.step = before.to(wanted)
    row.step_since = now
    if wanted == Step.DONE:
        row.done_at = now
    await write(row, happened, viewer=viewer, before=before, reason=reason, after=after, now=now)
    await waiting.watch(row, now=now)
    if wanted in (Step.DONE, Step.CANCELLED):
        await _end(order, row, viewer=viewer, now=now)


async def write(
    row: ServiceSupervision,
    happened: str,
    *,
    viewer: Viewer,
    before: Step,
    reason: str | None = None,
    after: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Save what a step changed, and record it."""
    row.version += 1
    await row.save(update_fields=_CHANGING)
    await history.of(
        THING,
        happened,
        row,
        viewer=viewer,
        before={"step": before.value},
        after={"step": row.step.value} | (after or {}),
        reason=reason,
        now=now,
    )


async def cancel(order: Order, line_id: UUID, *, viewer: Viewer, now: datetime) -> None:
    """End the watch over a line that was given back; the order is held."""
    row = await ServiceSupervision.get_or_none(line_id=line_id)
    if row is not None and not row.step.is_final:
        await move(order, row, Step.CANCELLED, "cancelled", viewer=viewer, now=now)


async def _end(order: Order, row: ServiceSupervision, *, viewer: Viewer, now: datetime) -> None:
    line = await OrderLine.get(id=row.line_id)
    is_done = row.step == Step.DONE
    line.supervision_state = SupervisionState.DONE if is_done else SupervisionState.NOT_INVOLVED
    line.supervision_done_at = row.done_at
    await line.save(update_fields=["supervision_state", "supervision_done_at"])
    if is_done:
        await opening.take_effect(line, now=now)
    await roll_up(order, viewer=viewer, now=now)


_CHANGING = [
    "step",
    "step_since",
    "needs_review",
    "requirement",
    "rejections",
    "rejection",
    "appeal",
    "appeal_reason",
    "appealed_at",
    "appeal_due_on",
    "appeal_decision",
    "done_at",
    "version",
]
