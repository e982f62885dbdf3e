"""Customers given to managers, one or many, and what stays of it (C-13, O-06, O-07)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.customers import assignments, departures
from domain.customers.assignments import NotYourManager
from domain.customers.guards import CustomerOfAnotherPartner
from domain.identity.viewer import SYSTEM, Viewer
from kit.problems import Forbidden, NotFound
from models.audit import Event
from models.customers import Customer, CustomerAssignment
from models.identity import Operator
from models.partners import Partner
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer, a_manager, a_supervisor, cus, opr, supervise
from tests.factories import a_distributor, a_partner, an_administrator, an_operator, as_operator
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

ASSIGN = """
mutation ($ids: [ID!]!, $manager: ID!, $key: String) {
  customerAssign(input: {customerIds: $ids, managerId: $manager, idempotencyKey: $key}) {
    results { id done error { code message } }
    replayed
    errors { code path }
  }
}
"""


class Scene:
    """A partner with two managers, and a customer that the first of them has."""

    partner: Partner
    wei: Operator
    ming: Operator
    by_wei: Viewer
    administrator: Viewer
    customer: Customer

    async def manager(self) -> UUID | None:
        return (await Customer.get(id=self.customer.id)).manager_id

    async def spans(self) -> list[tuple[UUID, Any, Any]]:
        rows = await CustomerAssignment.filter(customer_id=self.customer.id).order_by("id")
        return [(row.manager_id, row.from_at, row.to_at) for row in rows]


@pytest.fixture
async def scene(time: Clock) -> Scene:
    scene = Scene()
    scene.partner = await a_partner()
    scene.wei, scene.by_wei = await a_manager(scene.partner)
    scene.ming, _ = await a_manager(scene.partner, "Ming")
    scene.administrator = await an_administrator(scene.partner)
    scene.customer = await a_customer(of=scene.partner)
    await assignments.assign(
        viewer=scene.administrator,
        customer_ids=[scene.customer.id],
        manager_id=scene.wei.id,
        now=time.now,
    )
    return scene


async def test_each_assignment_ends_the_one_before(scene: Scene, time: Clock) -> None:
    begun = time.now
    time.forward(days=3)
    await assignments.assign(
        viewer=scene.administrator,
        customer_ids=[scene.customer.id],
        manager_id=scene.ming.id,
        now=time.now,
    )
    changed = time.now
    time.forward(days=1)
    await assignments.unassign(
        viewer=scene.administrator, customer_ids=[scene.customer.id], now=time.now
    )

    assert await scene.manager() is None
    assert await scene.spans() == [
        (scene.wei.id, begun, changed),
        (scene.ming.id, changed, time.now),
    ]
    events = await Event.filter(subject_id=scene.customer.id).order_by("id")
    assert [(event.name, event.before, event.after) for event in events] == [
        ("customer.assigned", {}, {"manager_id": str(scene.wei.id)}),
        (
            "customer.assigned",
            {"manager_id": str(scene.wei.id)},
            {"manager_id": str(scene.ming.id)},
        ),
        ("customer.unassigned", {"manager_id": str(scene.ming.id)}, {}),
    ]
    assert {event.customer_id for event in events} == {scene.customer.id}


async def test_who_has_it_already_has_it_and_nothing_happens(scene: Scene, time: Clock) -> None:
    time.forward(days=1)
    version = (await Customer.get(id=scene.customer.id)).version

    [outcome] = await assignments.assign(
        viewer=scene.administrator,
        customer_ids=[scene.customer.id],
        manager_id=scene.wei.id,
        now=time.now,
    )

    assert outcome.problem is None
    assert len(await scene.spans()) == 1
    assert (await Customer.get(id=scene.customer.id)).version == version
    assert await Event.filter(subject_id=scene.customer.id).count() == 1


async def test_a_clock_that_runs_behind_ends_nothing_before_it_began(
    scene: Scene, time: Clock
) -> None:
    begun = time.now
    await assignments.unassign(
        viewer=scene.administrator,
        customer_ids=[scene.customer.id],
        now=time.now - timedelta(milliseconds=3),
    )

    assert await scene.spans() == [(scene.wei.id, begun, begun)]


async def test_each_of_a_batch_has_its_own_result(ask: Ask, scene: Scene) -> None:
    reseller = await a_partner("Corner shop")
    foreign = await a_customer(of=reseller)
    free = await a_customer(of=scene.partner)
    given = [cus(free), cus(foreign), cus(scene.customer), cus(free)]

    answer = await ask(
        ASSIGN, by=scene.administrator, ids=given, manager=opr(scene.ming), key="batch"
    )
    assert answer["errors"] == []
    assert answer["results"] == [
        {"id": cus(free), "done": True, "error": None},
        {
            "id": cus(foreign),
            "done": False,
            "error": {"code": "NOT_FOUND", "message": "There is no such customer."},
        },
        {"id": cus(scene.customer), "done": True, "error": None},
    ]
    assert (await Customer.get(id=free.id)).manager_id == scene.ming.id
    assert (await Customer.get(id=foreign.id)).manager_id is None

    again = await ask(
        ASSIGN,
        by=scene.administrator,
        locale="zh-CN",
        ids=given,
        manager=opr(scene.ming),
        key="batch",
    )
    assert again["replayed"] is True
    assert [result["done"] for result in again["results"]] == [True, False, True]
    assert again["results"][1]["error"]["message"] == "找不到该对象(customer)。"
    assert await CustomerAssignment.filter(customer_id=free.id).count() == 1


async def test_a_distributor_leaves_its_resellers_customers_to_them(time: Clock) -> None:
    distributor = await a_distributor()
    reseller = await a_partner("Corner shop", distributor=distributor)
    customer = await a_customer(of=reseller)
    manager, _ = await a_manager(distributor)

    [outcome] = await assignments.assign(
        viewer=await an_administrator(distributor),
        customer_ids=[customer.id],
        manager_id=manager.id,
        now=time.now,
    )

    assert isinstance(outcome.problem, CustomerOfAnotherPartner)
    assert (await Customer.get(id=customer.id)).manager_id is None


async def test_a_hundred_and_one_or_none_are_too_many_or_few(ask: Ask, scene: Scene) -> None:
    hundred = [cus(await a_customer(of=scene.partner)) for _ in range(100)]
    one_more = [*hundred, cus(scene.customer)]
    for given in (one_more, []):
        answer = await ask(ASSIGN, by=scene.administrator, ids=given, manager=opr(scene.ming))
        assert answer["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "customerIds"]}]
    assert await scene.manager() == scene.wei.id

    answer = await ask(
        ASSIGN, by=scene.administrator, ids=[*hundred, hundred[0]], manager=opr(scene.ming)
    )
    assert [result["done"] for result in answer["results"]] == [True] * 100
    assert await Customer.filter(manager_id=scene.ming.id).count() == 100


async def test_a_manager_must_sit_at_the_same_partner(ask: Ask, scene: Scene) -> None:
    stranger = await an_operator(of=await a_partner("Stranger"))
    for seat in (opr(stranger), "opr_" + "0" * 32):
        answer = await ask(ASSIGN, by=scene.administrator, ids=[cus(scene.customer)], manager=seat)
        assert answer["errors"] == [{"code": "NOT_FOUND", "path": ["input", "managerId"]}]
    assert await scene.manager() == scene.wei.id


async def test_not_even_the_system_gives_a_customer_to_anothers_manager(
    scene: Scene, time: Clock
) -> None:
    stranger, _ = await a_manager(await a_partner("Stranger"))

    [outcome] = await assignments.assign(
        viewer=SYSTEM, customer_ids=[scene.customer.id], manager_id=stranger.id, now=time.now
    )

    assert isinstance(outcome.problem, CustomerOfAnotherPartner)
    assert await scene.manager() == scene.wei.id


async def test_managers_assign_nothing_and_supervisors_within_their_own(
    scene: Scene, time: Clock
) -> None:
    with pytest.raises(Forbidden):
        await assignments.assign(
            viewer=scene.by_wei,
            customer_ids=[scene.customer.id],
            manager_id=scene.ming.id,
            now=time.now,
        )
    jing, _ = await a_supervisor(scene.partner)
    await supervise(jing, scene.wei)
    supervisor = await as_operator(jing)

    with pytest.raises(NotYourManager):
        await assignments.assign(
            viewer=supervisor,
            customer_ids=[scene.customer.id],
            manager_id=scene.ming.id,
            now=time.now,
        )
    assert await scene.manager() == scene.wei.id

    [outcome] = await assignments.assign(
        viewer=supervisor, customer_ids=[scene.customer.id], manager_id=jing.id, now=time.now
    )
    assert outcome.problem is None
    assert await scene.manager() == jing.id


async def test_a_removed_operator_has_no_customers(scene: Scene, time: Clock) -> None:
    begun = time.now
    time.forward(hours=1)

    await departures.remove_operator(
        viewer=scene.administrator, operator_id=scene.wei.id, now=time.now
    )

    assert await scene.manager() is None
    assert await scene.spans() == [(scene.wei.id, begun, time.now)]
    last = await Event.filter(subject_id=scene.customer.id).order_by("-id").first()
    assert last is not None
    assert (last.name, last.reason) == ("customer.unassigned", "OPERATOR_REMOVED")
    with pytest.raises(NotFound):
        await assignments.assign(
            viewer=scene.administrator,
            customer_ids=[scene.customer.id],
            manager_id=scene.wei.id,
            now=time.now,
        )


async def test_of_two_assignments_at_once_the_later_stays_and_the_history_is_whole(
    scene: Scene, time: Clock
) -> None:
    time.forward(hours=1)

    def give(manager: Operator) -> Any:
        return assignments.assign(
            viewer=scene.administrator,
            customer_ids=[scene.customer.id],
            manager_id=manager.id,
            now=time.now,
        )

    hua, _ = await a_manager(scene.partner, "Hua")
    await at_once(give(scene.ming), give(hua), while_locked=scene.customer)

    now = await scene.manager()
    spans = await scene.spans()
    assert now in (scene.ming.id, hua.id)
    assert len(spans) == 3
    assert [manager for manager, _, to_at in spans if to_at is None] == [now]
    assert await Event.filter(name="customer.assigned").count() == 3


@pytest.mark.parametrize("first", ["assign", "remove"])
async def test_a_seat_that_is_taken_away_at_the_same_moment_keeps_no_customer(
    scene: Scene, time: Clock, first: str
) -> None:
    other = await a_customer(of=scene.partner)
    calls = {
        "assign": assignments.assign(
            viewer=scene.administrator,
            customer_ids=[other.id],
            manager_id=scene.wei.id,
            now=time.now,
        ),
        "remove": departures.remove_operator(
            viewer=scene.administrator, operator_id=scene.wei.id, now=time.now
        ),
    }
    order = [first, *(name for name in calls if name != first)]

    outcomes = await at_once(*(calls[name] for name in order), while_locked=scene.wei)

    by_name = dict(zip(order, outcomes, strict=True))
    assert not isinstance(by_name["remove"], Exception)
    # Whoever came first: the seat is gone, and nobody's customers are in it.
    assert not await Customer.exists(manager_id=scene.wei.id)
    assert not await CustomerAssignment.exists(manager_id=scene.wei.id, to_at=None)


async def test_a_supervisor_who_loses_the_customer_meanwhile_finds_it_gone(
    scene: Scene, time: Clock
) -> None:
    """Between his reading and his writing it went to somebody else's manager."""
    jing, _ = await a_supervisor(scene.partner)
    await supervise(jing, scene.wei)
    supervisor = await as_operator(jing)

    taken, refused = await at_once(
        assignments.assign(
            viewer=scene.administrator,
            customer_ids=[scene.customer.id],
            manager_id=scene.ming.id,
            now=time.now,
        ),
        assignments.assign(
            viewer=supervisor,
            customer_ids=[scene.customer.id],
            manager_id=jing.id,
            now=time.now,
        ),
        while_locked=scene.customer,
    )

    assert taken[0].problem is None
    assert isinstance(refused[0].problem, NotFound)
    assert await scene.manager() == scene.ming.id
