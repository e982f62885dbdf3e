"""What a partner doubts, what the platform says to it, and what comes of that (W09, S-05)."""

from decimal import Decimal
from typing import Any

import pytest

from domain.identity.presets import Preset
from domain.statements import adjustments, countersigning, disputing, repaying
from domain.statements.disputing import Adjustment, DisputedAlready
from domain.statements.guards import AlreadyCountersigned
from kit.ids import new_id
from kit.problems import Forbidden, InvalidInput, NotFound
from kit.status import WrongStatus
from models.settlement import SettlementLine, StatementKind, Unsettled
from models.statement_steps import DisputeStatus, SignerRole, StatementDispute
from models.statements import Statement
from models.statements import StatementStatus as Status
from tests.conftest import Clock
from tests.factories import a_partner, an_administrator, an_operator, as_operator
from tests.races import at_once
from tests.statements import factories as make
from tests.statements.factories import House, history, status

pytestmark = pytest.mark.usefixtures("database")


async def doubt(house: House, statement: Statement, time: Clock, **more: Any) -> StatementDispute:
    given: dict[str, Any] = {"viewer": house.by, "text": "An order is missing."}
    return await disputing.open_(**given | more, statement_id=statement.id, now=time.now)


async def answer(
    house: House, dispute: StatementDispute, time: Clock, **more: Any
) -> StatementDispute:
    given: dict[str, Any] = {"viewer": house.reviewer, "text": "It is in the next one."}
    return await disputing.answer(**given | more, dispute_id=dispute.id, now=time.now)


async def test_a_doubt_is_answered_and_closed(house: House, time: Clock) -> None:
    statement = await make.sent(house, now=time.now)

    dispute = await doubt(house, statement, time)
    assert (dispute.status, dispute.line_id) == (DisputeStatus.OPEN, None)
    answered = await answer(house, dispute, time)
    assert (answered.status, answered.answered_at) == (DisputeStatus.ANSWERED, time.now)
    closed = await disputing.close(viewer=house.by, dispute_id=dispute.id, now=time.now)

    assert (closed.status, closed.closed_at) == (DisputeStatus.CLOSED, time.now)
    assert await history(dispute.id) == ["opened", "answered", "closed"]
    assert await Unsettled.all().count() == 0
    for call in (
        answer(house, dispute, time),
        disputing.close(viewer=house.by, dispute_id=dispute.id, now=time.now),
    ):
        with pytest.raises(WrongStatus):
            await call


async def test_an_answer_puts_right_with_the_next_statement(house: House, time: Clock) -> None:
    statement = await make.sent(house, now=time.now)
    line = await SettlementLine.get(statement_id=statement.id)
    dispute = await doubt(house, statement, time, line_id=line.id)

    answered = await answer(house, dispute, time, adjustment=Adjustment(amount=Decimal("12.34")))

    [entered] = await Unsettled.all()
    assert (answered.adjustment_id, answered.adjustment_amount) == (entered.id, Decimal("12.34"))
    assert (entered.kind, entered.amount, entered.goods_tax_rate) == (
        "ADJUSTMENT",
        Decimal("12.34"),
        Decimal("0.0600"),
    )
    assert (entered.line_id, entered.reason) == (line.id, "It is in the next one.")
    assert await status(statement) is Status.SENT, "it stops nothing"


async def test_a_wrong_adjustment_leaves_the_dispute_open(house: House, time: Clock) -> None:
    statement = await make.sent(
        house, kind=StatementKind.ASSESSMENT, period="2029-Q4", goods_tax_rate=None, now=time.now
    )
    dispute = await doubt(house, statement, time)

    for wrong in (
        Adjustment(amount=Decimal("0.00"), goods_tax_rate=Decimal("0.06")),
        Adjustment(amount=Decimal("0.001"), goods_tax_rate=Decimal("0.06")),
        Adjustment(amount=Decimal("1.00")),
    ):
        with pytest.raises(InvalidInput) as refused:
            await answer(house, dispute, time, adjustment=wrong)
        assert refused.value.path[:2] == ("input", "adjustment")

    assert (await StatementDispute.get(id=dispute.id)).status is DisputeStatus.OPEN
    assert await Unsettled.all().count() == 0


async def test_one_doubt_at_a_time_about_the_same_thing(house: House, time: Clock) -> None:
    statement = await make.sent(house, lines=["1.00", "2.00"], now=time.now)
    lines = await SettlementLine.filter(statement_id=statement.id).order_by("id")
    whole = await doubt(house, statement, time)
    await doubt(house, statement, time, line_id=lines[0].id)

    with pytest.raises(DisputedAlready):
        await doubt(house, statement, time)
    with pytest.raises(DisputedAlready):
        await doubt(house, statement, time, line_id=lines[0].id)

    await doubt(house, statement, time, line_id=lines[1].id)
    await disputing.close(viewer=house.by, dispute_id=whole.id, now=time.now)
    await doubt(house, statement, time)
    assert await StatementDispute.all().count() == 4


