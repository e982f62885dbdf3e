"""Acting on behalf: only with a live grant of the scope, recorded on every event, and in races."""

from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from domain.associations import acting, authorizations
from domain.associations.acting import NotAuthorized
from domain.associations.authorization_guards import CustomerIsFrozen, OnlyForAgencyCustomers
from domain.customers import standing, tags
from domain.customers.guards import CustomerOfAnotherPartner
from domain.identity.viewer import Viewer
from kit.problems import NotFound
from kit.status import WrongStatus
from kit.transaction import transactional
from models.associations import AuthorizationStatus as Status
from models.associations import OnBehalfAuthorization, OnBehalfScope
from models.audit import Event
from models.customers import Customer, Freeze
from tests.authorizations.factories import (
    a_grant,
    a_request,
    a_reseller_and_its_distributor,
    agency_sides,
    granted,
)
from tests.changes.factories import REFERRAL, Sides, both_sides
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import cus
from tests.factories import an_administrator
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

ORDER, OM = OnBehalfScope.ORDER, OnBehalfScope.OM


@transactional
async def act(
    viewer: Viewer,
    customer_id: UUID,
    now: datetime,
    *,
    scope: OnBehalfScope = ORDER,
    for_whom: UUID | None = None,
) -> None:
    """A workflow that can be done on behalf, such as later domains have."""
    viewer = await acting.on_behalf(
        viewer=viewer, customer_id=for_whom or customer_id, scope=scope, now=now
    )
    await tags.add(viewer=viewer, customer_id=customer_id, tag="done on behalf", now=now)


async def test_every_event_names_for_whom_it_was_done(ask: Ask, time: Clock) -> None:
    sides = await agency_sides()
    await a_grant(sides, now=time.now)

    await act(sides.partner, sides.customer.id, time.now)

    event = await Event.get(name="customer.tagged")
    assert event.on_behalf_of == sides.customer.id
    assert event.actor_name == sides.partner.display_name
    history = (
        "query ($id: ID!) { customer(id: $id) { history { nodes { name onBehalfOf { id } } } } }"
    )
    told = await ask(history, by=sides.partner, id=cus(sides.customer))
    assert told["history"]["nodes"] == [
        {"name": "customer.tagged", "onBehalfOf": {"id": cus(sides.customer)}}
    ]


async def test_in_ones_own_name_no_event_names_anybody(time: Clock) -> None:
    sides = await agency_sides()

    @transactional
    async def act_alone() -> Viewer:
        viewer = await acting.on_behalf(
            viewer=sides.partner, customer_id=None, scope=ORDER, now=time.now
        )
        await tags.add(viewer=viewer, customer_id=sides.customer.id, tag="own", now=time.now)
        return viewer

    assert await act_alone() is sides.partner
    assert (await Event.get()).on_behalf_of is None


@pytest.mark.parametrize(("given", "wanted"), [(ORDER, OM), (OM, ORDER)])
async def test_a_scope_covers_itself_alone(
    time: Clock, given: OnBehalfScope, wanted: OnBehalfScope
) -> None:
    sides = await agency_sides()
    await a_grant(sides, scopes=(given,), now=time.now)
    await act(sides.partner, sides.customer.id, time.now, scope=given)
    await Event.filter(name="customer.tagged").delete()

    with pytest.raises(NotAuthorized) as refused:
        await act(sides.partner, sides.customer.id, time.now, scope=wanted)
    assert (refused.value.scope, refused.value.path) == (wanted.value, ("input", "onBehalfOf"))
    assert not await Event.exists(name="customer.tagged")


async def test_without_a_live_grant_nobody_acts(time: Clock) -> None:
    sides = await agency_sides()
    referral = await both_sides(REFERRAL)
    with pytest.raises(NotAuthorized):
        await act(sides.partner, sides.customer.id, time.now)
    asked = await a_request(sides, now=time.now)
    with pytest.raises(NotAuthorized):
        await act(sides.partner, sides.customer.id, time.now)
    await granted(asked, by=sides.buyer, now=time.now)
    for viewer, customer, problem in (
        (referral.partner, sides.customer, NotFound),
        (sides.buyer, sides.customer, CustomerOfAnotherPartner),
        (referral.partner, referral.customer, OnlyForAgencyCustomers),
    ):
        with pytest.raises(problem):
            await act(viewer, customer.id, time.now)
    # A grant of an association before this one is none.
    await OnBehalfAuthorization.all().update(association_id=referral.customer.association_id)
    with pytest.raises(NotAuthorized):
        await act(sides.partner, sides.customer.id, time.now)
    await Customer.filter(id=sides.customer.id).update(freeze=Freeze.ACCOUNT)
    with pytest.raises(CustomerIsFrozen):
        await act(sides.partner, sides.customer.id, time.now)
    assert not await Event.exists(name="customer.tagged")


