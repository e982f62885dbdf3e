"""What a cancelled statement stood for waits again, and is settled once."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.identity.viewer import SYSTEM
from domain.settlement import adjusting, voiding
from kit.problems import InvalidInput, NotFound
from kit.transaction import lock, transactional
from models.partners import Partner
from models.settlement import SettledKind, SettlementLine, Unsettled
from models.settlement_runs import SettlementRun
from models.statements import Statement, StatementStatus
from tests.conftest import Clock
from tests.factories import a_partner
from tests.orders.factories import Shop
from tests.races import at_once
from tests.settlement.factories import (
    BILLING,
    FEBRUARY,
    FEBRUARY_ENDS,
    MARCH,
    NEXT_BILLING,
    amounts,
    begun,
    certified,
    given_back,
    run,
    sold,
    statements_of,
    waiting,
    worked,
)

pytestmark = pytest.mark.usefixtures("database")

ORIGINAL, REVERSAL, ADJUSTMENT = SettledKind.ORIGINAL, SettledKind.REVERSAL, SettledKind.ADJUSTMENT
HUNDRED = Decimal("100.00")
DAY = timedelta(days=1)


@transactional
async def cancelled(statement: Statement, *, now: datetime) -> Statement:
    """The statement as its cancellation leaves it."""
    held = await lock(Statement, id=statement.id)
    assert held is not None
    held.status = held.status.to(StatementStatus.CANCELLED)
    held.closed_at = now
    await held.save(update_fields=["status", "closed_at"])
    await voiding.void(held, now=now)
    return held


@transactional
async def entered(partner: Partner, amount: str, *, now: datetime, **more: Any) -> Unsettled:
    """An adjustment at the goods' rate of 6 %."""
    told: dict[str, Any] = {"goods_tax_rate": Decimal("0.06"), "reason": "A cent too few."}
    return await adjusting.enter(
        partner_id=partner.id, amount=Decimal(amount), viewer=SYSTEM, now=now, **(told | more)
    )


async def test_made_again_it_has_the_rate_of_that_day_and_names_what_it_replaces(
    shop: Shop, time: Clock
) -> None:
    """A-19."""
    await sold(shop, now=time.now)
    order, _ = await sold(shop, now=time.now)
    await given_back(shop, order, now=time.now + DAY)
    await run()
    [first] = await statements_of(shop.partner)
    await cancelled(first, now=BILLING + DAY)
    assert sorted(await waiting(shop.partner)) == [ORIGINAL, ORIGINAL, REVERSAL]
    assert not await SettlementLine.exists(voided_at=None)

    await certified(shop.partner, rate="0.01", at=BILLING + DAY)
    await run(now=BILLING + 2 * DAY, partner_id=shop.partner.id)

    _, second = await statements_of(shop.partner)
    assert (second.period, second.replaces_id) == (FEBRUARY, first.id)
    assert (second.fee_tax_rate, second.total_amount) == (Decimal("0.01"), Decimal("95.28"))
    assert await amounts(second) == [
        (ORIGINAL, Decimal("95.28")),
        (ORIGINAL, Decimal("95.28")),
        (REVERSAL, Decimal("-95.28")),
    ]
    assert await waiting(shop.partner) == []


async def test_while_a_statement_lives_what_is_late_waits_for_the_next_period(
    shop: Shop, time: Clock
) -> None:
    await sold(shop, now=time.now)
    await run()
    await sold(shop, now=time.now)  # as if it had only now been told of
    await run(now=BILLING + DAY, partner_id=shop.partner.id)
    assert len(await statements_of(shop.partner)) == 1
    assert await waiting(shop.partner) == [ORIGINAL]
    await run(MARCH, now=NEXT_BILLING)
    assert [each.total_amount for each in await statements_of(shop.partner)] == [HUNDRED, HUNDRED]


async def test_a_sale_whose_refund_is_settled_elsewhere_stays(shop: Shop, time: Clock) -> None:
    order, _ = await sold(shop, now=FEBRUARY_ENDS - DAY)
    await run(now=FEBRUARY_ENDS)
    await given_back(shop, order, now=FEBRUARY_ENDS + DAY)
    await run(MARCH, now=NEXT_BILLING)
    february, march = await statements_of(shop.partner)
    with pytest.raises(voiding.RefundsSettledElsewhere) as refused:
        await cancelled(february, now=NEXT_BILLING)
    assert refused.value.numbers == march.number
    assert await SettlementLine.filter(voided_at=None).count() == 2
    assert (await Statement.get(id=february.id)).status == "GENERATED"
    await cancelled(march, now=NEXT_BILLING)
    await cancelled(february, now=NEXT_BILLING)
    assert sorted(await waiting(shop.partner)) == [ORIGINAL, REVERSAL]


