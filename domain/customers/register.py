"""Registering customers; reports, invitations and associations come on top of it."""

from datetime import datetime
from typing import Any

from domain.customers import history
from domain.identity.viewer import SYSTEM
from kit.ids import new_id
from kit.transaction import transactional
from models.customers import Customer


@transactional
async def register(*, name: str, account_name: str, now: datetime, **facts: Any) -> Customer:
    """Write down a cloud account that buys; `facts` are further columns of it, as they are now."""
    customer = await Customer.create(
        id=new_id(), created_at=now, name=name, account_name=account_name, **facts
    )
    await history.of_customer("registered", customer, viewer=SYSTEM, after={"name": name}, now=now)
    return customer
