"""Random walks through both machines: whatever is tried in whatever order, they hold.

Both sides, the platform, the worker and the freezer try everything on two customers of a partner. A
refusal is as good as a success; what counts is what the rows, the timers and the histories look
like afterwards.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.associations import authorizations, change_deadlines, changes, deciding, executing
from domain.associations.changes import OPEN
from domain.customers import standing
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit.problems import Problem
from kit.transaction import transactional
from models.associations import (
    AssociationChange,
    AuthorizationStatus,
    ChangeInitiator,
    ChangeStatus,
    CommitmentLetter,
    OnBehalfAuthorization,
)
from models.audit import Event
from models.customers import Association, AssociationState, AssociationType, Customer, Freeze
from models.timers import Timer
from tests.authorizations.factories import COMMITMENT, CONSENT
from tests.changes.factories import both_sides
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_user_of
from tests.factories import a_staff_viewer

pytestmark = pytest.mark.usefixtures("database")

CHANGING = ("switch", "end", "approve", "reject", "cancel", "pass", "fail", "expire", "execute")
ACTING = ("ask", "give", "refuse", "revoke", "withdraw")
AROUND = ("freeze", "unfreeze", "debt", "no_debt")

OFTEN = ("switch", "switch", "end", "approve", "approve", "approve", "execute", "execute")

walks = st.lists(
    st.tuples(
        st.sampled_from((*CHANGING, *ACTING, *AROUND, *OFTEN, "ask", "ask", "give", "give")),
        st.sampled_from([0, 0, 0, 1]),  # which customer
        st.booleans(),  # by its user, else by the partner
        st.sampled_from([0, 1, 24, 10 * 24, 40 * 24, 100 * 24]),
    ),
    min_size=4,
    max_size=40,
)


def told(*verbs: str) -> list[tuple[str, int, bool, int]]:
    """A walk of one customer, an hour a step; a verb in capitals is its user's."""
    return [(verb.lower(), 0, verb.isupper(), 1) for verb in verbs]


class Walker:
    """What can be tried, and by whom."""

    partner: Viewer
    reviewer: Viewer
    customers: list[Customer]
    buyers: list[Viewer]

    async def step(self, verb: str, which: int, by_buyer: bool, now: datetime) -> None:
        """Try it on the latest thing of the customer."""
        viewer = self.buyers[which] if by_buyer else self.partner
        id = self.customers[which].id
        if verb in AROUND:
            await self._around(verb, id, now)
        elif verb in ("switch", "end", "ask"):
            await self._begin(verb, id, viewer, now)
        elif verb in ACTING:
            await self._authorization(verb, id, viewer, now)
        else:
            await self._change(verb, id, viewer, now)

    async def _around(self, verb: str, id: Any, now: datetime) -> None:
        here: dict[str, Any] = {"viewer": self.partner, "customer_id": id, "now": now}
        if verb == "freeze":
            await standing.freeze(extent=Freeze.ACCOUNT, reason="x", **here)
        elif verb == "unfreeze":
            await standing.unfreeze(**here)
        else:
            await Customer.filter(id=id).update(has_debt=verb == "debt")

    async def _begin(self, verb: str, id: Any, viewer: Viewer, now: datetime) -> None:
        here: dict[str, Any] = {"viewer": viewer, "customer_id": id, "now": now}
        if verb == "end":
            await changes.request_end(reason="x", understood=True, **here)
        elif verb == "ask":
            await authorizations.request(commitment_version=COMMITMENT, **here)
        else:
            is_agency = (await Customer.get(id=id)).association_type is AssociationType.AGENCY
            to = AssociationType.REFERRAL if is_agency else AssociationType.AGENCY
            await changes.request_switch(to_type=to, understood=True, **here)

    @transactional
    async def _change(self, verb: str, id: Any, viewer: Viewer, now: datetime) -> None:
        if verb == "execute":
            await Customer.select_for_update(no_key=True).get(id=id)
            await executing.execute(subject_ids=[id], now=now)
            # As the worker leaves it: a timer whose handler has run is not waiting any more.
            of_it = Timer.filter(kind=change_deadlines.EXECUTE, subject_id=id, state="SCHEDULED")
            await of_it.update(state="FIRED")
            return
        found = await AssociationChange.filter(customer_id=id).order_by("-id").first()
        if found is None:
            return
        here: dict[str, Any] = {"viewer": viewer, "change_id": found.id, "now": now}
        if verb == "approve":
            # By the right side always, or few walks would come far.
            is_partners = found.initiator is ChangeInitiator.PARTNER
            other = self._buyer_of(id) if is_partners else self.partner
            await deciding.approve(**here | {"viewer": other})
        elif verb == "reject":
            await deciding.reject(reason="x", **here)
        elif verb == "cancel":
            await deciding.cancel(**here)
        elif verb == "pass":
            await deciding.review_pass(**here | {"viewer": self.reviewer})
        elif verb == "fail":
            await deciding.review_fail(reason="x", **here | {"viewer": self.reviewer})
        else:
            await change_deadlines.expire(subject_ids=[found.id], now=now)

    async def _authorization(self, verb: str, id: Any, viewer: Viewer, now: datetime) -> None:
        found = await OnBehalfAuthorization.filter(customer_id=id).order_by("-id").first()
        if found is None:
            return
        here: dict[str, Any] = {"viewer": viewer, "authorization_id": found.id, "now": now}
        if verb == "give":
            here["viewer"] = self._buyer_of(id)
            await authorizations.grant(letter_version=CONSENT, **here)
        elif verb == "refuse":
            await authorizations.reject(reason="x", **here)
        elif verb == "revoke":
            await authorizations.revoke(**here)
        else:
            await authorizations.withdraw(**here)

    def _buyer_of(self, customer_id: Any) -> Viewer:
        ids = [customer.id for customer in self.customers]
        return self.buyers[ids.index(customer_id)]


