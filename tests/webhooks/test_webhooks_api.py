"""Webhooks through the API: who manages them, what is shown of them, and what is refused."""

from base64 import b64decode
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from domain.webhooks import endpoints, targets
from domain.webhooks.endpoints import MOST
from kit import database, ids
from models.partners import Partner
from models.webhooks import WebhookDelivery, WebhookEndpoint
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.factories import a_partner, a_staff_viewer, an_administrator, an_operator, as_operator
from tests.plans import plan_of
from tests.webhooks.house import House

pytestmark = pytest.mark.usefixtures("database")

CREATE = """mutation ($url: String!, $types: [String!]! = [], $key: String) {
  webhookEndpointCreate(input: {url: $url, types: $types, description: " ours ",
      idempotencyKey: $key}) {
    webhookEndpoint { id url description types status version position failureCount
      availableActions { name allowed } history(first: 5) { nodes { name } } }
    secret replayed errors { code path } } }"""
DO = """mutation ($id: ID!) { %s(input: {id: $id}) { %s errors { code path } } }"""
STATE = "webhookEndpoint { status version }"
LISTS = """{ webhookEndpoints(first: 5) { totalCount { value } nodes { url
  deliveries(first: 5) { totalCount { value } nodes { type status attemptCount position
    nextAttemptAt lastError event { id name } log { number statusCode answer error }
    availableActions { name allowed } } } } } }"""
REPLAY = """mutation ($id: ID!, $from: Int!, $to: Int!) {
  webhookReplay(input: {endpointId: $id, fromPosition: $from, toPosition: $to}) {
    deliveryCount errors { code path } } }"""


def whe(endpoint: WebhookEndpoint) -> str:
    """Its id outside."""
    return ids.encode("whe", endpoint.id)


