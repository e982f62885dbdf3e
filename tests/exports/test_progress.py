"""Following an export: how it stands, each time that it has gone on, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest

from domain.exports import queue, running
from domain.identity import staying
from domain.identity.viewer import ANONYMOUS
from kit import database, ids
from kit.ids import new_id
from resolvers import exports as resolvers
from tests.api.edge import Desk
from tests.api.sse import streaming
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.exports.factories import CANCEL, global_id, requested
from tests.factories import a_partner, an_administrator
from tests.orders.factories import Shop, place

pytestmark = pytest.mark.usefixtures("database")

FOLLOW = """subscription ($id: ID!) { exportProgress(id: $id) {
  status position rowsDone rowsExpected fileName failure
} }"""
ORDERS: dict[str, Any] = {"list": {"orders": {}}, "columns": ["number"]}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(resolvers, "LOOK", 0.01)
    return Desk()


async def test_it_is_told_from_its_place_in_the_queue_to_its_file(
    desk: Desk, shop: Shop, time: Clock, ask: Ask
) -> None:
    await place(shop, now=time.now)
    first = await requested(ask, by=shop.by, **ORDERS)
    time.forward(seconds=1)
    export = await requested(ask, by=shop.by, **ORDERS)
    by = desk.seat(shop.by)

    async with streaming(desk.app, FOLLOW, authorization=by, id=global_id(export)) as stream:
        waiting = (await stream.data())["exportProgress"]
        assert (waiting["status"], waiting["position"], waiting["rowsDone"]) == ("QUEUED", 2, 0)
        await ask(CANCEL, by=shop.by, id=global_id(first))
        assert (await stream.data())["exportProgress"]["position"] == 1
        claimed = await queue.claim(now=time.now)
        assert claimed is not None
        begun = (await stream.data())["exportProgress"]
        assert (begun["status"], begun["position"], begun["rowsDone"]) == ("RUNNING", None, 0)
        await queue.keep(claimed, rows=1, expected=4, busy_ms=10)
        going = (await stream.data())["exportProgress"]
        assert (going["rowsDone"], going["rowsExpected"]) == (1, 4)
        await running.run(claimed)
        seen = [await stream.next()]
        while seen[-1][0] == "next":
            seen.append(await stream.next())

    assert seen[-1] == ("complete", None)
    assert seen[-2][1]["data"] == {
        "exportProgress": {
            "status": "DONE",
            "position": None,
            "rowsDone": 1,
            "rowsExpected": 1,
            "fileName": "Orders-20300201-073001.csv",
            "failure": None,
        }
    }


async def test_of_what_has_ended_the_end_is_told_once(
    desk: Desk, shop: Shop, time: Clock, ask: Ask
) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)
    await ask(CANCEL, by=shop.by, id=global_id(export))
    by = desk.seat(shop.by)

    async with streaming(desk.app, FOLLOW, authorization=by, id=global_id(export)) as stream:
        assert (await stream.data())["exportProgress"]["status"] == "CANCELLED"
        assert await stream.next() == ("complete", None)


async def test_it_ends_with_the_seat(
    desk: Desk, shop: Shop, time: Clock, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staying, "RECHECK", timedelta(0))
    export = await requested(ask, by=shop.by, **ORDERS)
    by = desk.seat(shop.by)

    async with streaming(desk.app, FOLLOW, authorization=by, id=global_id(export)) as stream:
        assert (await stream.data())["exportProgress"]["status"] == "QUEUED"
        await database.execute("update operator set removed_at = $1", time.now)
        assert await stream.next() == ("complete", None)


async def test_anothers_export_is_an_unknown_one(desk: Desk, shop: Shop, ask: Ask) -> None:
    export = await requested(ask, by=shop.by, **ORDERS)
    other = desk.seat(await an_administrator(await a_partner("Other")))
    told = []
    for by, id in (
        (other, global_id(export)),
        (other, ids.encode("exp", new_id())),
        (desk.seat(ANONYMOUS), global_id(export)),
        (other, ids.encode("ord", export.id)),
    ):
        async with streaming(desk.app, FOLLOW, authorization=by, id=id) as stream:
            _, result = await stream.next()
        told.append([error["extensions"]["code"] for error in result["errors"]])

    assert told == [["NOT_FOUND"], ["NOT_FOUND"], ["UNAUTHENTICATED"], ["INVALID_INPUT"]]
