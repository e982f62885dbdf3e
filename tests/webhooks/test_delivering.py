"""Events on their way: signed, once if all is well, again and again if not, and with one id."""

import asyncio
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from domain.audit import relay
from domain.identity.viewer import Viewer
from domain.webhooks import delivering, endpoints, planning, repeating, resting, schedule
from kit import database, ids
from kit.transaction import transaction
from models.webhooks import (
    DeliveryState,
    DisabledReason,
    EndpointState,
    WebhookAttempt,
    WebhookDelivery,
)
from tests.factories import a_partner, an_administrator
from tests.webhooks.conftest import WallClock
from tests.webhooks.house import House
from workers.webhooks import Courier

pytestmark = pytest.mark.usefixtures("database")


async def test_an_event_arrives_signed_and_is_told_as_the_api_tells_it(
    house: House, administrator: Viewer
) -> None:
    subject = UUID(int=7)
    id = await house.happens(
        "thing.changed",
        subject_type="order",
        subject_id=subject,
        before={"status": "UNPAID", "customer_id": None},
        after={"status": "PAID", "customer_id": str(UUID(int=9)), "inner": str(UUID(int=8))},
    )

    assert await house.round() == 1

    [request] = house.receiver.received
    assert request.id == id
    assert request.headers["content-type"] == "application/json"
    assert administrator.partner_id is not None
    assert request.payload == {
        "type": "thing.changed",
        "timestamp": "2030-01-31T23:30:00.000000Z",
        "data": {
            "id": id,
            "position": 2,
            "tenant": ids.encode("ptn", administrator.partner_id),
            "name": "thing.changed",
            "subject": {"type": "order", "id": ids.encode("ord", subject)},
            "changes": [
                {"field": "status", "before": "UNPAID", "after": "PAID"},
                {"field": "customerId", "before": None, "after": ids.encode("cus", UUID(int=9))},
            ],
            "thin": False,
        },
    }
    delivery = await house.delivery()
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("DELIVERED", 1, None)
    assert await house.log() == [
        {"number": 1, "status_code": 200, "answer": "thanks", "error": None}
    ]
    assert await house.round() == 0


async def test_a_changed_body_or_another_secret_fails_the_verifier(house: House) -> None:
    await house.happens()
    await house.round()
    [request] = house.receiver.received
    right, wrong = house.receiver.secrets[0], "whsec_" + "A" * 43 + "="

    Webhook(right).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(wrong).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(right).verify(request.body.replace(b"thing", b"thong"), request.headers)


async def test_a_long_event_is_told_without_its_changes(house: House) -> None:
    await house.happens(after={"text": "字" * 10_000})
    await house.round()

    [request] = house.receiver.received
    assert len(request.body) < 20_000
    assert (request.payload["data"]["thin"], request.payload["data"]["changes"]) == (True, [])


async def test_only_wanted_types_are_sent(house: House) -> None:
    await house.endpoint(types=["order.paid", "goods.*"])
    await house.endpoint(types=[])
    for name in ("order.paid", "order.placed", "goods.created", "thing.made"):
        await house.happens(name)
    await house.round()

    async def told(number: int) -> list[str]:
        rows = await database.rows(
            "select type from webhook_delivery where endpoint_id = $1"
            " and type not like 'webhook%' order by position",
            house.endpoint_ids[number],
        )
        return [row["type"] for row in rows]

    assert await told(0) == ["thing.made"]
    assert await told(1) == ["order.paid", "goods.created"]
    assert await told(2) == ["order.paid", "order.placed", "goods.created", "thing.made"]


async def test_what_another_partner_does_is_not_told(house: House) -> None:
    stranger = await an_administrator(await a_partner("Other"))
    await House(stranger, house.receiver, house.wire, house.courier, house.time).happens()
    await house.round()

    assert house.receiver.received == []


async def test_what_was_before_the_endpoint_is_not_told(house: House) -> None:
    await house.happens("thing.old")
    await house.endpoint(path="/new")
    await house.round()

    assert [request.path for request in house.receiver.received] == ["/hook"]


