"""Deciding on a change, reviewing it, letting it go, and having it done (domain.md 5.5)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from domain.associations import change_deadlines, deciding, ending
from domain.associations.change_checks import ChangeCheckFailed
from domain.associations.change_guards import (
    ChangeTimedOut,
    NotAssociated,
    OnlyInitiatorCancels,
    OnlyTheTwoSides,
    OtherSideDecides,
)
from domain.associations.effects import ENDING, SWITCHED, Ending, Switched
from domain.customers import assignments, standing, tags
from domain.identity.items import Item
from domain.identity.viewer import SYSTEM
from kit import timers
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from kit.timers import TIMERS
from kit.transaction import transactional
from models.associations import AssociationChange
from models.associations import ChangeStatus as Status
from models.audit import Event
from models.customers import Association, AssociationState, Customer, CustomerAssignment, Freeze
from models.timers import Timer
from tests.changes.factories import (
    AGENCY,
    REFERRAL,
    Sides,
    a_switch,
    an_end,
    approved,
    both_sides,
    execute,
    expire,
    history,
)
from tests.conftest import Clock
from tests.customers.factories import a_manager
from tests.factories import a_staff_viewer
from workers import firing

pytestmark = pytest.mark.usefixtures("database")

MICROSECOND = timedelta(microseconds=1)


async def status(change: AssociationChange) -> Status:
    return (await AssociationChange.get(id=change.id)).status


async def handed_to_a_manager(sides: Sides, time: Clock) -> None:
    manager, _ = await a_manager(sides.house)
    await assignments.assign(
        viewer=sides.partner, customer_ids=[sides.customer.id], manager_id=manager.id, now=time.now
    )
    sides.customer = await sides.fresh()


async def test_an_end_leaves_nothing_of_the_association(time: Clock) -> None:
    sides = await both_sides(REFERRAL)
    await handed_to_a_manager(sides, time)
    await tags.add(viewer=sides.partner, customer_id=sides.customer.id, tag="vip", now=time.now)
    seen: list[Ending] = []

    async def reclaim(fact: Ending) -> Mapping[str, Any]:
        seen.append(fact)
        assert (await Customer.get(id=fact.customer_id)).partner_id == fact.partner_id
        return {"reclaimed": 3}

    change = await an_end(sides, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)
    assert await sides.are_as_before()
    time.forward(seconds=1)
    with ENDING.also(vouchers=reclaim):
        await execute(sides.customer, time.now)

    customer = await sides.fresh()
    assert customer.partner_id is customer.association_id is customer.manager_id is None
    assert customer.association_type is None
    assert customer.listed_at == customer.created_at
    association = await Association.get(customer_id=customer.id)
    assert (association.state, association.ended_at) == (AssociationState.ENDED, time.now)
    assert association.end_reason == "DISASSOCIATED_BY_PARTNER"
    assert (await CustomerAssignment.get()).to_at == time.now
    done = await AssociationChange.get(id=change.id)
    assert (done.status, done.done_at) == (Status.DONE, time.now)
    assert await history(change.id) == ["requested", "approved", "done"]
    told = await Event.get(name="association_change.done")
    assert told.after == {"status": "DONE", "vouchers": {"reclaimed": 3}}
    assert told.actor_kind == "SYSTEM"
    parted = await Event.get(name="customer.disassociated")
    assert parted.tenant_id == done.partner_id
    assert parted.before == {"type": "REFERRAL"}
    assert [(fact.association_id, fact.type) for fact in seen] == [(association.id, REFERRAL)]


@pytest.mark.parametrize(("before", "after"), [(REFERRAL, AGENCY), (AGENCY, REFERRAL)])
async def test_a_switch_ends_one_association_and_begins_the_next(
    time: Clock, before: Any, after: Any
) -> None:
    sides = await both_sides(before)
    await Association.all().update(tag="hangzhou_li")
    await handed_to_a_manager(sides, time)
    listed_at, manager_id = sides.customer.listed_at, sides.customer.manager_id
    seen: list[Switched] = []

    async def look(fact: Switched) -> Mapping[str, Any]:
        seen.append(fact)
        return {}

    change = await a_switch(sides, by=sides.buyer, now=time.now)
    await approved(change, by=sides.partner, now=time.now)
    with SWITCHED.also(vouchers=look):
        await execute(sides.customer, time.now)

    customer = await sides.fresh()
    old, new = await Association.filter(customer_id=customer.id).order_by("created_at")
    assert (old.type, old.state, old.end_reason) == (before, AssociationState.ENDED, "SWITCHED")
    assert (new.type, new.state, new.tag) == (after, AssociationState.ACTIVE, "hangzhou_li")
    assert (customer.association_id, customer.association_type) == (new.id, after)
    assert customer.partner_id == new.partner_id == old.partner_id
    assert (customer.listed_at, customer.manager_id) == (listed_at, manager_id)
    assert (await CustomerAssignment.get()).to_at is None
    assert await status(change) is Status.DONE
    [fact] = seen
    assert (fact.from_type, fact.to_type) == (before, after)
    assert (fact.ended_id, fact.association_id) == (old.id, new.id)
    told = await Event.get(name="customer.association_switched")
    assert (told.before, told.after) == ({"type": before}, {"type": after})


async def test_an_effect_that_fails_undoes_the_whole_change(time: Clock) -> None:
    async def fail(fact: Ending) -> Mapping[str, Any]:
        raise RuntimeError("the ledger doesn't add up")

    sides = await both_sides()
    change = await an_end(sides, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)
    with ENDING.also(funds=fail), pytest.raises(RuntimeError):
        await execute(sides.customer, time.now)

    assert await status(change) is Status.APPROVED
    assert await sides.are_as_before()
    assert (await Association.get()).state is AssociationState.ACTIVE
    assert await history(change.id) == ["requested", "approved"]


async def test_checks_are_made_again_when_it_is_decided(time: Clock) -> None:
    sides = await both_sides()
    change = await an_end(sides, now=time.now)
    await Customer.filter(id=sides.customer.id).update(has_debt=True)

    with pytest.raises(ChangeCheckFailed) as failed:
        await approved(change, by=sides.buyer, now=time.now)

    assert [check.code for check in failed.value.checks] == ["OUTSTANDING_BILL"]
    assert await status(change) is Status.PENDING
    assert not await Timer.exists()
    await Customer.filter(id=sides.customer.id).update(has_debt=False)
    await approved(change, by=sides.buyer, now=time.now)


async def test_checks_are_made_once_more_when_it_is_done(time: Clock) -> None:
    sides = await both_sides(AGENCY)
    change = await a_switch(sides, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)
    await standing.freeze(
        viewer=sides.partner,
        customer_id=sides.customer.id,
        extent=Freeze.ACCOUNT,
        reason="late",
        now=time.now,
    )

    await execute(sides.customer, time.now)

    rejected = await AssociationChange.get(id=change.id)
    assert (rejected.status, rejected.failed_checks) == (Status.REJECTED, ["FROZEN"])
    assert (await sides.fresh()).association_type is AGENCY
    told = await Event.get(name="association_change.rejected")
    assert (told.reason, told.actor_kind) == ("CHECKS_FAILED", "SYSTEM")
    assert told.after == {"status": "REJECTED", "failed_checks": ["FROZEN"]}
    await execute(sides.customer, time.now)
    assert await history(change.id) == ["requested", "approved", "rejected"]


async def test_an_approved_change_is_due_at_once_and_lost_timers_are_made_again(
    time: Clock,
) -> None:
    sides, other = await both_sides(), await both_sides()
    change = await an_end(sides, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)
    timer = await Timer.get()
    assert (timer.kind, timer.subject_id) == (change_deadlines.EXECUTE, sides.customer.id)
    assert (timer.due_at, timer.on_timeout) == (time.now, "EXECUTE")
    await Timer.all().delete()

    time.forward(hours=1)
    mended = await timers.mend(change_deadlines.EXECUTE_WAITS, now=time.now)

    assert (mended.created, mended.cancelled) == (1, 0)
    assert (await Timer.get()).due_at == time.now - timedelta(hours=1)
    await Timer.all().update(
        subject_id=other.customer.id, next_attempt_at=time.now + timedelta(hours=1)
    )
    mended = await timers.mend(change_deadlines.EXECUTE_WAITS, now=time.now)
    assert (mended.created, mended.cancelled) == (1, 1)


async def test_the_worker_does_what_both_want(time: Clock) -> None:
    sides = await both_sides()
    change = await an_end(sides, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)

    claim = await TIMERS.claim(lease=timedelta(minutes=1), limit=10, now=time.now)
    [due] = claim.rows
    for _ in range(2):
        await firing.fire(due["kind"], [due["id"]], token=claim.token, now=time.now)

    assert await status(change) is Status.DONE
    assert (await sides.fresh()).partner_id is None
    assert (await Timer.get()).state == "FIRED"
    assert await history(change.id) == ["requested", "approved", "done"]


async def test_the_other_side_decides_and_nobody_else(time: Clock) -> None:
    sides, strangers = await both_sides(), await both_sides()
    change = await an_end(sides, now=time.now)
    _, by_manager = await a_manager(sides.house)
    for viewer, problem in (
        (sides.partner, OtherSideDecides),
        (strangers.partner, NotFound),
        (strangers.buyer, NotFound),
        (by_manager, NotFound),
        (await a_staff_viewer(Item.ASSOCIATION_REVIEW), OnlyTheTwoSides),
    ):
        with pytest.raises(problem):
            await approved(change, by=viewer, now=time.now)
        with pytest.raises(problem):
            await deciding.reject(viewer=viewer, change_id=change.id, reason="x", now=time.now)
    with pytest.raises(OnlyInitiatorCancels):
        await deciding.cancel(viewer=sides.buyer, change_id=change.id, now=time.now)
    assert await status(change) is Status.PENDING
    assert await history(change.id) == ["requested"]


async def test_a_refusal_says_why_and_leaves_all_as_it_is(time: Clock) -> None:
    sides = await both_sides()
    change = await an_end(sides, by=sides.buyer, now=time.now)
    with pytest.raises(InvalidInput):
        await deciding.reject(viewer=sides.partner, change_id=change.id, reason="", now=time.now)

    await deciding.reject(viewer=sides.partner, change_id=change.id, reason="Stay", now=time.now)

    refused = await AssociationChange.get(id=change.id)
    assert (refused.status, refused.refusal) == (Status.REJECTED, "Stay")
    assert refused.decided_at == time.now
    assert await sides.are_as_before()
    assert await history(change.id) == ["requested", "rejected"]
    for verb in (deciding.approve, deciding.cancel):
        viewer = sides.partner if verb is deciding.approve else sides.buyer
        with pytest.raises(WrongStatus):
            await verb(viewer=viewer, change_id=change.id, now=time.now)


async def test_the_platform_reviews_the_end_of_an_agency(time: Clock) -> None:
    sides = await both_sides(AGENCY)
    reviewer = await a_staff_viewer(Item.ASSOCIATION_REVIEW)
    change = await an_end(sides, now=time.now)
    with pytest.raises(WrongStatus):
        await approved(change, by=sides.buyer, now=time.now)
    for viewer in (sides.partner, sides.buyer, await a_staff_viewer(Item.REPORT_REVIEW)):
        with pytest.raises(Forbidden):
            await deciding.review_pass(viewer=viewer, change_id=change.id, now=time.now)

    await deciding.review_pass(viewer=reviewer, change_id=change.id, now=time.now)

    assert await status(change) is Status.PENDING
    with pytest.raises(WrongStatus):
        await deciding.review_fail(viewer=reviewer, change_id=change.id, reason="x", now=time.now)
    await approved(change, by=sides.buyer, now=time.now)
    await execute(sides.customer, time.now)
    assert await history(change.id) == ["requested", "review_passed", "approved", "done"]


async def test_a_failed_review_tells_why_and_whom_to_turn_to(time: Clock) -> None:
    """C-22."""
    reviewer = await a_staff_viewer(Item.ASSOCIATION_REVIEW)
    for contact, told in (("rep@platform.example", "rep@platform.example"), (None, reviewer.email)):
        sides = await both_sides(AGENCY)
        change = await an_end(sides, now=time.now)
        await deciding.review_fail(
            viewer=reviewer, change_id=change.id, reason="Bills", contact=contact, now=time.now
        )
        failed = await AssociationChange.get(id=change.id)
        assert failed.status is Status.PRE_REVIEW_FAILED
        assert (failed.refusal, failed.reviewer) == ("Bills", told)
        assert (await sides.fresh()).association_type is AGENCY
        assert await history(change.id) == ["requested", "review_failed"]


async def test_who_asked_takes_it_back_before_anybody_decides(time: Clock) -> None:
    sides = await both_sides(AGENCY)
    change = await an_end(sides, now=time.now)
    await deciding.cancel(viewer=sides.partner, change_id=change.id, now=time.now)
    assert await status(change) is Status.CANCELLED

    change = await a_switch(sides, by=sides.buyer, now=time.now)
    await approved(change, by=sides.partner, now=time.now)
    with pytest.raises(WrongStatus):
        await deciding.cancel(viewer=sides.buyer, change_id=change.id, now=time.now)
    assert await status(change) is Status.APPROVED


async def test_at_the_deadline_it_is_too_late(time: Clock, thirty_days: timedelta) -> None:
    sides = await both_sides()
    change = await an_end(sides, now=time.now)
    assert change.expires_at == time.now + thirty_days
    timer = await Timer.get()
    assert (timer.kind, timer.due_at) == (change_deadlines.EXPIRE, change.expires_at)

    await expire(change, change.expires_at - MICROSECOND)
    assert await status(change) is Status.PENDING
    for _ in range(2):  # before and after the worker has come
        for viewer, verb in ((sides.buyer, deciding.approve), (sides.partner, deciding.cancel)):
            with pytest.raises(ChangeTimedOut) as late:
                await verb(viewer=viewer, change_id=change.id, now=change.expires_at)
            assert late.value.expired_at == change.expires_at
        await expire(change, change.expires_at)

    lapsed = await AssociationChange.get(id=change.id)
    assert (lapsed.status, lapsed.decided_at) == (Status.TIMED_OUT, change.expires_at)
    assert await history(change.id) == ["requested", "timed_out"]
    assert await sides.are_as_before()


async def test_the_time_to_decide_begins_after_the_review(
    time: Clock, thirty_days: timedelta
) -> None:
    sides = await both_sides(AGENCY)
    change = await an_end(sides, now=time.now)
    assert change.expires_at is None
    assert not await Timer.exists()
    reviewer = await a_staff_viewer(Item.ASSOCIATION_REVIEW)
    time.forward(days=5)
    await deciding.review_pass(viewer=reviewer, change_id=change.id, now=time.now)

    kept = await AssociationChange.get(id=change.id)
    assert kept.expires_at == time.now + thirty_days
    await Timer.all().delete()
    mended = await timers.mend(change_deadlines.EXPIRE_WAITS, now=time.now)
    assert mended.created == 1
    await deciding.cancel(viewer=sides.partner, change_id=change.id, now=time.now)
    assert [timer.state for timer in await Timer.all()] == ["CANCELLED"]


async def test_an_association_that_ends_otherwise_takes_its_changes_with_it(time: Clock) -> None:
    @transactional
    async def end(customer: Customer) -> dict[str, Any]:
        held = await Customer.select_for_update(no_key=True).get(id=customer.id)
        return await ending.end(held, reason="PARTNER_LEFT", viewer=SYSTEM, now=time.now)

    waiting, agreed = await both_sides(AGENCY), await both_sides()
    review = await an_end(waiting, now=time.now)
    change = await an_end(agreed, now=time.now)
    await approved(change, by=agreed.buyer, now=time.now)

    assert await end(waiting.customer) == {"changes": {"cancelled": 1}}
    assert await end(agreed.customer) == {"changes": {"cancelled": 1}}

    assert await status(review) is Status.CANCELLED
    assert await status(change) is Status.REJECTED
    assert not await Timer.exists(state="SCHEDULED")
    assert await history(review.id) == ["requested", "cancelled"]


async def test_a_customer_that_has_left_is_its_former_partners_no_more(time: Clock) -> None:
    sides = await both_sides()
    change = await an_end(sides, now=time.now)
    await approved(change, by=sides.buyer, now=time.now)
    await execute(sides.customer, time.now)
    time.forward(days=100)

    with pytest.raises(NotFound):
        await an_end(sides, now=time.now)
    with pytest.raises(NotAssociated):
        await an_end(sides, by=sides.buyer, now=time.now)
    assert await AssociationChange.all().count() == 1
