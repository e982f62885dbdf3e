"""What happens to deliveries at the same time as something else; each order has its outcome."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from domain.webhooks import claims, endpoints, planning, repeating, resting
from kit import database
from kit.problems import NotFound
from kit.status import WrongStatus
from kit.transaction import transaction
from models.webhooks import DeliveryState, DisabledReason, EndpointState, WebhookDelivery
from tests.races import at_once
from tests.receiver import Received
from tests.webhooks.conftest import WallClock
from tests.webhooks.house import House
from workers.webhooks import Courier

pytestmark = pytest.mark.usefixtures("database")


async def replay(house: House, begin: int, end: int) -> repeating.Replayed:
    return await repeating.replay(
        viewer=house.viewer,
        endpoint_id=house.endpoint_id,
        from_position=begin,
        to_position=end,
        now=house.time.now,
    )


async def retry(house: House) -> WebhookDelivery:
    return await repeating.retry(
        viewer=house.viewer, delivery_id=(await house.delivery()).id, now=house.time.now
    )


async def pause(house: House) -> object:
    return await resting.pause(
        viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now
    )


async def rotate(house: House) -> str:
    made = await endpoints.rotate(
        viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now
    )
    return made.secret


async def test_three_days_down_while_more_and_more_happens(house: House, wall: WallClock) -> None:
    """Each event is told in the end, by its one id and with its one body, and none is given up."""
    house.receiver.answers(503)
    told = []
    for number in range(24):
        told.append(await house.happens(after={"number": number}))
        await house.round()
        wall.forward(hours=3)
    tried = {request.id: request.body for request in house.receiver.received}
    house.receiver.answers(200)
    house.receiver.received.clear()
    for _ in range(24):
        await house.round()
        wall.forward(hours=3)

    assert sorted(house.receiver.ids) == sorted(told)
    bodies = {request.id: request.body for request in house.receiver.received}
    assert len(tried) >= 20
    assert {id: bodies[id] for id in tried} == tried
    assert {each.state for each in await WebhookDelivery.all()} == {DeliveryState.DELIVERED}
    assert (await house.first()).state == EndpointState.ACTIVE


async def test_what_waits_over_a_rotation_is_signed_by_both_and_then_by_the_new(
    house: House, wall: WallClock
) -> None:
    old = house.receiver.secrets[0]
    house.receiver.answers(500)
    await house.happens()
    await house.round()
    new = await rotate(house)
    house.receiver.secrets.append(new)
    wall.forward(minutes=10)
    await house.round()
    wall.forward(hours=24)
    house.receiver.answers(200)
    await house.round()

    before, during, after = house.receiver.received
    assert len({before.id, during.id, after.id}) == 1
    assert before.body == during.body == after.body
    assert [is_good(request, old) for request in (before, during, after)] == [True, True, False]
    assert [is_good(request, new) for request in (before, during, after)] == [False, True, True]


async def test_of_two_rotations_in_a_day_the_first_secret_is_good_no_more(house: House) -> None:
    first = house.receiver.secrets[0]
    second = await rotate(house)
    third = await rotate(house)
    house.receiver.secrets[:] = [second]
    await house.happens()
    await house.round()

    [request] = house.receiver.received
    good = [is_good(request, secret) for secret in (first, second, third)]
    assert good == [False, True, True]


async def test_rotated_while_under_way_it_is_signed_by_the_secret_it_left_with(
    house: House,
) -> None:
    house.receiver.hold.clear()
    await house.happens()
    sending = asyncio.create_task(house.round())
    await house.receiver.until(1)
    await rotate(house)
    house.receiver.hold.set()
    await sending

    assert is_good(house.receiver.received[0], house.receiver.secrets[0])
    assert (await house.delivery()).state == DeliveryState.DELIVERED


def is_good(request: Received, secret: str) -> bool:
    at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
    signature = Webhook(secret).sign(request.id, at, request.body.decode())
    return signature in request.headers["webhook-signature"].split()


@pytest.mark.parametrize("again", [retry, lambda house: replay(house, 2, 2)])
async def test_asked_for_anew_before_during_and_after_an_attempt_it_goes_out_once_more(
    house: House, again: Callable[[House], Awaitable[object]]
) -> None:
    house.receiver.hold.clear()
    id = await house.happens()
    await planning.plan(now=house.time.now)
    await again(house)
    sending = asyncio.create_task(house.round())
    await house.receiver.until(1)
    await again(house)
    house.receiver.hold.set()
    await sending
    assert house.receiver.ids == [id, id]
    await again(house)
    await house.round()

    assert house.receiver.ids == [id, id, id]
    delivery = await house.delivery()
    assert (delivery.state, delivery.attempts, delivery.attempted) == ("DELIVERED", 1, 3)
    assert [attempt["status_code"] for attempt in await house.log()] == [200, 200, 200]


async def test_a_failure_under_way_leaves_all_attempts_to_what_was_asked_anew(
    house: House,
) -> None:
    house.receiver.answers(500)
    house.receiver.hold.clear()
    await house.happens()
    sending = asyncio.create_task(house.round())
    await house.receiver.until(1)
    await retry(house)
    house.receiver.hold.set()
    await house.receiver.until(2)
    await sending

    delivery = await house.delivery()
    assert (delivery.state, delivery.attempts, delivery.attempted) == ("WAITING", 1, 2)


async def test_a_span_is_replayed_while_more_happens(house: House) -> None:
    """New ones aren't lost to it, nor the old ones to them; nobody has a second delivery."""
    old = [await house.happens() for _ in range(60)]
    await house.round()
    house.receiver.received.clear()
    stop = asyncio.Event()
    couriers = [asyncio.create_task(Courier().run(stop)) for _ in range(2)]

    async def happen() -> list[str]:
        return [await house.happens() for _ in range(40)]

    new, replayed, *_ = await asyncio.gather(
        happen(), replay(house, 2, 61), replay(house, 2, 31), replay(house, 32, 61)
    )
    async with asyncio.timeout(60):
        while not {*old, *new} <= {*house.receiver.ids} or await _is_anything_waiting():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    stop.set()
    await asyncio.gather(*couriers)

    assert replayed.deliveries == 60
    assert {*house.receiver.ids} == {*old, *new}
    assert all(house.receiver.ids.count(id) == 1 for id in new)
    assert await WebhookDelivery.all().count() == 100


