"""Corrections of performance: lines of the month that runs, since what is final never changes."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.performance import guards, history, months
from domain.performance.policy import LINES
from kit import texts
from kit.guards import refuse
from kit.ids import new_id
from kit.money import Money
from kit.problems import InvalidInput
from kit.transaction import transactional
from models.ledger import CURRENCY
from models.performance import PerformanceKind, PerformanceLine


@transactional
async def enter(
    *, viewer: Viewer, line_id: UUID, amount: Decimal, reason: str, now: datetime
) -> PerformanceLine:
    """Add to what a line has said, or take from it, in the month that runs; the new line.

    It is for the same partner, customer, manager and goods, and is shown at once. A correction of a
    correction corrects the line itself. Raises InvalidInput for no amount.
    """
    permissions.require(viewer, "performanceAdjustmentEnter")
    reason = texts.reason(reason)
    money = _checked(amount)
    await LINES.require(PerformanceLine, line_id, viewer=viewer, now=now, thing="line")
    corrected = await PerformanceLine.get(id=line_id)
    refuse(guards.adjust(corrected, viewer, now))
    await months.hold()
    line = PerformanceLine(
        id=new_id(),
        created_at=now,
        kind=PerformanceKind.ADJUSTMENT,
        period=await months.open_at(now),
        performed_at=now,
        visible_at=now,
        corrects_id=corrected.corrects_id or corrected.id,
        currency=money.currency,
        amount=money.amount,
        reason=reason,
        entered_by=viewer.actor_id,
        **{name: getattr(corrected, name) for name in _SAME},
    )
    await line.insert()
    await history.of(
        "adjusted",
        line,
        viewer=viewer,
        after={"period": line.period, "amount": str(line.amount)},
        reason=reason,
        now=now,
    )
    return line


_SAME = (
    "partner_id",
    "reseller_id",
    "customer_id",
    "manager_id",
    "association_type",
    "goods_id",
    "order_id",
    "order_line_id",
    "strategy",
    "scene",
    "charge_mode",
    "exclusion",
    "excluded_until",
)


def _checked(amount: Decimal) -> Money:
    path = ("input", "amount")
    try:
        money = Money(amount, CURRENCY)
    except InvalidInput as problem:
        problem.path = path
        raise
    if not money.amount:
        raise InvalidInput(
            reason="A correction adds something, or takes something away.",
            reason_zh="调整金额不能为 0。",
            path=path,
        )
    return money
