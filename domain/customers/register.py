"""Registering customers; reports, invitations and associations come on top of it."""

from datetime import datetime

from domain.audit import events
from domain.identity.viewer import SYSTEM
from kit.ids import new_id
from kit.transaction import transactional
from models.customers import Customer


@transactional
async def register(*, name: str, account_name: str, now: datetime) -> Customer:
    """Write down a cloud account that buys."""
    customer = await Customer.create(
        id=new_id(), created_at=now, name=name, account_name=account_name
    )
    await events.record(
        "customer.registered",
        actor=SYSTEM,
        subject_type="customer",
        subject_id=customer.id,
        tenant_id=events.PLATFORM_TENANT,
        at=now,
        after={"name": name},
    )
    return customer
