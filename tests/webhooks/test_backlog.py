"""Whether webhooks and exports are late, as those who watch over the workers are told."""

from datetime import timedelta
from uuid import uuid4

import pytest

from domain.audit import events
from domain.exports import backlog as exports
from domain.identity.items import Item
from domain.identity.viewer import SYSTEM
from domain.operating.backlogs import Queue
from domain.operating.standing import queues as queues_at
from domain.webhooks import backlog, claims, endpoints, planning, resting
from domain.webhooks.backlog import Stand
from kit import database
from partner_center import gauges, health
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.webhooks.conftest import WallClock
from tests.webhooks.house import House

pytestmark = pytest.mark.usefixtures("database")


async def test_nobody_waits(house: House) -> None:
    await house.happens()
    await house.round()

    assert await stand(house) == Stand(oldest_due_seconds=None, due=0, faulty=0)


async def test_what_no_worker_takes_is_late(house: House, wall: WallClock) -> None:
    await house.happens()
    await planning.plan(now=house.time.now)
    wall.forward(seconds=121)

    late = await stand(house)

    assert late.oldest_due_seconds is not None
    assert 121 <= late.oldest_due_seconds < 180  # a slow machine
    assert (late.due, late.faulty) == (1, 0)
    assert not (await health.jobs_at(now=house.time.now)).is_well
    await house.round()
    assert await stand(house) == Stand(oldest_due_seconds=None, due=0, faulty=0)


async def test_what_nobody_reads_from_the_log_is_late(house: House) -> None:
    await house.happens()
    await house.happens()
    house.time.forward(minutes=3)

    assert await stand(house) == Stand(oldest_due_seconds=180.0, due=0, faulty=0)
    assert not (await health.jobs_at(now=house.time.now)).is_well


async def test_what_has_no_position_is_late(house: House, time: Clock) -> None:
    await events.record(
        "thing.made",
        actor=SYSTEM,
        subject_type="thing",
        subject_id=uuid4(),
        tenant_id=uuid4(),
        at=time.now,
    )
    time.forward(seconds=121)

    jobs = await health.jobs_at(now=time.now)

    assert (jobs.unplaced_events, jobs.oldest_unplaced_event_seconds) == (1, 121.0)
    assert not jobs.is_well


async def test_who_fails_is_slow_or_rests_makes_nothing_late(house: House, wall: WallClock) -> None:
    for path in ("/tired", "/slow", "/paused", "/deleted"):
        await house.endpoint(path=path)
    _, tired, slow, paused, deleted = house.endpoint_ids
    await house.happens()
    await planning.plan(now=house.time.now)
    await resting.pause(viewer=house.viewer, endpoint_id=paused, now=house.time.now)
    await endpoints.delete(viewer=house.viewer, endpoint_id=deleted, now=house.time.now)
    await database.execute(
        "update webhook_delivery set state = 'DELIVERED', delivered_at = now()"
        " where endpoint_id = $1",
        house.endpoint_id,
    )
    await database.execute(
        "update webhook_endpoint set failures = $2, failing_since = now() where id = $1",
        *(tired, claims.TIRED),
    )
    wall.forward(minutes=30)
    await database.execute(
        "update webhook_delivery set lease_token = $2, leased_until = $3 where endpoint_id = $1",
        *(slow, uuid4(), wall.wall() + timedelta(seconds=60)),
    )

    assert await stand(house) == Stand(oldest_due_seconds=None, due=2, faulty=0)
    assert await measured() == {"queue_due": 2, "queue_age_seconds": 0}
    operator = await a_staff_viewer(Item.OPERATE)
    queues = {each.queue: each for each in await queues_at(viewer=operator, now=house.time.now)}
    assert (queues[Queue.DELIVERIES].due_count, queues[Queue.DELIVERIES].in_hand_count) == (2, 1)
    wall.forward(seconds=61)
    assert (await stand(house)).oldest_due_seconds is not None
    assert (await measured())["queue_age_seconds"] > 1800


async def measured() -> dict[str, float]:
    """What the alarm goes by."""
    told = await gauges._ask()
    return {row["gauge"]: row["value"] for row in told if row["label"] == "deliveries"}


async def test_a_rest_is_not_counted_when_it_is_over(house: House) -> None:
    await resting.pause(viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now)
    await house.happens()
    house.time.forward(days=3)
    assert (await stand(house)).oldest_due_seconds is None
    await resting.resume(viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now)
    house.time.forward(seconds=5)

    assert (await stand(house)).oldest_due_seconds == 5.0


async def test_an_export_that_nobody_makes_is_late_and_one_that_waits_its_turn_is_not(
    time: Clock,
) -> None:
    await an_export(time)
    time.forward(minutes=5)

    assert await exports.stand(now=time.now) == exports.Stand(
        oldest_due_seconds=300.0, due=1, running=0
    )
    assert not (await health.jobs_at(now=time.now)).is_well

    await an_export(time, leased_for=60)
    stood = await exports.stand(now=time.now)
    assert (stood.oldest_due_seconds, stood.due, stood.running) == (300.0, 1, 1)
    assert (await health.jobs_at(now=time.now)).is_well


async def test_an_export_that_has_lost_its_worker_is_late(time: Clock) -> None:
    await an_export(time, leased_for=-200)

    stood = await exports.stand(now=time.now)

    assert stood.oldest_due_seconds is not None
    assert stood.oldest_due_seconds >= 200
    assert (stood.due, stood.running) == (1, 0)
    assert not (await health.jobs_at(now=time.now)).is_well


async def stand(house: House) -> Stand:
    return await backlog.stand(now=house.time.now)


async def an_export(time: Clock, *, leased_for: int | None = None) -> None:
    """That waits; or with a lease in seconds from now, one that was begun."""
    await database.execute(
        """
        insert into export (id, created_at, version, tenant_id, created_by, creator_name, viewer,
            listing, title, title_en, columns, format, language, csv_bom, state, attempts,
            next_attempt_at, rows_done, busy_ms, arguments, lease_token, leased_until)
        select uuidv7(), $1, 1, uuidv7(), uuidv7(), 'A', '{}', 'orders', '订单', 'Orders', '[]',
            'CSV', 'en', false,
            case when $2::int is null then 'QUEUED' else 'RUNNING' end, 0, $1, 0, 0, '{}',
            case when $2 is null then null else uuidv7() end,
            clock_timestamp() + $2 * interval '1 second'""",
        time.now,
        leased_for,
    )