@pytest.mark.usefixtures("thirty_days")
@example(walk=told("ask", "GIVE", "switch", "APPROVE", "execute"))
@example(walk=told("ask", "SWITCH", "approve", "freeze", "execute", "unfreeze", "ask"))
@example(walk=told("ask", "GIVE", "END", "pass", "approve", "execute", "SWITCH"))
@example(walk=told("ask", "GIVE", "end", "pass", "APPROVE", "debt", "execute", "revoke"))
@given(walk=walks)
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_walk_leaves_the_tables(
    time: Clock, walk: list[tuple[str, int, bool, int]]
) -> None:
    for table in (AssociationChange, OnBehalfAuthorization, CommitmentLetter, Event, Timer):
        await table.all().delete()
    walker = Walker()
    sides = await both_sides(AssociationType.AGENCY)
    other = await a_customer(of=sides.house)
    walker.partner, walker.customers = sides.partner, [sides.customer, other]
    walker.buyers = [sides.buyer, await a_user_of(other)]
    walker.reviewer = await a_staff_viewer(Item.ASSOCIATION_REVIEW)
    now = time.now

    for verb, which, by_buyer, hours in walk:
        now += timedelta(hours=hours)
        try:
            await walker.step(verb, which, by_buyer, now)
        except Problem:
            continue

    for customer in walker.customers:
        await associations_hold(await Customer.get(id=customer.id))
    await changes_hold()
    await authorizations_hold()


async def associations_hold(customer: Customer) -> None:
    """The customer's row repeats its one active association, and history has no gap."""
    rows = await Association.filter(customer_id=customer.id).order_by("started_at", "id")
    active = [row for row in rows if row.state is AssociationState.ACTIVE]
    assert [row.id for row in active] == ([customer.association_id] if active else [])
    assert [row.type for row in active] == ([customer.association_type] if active else [])
    for before, after in pairwise(rows):
        assert (before.ended_at, before.end_reason) == (after.started_at, "SWITCHED")
        assert before.type is not after.type
    done = await AssociationChange.filter(customer_id=customer.id, status="DONE").count()
    assert done == len(rows) - 1 + (not active)


async def statuses_of(subject_id: Any) -> list[str]:
    """Where its history has led, checked that each event begins where the one before ended."""
    seen: list[str] = []
    for event in await Event.filter(subject_id=subject_id).order_by("id"):
        assert event.before == ({"status": seen[-1]} if seen else {})
        seen.append(event.after["status"])
    return seen


async def changes_hold() -> None:
    """Only arrows of the table were followed, one is open at most, and its timers are right."""
    asked: dict[Any, list[datetime]] = {}
    for row in await AssociationChange.all().order_by("created_at"):
        passed = [ChangeStatus(status) for status in await statuses_of(row.id)]
        assert passed[0] in (ChangeStatus.PRE_REVIEW, ChangeStatus.PENDING)
        for before, after in pairwise(passed):
            assert after in ChangeStatus.arrows()[before]
        assert passed[-1] is row.status
        assert (row.decided_at is None) is (row.status in OPEN[:2])
        assert (row.done_at is not None) is (row.status is ChangeStatus.DONE)
        scheduled = await Timer.filter(subject_id__in=[row.id, row.customer_id], state="SCHEDULED")
        live = [timer.kind for timer in scheduled]
        if row.status is ChangeStatus.PENDING:
            assert live == [change_deadlines.EXPIRE]
        if row.status is ChangeStatus.APPROVED:
            assert live == [change_deadlines.EXECUTE]
        if row.initiator is ChangeInitiator.PARTNER:
            asked.setdefault(row.customer_id, []).append(row.created_at)
    for moments in asked.values():
        for earlier, later in pairwise(moments):
            assert later - earlier >= timedelta(days=89)


async def authorizations_hold() -> None:
    """Only arrows were followed; who is live has an unfrozen agency customer behind it."""
    for row in await OnBehalfAuthorization.all():
        passed = [AuthorizationStatus(status) for status in await statuses_of(row.id)]
        assert passed[0] is AuthorizationStatus.REQUESTED
        for before, after in pairwise(passed):
            assert after in AuthorizationStatus.arrows()[before]
        assert passed[-1] is row.status
        is_live = row.status in authorizations.LIVE
        assert (row.ended_at is None) is is_live
        if is_live:
            customer = await Customer.get(id=row.customer_id)
            assert customer.association_id == row.association_id
            assert customer.association_type is AssociationType.AGENCY
            assert customer.freeze is Freeze.NONE