async def test_each_failure_waits_longer_under_the_same_id(
    house: House, wall: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "SPREAD", 0)
    house.receiver.answers(500, "oh no")
    id = await house.happens()
    begun = wall.wall()

    for wait in schedule.WAITS:
        assert await house.round() == 1
        wall.forward(seconds=wait.total_seconds() - 2)
        assert await house.round() == 0
        wall.forward(seconds=2)
    assert wall.wall() - begun < timedelta(hours=75, minutes=36)
    assert (await house.delivery()).state == DeliveryState.WAITING
    assert await house.round() == 1

    assert house.receiver.ids == [id] * 10
    assert len({request.body for request in house.receiver.received}) == 1
    assert len({request.headers["webhook-timestamp"] for request in house.receiver.received}) > 1
    log = await house.log()
    assert [attempt["number"] for attempt in log] == list(range(1, 11))
    assert log[9] == {"number": 10, "status_code": 500, "answer": "oh no", "error": "HTTP 500"}
    assert (await house.delivery()).state == DeliveryState.FAILED
    wall.forward(days=30)
    assert await house.round() == 0


def test_jitter_never_makes_the_last_attempt_early() -> None:
    first = wall = datetime(2030, 1, 1, tzinfo=UTC)
    for _ in range(200):
        wall = first
        for made in range(1, schedule.ATTEMPTS):
            later = schedule.next_attempt(made, first=first, wall=wall)
            assert later is not None
            assert later - wall >= schedule.WAITS[made - 1] * 0.79
            wall = later
        assert wall - first >= timedelta(hours=75, minutes=35)
        assert schedule.next_attempt(schedule.ATTEMPTS, first=first, wall=wall) is None


async def test_after_three_days_down_everything_arrives(house: House, wall: WallClock) -> None:
    house.receiver.answers(503)
    told = [await house.happens(f"thing.number_{chr(97 + n)}") for n in range(3)]
    for _ in range(24):
        await house.round()
        wall.forward(hours=3)
    assert (await house.first()).state == EndpointState.ACTIVE
    house.receiver.answers(200)
    house.receiver.received.clear()

    for _ in range(16):
        await house.round()
        wall.forward(hours=3)

    assert sorted(house.receiver.ids) == sorted(told)
    assert {each.state for each in await WebhookDelivery.all()} == {DeliveryState.DELIVERED}
    endpoint = await house.first()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)


async def test_what_fails_for_days_is_switched_off_and_its_people_are_told(
    house: House, wall: WallClock
) -> None:
    house.receiver.answers(500)
    id = await house.happens()
    for _ in range(40):
        await house.round()
        wall.forward(hours=3)

    endpoint = await house.first()
    assert (endpoint.state, endpoint.disabled_reason) == (
        EndpointState.DISABLED,
        DisabledReason.FAILING,
    )
    mails = await database.rows("select recipient, template, facts from mail")
    assert [(mail["recipient"], mail["template"]) for mail in mails] == [
        (house.viewer.email, "webhook_disabled")
    ]
    names = await database.rows("select name from event where subject_id = $1", endpoint.id)
    assert "webhook_endpoint.disabled" in {row["name"] for row in names}

    # What happens meanwhile is kept, and follows; what was given up is sent on demand.
    after = await house.happens("thing.later")
    assert await house.round() == 0
    house.receiver.answers(200)
    house.receiver.received.clear()
    await resting.resume(viewer=house.viewer, endpoint_id=endpoint.id, now=house.time.now)
    await house.round()
    assert house.receiver.ids == [after]
    lost = await house.delivery(state=DeliveryState.FAILED)
    await repeating.retry(viewer=house.viewer, delivery_id=lost.id, now=house.time.now)
    await house.round()
    assert house.receiver.ids == [after, id]