async def test_doubts_come_before_the_last_signature(house: House, time: Clock) -> None:
    statement = await make.sent(house, now=time.now)
    open_one = await doubt(house, statement, time)
    await make.signed(house, statement, now=time.now)

    with pytest.raises(AlreadyCountersigned):
        await doubt(house, statement, time)
    # What was doubted in time is answered all the same.
    await answer(house, open_one, time)

    nothing = await make.sent(house, "0.00", period="2029-10", now=time.now)
    with pytest.raises(WrongStatus):
        await doubt(house, nothing, time)
    assert await StatementDispute.all().count() == 1


async def test_what_is_below_zero_is_doubted_until_it_is_paid_back(
    house: House, time: Clock
) -> None:
    """Nobody signs it, and the partner may be asked to pay."""
    below = await make.sent(house, "-440.00", now=time.now)
    line = await SettlementLine.get(statement_id=below.id)
    dispute = await doubt(house, below, time, line_id=line.id)

    await answer(house, dispute, time, adjustment=Adjustment(amount=Decimal("40.00")))

    [entered] = await Unsettled.all()
    assert (entered.amount, entered.line_id) == (Decimal("40.00"), line.id)
    await repaying.record(
        viewer=house.reviewer, statement_id=below.id, reference="WIRE-9", now=time.now
    )
    with pytest.raises(WrongStatus):
        await doubt(house, below, time)


async def test_doubts_are_the_partners_own(house: House, time: Clock) -> None:
    statement = await make.sent(house, now=time.now)
    unsent = await make.a_statement(house, period="2029-10", now=time.now)
    stranger = await an_administrator(await a_partner("Zenith"))
    manager = await as_operator(await an_operator(of=house.partner, role=Preset.ACCOUNT_MANAGER))
    foreign = await make.sent(house, period="2029-11", now=time.now)
    line = await SettlementLine.get(statement_id=foreign.id)

    for viewer, problem in (
        (stranger, NotFound),
        (manager, Forbidden),
        (house.reviewer, Forbidden),
    ):
        with pytest.raises(problem):
            await doubt(house, statement, time, viewer=viewer)
    with pytest.raises(NotFound):
        await doubt(house, unsent, time)
    with pytest.raises(NotFound):
        await doubt(house, statement, time, line_id=line.id)
    with pytest.raises(InvalidInput):
        await doubt(house, statement, time, text=" ")
    assert await StatementDispute.all().count() == 0

    dispute = await doubt(house, statement, time)
    with pytest.raises(NotFound):
        await disputing.close(viewer=stranger, dispute_id=dispute.id, now=time.now)
    with pytest.raises(WrongStatus):
        await disputing.close(viewer=house.reviewer, dispute_id=dispute.id, now=time.now)
    with pytest.raises(Forbidden):
        await answer(house, dispute, time, viewer=house.by)


async def test_the_platform_enters_differences_by_hand(house: House, time: Clock) -> None:
    given: dict[str, Any] = {
        "partner_id": house.partner.id,
        "amount": Decimal("-20.00"),
        "goods_tax_rate": Decimal("0.13"),
        "reason": "Paid twice in March.",
    }

    await adjustments.enter(viewer=house.reviewer, **given, now=time.now)
    with pytest.raises(Forbidden):
        await adjustments.enter(viewer=house.by, **given, now=time.now)
    with pytest.raises(NotFound):
        await adjustments.enter(
            viewer=house.reviewer, **given | {"partner_id": new_id()}, now=time.now
        )
    with pytest.raises(InvalidInput) as refused:
        await adjustments.enter(
            viewer=house.reviewer, **given | {"goods_tax_rate": Decimal("1.3")}, now=time.now
        )
    assert refused.value.path == ("input", "goodsTaxRatio")

    [entered] = await Unsettled.all()
    assert (entered.amount, entered.entered_by) == (Decimal("-20.00"), house.reviewer.actor_id)


@pytest.mark.parametrize("doubt_first", [True, False])
async def test_doubted_as_it_is_signed_last(house: House, time: Clock, doubt_first: bool) -> None:
    statement = await make.sent(house, now=time.now)
    await countersigning.start(viewer=house.reviewer, statement_id=statement.id, now=time.now)
    await countersigning.sign(
        viewer=house.business, statement_id=statement.id, role=SignerRole.BUSINESS, now=time.now
    )
    calls: list[Any] = [
        doubt(house, statement, time),
        countersigning.sign(
            viewer=house.finance, statement_id=statement.id, role=SignerRole.FINANCE, now=time.now
        ),
    ]

    done = await at_once(*(calls if doubt_first else reversed(calls)), while_locked=statement)

    assert await StatementDispute.all().count() == (1 if doubt_first else 0)
    assert isinstance(done[1], Statement if doubt_first else AlreadyCountersigned)


async def test_doubted_twice_at_once_it_is_one(house: House, time: Clock) -> None:
    statement = await make.sent(house, now=time.now)

    done = await at_once(
        doubt(house, statement, time), doubt(house, statement, time), while_locked=statement
    )

    assert isinstance(done[1], DisputedAlready)
    assert await StatementDispute.all().count() == 1
