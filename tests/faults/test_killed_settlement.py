"""A worker may die at any step of a run: the next makes the same statements, and none twice."""

import signal
from datetime import timedelta
from decimal import Decimal

import pytest

from models.settlement import SettlementLine
from models.settlement_runs import SettlementShare
from models.statements import Statement
from tests.conftest import Clock
from tests.faults.processes import Workers, ended, until
from tests.settlement.factories import (
    BILLING,
    FEBRUARY_ENDS,
    a_csp_shop,
    begun,
    given_back,
    run,
    sold,
)

_COUNTS = ("kind", "amount", "cash", "eligible_at", "created_at", "takes_remainder")


@pytest.mark.parametrize(
    "step",
    [
        "settlement.claimed",
        "settlement.computed",
        "settlement.headed",
        "settlement.lined",
        "settlement.stated",
        "settlement.before_commit",
        # Of two partners the second: one is done, one not.
        "settlement.lined:2",
        "settlement.before_commit:2",
    ],
)
async def test_killed_at_any_step_a_run_makes_each_statement_once(
    step: str, time: Clock, workers: Workers
) -> None:
    shops = [await a_csp_shop(five_day_refund=True) for _ in range(2)]
    for shop in shops:
        await sold(shop, now=time.now)
        order, _ = await sold(shop, now=FEBRUARY_ENDS - timedelta(days=1))
        await given_back(shop, order, now=FEBRUARY_ENDS + timedelta(days=1))
    made = await begun(now=BILLING)

    assert await ended(workers.start(FAULT_AT=step)) == -signal.SIGKILL
    workers.start()
    await until("select 1 from settlement_run where id = $1 and state = 'DONE'", made.id)

    done = {"statements": 1, "lines": 3, "waiting": 0}
    assert await SettlementShare.filter(run_id=made.id, **done).count() == 2
    for shop in shops:
        [statement] = await Statement.filter(partner_id=shop.partner.id)
        assert (statement.total_amount, statement.created_at) == (Decimal("100.00"), BILLING)
        lines = (
            await SettlementLine.filter(statement_id=statement.id).order_by("id").values(*_COUNTS)
        )
        assert [(line["kind"], line["amount"]) for line in lines] == [
            ("ORIGINAL", Decimal("100.00")),
            ("ORIGINAL", Decimal("100.00")),
            ("REVERSAL", Decimal("-100.00")),
        ]
        assert {line["created_at"] for line in lines} == {BILLING}


async def test_killed_or_not_the_lines_say_the_same(time: Clock, workers: Workers) -> None:
    """But for numbers and ids: what they stand for, in which order, and what they come to."""
    shops = [await a_csp_shop(five_day_refund=True) for _ in range(2)]
    for shop in shops:
        for day in range(5):
            order, _ = await sold(shop, now=time.now + timedelta(days=day))
            if day % 2:
                await given_back(shop, order, now=time.now + timedelta(days=day + 1))
    quiet, killed = (shop.partner.id for shop in shops)
    await run(now=BILLING, partner_id=quiet)
    made = await begun(now=BILLING, partner_id=killed)
    assert await ended(workers.start(FAULT_AT="settlement.lined")) == -signal.SIGKILL
    workers.start()
    await until("select 1 from settlement_run where id = $1 and state = 'DONE'", made.id)
    of = {
        id: await SettlementLine.filter(partner_id=id).order_by("id").values(*_COUNTS)
        for id in (quiet, killed)
    }
    assert len(of[quiet]) == 7
    assert of[quiet] == of[killed]