async def test_one_bad_event_switches_nothing_off(house: House, wall: WallClock) -> None:
    bad = await house.happens("thing.bad")
    house.receiver.answer = lambda request: (400 if request.id == bad else 200, {}, "")
    for _ in range(40):
        await house.happens("thing.good")
        await house.round()
        wall.forward(hours=3)

    assert (await house.delivery(type="thing.bad")).state == DeliveryState.FAILED
    assert (await house.first()).state == EndpointState.ACTIVE
    assert await WebhookDelivery.filter(state="DELIVERED", type="thing.good").count() == 40


async def test_gone_switches_off_at_once(house: House) -> None:
    house.receiver.answers(410)
    id = await house.happens()
    await house.round()
    later = await house.happens("thing.later")
    assert await house.round() == 0

    endpoint = await house.first()
    assert (endpoint.state, endpoint.disabled_reason) == ("DISABLED", "GONE")
    assert await database.rows("select 1 from mail where template = 'webhook_disabled'")

    house.receiver.answers(200)
    await resting.resume(viewer=house.viewer, endpoint_id=endpoint.id, now=house.time.now)
    await house.round()
    first, *both = house.receiver.ids  # at once, so in any order
    assert first == id
    assert sorted(both) == sorted([id, later])


@pytest.mark.parametrize(
    ("status", "said", "least", "most"),
    [
        (503, "7200", 7200, 7201),
        (429, "3600", 3600, 3601),
        (503, "99999999", 86_400, 86_401),
        (500, "7200", 4, 7),
        (503, "soon", 4, 7),
    ],
)
async def test_a_receiver_with_too_much_to_do_says_when(
    house: House, wall: WallClock, status: int, said: str, least: int, most: int
) -> None:
    house.receiver.answers(status, retry_after=said)
    await house.happens()
    before = wall.wall()
    await house.round()

    waits = ((await house.delivery()).next_attempt_at - before).total_seconds()
    assert least <= waits < most + 30  # a slow machine


async def test_a_redirect_is_a_failure_and_is_not_followed(house: House) -> None:
    house.receiver.answers(302, location=house.receiver.url("/elsewhere"))
    await house.happens()
    await house.round()

    assert [request.path for request in house.receiver.received] == ["/hook"]
    assert (await house.log())[0]["error"] == "HTTP 302"
    assert (await house.delivery()).state == DeliveryState.WAITING


async def test_of_a_long_answer_the_beginning_is_kept(house: House) -> None:
    house.receiver.answers(200, "x\x00" + "y" * 100_000)
    await house.happens()
    await house.round()

    assert (await house.log())[0]["answer"] == "x�" + "y" * 498


async def test_a_slow_endpoint_holds_up_nobody_and_gets_ten_at_a_time(house: House) -> None:
    await house.endpoint(path="/quick")
    house.receiver.hold.clear()
    for _ in range(30):
        await house.happens()

    stop = asyncio.Event()
    couriers = [asyncio.create_task(Courier().run(stop)) for _ in range(3)]
    await house.receiver.until(40)
    paths = [request.path for request in house.receiver.received]
    assert (paths.count("/quick"), paths.count("/hook")) == (30, 10)
    house.receiver.hold.set()
    await house.receiver.until(60)
    stop.set()
    await asyncio.gather(*couriers)

    assert house.receiver.most_at_once["/hook"] == 10
    assert len(set(house.receiver.ids)) == 30
    assert await WebhookDelivery.filter(state="DELIVERED").count() == 60


async def test_who_never_answers_is_a_failure_in_the_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.webhooks.sending.TIMEOUT", timedelta(seconds=0.2))
    house.receiver.hold.clear()
    await house.happens()
    await house.round()

    [attempt] = await house.log()
    assert attempt["status_code"] is None
    assert attempt["error"].startswith("TIMEOUT")


async def test_nobody_there_is_a_failure(house: House) -> None:
    await database.execute("update webhook_endpoint set url = 'http://127.0.0.1:9/'")
    await house.happens()
    await house.round()

    [attempt] = await house.log()
    assert attempt["error"].startswith("CONNECTERROR")


