"""Doing what both sides agreed on: the worker's part, one transaction with all that hangs on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.associations import change_history, ending
from domain.associations.changes import failures
from domain.identity.viewer import SYSTEM
from models.associations import AssociationChange, ChangeKind
from models.associations import ChangeStatus as Status
from models.customers import Customer

CHECKS_FAILED = "CHECKS_FAILED"


async def execute(*, subject_ids: Sequence[UUID], now: datetime) -> None:
    """Do the approved changes of these customers, or reject those whose checks fail by now.

    The effect of the timer `association_change.execute`. The caller holds the customers, so that
    between the checks and the end nobody can freeze one, or let it fall into debt.
    """
    approved = (
        await AssociationChange.filter(customer_id__in=list(subject_ids), status=Status.APPROVED)
        .order_by("customer_id")
        .select_for_update(no_key=True)
    )
    for change in approved:
        customer = await Customer.get(id=change.customer_id)
        assert customer.association_id == change.association_id
        failed = await failures(customer, change.kind, change.to_type, now)
        if failed:
            codes = [check.code.value for check in failed]
            await _reject(change, codes, now)
        else:
            await _do(change, customer, now)


async def _reject(change: AssociationChange, codes: list[str], now: datetime) -> None:
    before = change.status
    change.status = before.to(Status.REJECTED)
    change.failed_checks = codes
    change.version += 1
    await change.save(update_fields=["status", "failed_checks", "version"])
    await change_history.of_change(
        "rejected",
        change,
        viewer=SYSTEM,
        before=before.value,
        after={"failed_checks": codes},
        reason=CHECKS_FAILED,
        now=now,
    )


async def _do(change: AssociationChange, customer: Customer, now: datetime) -> None:
    before = change.status
    change.status = before.to(Status.DONE)
    change.done_at = now
    change.version += 1
    await change.save(update_fields=["status", "done_at", "version"])
    effects: dict[str, Any]
    if change.kind is ChangeKind.SWITCH:
        assert change.to_type is not None
        effects = await ending.switch(customer, to_type=change.to_type, viewer=SYSTEM, now=now)
    else:
        reason = f"DISASSOCIATED_BY_{change.initiator.value}"
        effects = await ending.end(customer, reason=reason, viewer=SYSTEM, now=now)
    await change_history.of_change(
        "done", change, viewer=SYSTEM, before=before.value, after=effects, now=now
    )