async def test_what_a_replay_holds_keeps_nobody_elses_from_going_out(house: House) -> None:
    await house.endpoint(path="/other")
    await house.happens()
    await planning.plan(now=house.time.now)
    elsewhere = copy_context()
    async with transaction():
        await database.rows(
            "select 1 from webhook_delivery where endpoint_id = $1 for update", house.endpoint_id
        )
        claiming = asyncio.create_task(claims.claim(limit=100), context=elsewhere)
        _, rows = await asyncio.wait_for(claiming, 30)

    assert [row["endpoint_id"] for row in rows] == [house.endpoint_ids[1]]


@pytest.mark.parametrize("gone_first", [True, False])
async def test_gone_against_an_arrival_leaves_it_off_in_either_order(
    house: House, gone_first: bool
) -> None:
    gone = await house.happens("thing.gone")
    fine = await house.happens("thing.fine")
    turn = {gone: asyncio.Event(), fine: asyncio.Event()}
    house.receiver.gates = turn
    house.receiver.answer = lambda request: (410 if request.id == gone else 200, {}, "")
    sending = asyncio.create_task(house.round())
    await house.receiver.until(2)
    for id in (gone, fine) if gone_first else (fine, gone):
        turn[id].set()
        await _until_written(house, id)
    await sending

    endpoint = await house.first()
    assert (endpoint.state, endpoint.disabled_reason) == ("DISABLED", DisabledReason.GONE)
    assert (await house.delivery(type="thing.fine")).state == DeliveryState.DELIVERED
    assert (await house.delivery(type="thing.gone")).state == DeliveryState.WAITING
    later = await house.happens("thing.later")
    assert await house.round() == 0
    house.receiver.gates = {}
    house.receiver.answers(200)
    await resting.resume(viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now)
    await house.round()
    assert {gone, later} <= {*house.receiver.ids[2:]}


@pytest.mark.parametrize("pause_first", [True, False])
async def test_gone_against_a_pause(house: House, pause_first: bool) -> None:
    house.receiver.answers(410)
    await house.happens()
    await planning.plan(now=house.time.now)  # who is held isn't read for
    sent = house.round()
    calls = (pause(house), sent) if pause_first else (sent, pause(house))
    outcomes = await at_once(*calls, while_locked=await house.first())

    endpoint = await house.first()
    if pause_first:
        assert endpoint.state == EndpointState.PAUSED
        assert outcomes[1] == 1
        assert not await database.rows("select 1 from mail")
    else:
        assert endpoint.state == EndpointState.DISABLED
        assert isinstance(outcomes[1], WrongStatus)
        assert len(await database.rows("select 1 from mail")) == 1


async def test_paused_while_under_way_it_still_counts_as_arrived(house: House) -> None:
    house.receiver.hold.clear()
    await house.happens()
    sending = asyncio.create_task(house.round())
    await house.receiver.until(1)
    await pause(house)
    house.receiver.hold.set()
    await sending

    assert (await house.delivery()).state == DeliveryState.DELIVERED
    assert (await house.first()).state == EndpointState.PAUSED


async def test_deleted_before_a_replay_there_is_nothing_to_replay(house: House) -> None:
    await house.happens()
    await endpoints.delete(viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now)

    with pytest.raises(NotFound):
        await replay(house, 1, 5)
    assert await WebhookDelivery.all().count() == 0
    assert await house.round() == 0


async def test_a_worker_that_slept_over_its_lease_writes_nothing_down(
    house: House, wall: WallClock
) -> None:
    """Meanwhile another has delivered it: twice received, by one id, and written down once."""
    house.receiver.hold.clear()
    id = await house.happens()
    sleeper = asyncio.create_task(house.round())
    await house.receiver.until(1)
    wall.forward(seconds=claims.LEASE.total_seconds() + 1)
    other = asyncio.create_task(Courier().round(house.wire))
    await house.receiver.until(2)
    house.receiver.hold.set()
    await asyncio.gather(sleeper, other)

    assert house.receiver.ids == [id, id]
    delivery = await house.delivery()
    assert (delivery.state, delivery.attempted) == (DeliveryState.DELIVERED, 1)
    assert len(await house.log()) == 1


async def _is_anything_waiting() -> bool:
    return await WebhookDelivery.filter(state=DeliveryState.WAITING).exists()


async def _until_written(house: House, id: str) -> None:
    async with asyncio.timeout(30):
        while not await database.rows(  # noqa: ASYNC110 -- PostgreSQL can't call us
            "select 1 from webhook_attempt join webhook_delivery d on d.id = delivery_id"
            " where replace(d.event_id::text, '-', '') = $1",
            id.removeprefix("evt_"),
        ):
            await asyncio.sleep(0.01)