async def test_while_paused_nothing_goes_and_nothing_is_lost(house: House) -> None:
    await resting.pause(viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now)
    told = [await house.happens() for _ in range(3)]
    assert await house.round() == 0
    await resting.resume(viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now)

    assert await house.round() == 3
    assert sorted(house.receiver.ids) == sorted(told)


async def test_for_a_day_both_secrets_hold(house: House, wall: WallClock) -> None:
    old = house.receiver.secrets[0]
    made = await endpoints.rotate(
        viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now
    )
    assert made.secret != old
    for secrets in ([old], [made.secret]):
        house.receiver.secrets[:] = secrets
        await house.happens()
        await house.round()
    assert len(house.receiver.received) == 2

    wall.forward(hours=24)
    await house.happens()
    await house.round()
    signatures = [
        len(request.headers["webhook-signature"].split(" ")) for request in house.receiver.received
    ]
    assert signatures == [2, 2, 1]


async def test_deleted_while_delivering_it_is_over(house: House) -> None:
    house.receiver.hold.clear()
    await house.happens()
    await house.happens("thing.waiting")
    sending = asyncio.create_task(house.round())
    await house.receiver.until(2)
    await endpoints.delete(viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now)
    house.receiver.hold.set()
    await sending

    assert {each.state for each in await WebhookDelivery.all()} == {DeliveryState.CANCELLED}
    assert await WebhookAttempt.all().count() == 0
    await house.happens()
    assert await house.round() == 0


async def test_a_span_is_replayed_under_the_same_ids(house: House) -> None:
    told = [await house.happens() for _ in range(4)]
    await house.happens("role.created")
    await house.round()
    house.receiver.received.clear()

    replayed = await repeating.replay(
        viewer=house.viewer,
        endpoint_id=house.endpoint_id,
        from_position=3,
        to_position=100,
        now=house.time.now,
    )
    await house.round()

    assert replayed.deliveries == 3
    assert sorted(house.receiver.ids) == sorted(told[1:])
    assert await WebhookDelivery.all().count() == 4


async def test_a_test_goes_out_even_to_who_rests_and_only_once(house: House) -> None:
    await resting.pause(viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now)
    house.receiver.answers(500)
    trial = await repeating.trial(
        viewer=house.viewer, endpoint_id=house.endpoint_id, now=house.time.now
    )

    assert await house.round() == 1

    [request] = house.receiver.received
    assert request.id == ids.encode("whd", trial.id)
    assert request.payload["type"] == "webhook.test"
    assert (await house.delivery(id=trial.id)).state == DeliveryState.FAILED
    assert (await house.first()).failures == 0


async def test_five_thousand_at_once_are_sent_with_few_in_memory(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, most = 0, 0

    async def deliver(row: object, *, token: UUID, wire: object) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        await database.execute(
            "update webhook_delivery set state = 'DELIVERED', delivered_at = now(),"
            " lease_token = null where id = $1 and lease_token = $2",
            row["id"],  # type: ignore[index]
            token,
        )

    monkeypatch.setattr(delivering, "deliver", deliver)
    await database.execute(
        """
        insert into event (id, created_at, tenant_id, name, subject_type, subject_id, actor_kind,
            actor_name, before, after, occurred_at)
        select uuidv7(), $2, $1, 'thing.made', 'thing', $1, 'SYSTEM', 'system', '{}', '{}', $2
        from generate_series(1, 5000)""",
        house.viewer.partner_id,
        house.time.now,
    )
    await relay.place_all(now=house.time.now)

    assert await house.round() == 5000
    assert most <= 10
    assert await WebhookDelivery.filter(state="DELIVERED").count() == 5000


async def test_an_endpoint_that_another_worker_reads_for_is_passed_over(house: House) -> None:
    elsewhere = copy_context()
    await house.happens()
    async with transaction():
        await database.row("select 1 from webhook_endpoint for no key update")
        await asyncio.create_task(planning.plan(now=house.time.now), context=elsewhere)
        assert await WebhookDelivery.all().count() == 0
    await house.round()
    assert len(house.receiver.ids) == 1