async def test_what_a_cancelled_statement_carried_is_carried_by_the_next(
    shop: Shop, time: Clock
) -> None:
    order, _ = await sold(shop, now=FEBRUARY_ENDS - DAY)
    await run(now=FEBRUARY_ENDS)
    await given_back(shop, order, now=FEBRUARY_ENDS + DAY)
    await run(MARCH, now=NEXT_BILLING)
    await sold(shop, now=NEXT_BILLING)
    late = NEXT_BILLING + 31 * DAY
    await run("2030-04", now=late)
    _, march, april = await statements_of(shop.partner)
    assert april.carried_from_id == march.id
    await cancelled(april, now=late)
    await run("2030-04", now=late, partner_id=shop.partner.id)
    *_, again = await statements_of(shop.partner)
    assert (again.carried_from_id, again.replaces_id) == (march.id, april.id)
    assert (again.carry_in, again.total_amount) == (-HUNDRED, Decimal(0))


async def test_an_adjustment_comes_with_the_next_statement_and_back_with_its_cancellation(
    shop: Shop, time: Clock
) -> None:
    await entered(shop.partner, "-0.01", now=time.now)
    await run()
    [statement] = await statements_of(shop.partner)
    assert await amounts(statement) == [(ADJUSTMENT, Decimal("-0.01"))]
    await cancelled(statement, now=BILLING)
    [back] = await Unsettled.all()
    assert (back.kind, back.amount, back.reason) == (
        ADJUSTMENT,
        Decimal("-0.01"),
        "A cent too few.",
    )
    assert (back.goods_tax_rate, back.created_at) == (Decimal("0.06"), time.now)


@pytest.mark.parametrize("amount", ["0.00", "0.001", "NaN", "1000000000000"])
async def test_what_is_no_amount_is_no_adjustment(shop: Shop, time: Clock, amount: str) -> None:
    with pytest.raises(InvalidInput):
        await entered(shop.partner, amount, now=time.now)
    assert await Unsettled.all().count() == 0


async def test_an_adjustment_puts_right_a_line_of_the_partner_alone(
    shop: Shop, time: Clock
) -> None:
    await sold(shop, now=time.now)
    await run()
    [line] = await SettlementLine.all()
    with pytest.raises(NotFound):
        await entered(await a_partner(), "1.00", line_id=line.id, now=BILLING)
    await entered(shop.partner, "1.00", line_id=line.id, now=BILLING)
    await run(MARCH, now=NEXT_BILLING)
    found = await SettlementLine.get(kind=ADJUSTMENT)
    assert (found.original_id, found.amount) == (line.id, Decimal("1.00"))


async def test_a_run_that_waits_for_a_cancellation_leaves_the_refund_of_what_it_voids(
    shop: Shop, time: Clock
) -> None:
    """The cancellation first: the run then finds nothing that the refund could be taken from."""
    order, _ = await sold(shop, now=FEBRUARY_ENDS - DAY)
    await run(now=FEBRUARY_ENDS)
    await given_back(shop, order, now=FEBRUARY_ENDS + DAY)
    [february] = await statements_of(shop.partner)
    await begun(MARCH, now=NEXT_BILLING)
    [line] = await SettlementLine.all()
    await at_once(cancelled(february, now=NEXT_BILLING), worked(NEXT_BILLING), while_locked=line)
    assert await SettlementRun.filter(state="DONE").count() == 2
    lines = await SettlementLine.filter(voided_at=None).order_by("id")
    assert lines == []
    assert sorted(await waiting(shop.partner)) == [ORIGINAL, REVERSAL]


async def test_a_cancellation_that_waits_for_a_run_sees_the_refund_that_it_has_settled(
    shop: Shop, time: Clock
) -> None:
    """The run first: what it takes back from stays."""
    order, _ = await sold(shop, now=FEBRUARY_ENDS - DAY)
    await run(now=FEBRUARY_ENDS)
    await given_back(shop, order, now=FEBRUARY_ENDS + DAY)
    [february] = await statements_of(shop.partner)
    await begun(MARCH, now=NEXT_BILLING)
    [line] = await SettlementLine.all()
    _, refused = await at_once(
        worked(NEXT_BILLING), cancelled(february, now=NEXT_BILLING), while_locked=line
    )
    assert isinstance(refused, voiding.RefundsSettledElsewhere)
    assert [line.amount for line in await SettlementLine.all().order_by("id")] == [
        HUNDRED,
        -HUNDRED,
    ]
    assert await waiting(shop.partner) == []