async def test_an_endpoint_is_made_and_its_secret_told_once(
    ask: Ask, administrator: Viewer
) -> None:
    wish = {"url": "https://hooks.example/in?a=1", "types": ["order.*", "order.*"], "key": "k"}
    made = await ask(CREATE, by=administrator, **wish)
    again = await ask(CREATE, by=administrator, **wish)

    assert made["errors"] == []
    assert made["webhookEndpoint"] | {"id": "", "history": None, "availableActions": None} == {
        "id": "",
        "url": "https://hooks.example/in?a=1",
        "description": "ours",
        "types": ["order.*"],
        "status": "ACTIVE",
        "version": 1,
        "position": 0,
        "failureCount": 0,
        "history": None,
        "availableActions": None,
    }
    assert {
        action["name"]: action["allowed"] for action in made["webhookEndpoint"]["availableActions"]
    } == {
        "webhookEndpointEdit": True,
        "webhookEndpointPause": True,
        "webhookEndpointResume": False,
        "webhookSecretRotate": True,
        "webhookEndpointTest": True,
        "webhookReplay": True,
        "webhookEndpointDelete": True,
    }
    assert made["secret"].startswith("whsec_")
    assert 24 <= len(b64decode(made["secret"].removeprefix("whsec_"))) <= 64
    assert (again["replayed"], again["secret"]) == (True, None)
    assert again["webhookEndpoint"]["id"] == made["webhookEndpoint"]["id"]
    secret = made["secret"].removeprefix("whsec_")
    rows = await database.rows(
        "select to_jsonb(webhook_endpoint)::text as told from webhook_endpoint"
    )
    rows += await database.rows("select to_jsonb(event)::text as told from event")
    assert not [row for row in rows if secret in row["told"]]


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "https://user:word@hooks.example/",
        "https://hooks.example/#part",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:192.168.0.1]/",
        "hooks.example",
        "https://",
        "https://hooks.example/" + "x" * 2000,
    ],
)
async def test_where_webhooks_never_go_is_refused(
    ask: Ask, administrator: Viewer, url: str
) -> None:
    targets.configure(to_loopback=False)
    answer = await ask(CREATE, by=administrator, url=url)

    assert answer["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "url"]}]
    assert not await WebhookEndpoint.exists()


async def test_a_type_that_cannot_be_is_refused(ask: Ask, administrator: Viewer) -> None:
    wishes = (["order"], ["*"], ["Order.paid"], ["order.paid.now"], [f"a.b{'c' * 60}"])
    to_nothing = (["orders.paid"], ["orders.*", "order.*"], ["order.payed"])
    for wanted in (*wishes, *to_nothing):
        answer = await ask(CREATE, by=administrator, url="https://a.example", types=wanted)
        assert answer["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "types"]}]
    assert not await WebhookEndpoint.exists()


async def test_there_are_ten_at_most(ask: Ask, administrator: Viewer) -> None:
    for _ in range(MOST):
        answer = await ask(CREATE, by=administrator, url="https://a.example")
    refused = await ask(CREATE, by=administrator, url="https://a.example")
    assert [error["code"] for error in refused["errors"]] == ["TOO_MANY_WEBHOOK_ENDPOINTS"]

    await ask(
        DO % ("webhookEndpointDelete", "deletedId"),
        by=administrator,
        id=answer["webhookEndpoint"]["id"],
    )
    assert (await ask(CREATE, by=administrator, url="https://a.example"))["errors"] == []


@pytest.mark.parametrize("preset", [Preset.FINANCE, Preset.ACCOUNT_MANAGER, Preset.SUPERVISOR])
async def test_only_administrators_know_of_webhooks(ask: Ask, house: House, preset: Preset) -> None:
    partner = await Partner.get(id=house.viewer.partner_id)
    other = await as_operator(await an_operator(of=partner, role=preset))
    for question in (CREATE, LISTS):
        with pytest.raises(Refused) as refused:
            await ask(question, by=other, url="https://a.example")
        assert refused.value.codes == ["FORBIDDEN"]
    found = await ask(
        "query ($id: ID!) { webhookEndpoint(id: $id) { url } }",
        by=other,
        id=whe(await house.first()),
    )
    assert found is None
    told = await ask("{ events(first: 50) { nodes { name } } }", by=other)
    assert not [each for each in told["nodes"] if each["name"].startswith("webhook")]


async def test_another_partners_are_not_there(ask: Ask, house: House) -> None:
    await house.happens()
    await house.round()
    stranger = await an_administrator(await a_partner("Other"))
    endpoint, delivery = await house.first(), await house.delivery()
    whd = ids.encode("whd", delivery.id)

    for name in (
        "webhookEndpointPause",
        "webhookEndpointResume",
        "webhookSecretRotate",
        "webhookEndpointTest",
        "webhookEndpointDelete",
    ):
        answer = await ask(DO % (name, ""), by=stranger, id=whe(endpoint))
        assert answer["errors"] == [{"code": "NOT_FOUND", "path": ["input", "id"]}], name
    retried = await ask(DO % ("webhookDeliveryRetry", ""), by=stranger, id=whd)
    assert [error["code"] for error in retried["errors"]] == ["NOT_FOUND"]
    replayed = await ask(REPLAY, by=stranger, id=whe(endpoint), **{"from": 1, "to": 2})
    assert replayed["errors"] == [{"code": "NOT_FOUND", "path": ["input", "endpointId"]}]
    assert (await ask(LISTS, by=stranger))["nodes"] == []
    assert (await house.first()).version == endpoint.version


async def test_staff_without_a_partner_has_none(ask: Ask, house: House) -> None:
    staff = await a_staff_viewer(*Item)
    assert (await ask(LISTS, by=staff))["nodes"] == []
    answer = await ask(CREATE, by=staff, url="https://a.example")
    assert [error["code"] for error in answer["errors"]] == ["INVALID_INPUT"]


async def test_the_log_of_deliveries_tells_all_attempts(ask: Ask, house: House) -> None:
    id = await house.happens()
    house.receiver.answers(500, "broken")
    await house.round()
    delivery = await house.delivery()
    await ask(
        DO % ("webhookDeliveryRetry", "webhookDelivery { status }"),
        by=house.viewer,
        id=ids.encode("whd", delivery.id),
    )
    house.receiver.answers(200, "fine")
    await house.round()

    found = await ask(LISTS, by=house.viewer)

    assert found == {
        "totalCount": {"value": 1},
        "nodes": [
            {
                "url": house.receiver.url(),
                "deliveries": {
                    "totalCount": {"value": 1},
                    "nodes": [
                        {
                            "type": "thing.made",
                            "status": "DELIVERED",
                            "attemptCount": 1,
                            "position": 2,
                            "nextAttemptAt": None,
                            "lastError": None,
                            "event": {"id": id, "name": "thing.made"},
                            "log": [
                                {"number": 2, "statusCode": 200, "answer": "fine", "error": None},
                                {
                                    "number": 1,
                                    "statusCode": 500,
                                    "answer": "broken",
                                    "error": "HTTP 500",
                                },
                            ],
                            "availableActions": [{"name": "webhookDeliveryRetry", "allowed": True}],
                        }
                    ],
                },
            }
        ],
    }
    assert house.receiver.ids == [id, id]


async def test_what_waits_is_tried_at_no_time_while_its_endpoint_rests(
    ask: Ask, house: House
) -> None:
    id = whe(await house.first())
    await house.happens()
    house.receiver.answers(500, "broken")
    await house.round()

    async def waits() -> list[tuple[str, bool]]:
        [endpoint] = (await ask(LISTS, by=house.viewer))["nodes"]
        nodes = endpoint["deliveries"]["nodes"]
        return sorted((each["type"], each["nextAttemptAt"] is not None) for each in nodes)

    assert await waits() == [("thing.made", True)]
    await ask(DO % ("webhookEndpointPause", STATE), by=house.viewer, id=id)
    assert await waits() == [("thing.made", False)]
    await ask(DO % ("webhookEndpointTest", "webhookDelivery { id }"), by=house.viewer, id=id)
    assert await waits() == [("thing.made", False), ("webhook.test", True)]
    await ask(DO % ("webhookEndpointResume", STATE), by=house.viewer, id=id)
    assert await waits() == [("thing.made", True), ("webhook.test", True)]


async def test_it_rests_and_goes_on_and_is_told_what_cannot_be(ask: Ask, house: House) -> None:
    id = whe(await house.first())

    async def do(name: str) -> Any:
        return await ask(DO % (name, STATE), by=house.viewer, id=id)

    refused = await do("webhookEndpointResume")
    assert [error["code"] for error in refused["errors"]] == ["WRONG_STATUS"]
    paused = await do("webhookEndpointPause")
    assert paused["webhookEndpoint"] == {"status": "PAUSED", "version": 2}
    refused = await do("webhookEndpointPause")
    assert [error["code"] for error in refused["errors"]] == ["WRONG_STATUS"]
    resumed = await do("webhookEndpointResume")
    assert resumed["webhookEndpoint"] == {"status": "ACTIVE", "version": 3}


async def test_an_endpoint_needs_no_description(ask: Ask, administrator: Viewer) -> None:
    make = """mutation { webhookEndpointCreate(input: {url: "https://hooks.example/in"}) {
      webhookEndpoint { id version description } errors { code } } }"""
    describe = """mutation ($id: ID!, $version: Int!, $about: String) {
      webhookEndpointEdit(input: {id: $id, expectedVersion: $version, description: $about}) {
        webhookEndpoint { description } errors { code path } } }"""

    made = (await ask(make, by=administrator))["webhookEndpoint"]
    told = [made["description"]]
    for version, about in ((1, "ours"), (2, " ")):
        answer = await ask(describe, by=administrator, id=made["id"], version=version, about=about)
        told.append(answer["webhookEndpoint"]["description"])
    long = await ask(describe, by=administrator, id=made["id"], version=3, about="x" * 201)

    assert told == ["", "ours", ""]
    assert long["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "description"]}]


async def test_an_edit_is_guarded_by_the_version(ask: Ask, house: House) -> None:
    edit = """mutation ($id: ID!, $version: Int!, $url: String, $types: [String!]) {
      webhookEndpointEdit(input: {id: $id, expectedVersion: $version, url: $url, types: $types}) {
        webhookEndpoint { url types description version } errors { code path } } }"""
    id = whe(await house.first())

    stale = await ask(edit, by=house.viewer, id=id, version=7, url="https://b.example")
    assert stale["errors"] == [{"code": "VERSION_CONFLICT", "path": ["input", "expectedVersion"]}]
    done = await ask(edit, by=house.viewer, id=id, version=1, url="https://b.example", types=[])
    assert done["webhookEndpoint"] == {
        "url": "https://b.example",
        "types": [],
        "description": "ours",
        "version": 2,
    }
    same = await ask(edit, by=house.viewer, id=id, version=2, types=[])
    assert same["webhookEndpoint"]["version"] == 2


@pytest.mark.parametrize(("begin", "end"), [(0, 5), (6, 5), (1, 10_001)])
async def test_a_span_that_cannot_be_is_not_replayed(
    ask: Ask, house: House, begin: int, end: int
) -> None:
    await house.happens()
    answer = await ask(
        REPLAY, by=house.viewer, id=whe(await house.first()), **{"from": begin, "to": end}
    )

    assert answer["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "toPosition"]}]
    assert await WebhookDelivery.all().count() == 0


async def test_what_lost_its_endpoint_is_not_retried(ask: Ask, house: House, time: Clock) -> None:
    await house.happens()
    house.receiver.answers(500)
    await house.round()
    delivery = await house.delivery()
    await endpoints.delete(viewer=house.viewer, endpoint_id=house.endpoint_id, now=time.now)

    answer = await ask(
        DO % ("webhookDeliveryRetry", ""), by=house.viewer, id=ids.encode("whd", delivery.id)
    )

    assert [error["code"] for error in answer["errors"]] == ["NOT_FOUND"]
    assert (await ask(LISTS, by=house.viewer))["nodes"] == []


async def test_the_log_page_is_read_from_its_index(ask: Ask, house: House) -> None:
    for _ in range(4):
        await house.endpoint()
    await database.execute(
        """
        insert into webhook_delivery (id, created_at, endpoint_id, event_id, position, type, state,
            attempts, attempted, next_attempt_at, delivered_at)
        select uuidv7(), now() - n * interval '1 minute', endpoint, uuidv7(), n, 'thing.made',
            'DELIVERED', 1, 1, now(), now()
        from generate_series(1, 4000) n, unnest($1::uuid[]) as endpoint""",
        house.endpoint_ids,
    )
    await database.execute("analyze webhook_delivery")

    plan = await plan_of(
        ask,
        """query ($id: ID!) { webhookDeliveries(first: 20, filter: {endpointId: $id}) {
             nodes { id type } } }""",
        by=house.viewer,
        id=whe(await house.first()),
    )
    failed = await plan_of(
        ask,
        """query ($id: ID!) { webhookDeliveries(first: 20, filter: {endpointId: $id,
             status: [FAILED]}) { nodes { id type } } }""",
        by=house.viewer,
        id=whe(await house.first()),
    )

    assert "webhook_delivery_by_age" in plan
    assert "Sort" not in plan
    assert "webhook_delivery_by_state" in failed
