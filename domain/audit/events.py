"""Recording business facts, in the transaction that made them true."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
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


class Log(NamedTuple):
    """In whose log an event stands, and who of them reads of it; None: all of them.

    What is about a customer names it, and what is about a lead that is none yet the seat of whose
    lead it is: else every account manager of the partner sees it.
    """

    tenant_id: UUID
    customer_id: UUID | None = None
    manager_id: UUID | None = None


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
    changed, JSON-ready, without secrets. The position comes later, from the relay. Who reads of it
    is as of `Log`.
    """
    [id] = await record_in(
        [Log(tenant_id, customer_id, manager_id)],
        name,
        actor=actor,
        subject_type=subject_type,
        subject_id=subject_id,
        at=at,
        person_id=person_id,
        reason=reason,
        before=before,
        after=after,
    )
    return id


async def record_in(
    logs: Sequence[Log],
    name: str,
    *,
    actor: Any,
    subject_type: str,
    subject_id: UUID,
    at: datetime,
    person_id: UUID | None = None,
    reason: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> list[UUID]:
    """As `record`, in several logs: what concerns several stands in the log of each."""
    ids = [new_id() for _ in logs]
    told = [
        *(actor.kind, actor.actor_id, actor.display_name, getattr(actor, "on_behalf_of", None)),
        *(reason, orjson.dumps(before or {}).decode(), orjson.dumps(after or {}).decode()),
        request_id(),
    ]
    await database.execute_many(
        _INSERT,
        [
            [
                *(id, at, log.tenant_id, name, subject_type, subject_id, person_id),
                *(log.customer_id, log.manager_id, *told),
            ]
            for id, log in zip(ids, logs, strict=True)
        ],
    )
    return ids
