"""Attempts that failed, as records of nothing that moved (wire: result -1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity.viewer import Viewer
from kit import rows
from kit.ids import new_id
from kit.problems import Problem
from models.vouchers import CouponOperation, CouponRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What was to be issued to whom, or which coupon was to be taken back, and why it wasn't."""

    operation: CouponOperation
    problem: Problem
    customer_id: UUID
    amount: Decimal
    partner_id: UUID | None
    quota_id: UUID | None
    coupon_id: UUID | None = None
    currency: str


async def write_down(
    failures: Sequence[Failure], *, note: str | None, viewer: Viewer, now: datetime
) -> None:
    """A record of each. Only of customers that the viewer sees: of others nothing is told."""
    await rows.insert_all(
        [
            CouponRecord(
                id=new_id(),
                created_at=now,
                coupon_id=each.coupon_id,
                quota_id=each.quota_id,
                partner_id=each.partner_id,
                customer_id=each.customer_id,
                operation=each.operation,
                amount=each.amount,
                change=Decimal(0),
                currency=each.currency,
                failure=each.problem.code,
                note=note,
                actor_id=viewer.actor_id,
                actor_name=viewer.display_name,
            )
            for each in failures
        ]
    )
