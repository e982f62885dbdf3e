"""Showing a customer's phone number or mail address once, for a reason that is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.customers import guards, history
from domain.customers.policy import CUSTOMERS
from domain.identity.permissions import require
from domain.identity.viewer import Viewer
from kit import texts
from kit.guards import refuse
from kit.problems import InvalidInput
from kit.transaction import transactional
from models.customers import Customer


class ContactField(StrEnum):
    """What of a customer is masked."""

    PHONE = "PHONE"
    EMAIL = "EMAIL"


@dataclass(frozen=True, slots=True)
class Revealed:
    """What was asked for, in full; None for what wasn't, or isn't known."""

    customer: Customer
    phone: str | None
    email: str | None


@transactional
async def reveal(
    *,
    viewer: Viewer,
    customer_id: UUID,
    fields: Sequence[ContactField],
    reason: str,
    now: datetime,
) -> Revealed:
    """Tell the fields in full. The history keeps who asked for which, and why."""
    require(viewer, "customerReveal")
    reason = texts.reason(reason)
    wanted = sorted(set(fields))
    if not wanted:
        raise InvalidInput(
            reason="Name at least one field.",
            reason_zh="请至少选择一个字段。",
            path=("input", "fields"),
        )
    customer = await CUSTOMERS.lock(Customer, customer_id, viewer=viewer, now=now, thing="customer")
    refuse(guards.reveal(customer, viewer, now))
    await history.of_customer(
        "revealed",
        customer,
        viewer=viewer,
        after={"fields": [field.value for field in wanted]},
        reason=reason,
        now=now,
    )
    return Revealed(
        customer,
        phone=customer.phone if ContactField.PHONE in wanted else None,
        email=customer.email if ContactField.EMAIL in wanted else None,
    )