async def test_a_distributor_does_not_act_by_its_resellers_grant(time: Clock) -> None:
    sides, distributor = await a_reseller_and_its_distributor()
    asked = await a_request(sides, now=time.now)
    await authorizations.endorse(viewer=distributor, authorization_id=asked.id, now=time.now)
    await granted(asked, by=sides.buyer, now=time.now)
    with pytest.raises(CustomerOfAnotherPartner):
        await act(distributor, sides.customer.id, time.now)
    await act(await an_administrator(sides.house), sides.customer.id, time.now)


async def raced(first: str, calls: dict[str, Any], sides: Sides) -> dict[str, Any]:
    """All at once while the customer is held, `first` queueing up first."""
    order = [first, *(name for name in calls if name != first)]
    outcomes = await at_once(*(calls[name] for name in order), while_locked=sides.customer)
    return dict(zip(order, outcomes, strict=True))


async def it_holds(authorization: OnBehalfAuthorization) -> OnBehalfAuthorization:
    told = [
        Status(event.after["status"])
        for event in await Event.filter(subject_id=authorization.id).order_by("id")
    ]
    for before, after in pairwise(told):
        assert after in Status.arrows()[before]
    kept = await OnBehalfAuthorization.get(id=authorization.id)
    assert told[-1] is kept.status
    return kept


@pytest.mark.parametrize("first", ["act", "revoke", "freeze"])
async def test_who_acts_first_has_acted_and_after_the_end_nobody_does(
    time: Clock, first: str
) -> None:
    sides = await agency_sides()
    grant = await a_grant(sides, now=time.now)
    calls: dict[str, Any] = {"act": act(sides.partner, sides.customer.id, time.now)}
    if first == "freeze":
        calls["freeze"] = standing.freeze(
            viewer=sides.partner,
            customer_id=sides.customer.id,
            extent=Freeze.ACCOUNT,
            reason="x",
            now=time.now,
        )
    else:
        calls["revoke"] = authorizations.revoke(
            viewer=sides.buyer, authorization_id=grant.id, now=time.now
        )

    outcomes = await raced(first, calls, sides)

    refusal = {"act": type(None), "revoke": NotAuthorized, "freeze": CustomerIsFrozen}[first]
    assert isinstance(outcomes["act"], refusal)
    assert await Event.filter(name="customer.tagged").count() == (first == "act")
    assert (await it_holds(grant)).status is Status.REVOKED


@pytest.mark.parametrize("first", ["grant", "withdraw", "reject"])
async def test_given_and_given_up_in_the_same_instant(time: Clock, first: str) -> None:
    sides = await agency_sides()
    asked = await a_request(sides, now=time.now)
    calls: dict[str, Any] = {
        "grant": granted(asked, by=sides.buyer, now=time.now),
        "withdraw": authorizations.withdraw(
            viewer=sides.partner, authorization_id=asked.id, now=time.now
        ),
        "reject": authorizations.reject(
            viewer=sides.buyer, authorization_id=asked.id, reason="no", now=time.now
        ),
    }

    outcomes = await raced(first, calls, sides)

    assert not isinstance(outcomes[first], Exception)
    kept = await it_holds(asked)
    if first == "grant":  # and given up after that
        assert isinstance(outcomes["reject"], WrongStatus)
        assert (kept.status, kept.end_reason) == (Status.REVOKED, "WITHDRAWN")
    else:
        others = [outcome for name, outcome in outcomes.items() if name != first]
        assert [type(other) for other in others] == [WrongStatus, WrongStatus]
        assert kept.status is (Status.REVOKED if first == "withdraw" else Status.REJECTED)


@pytest.mark.parametrize("first", ["revoke", "withdraw"])
async def test_taken_back_and_given_up_is_over_once(time: Clock, first: str) -> None:
    sides = await agency_sides()
    grant = await a_grant(sides, now=time.now)
    outcomes = await raced(
        first,
        {
            "revoke": authorizations.revoke(
                viewer=sides.buyer, authorization_id=grant.id, now=time.now
            ),
            "withdraw": authorizations.withdraw(
                viewer=sides.partner, authorization_id=grant.id, now=time.now
            ),
        },
        sides,
    )

    losers = [type(each) for each in outcomes.values() if isinstance(each, Exception)]
    assert losers == [WrongStatus]
    wanted = {"revoke": "REVOKED_BY_CUSTOMER", "withdraw": "WITHDRAWN"}
    assert (await it_holds(grant)).end_reason == wanted[first]


async def test_two_requests_in_the_same_instant_are_one(time: Clock) -> None:
    sides = await agency_sides()
    colleague = await an_administrator(sides.house)

    outcomes = await at_once(
        a_request(sides, now=time.now),
        a_request(sides, by=colleague, now=time.now),
        while_locked=sides.customer,
    )

    assert isinstance(outcomes[1], authorizations.AuthorizationExists)
    assert await OnBehalfAuthorization.all().count() == 1
    assert await Event.filter(name="partner.commitment_accepted").count() == 1
