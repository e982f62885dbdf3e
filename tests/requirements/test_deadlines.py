"""Five days of silence are a no, a day before there is a reminder, and no worker decides (R-04)."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.requirements import deadlines
from kit import database, timers
from kit.ids import new_id
from kit.timers import TIMERS, Deadline
from kit.transaction import transactional
from models.audit import Event
from models.notifications import Mail
from models.requirements import CustomerRequirement
from models.requirements import RequirementStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.factories import a_person, an_operator
from tests.requirements.factories import Sale, a_draft, a_pending, an_accepted, crq, history
from workers import firing
from workers.effects import EFFECTS, WAITS

MICROSECOND = timedelta(microseconds=1)

LIST = """
query ($status: [RequirementStatus!]) {
  customerRequirements(filter: {status: $status}) { totalCount { value } nodes { id } }
}
"""


def test_the_deadlines_have_effects_and_sweeps() -> None:
    for kind in (deadlines.EXPIRE, deadlines.REMIND):
        assert EFFECTS[kind].table == "customer_requirement"
        assert kind in WAITS


async def test_silence_is_a_no_at_the_deadline_and_not_before(sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)
    due = time.now + timedelta(days=5)

    await deadlines.expire(subject_ids=[pending.id], now=due - MICROSECOND)
    assert (await CustomerRequirement.get()).status is Status.PENDING_MERCHANT
    await deadlines.expire(subject_ids=[pending.id], now=due + timedelta(hours=3))
    await deadlines.expire(subject_ids=[pending.id], now=due + timedelta(hours=4))

    stored = await CustomerRequirement.get()
    assert (stored.status, stored.rejection) == (Status.REJECTED, "TIMEOUT")
    assert (stored.decided_at, stored.ended_at, stored.version) == (due, due, 3)
    assert await history(pending, sale.partner) == ["drafted", "submitted", "timed_out"]
    assert await history(pending, sale.merchant) == ["submitted", "timed_out"]
    event = await Event.get(name="customer_requirement.timed_out", tenant_id=sale.partner.id)
    assert (event.actor_kind, event.customer_id) == ("SYSTEM", sale.customer.id)
    assert event.before == {"status": "PENDING_MERCHANT"}
    assert event.after == {"status": "REJECTED", "rejection": "TIMEOUT"}
    [mail] = await Mail.filter(template="customer_requirement_answered")
    assert (mail.recipient, mail.facts["rejection"]) == (sale.by.email, "TIMEOUT")


async def test_only_what_waits_and_is_due_ends(sale: Sale, time: Clock) -> None:
    draft = await a_draft(sale, now=time.now)
    accepted = await an_accepted(sale, now=time.now)
    later = await a_pending(sale, now=time.now + MICROSECOND)

    ids = [draft.id, accepted.id, later.id]
    await deadlines.expire(subject_ids=ids, now=time.now + timedelta(days=5))

    assert not await Event.exists(name="customer_requirement.timed_out")


async def test_it_reads_as_rejected_from_the_instant_on(ask: Ask, sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)
    query = """query ($id: ID!) { customerRequirement(id: $id) {
        status rejection onTimeout decidedAt endedAt deadline { status onTimeout } } }"""
    time.forward(days=5, microseconds=-1)
    for viewer in (sale.by, sale.seller):
        seen = await ask(query, by=viewer, id=crq(pending))
        assert (seen["status"], seen["rejection"], seen["decidedAt"]) == (
            "PENDING_MERCHANT",
            None,
            None,
        )

    time.forward(microseconds=1)
    for viewer in (sale.by, sale.seller):
        assert await ask(query, by=viewer, id=crq(pending)) == {
            "status": "REJECTED",
            "rejection": "TIMEOUT",
            "onTimeout": "REJECTED",
            "decidedAt": "2030-02-05T23:30:00.000000Z",
            "endedAt": "2030-02-05T23:30:00.000000Z",
            "deadline": {"status": "DUE", "onTimeout": "REJECT"},
        }
        listed = await ask(LIST, by=viewer, status=["REJECTED"])
        assert [node["id"] for node in listed["nodes"]] == [crq(pending)]
        assert (await ask(LIST, by=viewer, status=["PENDING_MERCHANT"]))["nodes"] == []


async def test_the_merchant_is_reminded_once_a_day_before(sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)
    await Mail.all().delete()
    due = time.now + timedelta(days=4)

    await deadlines.remind(subject_ids=[pending.id], now=due - MICROSECOND)
    assert not await Mail.exists()
    await deadlines.remind(subject_ids=[pending.id], now=due)
    await deadlines.remind(subject_ids=[pending.id], now=due + timedelta(hours=1))

    [mail] = await Mail.all()
    assert (mail.template, mail.recipient) == ("customer_requirement_reminder", sale.seller.email)
    assert (await CustomerRequirement.get()).reminded_at == due
    assert await history(pending, sale.merchant) == ["submitted", "reminded"]


async def test_nobody_is_reminded_of_what_is_over(sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)
    accepted = await an_accepted(sale, now=time.now)

    await deadlines.remind(subject_ids=[pending.id, accepted.id], now=time.now + timedelta(days=5))

    assert not await Event.exists(name="customer_requirement.reminded")


async def test_when_the_author_has_gone_the_administrators_are_told(
    sale: Sale, time: Clock
) -> None:
    pending = await a_pending(sale, now=time.now)
    heir = await a_person("Heir", email="heir@acme.example")
    await an_operator(of=sale.partner, person=heir)
    await database.execute("update operator set removed_at = now() where id = $1", sale.by.seat_id)

    await deadlines.expire(subject_ids=[pending.id], now=time.now + timedelta(days=5))

    mails = await Mail.filter(template="customer_requirement_answered")
    assert [mail.recipient for mail in mails] == ["heir@acme.example"]


async def test_lost_timers_are_made_again_and_superfluous_ones_taken_back(
    sale: Sale, time: Clock
) -> None:
    pending = await a_pending(sale, now=time.now)
    accepted = await an_accepted(sale, now=time.now)
    await Timer.all().delete()
    await Timer.create(
        created_at=time.now,
        tenant_id=sale.partner.id,
        kind=deadlines.EXPIRE,
        subject_id=accepted.id,
        due_at=time.now + timedelta(days=5),
        next_attempt_at=time.now + timedelta(days=5),
        on_timeout="REJECT",
        state="SCHEDULED",
    )

    expiries = await timers.mend(deadlines.EXPIRE_WAITS, now=time.now)
    reminders = await timers.mend(deadlines.REMIND_WAITS, now=time.now)

    assert (expiries.created, expiries.cancelled) == (1, 1)
    assert (reminders.created, reminders.cancelled) == (1, 0)
    live = {timer.kind: timer for timer in await Timer.filter(state="SCHEDULED")}
    assert {timer.subject_id for timer in live.values()} == {pending.id}
    assert live[deadlines.EXPIRE].due_at == pending.expires_at
    assert live[deadlines.REMIND].due_at == time.now + timedelta(days=4)
    assert {timer.on_timeout for timer in live.values()} == {"REJECT", "REMIND"}


@transactional
async def many(number: int, sale: Sale, time: Clock) -> list[UUID]:
    """So many that wait for the merchant, and are due at once five days from now."""
    due = time.now + timedelta(days=5)
    requirements = [
        CustomerRequirement(
            id=new_id(),
            created_at=time.now,
            number=f"CR-{place}",
            partner_id=sale.partner.id,
            customer_id=sale.customer.id,
            merchant_id=sale.merchant.id,
            expected_ratio="0.1",
            status=Status.PENDING_MERCHANT,
            created_by=sale.by.person_id,
            submitted_at=time.now,
            expires_at=due,
            reminded_at=time.now,
        )
        for place in range(number)
    ]
    await CustomerRequirement.bulk_create(requirements)
    await timers.schedule_many(
        deadlines.EXPIRE,
        [Deadline(sale.partner.id, row.id, due) for row in requirements],
        on_timeout="REJECT",
        now=time.now,
    )
    return [row.id for row in requirements]


@pytest.mark.parametrize("workers", [1, 2])
async def test_two_thousand_at_once_are_rejected_together_each_once(
    sale: Sale, time: Clock, workers: int
) -> None:
    await many(2_000, sale, time)
    time.forward(days=5)

    claim = await TIMERS.claim(lease=timedelta(minutes=1), limit=10_000, now=time.now)
    due = [row["id"] for row in claim.rows]
    fired = [
        await firing.fire(deadlines.EXPIRE, due, token=claim.token, now=time.now)
        for _ in range(workers)  # a hint that comes twice does nothing more
    ]

    assert fired == [2_000, 0][:workers]
    told = await database.rows(
        "select tenant_id, count(*) as events, count(distinct subject_id) as subjects"
        " from event where name = 'customer_requirement.timed_out' group by tenant_id"
    )
    assert {row["tenant_id"] for row in told} == {sale.partner.id, sale.merchant.id}
    assert {(row["events"], row["subjects"]) for row in told} == {(2_000, 2_000)}
    assert await Mail.filter(template="customer_requirement_answered").count() == 2_000
    rejected = await CustomerRequirement.filter(status=Status.REJECTED, version=2).count()
    assert rejected == 2_000
    assert await Timer.filter(state="FIRED", lateness_ms=0).count() == 2_000
