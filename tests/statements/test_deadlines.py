"""What happens when a step isn't done in its time: it is told, once, and nothing is closed."""

from datetime import timedelta

import pytest

from domain.identity.items import Item
from domain.statements import deadlines, sending
from kit import timers
from kit.timers import Mended
from models.notifications import Mail
from models.statements import Statement
from models.statements import StatementStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.statements import factories as make
from tests.statements.factories import House, fresh, history, mails, status, steps_of
from tests.upstream.working import fire_due

pytestmark = pytest.mark.usefixtures("database")


async def live(statement: Statement) -> dict[str, object]:
    """The timers that are to fire."""
    return {
        timer.kind: timer.due_at
        for timer in await Timer.filter(subject_id=statement.id, state="SCHEDULED")
    }


async def mended(time: Clock) -> list[Mended]:
    """What the sweep finds wrong."""
    return [
        await timers.mend(deadlines.OVERDUE_WAITS, now=time.now),
        await timers.mend(deadlines.REMINDER_WAITS, now=time.now),
    ]


async def test_the_platform_is_told_of_a_late_step_once(house: House, time: Clock) -> None:
    statement = await make.a_statement(house, now=time.now)
    due_at = statement.step_due_at
    assert due_at is not None
    time.now = due_at - timedelta(seconds=1)
    assert await fire_due(time.now) == 0
    time.now = due_at + timedelta(hours=1)

    await fire_due(time.now)
    await deadlines.tell_overdue(subject_ids=[statement.id], now=time.now)

    step = (await steps_of(statement))["REVIEW"]
    assert (step.breached_at, step.done_at) == (due_at, None)
    assert await history(statement.id) == ["generated", "step_overdue"]
    reviewers = [house.reviewer.email, house.business.email, house.finance.email]
    assert await mails("statement_overdue") == sorted(map(str, reviewers))
    assert await status(statement) is Status.GENERATED
    await sending.send(viewer=house.reviewer, statement_id=statement.id, now=time.now)
    assert (await steps_of(statement))["REVIEW"].breached_at == due_at


async def test_signers_are_told_when_their_signature_is_late(house: House, time: Clock) -> None:
    signer = await a_staff_viewer(Item.STATEMENT_SIGN_FINANCE)
    statement = await make.a_statement(house, now=time.now)
    assert statement.step_due_at is not None
    time.now = statement.step_due_at
    await fire_due(time.now)
    assert str(signer.email) not in await mails("statement_overdue")
    await sending.send(viewer=house.reviewer, statement_id=statement.id, now=time.now)
    due_at = (await make.fresh(statement)).step_due_at
    assert due_at is not None
    time.now = due_at

    await fire_due(time.now)

    assert (await mails("statement_overdue")).count(str(signer.email)) == 1


async def test_the_timer_goes_with_the_step(house: House, time: Clock) -> None:
    statement = await make.a_statement(house, now=time.now)
    await sending.send(viewer=house.reviewer, statement_id=statement.id, now=time.now)

    sent = await fresh(statement)
    assert await live(statement) == {"statement.step_overdue": sent.step_due_at}
    time.now = sent.step_due_at or time.now
    await fire_due(time.now)
    assert (await history(statement.id))[-1] == "step_overdue"
    assert (await steps_of(statement))["REVIEW"].breached_at is None


async def test_the_partner_is_reminded_a_week_before_and_when_it_is_late(
    house: House, time: Clock
) -> None:
    statement = await make.notified(house, now=time.now)
    due_at = statement.invoice_due_at
    assert due_at is not None
    assert await live(statement) == {
        "statement.step_overdue": due_at,
        "statement.invoice_reminder": due_at - timedelta(days=7),
    }

    time.now = due_at - timedelta(days=7)
    await fire_due(time.now)
    assert await mails("statement_invoice_reminder") == [house.by.email]
    time.now = due_at
    await fire_due(time.now)

    letters = await Mail.filter(template="statement_invoice_reminder").order_by("id")
    assert [letter.facts["is_late"] for letter in letters] == [False, True]
    assert (await history(statement.id))[-2:] == ["invoice_reminded", "step_overdue"]
    assert await status(statement) is Status.TO_INVOICE, "payment waits (A-16)"
    await make.received(house, statement, now=time.now)
    assert await status(statement) is Status.INVOICE_RECEIVED
    assert (await steps_of(statement))["INVOICE"].breached_at == due_at


async def test_nobody_is_reminded_of_what_is_on_its_way(house: House, time: Clock) -> None:
    statement = await make.notified(house, now=time.now)
    await make.submit(house, statement, [make.an_invoice(statement, now=time.now)], now=time.now)
    for days in (22, 10):
        time.forward(days=days)
        await fire_due(time.now)

    assert await mails("statement_invoice_reminder") == []
    assert (await history(statement.id))[-1] == "step_overdue", "the platform knows"


async def test_the_sweep_brings_back_what_was_lost(house: House, time: Clock) -> None:
    statement = await make.notified(house, now=time.now)
    known = await live(statement)
    await Timer.filter(subject_id=statement.id).delete()

    found = await mended(time)

    assert [each.created for each in found] == [1, 1]
    assert await live(statement) == known
    again = await mended(time)
    assert [(each.created, each.cancelled) for each in again] == [(0, 0), (0, 0)]


async def test_the_sweep_takes_back_what_is_over(house: House, time: Clock) -> None:
    statement = await make.notified(house, now=time.now)
    await Statement.filter(id=statement.id).update(step=None, step_due_at=None)

    found = await mended(time)

    assert [each.cancelled for each in found] == [1, 1]
    assert await live(statement) == {}


@pytest.mark.parametrize("send_first", [True, False])
async def test_done_as_the_deadline_fires(house: House, time: Clock, send_first: bool) -> None:
    statement = await make.a_statement(house, now=time.now)
    time.now = statement.step_due_at or time.now
    calls = [
        sending.send(viewer=house.reviewer, statement_id=statement.id, now=time.now),
        fire_due(time.now),
    ]

    for call in calls if send_first else reversed(calls):
        await call

    assert (await steps_of(statement))["REVIEW"].breached_at == time.now
    assert await status(statement) is Status.SENT
    told = ["generated", "sent"] if send_first else ["generated", "step_overdue", "sent"]
    assert await history(statement.id) == told
