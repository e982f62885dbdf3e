"""Acting on behalf of a customer: the one place that makes a checked grant of a wish (C-10, C-11).

A mutation that can be done on behalf takes `onBehalfOf`; its workflow begins with

    viewer = await acting.on_behalf(viewer=viewer, customer_id=…, scope=Scope.ORDER, now=now)

and goes on as ever: every event that it records with this viewer names the customer, too.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain.associations import authorization_guards as guards
from domain.customers.guards import CustomerOfAnotherPartner
from domain.customers.policy import CUSTOMERS
from domain.identity.viewer import Viewer, ViewerKind
from kit.problems import NotFound, Problem
from kit.transaction import assert_open
from models.associations import AuthorizationStatus as Status
from models.associations import OnBehalfAuthorization, OnBehalfScope
from models.customers import Customer

PATH = ("input", "onBehalfOf")


class NotAuthorized(Problem):
    """The customer has given no leave to this, or none any more."""

    en = "The customer hasn't authorized your partner to act on its behalf in this ({scope})."
    zh = "客户未授权贵司代为操作({scope})。"
    about = {"scope": "Which scope is needed."}
    scope: str


async def on_behalf(
    *, viewer: Viewer, customer_id: UUID | None, scope: OnBehalfScope, now: datetime
) -> Viewer:
    """The viewer to go on with: as acting for the customer, or himself when there is none.

    For the beginning of a workflow, before anything else is locked; raises as `require_grant`.
    """
    if customer_id is None:
        return viewer
    await require_grant(viewer=viewer, customer_id=customer_id, scope=scope, now=now)
    return replace(viewer, on_behalf_of=customer_id)


async def require_grant(
    *, viewer: Viewer, customer_id: UUID, scope: OnBehalfScope, now: datetime
) -> OnBehalfAuthorization:
    """The grant by which the viewer's partner may do this for the customer, held until the commit.

    The customer is held with it, so that nobody revokes, switches, parts or freezes in between.
    Raises NotFound, CustomerOfAnotherPartner, OnlyForAgencyCustomers, CustomerIsFrozen,
    NotAuthorized; the item that the operation needs is the operation's own to ask for.
    """
    assert_open()
    found = await CUSTOMERS.locked(Customer, [customer_id], viewer=viewer, now=now)
    if not found:
        raise NotFound(thing="customer", path=PATH)
    customer = found[0]
    if viewer.kind is not ViewerKind.OPERATOR or viewer.partner_id != customer.partner_id:
        raise CustomerOfAnotherPartner(path=PATH)
    if problem := guards.usable(customer):
        problem.path = PATH
        raise problem
    grant = (
        await OnBehalfAuthorization.filter(
            customer_id=customer.id,
            partner_id=customer.partner_id,
            association_id=customer.association_id,
            status=Status.GRANTED,
        )
        .select_for_update(no_key=True)
        .first()
    )
    if grant is None or scope.value not in grant.scopes:
        raise NotAuthorized(scope=scope.value, path=PATH)
    return grant
