"""The inbox through the API: read, counted, marked, followed, and nobody else's."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.viewer import ANONYMOUS, Viewer, ViewerKind
from domain.notifications import planning
from kit import bells, database, ids
from models.inbox import InboxMessage
from models.partners import Partner
from resolvers import inbox as resolvers
from tests.api.edge import Desk
from tests.api.sse import streaming
from tests.conftest import Clock, Servers
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer
from tests.factories import a_partner, an_administrator
from tests.notifications.conftest import Happen, recorded, tell
from tests.plans import most_rows, plan_of

pytestmark = pytest.mark.usefixtures("database")

LIST = """query ($filter: InboxFilter, $after: String) {
  inbox(first: 2, filter: $filter, after: $after) { totalCount { value }
    pageInfo { hasNextPage endCursor }
    nodes { id topic name text occurredAt isRead readAt subject { id } event { name } } } }"""
COUNT = "{ viewer { unreadCount } }"
READ = """mutation ($ids: [ID!]!) { inboxMarkRead(input: {ids: $ids}) {
  markedCount unreadCount errors { code path } } }"""
READ_ALL = """mutation ($upTo: ID) { inboxMarkAllRead(input: {upTo: $upTo}) {
  markedCount unreadCount errors { code path } } }"""
FOLLOW = "subscription ($after: ID) { inboxMessages(after: $after) { name text } }"


@pytest.fixture
async def acme(database: object) -> Partner:
    return await a_partner("Acme")


async def messages() -> list[str]:
    """The ids outside, the oldest first."""
    return [ids.encode("msg", each.id) for each in await InboxMessage.all().order_by("id")]


async def test_a_message_is_told_whole_and_in_the_readers_language(
    ask: Ask, acme: Partner, happen: Happen
) -> None:
    viewer = await an_administrator(acme)
    customer = await a_customer("蓝天科技", of=acme)
    await happen("customer.frozen", at=acme.id, customer_id=customer.id, subject_id=customer.id)

    english = await ask(LIST, by=viewer)
    chinese = await ask(LIST, by=viewer, locale="zh")

    [node] = english["nodes"]
    assert node | {"id": ""} == {
        "id": "",
        "topic": "CUSTOMER",
        "name": "customer.frozen",
        "text": "蓝天科技 was frozen.",
        "occurredAt": "2030-01-31T23:30:00.000000Z",
        "isRead": False,
        "readAt": None,
        "subject": {"id": ids.encode("cus", customer.id)},
        "event": {"name": "customer.frozen"},
    }
    assert chinese["nodes"][0]["text"] == "蓝天科技 已被冻结。"
    assert english["totalCount"] == {"value": 1}
    found = await ask(
        "query ($id: ID!) { node(id: $id) { ... on InboxMessage { topic } } }",
        by=viewer,
        id=node["id"],
    )
    assert found == {"topic": "CUSTOMER"}


async def test_the_inbox_is_paged_and_filtered(ask: Ask, acme: Partner, happen: Happen) -> None:
    viewer = await an_administrator(acme)
    for name in ("order.placed", "order.paid", "withdrawal.paid"):
        await happen(name, at=acme.id)

    first = await ask(LIST, by=viewer)
    second = await ask(LIST, by=viewer, after=first["pageInfo"]["endCursor"])
    funds = await ask(LIST, by=viewer, filter={"topic": ["FUNDS"]})

    assert [node["name"] for node in first["nodes"]] == ["withdrawal.paid", "order.paid"]
    assert [node["name"] for node in second["nodes"]] == ["order.placed"]
    assert [node["name"] for node in funds["nodes"]] == ["withdrawal.paid"]


async def test_messages_are_marked_as_read_once(
    ask: Ask, acme: Partner, happen: Happen, time: Clock
) -> None:
    viewer = await an_administrator(acme)
    for _ in range(3):
        await happen("order.paid", at=acme.id)
    old, middle, new = await messages()
    assert await ask(COUNT, by=viewer) == {"unreadCount": 3}

    once = await ask(READ, by=viewer, ids=[old, old])
    again = await ask(READ, by=viewer, ids=[old])
    seen = await ask(READ_ALL, by=viewer, upTo=middle)

    assert once == {"markedCount": 1, "unreadCount": 2, "errors": []}
    assert again == {"markedCount": 0, "unreadCount": 2, "errors": []}
    assert seen == {"markedCount": 1, "unreadCount": 1, "errors": []}
    unread = await ask(LIST, by=viewer, filter={"isRead": False})
    assert [node["id"] for node in unread["nodes"]] == [new]
    read = await ask(LIST, by=viewer, filter={"isRead": True})
    assert [node["id"] for node in read["nodes"]] == [middle, old]
    assert {node["readAt"] for node in read["nodes"]} == {"2030-01-31T23:30:00.000000Z"}
    assert (await ask(READ_ALL, by=viewer))["unreadCount"] == 0


async def test_nobody_reads_or_marks_anothers_messages(
    ask: Ask, acme: Partner, happen: Happen
) -> None:
    await an_administrator(acme)
    stranger = await an_administrator(await a_partner("Other"))
    await happen("order.paid", at=acme.id)
    [theirs] = await messages()

    assert (await ask(LIST, by=stranger))["nodes"] == []
    assert await ask(COUNT, by=stranger) == {"unreadCount": 0}
    assert (
        await ask("query ($i: ID!) { inboxMessage(id: $i) { id } }", by=stranger, i=theirs) is None
    )
    for answer in (
        await ask(READ, by=stranger, ids=[theirs]),
        await ask(READ_ALL, by=stranger, upTo=theirs),
    ):
        assert answer["markedCount"] is None
        assert [error["code"] for error in answer["errors"]] == ["NOT_FOUND"]
    assert (await InboxMessage.get()).read_at is None


async def test_what_is_partly_anothers_marks_nothing(
    ask: Ask, acme: Partner, happen: Happen
) -> None:
    mine = await an_administrator(acme)
    await happen("order.paid", at=acme.id)
    [message] = await messages()

    answer = await ask(READ, by=mine, ids=[message, "msg_" + "0" * 32])

    assert answer["errors"] == [{"code": "NOT_FOUND", "path": ["input", "ids"]}]
    assert (await InboxMessage.get()).read_at is None


@pytest.mark.parametrize("many", [0, 101])
async def test_one_to_a_hundred_messages_are_marked_at_once(
    ask: Ask, acme: Partner, many: int
) -> None:
    wanted = [f"msg_{number:032x}" for number in range(many)]

    answer = await ask(READ, by=await an_administrator(acme), ids=wanted)

    assert answer["errors"] == [{"code": "INVALID_INPUT", "path": ["input", "ids"]}]


async def test_a_system_has_no_inbox_and_nobody_is_refused(ask: Ask, acme: Partner) -> None:
    key = Viewer(
        kind=ViewerKind.OPERATOR,
        api_key_id=acme.id,
        partner_id=acme.id,
        partner_ids=(acme.id,),
        sees_all_customers=True,
        items=frozenset(Item),
    )
    await an_administrator(acme)

    assert (await ask(LIST, by=key))["nodes"] == []
    assert await ask(COUNT, by=key) == {"unreadCount": 0}
    assert await ask(COUNT, by=ANONYMOUS) == {"unreadCount": 0}
    with pytest.raises(Refused) as refused:
        await ask(LIST, by=ANONYMOUS)
    assert refused.value.codes == ["UNAUTHENTICATED"]


async def test_a_page_of_a_full_inbox_is_read_by_its_index(
    ask: Ask, acme: Partner, time: Clock
) -> None:
    """Among 100,000 messages, 50,000 of them one's own, a page reads a page."""
    viewer = await an_administrator(acme)
    await database.execute(
        """
        insert into inbox_message (id, created_at, seat_id, person_id, tenant_id, event_id, topic,
          name, subject_type, subject_id, facts, occurred_at, read_at)
        select uuidv7(), $2, case n % 2 when 0 then $1 else uuidv7() end, $1, $1, uuidv7(),
          case n % 1000 when 0 then 'FUNDS' else 'ORDER' end, 'order.paid', 'order', $1, '{}', $2,
          case when n % 100 > 0 then $2::timestamptz end
        from generate_series(1, 100000) n""",
        viewer.seat_id,
        time.now,
    )
    await database.execute("analyze inbox_message")
    plans = [
        await plan_of(ask, LIST.replace("totalCount { value }", ""), by=viewer, **given)
        for given in (
            {},
            {"filter": {"isRead": False}},
            {"filter": {"topic": ["FUNDS"]}},
        )
    ]

    for plan, index in zip(plans, ("of_seat", "unread", "by_topic"), strict=True):
        assert f"inbox_message_{index}" in plan, plan
        assert "Seq Scan on inbox_message" not in plan
    assert most_rows(plans[0]) <= 3
    assert most_rows(plans[1]) <= 3
    assert await ask(COUNT, by=viewer) == {"unreadCount": 1_000}


