"""Recording business facts, in the transaction that made them true."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit.ids import new_id
from kit.request import request_id
from models.audit import Event

PLATFORM_TENANT = UUID(int=0)


async def record(
    name: str,
    *,
    actor: Any,
    subject_type: str,
    subject_id: UUID,
    tenant_id: UUID,
    at: datetime,
    person_id: UUID | None = None,
    customer_id: UUID | None = None,
    manager_id: UUID | None = None,
    on_behalf_of: UUID | None = None,
    reason: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> UUID:
    """Write down one fact and give back its id.

    `name` is `thing.happened` (`member_invitation.sent`); `before` and `after` hold only what
    changed, JSON-ready, without secrets. The position comes later, from the relay. What is about a
    customer names it, and what is about a lead that is none yet the seat of whose lead it is: else
    every account manager of the partner sees it.
    """
    event = await Event.create(
        id=new_id(),
        created_at=at,
        tenant_id=tenant_id,
        name=name,
        subject_type=subject_type,
        subject_id=subject_id,
        person_id=person_id,
        customer_id=customer_id,
        manager_id=manager_id,
        actor_kind=actor.kind,
        actor_id=actor.actor_id,
        actor_name=actor.display_name,
        on_behalf_of=on_behalf_of,
        reason=reason,
        before=before or {},
        after=after or {},
        request_id=request_id(),
        occurred_at=at,
    )
    return event.id
