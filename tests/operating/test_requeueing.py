"""Trying again what was given up: by ids, by a filter, as a dry run; and what that can't help."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.exports.viewing import frozen
from domain.identity.viewer import Viewer
from domain.operating import requeueing
from domain.operating.backlogs import Queue
from domain.operating.dead import DEAD
from kit import clock, database, ids, timers
from kit.ids import new_id
from kit.transaction import transaction
from models.audit import Event
from models.exports import Export, ExportFailure, ExportFormat, ExportLanguage, ExportState
from models.inbox import TextMessage, TextStatus
from models.members import MemberInvitation, MemberInvitationStatus
from models.notifications import Mail, MailStatus
from models.upstream import RequestState, System, UpstreamRequest
from models.webhooks import WebhookDelivery, WebhookEndpoint
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.factories import a_partner, a_staff_viewer, an_administrator
from tests.operating.conftest import KIND, dead, fire_due, give_up, timer_of
from tests.timers.subjects import pending, timer_states

pytestmark = pytest.mark.usefixtures("database")

DUE = datetime(2030, 1, 31, 23, 30, tzinfo=UTC)
REQUEUE = """mutation($queue: OpsQueueKind!, $ids: [ID!], $filter: OpsDeadFilter,
    $dryRun: Boolean! = false, $reason: String! = "the rate is there now") {
  opsRequeue(input: {
    queue: $queue, ids: $ids, filter: $filter, dryRun: $dryRun, reason: $reason
  }) { matchedCount requeuedCount decidedCount leftCount skipped { id code }
    errors { code path } } }"""


def done(matched: int, requeued: int, **other: Any) -> dict[str, Any]:
    """An answer without refusals."""
    nothing = {"decidedCount": 0, "leftCount": 0, "skipped": [], "errors": []}
    return {"matchedCount": matched, "requeuedCount": requeued, **nothing, **other}


async def timer_id(subject: UUID) -> str:
    timer = await timer_of(subject)
    return ids.encode("tmr", UUID(str(timer["id"])))


async def test_a_dead_timer_is_tried_again_and_has_its_effect_late(
    ask: Ask, operator: Viewer, time: Clock
) -> None:
    [subject, other] = await dead(2, due_at=DUE)
    time.forward(hours=3)

    answer = await ask(REQUEUE, by=operator, queue="TIMERS", ids=[await timer_id(subject)])

    assert answer == done(1, 1)
    timer = await timer_of(subject)
    assert (timer["state"], timer["attempts"]) == ("SCHEDULED", 0)
    assert timer["next_attempt_at"] == timer["due_at"] == DUE
    assert await fire_due(time.now) == 1
    assert (await MemberInvitation.get(id=subject)).status is MemberInvitationStatus.EXPIRED
    assert (await timer_of(subject))["lateness_ms"] == 3 * 3600 * 1000
    assert (await timer_of(other))["state"] == "DEAD"


async def test_a_dry_run_counts_and_changes_nothing(ask: Ask, operator: Viewer) -> None:
    decided, *_ = await dead(3, due_at=DUE)
    await MemberInvitation.filter(id=decided).update(status="REJECTED", decided_at=DUE)

    answer = await ask(REQUEUE, by=operator, queue="TIMERS", filter={"kind": KIND}, dryRun=True)

    skipped = [{"id": await timer_id(decided), "code": "SUBJECT_DECIDED"}]
    assert answer == done(3, 2, decidedCount=1, skipped=skipped)
    assert await timer_states() == {"DEAD": 3}
    assert await Event.filter(name="work.requeued").count() == 0


async def test_by_a_filter_only_what_meets_all_of_it_is_tried_again(
    ask: Ask, operator: Viewer
) -> None:
    [early] = await dead(1, due_at=DUE - timedelta(days=2))
    [here] = await dead(1, due_at=DUE)
    [elsewhere] = await dead(1, due_at=DUE, error="KeyError: 'rate'")
    partner = (await MemberInvitation.get(id=here)).partner_id
    asked = {
        "kind": KIND,
        "partnerId": ids.encode("ptn", partner),
        "due": {"from": "2030-01-31T00:00:00Z", "to": "2030-02-01T00:00:00Z"},
        "error": "NO SUCH",
    }

    assert await ask(REQUEUE, by=operator, queue="TIMERS", filter=asked) == done(1, 1)

    states = [(await timer_of(each))["state"] for each in (early, here, elsewhere)]
    assert states == ["DEAD", "SCHEDULED", "DEAD"]
    event = await Event.get(name="work.requeued")
    assert event.reason == "the rate is there now"
    assert event.actor_id == operator.actor_id
    assert event.after["queue"] == "TIMERS"
    assert event.after["requeued"] == 1
    assert event.after["error"] == "NO SUCH"
    assert event.after["first"] == [await timer_id(here)]


async def test_a_dead_timer_whose_subject_was_decided_meanwhile_is_closed_and_said_so(
    ask: Ask, operator: Viewer
) -> None:
    [subject] = await dead(1, due_at=DUE)
    await MemberInvitation.filter(id=subject).update(status="REJECTED", decided_at=DUE)
    told = {"id": await timer_id(subject), "code": "SUBJECT_DECIDED"}

    answer = await ask(REQUEUE, by=operator, queue="TIMERS", ids=[told["id"]])

    assert answer == done(1, 0, decidedCount=1, skipped=[told])
    assert (await timer_of(subject))["state"] == "CANCELLED"
    assert (await MemberInvitation.get(id=subject)).status is MemberInvitationStatus.REJECTED
    again = await ask(REQUEUE, by=operator, queue="TIMERS", ids=[told["id"]])
    assert again == done(0, 0, skipped=[{"id": told["id"], "code": "NOT_GIVEN_UP"}])


async def test_a_dead_timer_that_a_newer_one_has_replaced_is_closed(
    ask: Ask, operator: Viewer
) -> None:
    [subject] = await dead(1, due_at=DUE)
    old = await timer_id(subject)
    async with transaction():
        await timers.schedule(
            KIND,
            tenant_id=new_id(),
            subject_id=subject,
            due_at=DUE + timedelta(days=7),
            on_timeout="EXPIRE",
            now=DUE,
        )

    answer = await ask(REQUEUE, by=operator, queue="TIMERS", filter={"kind": KIND})

    assert answer == done(1, 0, decidedCount=1, skipped=[{"id": old, "code": "SUPERSEDED"}])
    assert await timer_states() == {"CANCELLED": 1, "SCHEDULED": 1}


async def test_a_kind_that_this_release_does_not_know_stays_dead(
    ask: Ask, operator: Viewer
) -> None:
    [subject] = await pending(1, due_at=DUE, kind="thing.forgotten")
    await give_up([subject])
    answer = await ask(REQUEUE, by=operator, queue="TIMERS", filter={"error": "rate"})

    told = {"id": await timer_id(subject), "code": "KIND_UNKNOWN"}
    assert answer == done(1, 0, skipped=[told])
    assert await timer_states() == {"DEAD": 1}


async def test_ticks_and_mails_are_tried_again(ask: Ask, operator: Viewer, time: Clock) -> None:
    await database.execute(
        "insert into tick (id, name, scheduled_for, state, attempts, next_attempt_at, last_error)"
        " values (uuidv7(), 'ledger', $1, 'DEAD', 8, $1, 'ValueError: x')",
        DUE,
    )
    mail = await Mail.create(
        created_at=DUE,
        tenant_id=new_id(),
        recipient="li.wei@example.com",
        locale="en",
        template="member_invitation",
        facts={},
        dedupe_key="1",
        status=MailStatus.DEAD,
        attempts=8,
        next_attempt_at=DUE,
    )
    time.forward(hours=1)

    ledger = await ask(REQUEUE, by=operator, queue="TICKS", filter={"kind": "ledger"})
    mails = await ask(REQUEUE, by=operator, queue="MAILS", ids=[ids.encode("mai", mail.id)])

    assert (ledger, mails) == (done(1, 1), done(1, 1))
    [tick] = await database.rows("select state, attempts, next_attempt_at from tick")
    assert tick == {"state": "SCHEDULED", "attempts": 0, "next_attempt_at": DUE}
    await mail.refresh_from_db()
    assert (mail.status, mail.attempts, mail.next_attempt_at) == (MailStatus.QUEUED, 0, time.now)


async def test_text_messages_are_tried_again(ask: Ask, operator: Viewer, time: Clock) -> None:
    for number, name in enumerate(("statement.paid", "order.paid")):
        await TextMessage.create(
            created_at=DUE,
            tenant_id=new_id(),
            recipient="+8613800000000",
            locale="zh",
            facts={"name": name, "topic": "STATEMENT"},
            dedupe_key=str(number),
            status=TextStatus.DEAD,
            attempts=8,
            next_attempt_at=DUE,
            last_error="TimeoutError: the gateway",
        )
    time.forward(hours=1)

    wanted = {"kind": "statement.paid", "error": "gateway"}
    answer = await ask(REQUEUE, by=operator, queue="TEXTS", filter=wanted)

    assert answer == done(1, 1)
    [dead, queued] = await TextMessage.all().order_by("status")
    assert (dead.status, dead.facts["name"]) == (TextStatus.DEAD, "order.paid")
    assert (queued.status, queued.attempts, queued.next_attempt_at) == (
        TextStatus.QUEUED,
        0,
        time.now,
    )


async def an_export(failure: ExportFailure, by: Viewer) -> Export:
    assert by.actor_id
    return await Export.create(
        created_at=DUE,
        tenant_id=by.partner_id,
        created_by=by.actor_id,
        creator_name="x",
        viewer=frozen(by),
        listing="orders",
        title="订单",
        title_en="Orders",
        columns=["number"],
        format=ExportFormat.CSV,
        language=ExportLanguage.EN,
        state=ExportState.FAILED,
        failure=failure,
        attempts=5,
        next_attempt_at=DUE,
    )


async def test_failed_exports_begin_anew_but_for_those_whose_creator_may_not_see_them(
    ask: Ask, operator: Viewer
) -> None:
    by = await an_administrator(await a_partner())
    lost = await an_export(ExportFailure.STORE_REFUSED, by)
    forbidden = await an_export(ExportFailure.RIGHT_LOST, by)

    answer = await ask(REQUEUE, by=operator, queue="EXPORTS", filter={"kind": "orders"})

    told = {"id": ids.encode("exp", forbidden.id), "code": "CREATOR_LOST_RIGHT"}
    assert answer == done(2, 1, skipped=[told])
    await lost.refresh_from_db()
    await forbidden.refresh_from_db()
    assert (lost.state, lost.attempts, forbidden.state) == ("QUEUED", 0, "FAILED")


async def test_a_failed_delivery_is_sent_anew_unless_its_endpoint_is_gone(
    ask: Ask, operator: Viewer
) -> None:
    partner = await a_partner()
    told, made = [], []
    for state in ("ACTIVE", "DELETED"):
        endpoint = await WebhookEndpoint.create(
            created_at=DUE,
            partner_id=partner.id,
            url="https://example.com",
            description="",
            types=[],
            state=state,
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
            first_attempt_at=DUE,
            next_attempt_at=DUE,
        )
        made.append(delivery)
        told.append(ids.encode("whd", delivery.id))

    of = ids.encode("ptn", partner.id)
    answer = await ask(REQUEUE, by=operator, queue="DELIVERIES", filter={"partnerId": of})

    assert answer == done(2, 1, skipped=[{"id": told[1], "code": "ENDPOINT_GONE"}])
    for delivery in made:
        await delivery.refresh_from_db()
    assert [delivery.state for delivery in made] == ["WAITING", "FAILED"]
    assert (made[0].attempts, made[0].first_attempt_at) == (0, None)
    assert made[0].next_attempt_at <= clock.wall()  # real time, not that of the test


@pytest.mark.parametrize("hopeless_first", [True, False])
async def test_what_stays_dead_does_not_take_the_places_of_what_can_be_tried(
    ask: Ask, operator: Viewer, monkeypatch: pytest.MonkeyPatch, hopeless_first: bool
) -> None:
    """Or typing it again, as `leftCount` asks for, would try the same ones for ever."""
    one_at_a_time = {Queue.EXPORTS: replace(DEAD[Queue.EXPORTS], most=1)}
    monkeypatch.setattr(requeueing, "DEAD", {**DEAD, **one_at_a_time})
    by = await an_administrator(await a_partner())
    failures = [ExportFailure.RIGHT_LOST, ExportFailure.STORE_REFUSED]
    made = [
        await an_export(failure, by)
        for failure in (failures if hopeless_first else reversed(failures))
    ]
    lost, forbidden = sorted(made, key=lambda each: each.failure == ExportFailure.RIGHT_LOST)
    wanted = {"kind": "orders"}

    first = await ask(REQUEUE, by=operator, queue="EXPORTS", filter=wanted)
    then = await ask(REQUEUE, by=operator, queue="EXPORTS", filter=wanted)

    assert first == done(2, 1, leftCount=1)
    told = {"id": ids.encode("exp", forbidden.id), "code": "CREATOR_LOST_RIGHT"}
    assert then == done(1, 0, skipped=[told])
    await lost.refresh_from_db()
    assert lost.state == "QUEUED"


async def test_what_another_system_was_asked_for_is_asked_again(ask: Ask, operator: Viewer) -> None:
    asked = await UpstreamRequest.create(
        created_at=DUE,
        system=System.CRM,
        operation="test",
        subject_type="test",
        subject_id=new_id(),
        state=RequestState.DEAD,
        attempts=8,
        next_attempt_at=DUE,
        code="NO_ANSWER",
    )

    answer = await ask(REQUEUE, by=operator, queue="UPSTREAM", filter={"kind": "test"})

    assert answer == done(1, 1)
    await asked.refresh_from_db()
    assert (asked.state, asked.attempts, asked.code) == (RequestState.WAITING, 0, None)
    assert await Event.filter(name="upstream_request.retried").count() == 1


async def test_a_wish_that_says_nothing_or_gives_no_reason_is_refused(
    ask: Ask, operator: Viewer
) -> None:
    await dead(1, due_at=DUE)

    nothing = await ask(REQUEUE, by=operator, queue="TIMERS")
    unsaid = await ask(REQUEUE, by=operator, queue="TIMERS", filter={"kind": KIND}, reason=" ")
    whose = await ask(
        REQUEUE, by=operator, queue="TICKS", filter={"partnerId": ids.encode("ptn", new_id())}
    )
    foreign = await ask(REQUEUE, by=operator, queue="TIMERS", ids=[ids.encode("ord", new_id())])

    assert [each["errors"] for each in (nothing, unsaid, whose, foreign)] == [
        [{"code": "INVALID_INPUT", "path": path}]
        for path in (
            ["input"],
            ["input", "reason"],
            ["input", "filter", "partnerId"],
            ["input", "ids"],
        )
    ]
    assert await timer_states() == {"DEAD": 1}


async def test_nobody_else_may(ask: Ask) -> None:
    [subject] = await dead(1, due_at=DUE)
    partner = await an_administrator(await a_partner())

    for by in (partner, await a_staff_viewer()):
        with pytest.raises(Refused, match="FORBIDDEN"):
            await ask(REQUEUE, by=by, queue="TIMERS", ids=[await timer_id(subject)])

    assert await timer_states() == {"DEAD": 1}
