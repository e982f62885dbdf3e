"""Two workers, refunds and sales at the same moment: each thing is settled once."""

import asyncio
from contextvars import Context
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.settlement import sharing
from domain.settlement.effects import GENERATED, Done, Generated
from models.settlement import SettledKind, SettlementLine
from models.settlement_runs import RunState, SettlementRun, SettlementShare
from models.statements import Statement
from tests.conftest import Clock
from tests.orders.factories import Shop
from tests.settlement.factories import (
    BILLING,
    MARCH,
    NEXT_BILLING,
    a_csp_shop,
    amounts,
    begun,
    given_back,
    run,
    sold,
    statements_of,
    waiting,
    worked,
)

pytestmark = pytest.mark.usefixtures("database")

ORIGINAL, REVERSAL = SettledKind.ORIGINAL, SettledKind.REVERSAL
DAY = timedelta(days=1)


async def test_several_workers_make_each_share_once_and_the_last_ends_the_run(time: Clock) -> None:
    shops = [await a_csp_shop() for _ in range(4)]
    for shop in shops:
        await sold(shop, now=time.now)
    made = await begun(now=BILLING)
    await asyncio.gather(*(worked(BILLING) for _ in range(4)))
    made = await SettlementRun.get(id=made.id)
    assert (made.state, made.finished_at) == (RunState.DONE, BILLING)
    assert await Statement.all().count() == await SettlementLine.all().count() == 4
    assert await SettlementShare.filter(done_at=None).count() == 0


async def test_who_comes_second_to_a_share_leaves_it_to_the_first(shop: Shop, time: Clock) -> None:
    await sold(shop, now=time.now)
    await begun(now=BILLING)
    seen: list[bool] = []

    async def elsewhere(fact: Generated) -> Done:
        # In a transaction of its own, while the first is in the middle of it.
        seen.append(await asyncio.create_task(sharing.settle_next(now=BILLING), context=Context()))
        return {}

    with GENERATED.also(second=elsewhere):
        assert await sharing.settle_next(now=BILLING) is True
    assert seen == [False]
    assert len(await statements_of(shop.partner)) == 1


async def test_a_later_period_waits_for_an_earlier_one_of_the_same_partner(
    shop: Shop, time: Clock
) -> None:
    """After an outage: two months at once."""
    await sold(shop, now=time.now)
    await sold(shop, now=NEXT_BILLING - 5 * DAY)
    await begun(MARCH, now=NEXT_BILLING)
    await begun(now=NEXT_BILLING)
    await asyncio.gather(*(worked(NEXT_BILLING) for _ in range(3)))
    await worked(NEXT_BILLING)
    found = await statements_of(shop.partner)
    assert [(each.period, each.lines) for each in found] == [("2030-02", 1), (MARCH, 1)]


@pytest.mark.parametrize("refund_first", [True, False])
async def test_a_refund_and_a_run_at_the_same_moment(
    shop: Shop, time: Clock, refund_first: bool
) -> None:
    """Whichever comes first, both are settled once, and come to nothing."""
    order, _ = await sold(shop, now=BILLING - 4 * DAY)
    await begun(now=BILLING)
    calls = [given_back(shop, order, now=BILLING), worked(BILLING)]
    if not refund_first:
        calls.reverse()
    await asyncio.gather(*calls)
    await run(MARCH, now=NEXT_BILLING)
    found = [line for each in await statements_of(shop.partner) for line in await amounts(each)]
    assert found == [(ORIGINAL, Decimal("100.00")), (REVERSAL, Decimal("-100.00"))]
    assert await waiting(shop.partner) == []


async def test_one_partner_that_fails_keeps_nobody_waiting(time: Clock) -> None:
    shops = [await a_csp_shop() for _ in range(3)]
    for shop in shops:
        await sold(shop, now=time.now)
    made = await begun(now=BILLING)

    async def refuse(fact: Generated) -> Done:
        statement = await Statement.get(id=fact.statement_ids[0])
        if statement.partner_id == shops[1].partner.id:
            raise RuntimeError("no ink")
        return {}

    with GENERATED.also(refuse=refuse):
        await worked(BILLING)
    assert (await SettlementRun.get(id=made.id)).state is RunState.RUNNING
    [failed] = await SettlementShare.filter(done_at=None)
    assert (failed.partner_id, failed.failure) == (shops[1].partner.id, "RuntimeError('no ink')")
    assert await statements_of(shops[1].partner) == []
    assert len(await waiting(shops[1].partner)) == 1

    await worked(BILLING + timedelta(seconds=59))
    assert await statements_of(shops[1].partner) == []
    await worked(BILLING + timedelta(seconds=60))
    assert len(await statements_of(shops[1].partner)) == 1
    assert (await SettlementRun.get(id=made.id)).state is RunState.DONE


async def test_a_partners_statements_are_made_again_by_one_run_at_a_time(
    shop: Shop, time: Clock
) -> None:
    await sold(shop, now=time.now)
    id = shop.partner.id
    first, second = await asyncio.gather(*(begun(now=BILLING, partner_id=id) for _ in range(2)))
    assert first.id == second.id
    await worked(BILLING)
    third = await begun(now=BILLING, partner_id=id)
    assert third.id != first.id
    await worked(BILLING)
    assert len(await statements_of(shop.partner)) == 1
