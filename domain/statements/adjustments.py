"""Differences that the platform enters by hand, for a partner's next statement (调账; S-05)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.settlement import adjusting
from kit.transaction import transactional
from models.settlement import Unsettled


@transactional
async def enter(
    *,
    viewer: Viewer,
    partner_id: UUID,
    amount: Decimal,
    goods_tax_rate: Decimal,
    reason: str,
    line_id: UUID | None = None,
    now: datetime,
) -> Unsettled:
    """Let an amount, above or below zero, come with the partner's next statement at this rate.

    `line_id` names the settlement line that it puts right. Raises NotFound, InvalidInput.
    """
    permissions.require(viewer, "settlementAdjustmentEnter")
    return await adjusting.enter(
        partner_id=partner_id,
        amount=amount,
        goods_tax_rate=goods_tax_rate,
        reason=reason,
        line_id=line_id,
        viewer=viewer,
        now=now,
    )
