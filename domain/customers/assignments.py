"""Giving customers to account managers, one or many, with a history that counts (C-13, O-06, O-07).

The manager is a seat: an operator of the customer's partner. `customer.manager_id` is who has it
now, `customer_assignment` who had it from when until when.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from domain.customers import guards
from domain.customers.policy import CUSTOMERS
from domain.identity.permissions import require
from domain.identity.policy import OPERATORS
from domain.identity.viewer import SYSTEM, Viewer, ViewerKind
from kit import batches, database
from kit.batches import ItemOutcome
from kit.problems import NotFound, Problem
from kit.request import request_id
from kit.transaction import assert_open, transactional
from models.customers import Customer
from models.identity import Operator


class NotYourManager(Problem):
    """Who sees only some customers gives them only to managers of his own (O-12)."""

    en = "You can give customers only to account managers whom you supervise, or keep them."
    zh = "您只能将客户分配给自己或您所管理的客户经理。"


@transactional
async def assign(
    *, viewer: Viewer, customer_ids: Sequence[UUID], manager_id: UUID, now: datetime
) -> list[ItemOutcome]:
    """Give each of up to 100 customers to a manager; who has it already is done, too.

    One transaction, an outcome for each, in the order given, a customer named twice counted once:
    NotFound for what the viewer doesn't see (any more), CustomerOfAnotherPartner for what another
    partner manages. Raises NotFound for a manager who isn't there, NotYourManager.
    """
    require(viewer, "customerAssign")
    wanted = batches.checked(customer_ids, path=("input", "customerIds"))
    customers = await CUSTOMERS.locked(Customer, wanted, viewer=viewer, now=now)
    manager = await _manager(viewer, manager_id, now)
    refused = _refusals(customers, viewer, now)
    for customer in customers:
        if customer.partner_id != manager.partner_id:
            refused.setdefault(customer.id, guards.CustomerOfAnotherPartner())
    moving = [customer.id for customer in customers if customer.id not in refused]
    await hand_over(viewer=viewer, customer_ids=moving, manager_id=manager.id, now=now)
    return _outcomes(wanted, customers, refused)


@transactional
async def unassign(
    *, viewer: Viewer, customer_ids: Sequence[UUID], now: datetime
) -> list[ItemOutcome]:
    """Leave up to 100 customers without a manager; outcomes as of `assign`."""
    require(viewer, "customerUnassign")
    wanted = batches.checked(customer_ids, path=("input", "customerIds"))
    customers = await CUSTOMERS.locked(Customer, wanted, viewer=viewer, now=now)
    refused = _refusals(customers, viewer, now)
    moving = [customer.id for customer in customers if customer.id not in refused]
    await hand_over(viewer=viewer, customer_ids=moving, manager_id=None, now=now)
    return _outcomes(wanted, customers, refused)


async def hand_over(
    *,
    viewer: Viewer = SYSTEM,
    customer_ids: Sequence[UUID],
    manager_id: UUID | None,
    reason: str | None = None,
    now: datetime,
) -> int:
    """Change the manager of customers that the caller holds, history and events; how many changed.

    The manager must be a living seat at the partner of all of them (see `living_seat`), or None.
    For workflows of associations, too: call it once the customer's `partner_id` is the new one.
    """
    assert_open()
    await database.execute(_END, list(customer_ids), manager_id, now)
    return await database.execute(
        _BEGIN,
        *(list(customer_ids), manager_id, now, viewer.kind.value, viewer.actor_id),
        *(viewer.display_name, reason, request_id()),
    )


async def close(*, customer_ids: Sequence[UUID], now: datetime) -> None:
    """End the open assignments of customers that leave their partner; the caller holds them.

    `customer.manager_id` is the caller's to clear, together with the association.
    """
    assert_open()
    await database.execute(_CLOSE, list(customer_ids), now)


async def living_seat(seat_id: UUID | None, *, partner_id: UUID) -> UUID | None:
    """The seat, if it is an operator's of this partner and not taken away; held so until commit."""
    assert_open()
    found = await database.row(
        "select id from operator where id = $1 and partner_id = $2 and removed_at is null"
        " for share",
        seat_id,
        partner_id,
    )
    return found["id"] if found else None


async def _manager(viewer: Viewer, manager_id: UUID, now: datetime) -> Operator:
    path = ("input", "managerId")
    operator = None
    if await OPERATORS.sees(Operator, manager_id, viewer=viewer, now=now):
        operator = await Operator.get(id=manager_id)
    if operator is None or await living_seat(manager_id, partner_id=operator.partner_id) is None:
        raise NotFound(thing="operator", path=path)
    is_bound = viewer.kind is ViewerKind.OPERATOR and not viewer.sees_all_customers
    if is_bound and manager_id not in viewer.manager_ids:
        raise NotYourManager(path=path)
    return operator


def _refusals(customers: Sequence[Customer], viewer: Viewer, now: datetime) -> dict[UUID, Problem]:
    judged = {customer.id: guards.assign(customer, viewer, now) for customer in customers}
    return {id: problem for id, problem in judged.items() if problem is not None}


def _outcomes(
    wanted: Sequence[UUID], customers: Sequence[Customer], refused: dict[UUID, Problem]
) -> list[ItemOutcome]:
    seen = {customer.id for customer in customers}
    return [
        ItemOutcome(id, refused.get(id) if id in seen else NotFound(thing="customer"))
        for id in wanted
    ]


# Two statements: in one, the new assignment could come before the old one has ended, and the two
# would be open together. A clock that runs behind must not make an assignment end before it began.
_END = """
update customer_assignment assignment set to_at = greatest(assignment.from_at, $3)
  from customer
 where customer.id = any($1) and customer.manager_id is distinct from $2
   and assignment.customer_id = customer.id and assignment.to_at is null
"""

_BEGIN = """
with moved as (
  update customer set manager_id = $2, version = version + 1
   where id = any($1) and manager_id is distinct from $2
  returning id, partner_id, old.manager_id as before
), begun as (
  insert into customer_assignment (id, created_at, partner_id, customer_id, manager_id, from_at)
  select uuidv7(), $3, partner_id, id, $2, $3 from moved where $2 is not null
)
insert into event (id, created_at, tenant_id, name, subject_type, subject_id, customer_id,
  actor_kind, actor_id, actor_name, reason, before, after, request_id, occurred_at)
select uuidv7(), $3, partner_id,
  case when $2 is null then 'customer.unassigned' else 'customer.assigned' end,
  'customer', id, id, $4, $5, $6, $7,
  jsonb_strip_nulls(jsonb_build_object('manager_id', before)),
  jsonb_strip_nulls(jsonb_build_object('manager_id', $2)), $8, $3
from moved
"""

_CLOSE = """
update customer_assignment set to_at = greatest(from_at, $2)
 where customer_id = any($1) and to_at is null
"""
