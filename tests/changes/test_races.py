"""Two things happen to one association in the same instant. Real locks, real commits."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.associations import deciding
from domain.associations.change_guards import ChangeTimedOut
from domain.associations.changes import ChangeOpen
from domain.customers import assignments, standing
from domain.customers.guards import NotAnAgencyCustomer
from domain.identity.items import Item
from kit.problems import NotFound
from kit.status import WrongStatus
from models.associations import AssociationChange
from models.associations import ChangeStatus as Status
from models.audit import Event
from models.customers import Association, Freeze
from tests.changes.factories import (
    AGENCY,
    Sides,
    a_switch,
    an_end,
    approved,
    both_sides,
    execute,
    expire,
)
from tests.conftest import Clock
from tests.customers.factories import a_manager
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)

Call = Callable[[], Awaitable[Any]]


async def it_holds(change: AssociationChange) -> Status:
    """The history follows the arrows up to where the row stands; where that is."""
    told = [
        Status(event.after["status"])
        for event in await Event.filter(subject_id=change.id).order_by("id")
    ]
    for before, after in pairwise(told):
        assert after in Status.arrows()[before]
    kept = await AssociationChange.get(id=change.id)
    assert told[-1] is kept.status
    return kept.status


async def raced(first: str, calls: dict[str, Any], sides: Sides) -> dict[str, Any]:
    """Both at once while the customer is held, `first` queueing up first."""
    order = [first, *(name for name in calls if name != first)]
    outcomes = await at_once(*(calls[name] for name in order), while_locked=sides.customer)
    return dict(zip(order, outcomes, strict=True))


@pytest.mark.parametrize("first", ["approve", "cancel", "reject"])
@pytest.mark.parametrize("second", ["approve", "cancel", "reject"])
async def test_of_two_decisions_the_first_holds(time: Clock, first: str, second: str) -> None:
    if first == second:
        second = {"approve": "reject", "reject": "cancel", "cancel": "approve"}[first]
    sides = await both_sides()
    change = await an_end(sides, now=time.now)
    verbs: dict[str, Call] = {
        "approve": lambda: approved(change, by=sides.buyer, now=time.now),
        "cancel": lambda: deciding.cancel(viewer=sides.partner, change_id=change.id, now=time.now),
        "reject": lambda: deciding.reject(
            viewer=sides.buyer, change_id=change.id, reason="no", now=time.now
        ),
    }

    outcomes = await raced(first, {first: verbs[first](), second: verbs[second]()}, sides)

    assert not isinstance(outcomes[first], Exception)
    assert isinstance(outcomes[second], WrongStatus)
    wanted = {"approve": "APPROVED", "cancel": "CANCELLED", "reject": "REJECTED"}
    assert await it_holds(change) == wanted[first]


@pytest.mark.parametrize("first", ["partner", "buyer"])
async def test_of_two_who_ask_in_the_same_instant_one_has_asked(time: Clock, first: str) -> None:
    sides = await both_sides()
    outcomes = await raced(
        first,
        {
            "partner": an_end(sides, now=time.now),
            "buyer": a_switch(sides, by=sides.buyer, now=time.now),
        },
        sides,
    )

    [change] = await AssociationChange.all()
    assert change.initiator == ("PARTNER" if first == "partner" else "CUSTOMER")
    losers = [each for each in outcomes.values() if isinstance(each, Exception)]
    assert [type(loser) for loser in losers] == [ChangeOpen]
    await it_holds(change)


@pytest.mark.parametrize("first", ["decide", "lapse"])
async def test_a_decision_in_time_wins_over_a_worker_who_is_early_or_late(
    time: Clock, thirty_days: timedelta, first: str
) -> None:
    sides = await both_sides()
    change = await an_end(sides, now=time.now)
    assert change.expires_at is not None
    calls: dict[str, Any] = {
        "decide": approved(change, by=sides.buyer, now=change.expires_at - MICROSECOND),
        "lapse": expire(change, change.expires_at),
    }
    order = [first, *(name for name in calls if name != first)]

    outcomes = dict(
        zip(
            order,
            await at_once(*(calls[name] for name in order), while_locked=change),
            strict=True,
        )
    )

    assert outcomes["lapse"] is None
    assert isinstance(outcomes["decide"], ChangeTimedOut) is (first == "lapse")
    assert await it_holds(change) is (Status.TIMED_OUT if first == "lapse" else Status.APPROVED)


@pytest.mark.parametrize("first", ["execute", "freeze"])
async def test_who_is_frozen_first_stays_and_who_has_left_is_not_the_partners_to_freeze(
    time: Clock, first: str
) -> None:
    sides = await both_sides(AGENCY)
    change = await a_switch(sides, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)
    outcomes = await raced(
        first,
        {
            "execute": execute(sides.customer, time.now),
            "freeze": standing.freeze(
                viewer=sides.partner,
                customer_id=sides.customer.id,
                extent=Freeze.ACCOUNT,
                reason="late",
                now=time.now,
            ),
        },
        sides,
    )

    assert outcomes["execute"] is None
    customer = await sides.fresh()
    if first == "execute":
        # A referral customer can't be frozen by its partner.
        assert isinstance(outcomes["freeze"], NotAnAgencyCustomer)
        assert (customer.freeze, customer.association_type) == (Freeze.NONE, "REFERRAL")
        assert await it_holds(change) is Status.DONE
    else:
        assert (customer.freeze, customer.association_type) == (Freeze.ACCOUNT, "AGENCY")
        assert await it_holds(change) is Status.REJECTED


async def test_two_workers_do_it_once(time: Clock) -> None:
    sides = await both_sides()
    change = await an_end(sides, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)

    outcomes = await at_once(
        execute(sides.customer, time.now),
        execute(sides.customer, time.now),
        while_locked=sides.customer,
    )

    assert outcomes == [None, None]
    assert await it_holds(change) is Status.DONE
    assert await Event.filter(name="customer.disassociated").count() == 1
    assert await Association.filter(state="ENDED").count() == 1


@pytest.mark.parametrize("first", ["done", "asked"])
async def test_an_end_and_a_wish_in_the_same_instant(time: Clock, first: str) -> None:
    """A second change finds the first one open, or the customer gone."""
    sides = await both_sides()
    change = await an_end(sides, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)
    outcomes = await raced(
        first,
        {
            "done": execute(sides.customer, time.now),
            "asked": a_switch(sides, by=sides.partner, now=time.now),
        },
        sides,
    )

    assert isinstance(outcomes["asked"], NotFound if first == "done" else ChangeOpen)
    assert await it_holds(change) is Status.DONE
    assert await AssociationChange.all().count() == 1


async def test_a_manager_who_loses_the_customer_in_between_finds_nothing(time: Clock) -> None:
    sides = await both_sides()
    manager, by_manager = await a_manager(sides.house)
    by_manager = replace(by_manager, items=by_manager.items | {Item.ASSOCIATION_CHANGE})
    await assignments.assign(
        viewer=sides.partner, customer_ids=[sides.customer.id], manager_id=manager.id, now=time.now
    )
    change = await an_end(sides, by=sides.buyer, now=time.now)

    taken, decided = await at_once(
        assignments.unassign(viewer=sides.partner, customer_ids=[sides.customer.id], now=time.now),
        approved(change, by=by_manager, now=time.now),
        while_locked=sides.customer,
    )

    assert not isinstance(taken, Exception)
    assert isinstance(decided, NotFound)
    assert await it_holds(change) is Status.PENDING
