"""What operators see: queues, kinds, each list with its filters, and how late things were."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit import database, ids
from kit.ids import new_id
from models.inbox import TextMessage
from models.members import MemberInvitation
from models.notifications import Mail, MailStatus
from models.webhooks import WebhookDelivery, WebhookEndpoint
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.operating.conftest import KIND, dead, fire_due, timer_of
from tests.timers.subjects import pending

pytestmark = pytest.mark.usefixtures("database")

DUE = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)


async def a_mail(number: int, status: MailStatus = MailStatus.QUEUED, **facts: Any) -> Mail:
    return await Mail.create(
        created_at=DUE + timedelta(seconds=number),
        tenant_id=new_id(),
        recipient="li.wei@example.com",
        locale="en",
        template="member_invitation",
        facts={},
        dedupe_key=str(number),
        status=status,
        next_attempt_at=DUE,
        **facts,
    )


async def fired_late(count: int, minutes: float, time: Clock) -> None:
    """So many timers that fired so late, now."""
    await pending(count, due_at=time.now - timedelta(minutes=minutes), kind=KIND)
    assert await fire_due(time.now) == count


async def test_queues_tell_what_is_due_in_hand_and_dead(ask: Ask, operator: Viewer) -> None:
    await pending(2, due_at=DUE - timedelta(hours=1), kind=KIND)
    await pending(1, due_at=DUE + timedelta(hours=1), kind=KIND)
    await dead(3, due_at=DUE)
    await a_mail(0)
    await a_mail(1, MailStatus.DEAD)

    queues = await ask(
        "{ ops { queues { queue dueCount inHandCount deadCount oldestDueAt } } }", by=operator
    )

    nothing = {"dueCount": 0, "inHandCount": 0, "deadCount": 0, "oldestDueAt": None}
    assert queues["queues"] == [
        {
            "queue": "TIMERS",
            "dueCount": 2,
            "inHandCount": 0,
            "deadCount": 3,
            "oldestDueAt": "2030-01-31T22:30:00.000000Z",
        },
        {"queue": "TICKS", **nothing},
        {
            "queue": "MAILS",
            "dueCount": 1,
            "inHandCount": 0,
            "deadCount": 1,
            "oldestDueAt": "2030-01-31T23:30:00.000000Z",
        },
        {"queue": "TEXTS", **nothing},
        {"queue": "DELIVERIES", **nothing},
        {"queue": "EXPORTS", **nothing},
        {"queue": "UPSTREAM", **nothing},
    ]


async def test_every_kind_is_told_with_what_is_left_of_it(ask: Ask, operator: Viewer) -> None:
    await pending(2, due_at=DUE - timedelta(hours=1), kind=KIND)
    await dead(1, due_at=DUE)
    await pending(1, due_at=DUE, kind="thing.forgotten")
    hold = """mutation($kind: String!) { opsPause(input: {kind: $kind, reason: "x"}) {
      errors { code } } }"""
    await ask(hold, by=operator, kind="settlement")

    kinds = await ask(
        "{ ops { kinds { kind of dueCount deadCount oldestDueAt pausedSince } } }", by=operator
    )

    by_name = {each.pop("kind"): each for each in kinds["kinds"]}
    ago = {"oldestDueAt": "2030-01-31T22:30:00.000000Z", "pausedSince": None}
    assert by_name[KIND] == {"of": "TIMER", "dueCount": 2, "deadCount": 1, **ago}
    assert by_name["thing.forgotten"]["dueCount"] == 1
    assert by_name["settlement"] == {
        "of": "TICK",
        "dueCount": 0,
        "deadCount": 0,
        "oldestDueAt": None,
        "pausedSince": "2030-01-31T23:30:00.000000Z",
    }
    assert by_name["order.expire"]["of"] == "TIMER"


async def test_what_failed_stays_due_between_two_attempts(ask: Ask, operator: Viewer) -> None:
    """As the alarm has it, which would otherwise wake somebody who then sees nothing."""
    await pending(1, due_at=DUE - timedelta(hours=1), kind=KIND)
    await database.execute(
        "update timer set attempts = 6, next_attempt_at = $1, last_error = 'no such rate'",
        DUE + timedelta(minutes=4),
    )

    [queues, kinds] = (
        await ask(
            "{ ops { queues { dueCount oldestDueAt } kinds { kind dueCount } } }", by=operator
        )
    ).values()

    assert queues[0] == {"dueCount": 1, "oldestDueAt": "2030-01-31T22:30:00.000000Z"}
    assert [each["kind"] for each in kinds if each["dueCount"]] == [KIND]


async def test_timers_are_paged_and_filtered(ask: Ask, operator: Viewer) -> None:
    [late, due, later] = [
        (await pending(1, due_at=DUE + timedelta(minutes=each), kind=KIND))[0]
        for each in (-10, -1, 10)
    ]
    await dead(1, due_at=DUE)
    of = [ids.encode("inv", each) for each in (late, due, later)]
    document = """query($first: Int, $after: String, $filter: OpsTimerFilter) { ops {
      timers(first: $first, after: $after, filter: $filter) {
        nodes { subjectId } pageInfo { hasNextPage endCursor } totalCount { value } } } }"""

    async def subjects(**filter: Any) -> list[str]:
        page = await ask(document, by=operator, filter=filter)
        return [each["subjectId"] for each in page["timers"]["nodes"]]

    first = (await ask(document, by=operator, first=2))["timers"]
    assert [each["subjectId"] for each in first["nodes"]] == of[:2]
    assert first["totalCount"] == {"value": 3}
    rest = await ask(document, by=operator, first=2, after=first["pageInfo"]["endCursor"])
    assert [each["subjectId"] for each in rest["timers"]["nodes"]] == of[2:]
    assert await subjects(isDue=True) == of[:2]
    assert await subjects(isDue=False) == of[2:]
    assert await subjects(isLate=True) == of[:1]
    assert await subjects(isPaused=True) == []
    partner = (await MemberInvitation.get(id=due)).partner_id
    assert await subjects(partnerId=ids.encode("ptn", partner)) == of[1:2]
    assert await subjects(due={"from": "2030-01-31T23:30:00Z"}) == of[2:]
    assert await subjects(kind="order.expire") == []


async def test_what_was_given_up_says_why(ask: Ask, operator: Viewer) -> None:
    [subject] = await dead(1, due_at=DUE)

    answer = await ask(
        """{ ops { deadTimers(filter: {error: "RATE"}) { nodes { id kind status attemptCount
          lastError dueAt partner { name } } } } }""",
        by=operator,
    )

    timer = await timer_of(subject)
    assert answer["deadTimers"]["nodes"] == [
        {
            "id": f"tmr_{timer['id'].hex}",  # type: ignore[attr-defined]
            "kind": KIND,
            "status": "DEAD",
            "attemptCount": 8,
            "lastError": "ValueError: no such rate",
            "dueAt": "2030-01-31T23:30:00.000000Z",
            "partner": {"name": "青云科技"},
        }
    ]


async def test_lateness_is_told_by_kind_in_half_most_and_all_cases(
    ask: Ask, operator: Viewer, time: Clock
) -> None:
    await fired_late(1, 60 * 24 * 40, time)
    time.forward(days=2)
    for minutes in (0, 1, 3, 10):
        await fired_late(1, minutes, time)

    answer = await ask(
        "{ ops { lateness { kind firedCount lateCount p50Ms p99Ms maxMs } } }", by=operator
    )
    whole = await ask(
        """{ ops { lateness(fired: {from: "2030-01-31T23:00:00Z"}) {
          firedCount lateCount maxMs } } }""",
        by=operator,
    )

    assert answer["lateness"] == [
        {
            "kind": KIND,
            "firedCount": 4,
            "lateCount": 2,
            "p50Ms": 60_000,
            "p99Ms": 600_000,
            "maxMs": 600_000,
        }
    ]
    # What is forty days late is told as late as an Int can say.
    assert whole["lateness"] == [{"firedCount": 5, "lateCount": 3, "maxMs": 2_147_483_647}]


async def test_after_an_outage_the_report_says_what_came_late_and_what_has_not_come(
    ask: Ask, operator: Viewer, time: Clock
) -> None:
    await pending(2, due_at=DUE, kind=KIND)
    await pending(1, due_at=DUE + timedelta(hours=1), kind=KIND)
    time.forward(hours=2)
    assert await fire_due(time.now) == 3
    time.forward(seconds=1)
    await fired_late(1, 1, time)  # no more than is usual
    await pending(1, due_at=time.now - timedelta(minutes=5), kind=KIND)
    document = """query($over: Duration) { ops { lateReport(over: $over) { lateCount waitingCount
      firstDueAt caughtUpAt kinds { kind lateCount waitingCount partnerCount
        firstDueAt lastDueAt maxMs } } } }"""

    report = (await ask(document, by=operator))["lateReport"]

    assert report == {
        "lateCount": 3,
        "waitingCount": 1,
        "firstDueAt": "2030-01-31T23:30:00.000000Z",
        "caughtUpAt": "2030-02-01T01:30:00.000000Z",
        "kinds": [
            {
                "kind": KIND,
                "lateCount": 3,
                "waitingCount": 1,
                "partnerCount": 3,
                "firstDueAt": "2030-01-31T23:30:00.000000Z",
                "lastDueAt": "2030-02-01T01:25:01.000000Z",
                "maxMs": 7_200_000,
            }
        ],
    }
    assert (await ask(document, by=operator, over="PT1H"))["lateReport"]["lateCount"] == 2


async def test_what_is_late_and_waits_for_its_next_attempt_is_reported_as_late(
    ask: Ask, operator: Viewer, time: Clock
) -> None:
    await pending(1, due_at=DUE, kind=KIND)
    time.forward(hours=1)
    await database.execute(
        "update timer set attempts = 6, next_attempt_at = $1", time.now + timedelta(minutes=4)
    )

    answer = await ask("{ ops { lateReport { waitingCount kinds { maxMs } } } }", by=operator)

    assert answer["lateReport"] == {"waitingCount": 1, "kinds": [{"maxMs": 3_600_000}]}


@pytest.mark.parametrize(
    "fired",
    [
        '{from: "2030-01-01T00:00:00Z"}',
        '{to: "2029-01-01T00:00:00Z", from: "2029-01-02T00:00:00Z"}',
    ],
)
async def test_a_span_is_one_and_no_longer_than_a_month(
    ask: Ask, operator: Viewer, time: Clock, fired: str
) -> None:
    time.forward(days=2)

    for field in ("lateness(fired: %s) { kind }", "lateReport(fired: %s) { lateCount }"):
        with pytest.raises(Refused, match="INVALID_INPUT"):
            await ask(f"{{ ops {{ {field % fired} }} }}", by=operator)


async def test_mails_are_listed_with_addresses_only_for_whom_may_see_them(
    ask: Ask, operator: Viewer
) -> None:
    await a_mail(0)
    await a_mail(1, MailStatus.DEAD, last_error="Refused: 550 no such user")
    document = (
        """{ ops { mails(filter: {dead: true}) { nodes { recipient status lastError } } } }"""
    )
    told = {"status": "DEAD", "lastError": "Refused: 550 no such user"}

    masked = await ask(document, by=operator)
    plain = await ask(document, by=await a_staff_viewer(Item.OPERATE, Item.PERSONAL_DATA_VIEW))

    assert masked["mails"]["nodes"] == [{"recipient": "l***@example.com", **told}]
    assert plain["mails"]["nodes"] == [{"recipient": "li.wei@example.com", **told}]


async def test_text_messages_are_listed_with_numbers_only_for_whom_may_see_them(
    ask: Ask, operator: Viewer
) -> None:
    partner = await a_partner()
    for number, (name, status) in enumerate(
        (("statement.paid", "DEAD"), ("order.paid", "DEAD"), ("order.paid", "QUEUED"))
    ):
        await TextMessage.create(
            created_at=DUE,
            tenant_id=partner.id if number == 0 else new_id(),
            recipient="13812345678",
            locale="zh",
            facts={"name": name, "topic": "STATEMENT"},
            dedupe_key=str(number),
            status=status,
            next_attempt_at=DUE,
            last_error=f"NotSent: TimeoutError: {name}" if status == "DEAD" else None,
        )
    document = """query($filter: OpsTextFilter) { ops { texts(filter: $filter) {
      nodes { kind recipient status lastError partner { name } } } } }"""

    async def found(by: Viewer = operator, **filter: Any) -> list[Any]:
        answer = await ask(document, by=by, filter=filter)
        nodes: list[Any] = answer["texts"]["nodes"]
        return nodes

    [paid] = await found(kind="statement.paid")
    assert paid == {
        "kind": "statement.paid",
        "recipient": "138****5678",
        "status": "DEAD",
        "lastError": "NotSent: TimeoutError: statement.paid",
        "partner": {"name": partner.name},
    }
    assert [each["kind"] for each in await found(dead=True)] == ["order.paid", "statement.paid"]
    assert [each["status"] for each in await found(dead=False)] == ["QUEUED"]
    assert [each["status"] for each in await found(status=["QUEUED", "SENT"])] == ["QUEUED"]
    assert await found(partnerId=ids.encode("ptn", partner.id)) == [paid]
    assert await found(error="TIMEOUTERROR: STATEMENT") == [paid]
    assert await found(created={"to": "2030-01-31T23:30:00Z"}) == []
    seeing = await a_staff_viewer(Item.OPERATE, Item.PERSONAL_DATA_VIEW)
    [plain] = await found(by=seeing, kind="statement.paid")
    assert plain["recipient"] == "13812345678"


async def test_ticks_and_deliveries_and_exports_are_listed(ask: Ask, operator: Viewer) -> None:
    partner = await a_partner()
    endpoint = await WebhookEndpoint.create(
        created_at=DUE,
        partner_id=partner.id,
        url="https://example.com",
        description="",
        types=[],
        salt="s",
        position=0,
    )
    delivery = await WebhookDelivery.create(
        created_at=DUE,
        endpoint_id=endpoint.id,
        event_id=new_id(),
        position=1,
        type="order.paid",
        state="FAILED",
        attempts=10,
        next_attempt_at=DUE,
        last_error="500",
    )
    await database.execute(
        "insert into tick (id, name, scheduled_for, state, attempts, next_attempt_at)"
        " values (uuidv7(), 'ledger', $1, 'DEAD', 8, $1)",
        DUE,
    )
    partner_id = ids.encode("ptn", partner.id)
    document = """query($partnerId: ID) { ops {
      deliveries(filter: {dead: true, partnerId: $partnerId}) { nodes { id partnerId type } }
      ticks(filter: {status: DEAD}) { nodes { name scheduledFor isPaused } }
      exports(first: 5) { nodes { id } } } }"""

    answer = await ask(document, by=operator, partnerId=partner_id)
    elsewhere = await ask(document, by=operator, partnerId=ids.encode("ptn", new_id()))

    assert answer["deliveries"]["nodes"] == [
        {"id": ids.encode("whd", delivery.id), "partnerId": partner_id, "type": "order.paid"}
    ]
    assert answer["ticks"]["nodes"] == [
        {"name": "ledger", "scheduledFor": "2030-01-31T23:30:00.000000Z", "isPaused": False}
    ]
    assert answer["exports"]["nodes"] == []
    assert elsewhere["deliveries"]["nodes"] == []


async def test_a_timer_is_a_node_for_operators_alone(ask: Ask, operator: Viewer) -> None:
    [subject] = await dead(1, due_at=DUE)
    id = f"tmr_{(await timer_of(subject))['id'].hex}"  # type: ignore[attr-defined]
    document = "query($id: ID!) { node(id: $id) { id } }"

    assert await ask(document, by=operator, id=id) == {"id": id}
    for by in (await an_administrator(await a_partner()), await a_staff_viewer()):
        assert await ask(document, by=by, id=id) is None
