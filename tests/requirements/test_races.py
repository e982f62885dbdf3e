"""The merchant, the partner and the worker in the same instant, in both orders, on real locks."""

from collections.abc import Coroutine
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.requirements import answering, deadlines, submitting
from domain.requirements.guards import RequirementExpired
from kit.problems import Problem, VersionConflict
from kit.status import WrongStatus
from kit.timers import TIMERS
from models.audit import Event
from models.customers import Customer
from models.notifications import Mail
from models.requirements import CustomerRequirement
from models.requirements import RequirementStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.races import at_once
from tests.requirements.factories import Sale, a_draft, a_pending, edited, history, submit
from tests.requirements.spoiling import lose_the_customer
from workers import firing

MICROSECOND = timedelta(microseconds=1)
Calls = dict[str, Coroutine[Any, Any, Any]]


async def a_worker_fires(requirement: CustomerRequirement) -> Coroutine[Any, Any, int]:
    """As a worker does at the deadline, which has claimed the timer already."""
    assert requirement.expires_at is not None
    claim = await TIMERS.claim(lease=timedelta(minutes=1), limit=10, now=requirement.expires_at)
    due = [row["id"] for row in claim.rows if row["kind"] == deadlines.EXPIRE]
    return firing.fire(deadlines.EXPIRE, due, token=claim.token, now=requirement.expires_at)


async def race(calls: Calls, first: str, *, held: Any) -> dict[str, Any]:
    """Run them at once, this one first in the queue for the row."""
    order = [first, *(name for name in calls if name != first)]
    outcomes = await at_once(*(calls[name] for name in order), while_locked=held)
    return dict(zip(order, outcomes, strict=True))


async def it_followed_the_arrows(requirement: CustomerRequirement, sale: Sale) -> None:
    statuses = [
        event.after["status"]
        for event in await Event.filter(
            subject_id=requirement.id, tenant_id=sale.partner.id
        ).order_by("id")
    ]
    assert statuses[-1] == (await CustomerRequirement.get(id=requirement.id)).status
    for before, after in pairwise(statuses):
        assert after in Status.arrows()[before]


@pytest.mark.parametrize("first", ["answer", "worker"])
@pytest.mark.parametrize("verb", ["accept", "reject"])
async def test_an_answer_in_the_instant_in_which_the_timer_fires(
    sale: Sale, time: Clock, first: str, verb: str
) -> None:
    """Asked in time, and both want the row: whoever gets it first has decided."""
    pending = await a_pending(sale, now=time.now)
    assert pending.expires_at is not None
    in_time = pending.expires_at - MICROSECOND
    answer = (
        answering.accept(viewer=sale.seller, requirement_id=pending.id, now=in_time)
        if verb == "accept"
        else answering.reject(
            viewer=sale.seller, requirement_id=pending.id, reason="no", now=in_time
        )
    )
    # An acceptance holds the customer before the requirement, which both then want.
    outcomes = await race(
        {"answer": answer, "worker": await a_worker_fires(pending)}, first, held=pending
    )

    stored = await CustomerRequirement.get()
    told = await history(pending, sale.merchant)
    if first == "answer":
        assert outcomes["worker"] == 0
        assert told == ["submitted", "accepted" if verb == "accept" else "rejected"]
        assert stored.rejection == (None if verb == "accept" else "EXPLICIT")
    else:
        assert isinstance(outcomes["answer"], RequirementExpired)
        assert outcomes["worker"] == 1
        assert told == ["submitted", "timed_out"]
        assert (stored.status, stored.rejection) == (Status.REJECTED, "TIMEOUT")
    assert await Mail.filter(template="customer_requirement_answered").count() == 1
    assert not await Timer.exists(kind=deadlines.EXPIRE, state="SCHEDULED")
    await it_followed_the_arrows(pending, sale)


@pytest.mark.parametrize("first", ["cancel", "accept", "reject"])
async def test_cancelling_and_answering_at_once(sale: Sale, time: Clock, first: str) -> None:
    pending = await a_pending(sale, now=time.now)
    calls: Calls = {
        "cancel": submitting.cancel(viewer=sale.by, requirement_id=pending.id, now=time.now),
        "accept": answering.accept(viewer=sale.seller, requirement_id=pending.id, now=time.now),
        "reject": answering.reject(
            viewer=sale.seller, requirement_id=pending.id, reason="no", now=time.now
        ),
    }

    outcomes = await race(calls, first, held=pending)

    refused = {name for name, outcome in outcomes.items() if isinstance(outcome, Problem)}
    assert refused == calls.keys() - {first}
    assert {type(outcomes[name]) for name in refused} == {WrongStatus}
    ends = {"cancel": "cancelled", "accept": "accepted", "reject": "rejected"}
    assert await history(pending, sale.merchant) == ["submitted", ends[first]]
    await it_followed_the_arrows(pending, sale)


async def test_two_clicks_on_submit_ask_once(sale: Sale, time: Clock) -> None:
    draft = await a_draft(sale, now=time.now)

    outcomes = await at_once(
        submit(draft, by=sale.by, now=time.now),
        submit(draft, by=sale.by, now=time.now),
        while_locked=sale.customer,
    )

    assert isinstance(outcomes[1], WrongStatus)
    assert await history(draft, sale.merchant) == ["submitted"]
    assert await Timer.all().count() == 2
    assert await Mail.all().count() == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_of_two_edits_the_second_is_told(
    sale: Sale, time: Clock, order: tuple[int, int]
) -> None:
    draft = await a_draft(sale, now=time.now)
    notes = ("one", "other")
    first, second = (notes[place] for place in order)

    outcomes = await at_once(
        edited(draft, sale, time, note=first),
        edited(draft, sale, time, note=second),
        while_locked=draft,
    )

    assert isinstance(outcomes[1], VersionConflict)
    assert (await CustomerRequirement.get()).note == first


async def test_the_customer_leaves_while_the_merchant_is_asked(sale: Sale, time: Clock) -> None:
    """Who holds the customer decides: the submission sees what became of it."""
    draft = await a_draft(sale, now=time.now)
    outcomes = await at_once(
        lose_the_customer(sale),
        submit(draft, by=sale.by, now=time.now),
        while_locked=await Customer.get(id=sale.customer.id),
    )

    assert outcomes[0] is None
    assert getattr(outcomes[1], "code", None) == "REQUIREMENT_CHECK_FAILED"
    assert (await CustomerRequirement.get()).status is Status.DRAFT
