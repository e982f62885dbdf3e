"""Recording business facts, in the transaction that made them true."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kit import database
from kit.ids import new_id
from kit.request import request_id

PLATFORM_TENANT = UUID(int=0)

# Every workflow writes one or more of these, hence not by way of the ORM.
_INSERT = """
insert into event (id, created_at, occurred_at, tenant_id, name, subject_type, subject_id,
  person_id, customer_id, manager_id, actor_kind, actor_id, actor_name, on_behalf_of, reason,
  before, after, request_id)
values ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
"""


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
    id = new_id()
    on_behalf_of = getattr(actor, "on_behalf_of", None)
    await database.execute(
        _INSERT,
        *(id, at, tenant_id, name, subject_type, subject_id, person_id, customer_id, manager_id),
        *(actor.kind, actor.actor_id, actor.display_name, on_behalf_of, reason),
        *(orjson.dumps(before or {}).decode(), orjson.dumps(after or {}).decode(), request_id()),
    )
    return id
