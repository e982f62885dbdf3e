"""Taking a statement back before it is countersigned, and making it anew (A-19, A-29)."""

from decimal import Decimal
from typing import Any

import pytest

from domain.settlement import sharing
from domain.statements import cancelling, countersigning, sending
from domain.statements.cancelling import AlreadyRegenerated, CarryTaken
from domain.statements.guards import AlreadyCountersigned
from kit.problems import Forbidden
from kit.status import WrongStatus
from models.certification import BusinessInformation
from models.settlement import SettlementLine, Unsettled
from models.settlement_runs import SettlementRun
from models.statement_steps import SignerRole
from models.statements import Statement
from models.statements import StatementStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.races import at_once
from tests.statements import factories as make
from tests.statements.factories import House, fresh, history, mails, status, steps_of

pytestmark = pytest.mark.usefixtures("database")


async def cancel(house: House, statement: Statement, time: Clock) -> Statement:
    return await cancelling.cancel(
        viewer=house.reviewer, statement_id=statement.id, reason="Wrong rate.", now=time.now
    )


async def regenerate(house: House, statement: Statement, time: Clock) -> SettlementRun:
    return await cancelling.regenerate(
        viewer=house.reviewer, statement_id=statement.id, now=time.now
    )


async def settle(time: Clock) -> None:
    """What workers do."""
    while await sharing.settle_next(now=time.now):
        pass


async def test_what_was_cancelled_waits_again(house: House, time: Clock) -> None:
    statement = await make.sent(house, lines=["1000.00", "-200.00"], now=time.now)

    cancelled = await cancel(house, statement, time)

    assert (cancelled.status, cancelled.closed_at) == (Status.CANCELLED, time.now)
    assert cancelled.cancel_reason == "Wrong rate."
    assert cancelled.step is None
    assert await SettlementLine.filter(voided_at__isnull=True).count() == 0
    assert {row.amount for row in await Unsettled.all()} == {
        Decimal("-200.00"),
        Decimal("1000.00"),
    }
    step = (await steps_of(statement))["COUNTERSIGN"]
    assert (step.done_at, step.dropped_at) == (None, time.now)
    assert await Timer.filter(subject_id=statement.id, state="SCHEDULED").count() == 0
    assert await mails("statement_ended") == [house.by.email]


async def test_what_nobody_has_seen_goes_in_silence(house: House, time: Clock) -> None:
    statement = await make.a_statement(house, now=time.now)

    await cancel(house, statement, time)

    assert await status(statement) is Status.CANCELLED
    assert await mails("statement_ended") == []


async def test_it_can_be_cancelled_until_the_last_signature(house: House, time: Clock) -> None:
    early = await make.sent(house, period="2029-10", now=time.now)
    await countersigning.start(viewer=house.reviewer, statement_id=early.id, now=time.now)
    await countersigning.sign(
        viewer=house.business, statement_id=early.id, role=SignerRole.BUSINESS, now=time.now
    )
    late = await make.signed(
        house, await make.sent(house, period="2029-11", now=time.now), now=time.now
    )

    await cancel(house, early, time)
    with pytest.raises(AlreadyCountersigned):
        await cancel(house, late, time)

    assert await status(late) is Status.COUNTERSIGNING
    assert await SettlementLine.filter(statement_id=late.id, voided_at__isnull=True).count() == 1


async def test_what_another_carries_stays_until_that_one_goes(house: House, time: Clock) -> None:
    below = await make.a_statement(house, "-440.00", period="2029-11", now=time.now)
    above = await make.a_statement(house, "2000.00", carried_from=below, now=time.now)
    assert above.total_amount == Decimal("1560.00")

    with pytest.raises(CarryTaken) as refused:
        await cancel(house, below, time)
    assert refused.value.number == above.number
    assert await Unsettled.all().count() == 0

    await cancel(house, above, time)
    await cancel(house, below, time)
    assert await Unsettled.all().count() == 2


async def test_what_was_reviewed_below_zero_is_final(house: House, time: Clock) -> None:
    below = await make.sent(house, "-440.00", now=time.now)
    with pytest.raises(WrongStatus):
        await cancel(house, below, time)