@pytest.fixture
async def rung(servers: Servers) -> AsyncIterator[None]:
    """Bells are rung, and so surely that nobody looks without hearing one."""
    kept, resolvers.POLL = resolvers.POLL, 60.0
    await bells.open(servers.database_url, planning.CHANNEL)
    yield
    await bells.close()
    resolvers.POLL = kept


@pytest.mark.usefixtures("rung")
async def test_who_follows_hears_of_each_message_and_resumes_behind_the_last(
    acme: Partner, happen: Happen, time: Clock
) -> None:
    desk = Desk()
    by = desk.seat(await an_administrator(acme))
    await happen("order.placed", at=acme.id)
    [first] = await messages()

    async with streaming(desk.app, FOLLOW, authorization=by, after=first) as stream:
        await happen("order.paid", at=acme.id)
        assert (await stream.data())["inboxMessages"]["name"] == "order.paid"
        await happen("order.paid", at=(await a_partner("Other")).id)
        await happen("withdrawal.paid", at=acme.id)
        assert (await stream.data())["inboxMessages"]["name"] == "withdrawal.paid"
    async with streaming(desk.app, FOLLOW, authorization=by, after=first) as stream:
        assert (await stream.data())["inboxMessages"]["name"] == "order.paid"

    assert bells._bells == {}


async def test_many_messages_are_followed_in_order(acme: Partner, time: Clock) -> None:
    desk = Desk()
    by = desk.seat(await an_administrator(acme))
    await recorded("order.placed", at=acme.id, now=time.now)
    await tell(time)
    [first] = await messages()
    names = [("order.paid", "order.placed")[number % 2] for number in range(150)]
    for name in names:
        await recorded(name, at=acme.id, now=time.now)
    await tell(time)

    async with streaming(desk.app, FOLLOW, authorization=by, after=first) as stream:
        heard: list[Any] = [(await stream.data())["inboxMessages"]["name"] for _ in names]

    assert heard == names
