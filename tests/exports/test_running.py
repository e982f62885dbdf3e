"""What may happen to an export on its way: rights lost, taken back, a store that refuses."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.exports import deadlines, downloads, queue, running
from domain.exports.queue import ATTEMPTS
from domain.identity.items import Item
from kit import clock, copying, store
from models.audit import Event
from models.customers import Customer
from models.exports import Export, ExportFailure
from models.exports import ExportState as State
from models.identity import Operator, OperatorRole, StaffMember
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_manager
from tests.exports.factories import (
    CANCEL,
    RETRY,
    SHOW,
    global_id,
    lines,
    made,
    requested,
)
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.orders.factories import Shop, place
from tests.upstream.working import fire_due

pytestmark = pytest.mark.usefixtures("database")

ORDERS: dict[str, Any] = {"list": {"orders": {}}, "columns": ["number"]}


async def read(export: Export) -> Export:
    return await Export.get(id=export.id)


async def names(export: Export) -> list[str]:
    return [each.name for each in await Event.filter(subject_id=export.id).order_by("id")]


async def test_who_has_lost_the_right_gets_nothing(shop: Shop, time: Clock, ask: Ask) -> None:
    staff = await a_staff_viewer(Item.ORDER_REVIEW)
    await place(shop, now=time.now)
    export = await requested(ask, by=staff, **ORDERS)
    await StaffMember.filter(person_id=staff.person_id).update(items=[])

    await made(time.now)

    export = await read(export)
    assert (export.state, export.failure) == (State.FAILED, ExportFailure.RIGHT_LOST)
    assert (export.key, export.size, export.sha256) == (None, None, None)
    assert await names(export) == ["export.requested", "export.started", "export.failed"]


async def test_who_has_lost_the_seat_gets_nothing(shop: Shop, time: Clock, ask: Ask) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)
    await Operator.filter(id=shop.by.seat_id).update(removed_at=time.now)

    await made(time.now)

    export = await read(export)
    assert (export.state, export.failure) == (State.FAILED, ExportFailure.RIGHT_LOST)


async def test_the_sight_is_that_of_the_asking_and_no_more_than_now(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    seat, manager = await a_manager(shop.partner)
    order = await place(shop, now=time.now)

    # He asks before the customer is his: what the rows say counts when the file is made.
    export = await requested(ask, by=manager, **ORDERS)
    await Customer.filter(id=shop.customer.id).update(manager_id=seat.id)
    await made(time.now)
    assert await lines(export) == [["Number"], [order.number]]

    # He asks as a manager, and is the administrator by the time it is made: as a manager.
    await Customer.filter(id=shop.customer.id).update(manager_id=None)
    export = await requested(ask, by=manager, **ORDERS)
    administrator = await OperatorRole.filter(operator_id=shop.by.seat_id).get()
    await OperatorRole.filter(operator_id=seat.id).update(role_id=administrator.role_id)
    await made(time.now)
    assert await lines(export) == [["Number"]]

    # And the other way round.
    export = await requested(ask, by=shop.by, **ORDERS)
    mine = await OperatorRole.filter(operator_id=shop.by.seat_id).get()
    manages = (await a_manager(shop.partner))[0]
    role = await OperatorRole.filter(operator_id=manages.id).get()
    await OperatorRole.filter(id=mine.id).update(role_id=role.role_id)
    await made(time.now)
    assert await lines(export) == [["Number"]]


async def test_taken_back_while_it_waits_it_is_never_begun(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)

    assert await ask(CANCEL, by=shop.by, id=global_id(export)) == {
        "export": {"status": "CANCELLED"},
        "errors": [],
    }

    assert await made(time.now) == 0
    assert (await ask(CANCEL, by=shop.by, id=global_id(export)))["errors"] == [
        {"code": "WRONG_STATUS"}
    ]


async def test_taken_back_while_it_runs_it_leaves_nothing(
    shop: Shop, time: Clock, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place(shop, now=time.now)
    export = await requested(ask, by=shop.by, **ORDERS)
    monkeypatch.setattr(running, "HEARTBEAT", 0.01)
    begun, go_on = asyncio.Event(), asyncio.Event()
    real = copying.copy

    async def slow(*args: Any, **more: Any) -> int:
        begun.set()
        await go_on.wait()
        return await real(*args, **more)

    monkeypatch.setattr(copying, "copy", slow)
    claimed = await queue.claim(now=time.now)
    assert claimed is not None
    work = asyncio.create_task(running.run(claimed))
    await begun.wait()

    await ask(CANCEL, by=shop.by, id=global_id(export))
    await work  # the heartbeat has found out

    export = await read(export)
    assert (export.state, export.lease_token) == (State.CANCELLED, None)
    await deadlines.sweep(now=time.now)
    assert (await read(export)).key is not None  # what is on its way may still come
    time.forward(seconds=deadlines.LANDING.total_seconds())
    await deadlines.sweep(now=time.now)
    assert (await read(export)).key is None
    assert await names(export) == ["export.requested", "export.started", "export.cancelled"]


async def test_taken_back_at_the_last_moment_the_file_is_removed(
    shop: Shop, time: Clock, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)
    claimed = await queue.claim(now=time.now)
    assert claimed is not None
    real = store.put

    async def put(key: str, *args: Any, **more: Any) -> None:
        await real(key, *args, **more)
        await ask(CANCEL, by=shop.by, id=global_id(export))

    monkeypatch.setattr(store, "put", put)
    await running.run(claimed)

    key = (await read(export)).key
    assert key is not None
    assert (await read(export)).state is State.CANCELLED
    with pytest.raises(store.Missing):
        await store.get(key)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("403")])
async def test_a_store_that_refuses_is_asked_again_and_then_no_more(
    shop: Shop, time: Clock, ask: Ask, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)
    real = store.put

    async def refuse(*args: Any, **more: Any) -> None:
        raise error

    monkeypatch.setattr(store, "put", refuse)
    for attempt in range(1, ATTEMPTS + 1):
        assert await made(time.now) == 1
        export = await read(export)
        assert export.attempts == attempt
        time.forward(minutes=5)

    assert (export.state, export.failure) == (State.FAILED, ExportFailure.STORE_REFUSED)
    assert str(error) in str(export.last_error)
    shown = await ask(SHOW, by=shop.by, id=global_id(export))
    assert (shown["failure"], shown["downloadUrl"]) == ("STORE_REFUSED", None)
    assert [each["allowed"] for each in shown["availableActions"]] == [False, True]

    monkeypatch.setattr(store, "put", real)
    assert (await ask(RETRY, by=shop.by, id=global_id(export)))["export"] == {
        "status": "QUEUED",
        "attemptCount": 0,
    }
    await made(time.now)
    assert (await read(export)).state is State.DONE


async def test_a_full_disk_is_told_apart(
    shop: Shop, time: Clock, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)

    async def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("domain.exports.writing.Writing.end", full)
    await made(time.now)

    export = await read(export)
    assert export.state is State.QUEUED
    assert "No space left" in str(export.last_error)


async def test_two_workers_never_have_the_same_export(shop: Shop, time: Clock, ask: Ask) -> None:
    await requested(ask, by=shop.by, **ORDERS)

    claims = await asyncio.gather(*(queue.claim(now=time.now) for _ in range(5)))

    assert [claim is not None for claim in claims].count(True) == 1


async def test_who_slept_over_the_lease_shows_nothing(shop: Shop, time: Clock, ask: Ask) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)
    sleeper = await queue.claim(now=time.now, lease=timedelta(0))
    other = await queue.claim(now=time.now)
    assert sleeper is not None
    assert other is not None

    await running.run(other)
    await running.run(sleeper)

    export = await read(export)
    assert export.state is State.DONE
    assert export.key is not None
    assert export.key.endswith(str(other.lease_token).replace("-", ""))
    assert await lines(export) == [["Number"]]
    assert await names(export) == ["export.requested", "export.started", "export.finished"]


async def test_two_of_a_tenant_run_at_a_time_and_tenants_take_turns(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    other = await an_administrator(await a_partner("Other"))
    mine = [await requested(ask, by=shop.by, **ORDERS) for _ in range(3)]
    theirs = [await requested(ask, by=other, **ORDERS) for _ in range(2)]
    positions = [
        (await ask(SHOW, by=by, id=global_id(export)))["position"]
        for by, export in [*((shop.by, each) for each in mine), *((other, each) for each in theirs)]
    ]
    assert positions == [1, 3, 5, 2, 4]

    claims = []
    while (claim := await queue.claim(now=time.now)) is not None:
        claims.append(claim)
        time.forward(seconds=1)

    assert [claim.id for claim in claims] == [mine[0].id, theirs[0].id, mine[1].id, theirs[1].id]
    await running.run(claims[0])
    following = await queue.claim(now=time.now)
    assert following is not None
    assert following.id == mine[2].id


async def test_a_worker_that_stops_gives_its_export_back(
    shop: Shop, time: Clock, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)
    begun = asyncio.Event()

    async def stuck(*args: Any, **more: Any) -> int:
        begun.set()
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(copying, "copy", stuck)
    claimed = await queue.claim(now=time.now)
    assert claimed is not None
    work = asyncio.create_task(running.run(claimed))
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    export = await read(export)
    assert (export.state, export.attempts, export.lease_token) == (State.QUEUED, 0, None)


async def test_workers_that_die_of_it_again_and_again_end_it(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)
    for _ in range(ATTEMPTS):
        assert await queue.claim(now=time.now, lease=timedelta(0)) is not None

    assert await queue.claim(now=time.now) is None

    export = await read(export)
    assert (export.state, export.failure) == (State.FAILED, ExportFailure.WORKERS_LOST)


async def test_the_file_is_gone_after_three_days(shop: Shop, time: Clock, ask: Ask) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)
    await made(time.now)
    key = (await read(export)).key
    assert key is not None
    ticket = downloads.link(export.id, viewer=shop.by).rpartition("/")[2]
    time.forward(days=3, seconds=-1)
    assert await downloads.open(ticket=ticket, wall=clock.wall(), now=time.now) is not None

    time.forward(seconds=1)
    shown = await ask(SHOW, by=shop.by, id=global_id(export))
    assert (shown["status"], shown["downloadUrl"]) == ("EXPIRED", None)
    assert await downloads.open(ticket=ticket, wall=clock.wall(), now=time.now) is None
    await fire_due(time.now)

    export = await read(export)
    assert (export.state, export.key) == (State.EXPIRED, None)
    with pytest.raises(store.Missing):
        await store.get(key)
    assert (await ask(RETRY, by=shop.by, id=global_id(export)))["errors"] == []
    await made(time.now)
    assert (await read(export)).state is State.DONE


async def test_only_the_creator_and_the_administrator_get_the_file(
    shop: Shop, time: Clock, ask: Ask
) -> None:
    _, manager = await a_manager(shop.partner)
    _, other = await a_manager(shop.partner)
    export = await requested(ask, by=manager, **ORDERS)
    await made(time.now)
    operator = await a_staff_viewer(Item.OPERATE, Item.ORDER_REVIEW)

    async def url(by: Any) -> object:
        shown = await ask(SHOW, by=by, id=global_id(export))
        return shown and shown["downloadUrl"]

    assert await url(manager) is not None
    assert await url(shop.by) is not None
    assert await url(other) is None
    assert await url(shop.seller) is None
    shown = await ask(SHOW, by=operator, id=global_id(export))
    assert (shown["status"], shown["downloadUrl"]) == ("DONE", None)
    assert await downloads.open(ticket="nonsense", wall=clock.wall(), now=time.now) is None
