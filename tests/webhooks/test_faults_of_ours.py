"""What can't be told by a fault of ours: it ends, is seen, blames nobody, and goes once mended."""

import logging
from uuid import UUID

import asyncpg
import pytest

from domain.webhooks import backlog, delivering, repeating, schedule
from domain.webhooks.sending import Wire
from kit import database, ids
from models.webhooks import DeliveryState, EndpointState
from tests.customers.conftest import Ask
from tests.webhooks.conftest import WallClock
from tests.webhooks.house import House

pytestmark = pytest.mark.usefixtures("database")

# What no API would tell either: it says to be a customer's id, and isn't.
UNTELLABLE = {"customer_id": "nobody"}

LOG = """query ($id: ID!) { webhookDelivery(id: $id) { status lastError
    log { number statusCode error } availableActions { name allowed } } }"""


async def test_it_is_tried_as_often_as_any_and_then_given_up(
    house: House, wall: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    await house.happens("thing.bad", after=UNTELLABLE)
    good = await house.happens("thing.good")
    for wait in schedule.WAITS:
        await house.round()
        wall.forward(seconds=wait.total_seconds() * (1 + schedule.SPREAD))
    assert (await house.delivery(type="thing.bad")).state == DeliveryState.WAITING
    await house.round()
    wall.forward(days=30)
    assert await house.round() == 0

    assert house.receiver.ids == [good]
    delivery = await house.delivery(type="thing.bad")
    assert (delivery.state, delivery.attempted) == (DeliveryState.FAILED, schedule.ATTEMPTS)
    assert delivery.lease_token is None
    endpoint = await house.first()
    assert (endpoint.state, endpoint.failures) == (EndpointState.ACTIVE, 0)
    told = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert len(told) == schedule.ATTEMPTS
    assert "badly formed hexadecimal UUID" in caplog.text


async def test_it_is_seen_and_once_mended_sent_under_its_id(house: House, ask: Ask) -> None:
    id = await house.happens(after=UNTELLABLE)
    await house.round()
    delivery = await house.delivery()
    seen = await ask(LOG, by=house.viewer, id=ids.encode("whd", delivery.id))
    assert seen["status"] == "WAITING"
    assert seen["lastError"].startswith("INTERNAL: a fault of ours; request ")
    assert seen["log"] == [{"number": 1, "statusCode": None, "error": seen["lastError"]}]
    assert seen["availableActions"] == [{"name": "webhookDeliveryRetry", "allowed": True}]
    assert (await backlog.stand(now=house.time.now)).faulty == 1

    await database.execute(
        "update event set after = jsonb_build_object('customer_id', $1::text)", str(UUID(int=9))
    )
    await repeating.retry(viewer=house.viewer, delivery_id=delivery.id, now=house.time.now)
    await house.round()

    assert house.receiver.ids == [id]
    assert (await house.delivery()).state == DeliveryState.DELIVERED
    assert (await backlog.stand(now=house.time.now)).faulty == 0


async def test_a_fault_that_passes_is_not_counted(house: House) -> None:
    """A deadlock, a lost connection: it stays in hand until the lease ends."""

    class Cut(Wire):
        async def post(self, *_: object) -> object:  # type: ignore[override]
            raise asyncpg.ConnectionDoesNotExistError

    await house.happens()
    async with Cut() as cut:
        await house.courier.round(cut)

    delivery = await house.delivery()
    assert (delivery.state, delivery.attempted) == (DeliveryState.WAITING, 0)
    assert delivery.lease_token is not None


async def test_whoever_has_lost_the_lease_writes_no_fault_down(house: House) -> None:
    await house.happens(after=UNTELLABLE)
    await house.courier.round(house.wire)
    before = await house.delivery()

    await delivering.put_off({"id": before.id, "endpoint_id": house.endpoint_id}, token=UUID(int=1))

    assert (await house.delivery()).attempted == before.attempted == 1