async def test_made_anew_it_has_the_rate_of_the_day(house: House, time: Clock) -> None:
    statement = await make.sent(house, now=time.now)
    await cancel(house, statement, time)
    await BusinessInformation.filter(partner_id=house.partner.id).update(
        fee_tax_rate=Decimal("0.01")
    )
    time.forward(hours=1)

    run = await regenerate(house, statement, time)
    await settle(time)

    [anew] = await Statement.filter(run_id=run.id)
    assert (anew.period, anew.kind, anew.replaces_id) == (
        statement.period,
        statement.kind,
        statement.id,
    )
    assert (anew.fee_tax_rate, anew.total_amount) == (Decimal("0.01"), Decimal("1060.00"))
    assert (anew.status, anew.step) == (Status.GENERATED, make.STEP.REVIEW)
    assert await Unsettled.all().count() == 0
    assert (await history(anew.id)) == ["generated"]
    assert (await history(statement.id))[-1] == "regenerated"
    with pytest.raises(AlreadyRegenerated) as refused:
        await regenerate(house, statement, time)
    assert refused.value.number == anew.number


async def test_only_what_was_cancelled_is_made_anew(house: House, time: Clock) -> None:
    statement = await make.sent(house, now=time.now)

    with pytest.raises(WrongStatus):
        await regenerate(house, statement, time)
    with pytest.raises(Forbidden):
        await cancelling.regenerate(
            viewer=await a_staff_viewer(), statement_id=statement.id, now=time.now
        )

    assert await SettlementRun.filter(partner_id=house.partner.id).count() == 0


async def test_made_anew_twice_at_once_it_is_one_run(house: House, time: Clock) -> None:
    statement = await make.sent(house, now=time.now)
    await cancel(house, statement, time)

    done = await at_once(
        regenerate(house, statement, time),
        regenerate(house, statement, time),
        while_locked=statement,
    )

    assert done[0].id == done[1].id
    await settle(time)
    assert await Statement.filter(replaces_id=statement.id).count() == 1


@pytest.mark.parametrize("review_first", [True, False])
async def test_reviewed_as_it_is_cancelled(house: House, time: Clock, review_first: bool) -> None:
    statement = await make.a_statement(house, now=time.now)
    calls: list[Any] = [
        sending.send(viewer=house.reviewer, statement_id=statement.id, now=time.now),
        cancel(house, statement, time),
    ]

    done = await at_once(*(calls if review_first else reversed(calls)), while_locked=statement)

    assert await status(statement) is Status.CANCELLED
    if review_first:
        assert await history(statement.id) == ["generated", "sent", "cancelled"]
    else:
        assert isinstance(done[1], WrongStatus)
        assert (await fresh(statement)).sent_at is None
    assert await Unsettled.all().count() == 1


@pytest.mark.parametrize("sign_first", [True, False])
async def test_signed_last_as_it_is_cancelled(house: House, time: Clock, sign_first: bool) -> None:
    statement = await make.sent(house, now=time.now)
    await countersigning.start(viewer=house.reviewer, statement_id=statement.id, now=time.now)
    await countersigning.sign(
        viewer=house.business, statement_id=statement.id, role=SignerRole.BUSINESS, now=time.now
    )
    calls: list[Any] = [
        countersigning.sign(
            viewer=house.finance, statement_id=statement.id, role=SignerRole.FINANCE, now=time.now
        ),
        cancel(house, statement, time),
    ]

    done = await at_once(*(calls if sign_first else reversed(calls)), while_locked=statement)

    if sign_first:
        assert isinstance(done[1], AlreadyCountersigned)
        assert len(await make.asked_for(statement)) == 1
        assert await Unsettled.all().count() == 0
    else:
        assert isinstance(done[1], WrongStatus)
        assert await status(statement) is Status.CANCELLED
        assert await make.asked_for(statement) == []


@pytest.mark.parametrize("cancel_first", [True, False])
async def test_cancelled_as_a_run_carries_it(house: House, time: Clock, cancel_first: bool) -> None:
    """A run holds what it carries, so that it is carried or cancelled, and never both."""
    below = await make.a_statement(house, "-440.00", period="2029-11", now=time.now)
    later = await make.a_statement(house, "2000.00", period="2029-12", now=time.now)
    await cancel(house, later, time)
    await regenerate(house, later, time)
    calls: list[Any] = [cancel(house, below, time), sharing.settle_next(now=time.now)]

    done = await at_once(*(calls if cancel_first else reversed(calls)), while_locked=below)

    anew = await Statement.get(replaces_id=later.id)
    if cancel_first:
        assert (anew.carried_from_id, anew.total_amount) == (None, Decimal("2000.00"))
        assert await status(below) is Status.CANCELLED
    else:
        assert isinstance(done[1], CarryTaken)
        assert (anew.carried_from_id, anew.total_amount) == (below.id, Decimal("1560.00"))
        assert await status(below) is Status.GENERATED
