"""Operators who leave: whose customers they had have nobody then."""

from datetime import datetime
from uuid import UUID

from domain.customers import assignments
from domain.identity import operators
from domain.identity.permissions import require
from domain.identity.policy import OPERATORS
from domain.identity.viewer import Viewer
from kit import database
from kit.transaction import transactional
from models.identity import Operator

REASON = "OPERATOR_REMOVED"


@transactional
async def remove_operator(*, viewer: Viewer, operator_id: UUID, now: datetime) -> Operator:
    """Take a seat away, and all customers from it; otherwise as `operators.remove`."""
    require(viewer, "operatorRemove")
    if await OPERATORS.sees(Operator, operator_id, viewer=viewer, now=now):
        # Customers before partners and operators, as everyone locks them.
        await _held_by(operator_id)
    operator = await operators.remove(viewer=viewer, operator_id=operator_id, now=now)
    # Who was given to the seat meanwhile is among them; from now on nobody can be.
    await assignments.hand_over(
        viewer=viewer,
        customer_ids=await _held_by(operator_id),
        manager_id=None,
        reason=REASON,
        now=now,
    )
    return operator


async def _held_by(operator_id: UUID) -> list[UUID]:
    rows = await database.rows(
        "select id from customer where manager_id = $1 order by id for no key update", operator_id
    )
    return [row["id"] for row in rows]
