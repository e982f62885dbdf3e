"""A share may take longer than a minute: it goes on, shows that it does, and is made once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from domain.identity.items import Item
from domain.settlement import sharing
from domain.settlement import working as working_sql
from domain.settlement.effects import GENERATED, Done, Generated
from kit import database, ids
from kit.transaction import after_commit, transactional
from models.partners import Partner
from models.settlement_runs import RunState, SettlementRun, SettlementShare
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop
from tests.settlement.factories import BILLING, a_csp_shop, begun, sold, statements_of
from workers import pulse, settlement
from workers.effects import EVERY_SECOND, UNHURRIED
from workers.pulse import Pulse

pytestmark = pytest.mark.usefixtures("database")

SHARES = """
query { settlementRuns { nodes { donePartnerCount
  shares { partner { id } workingSince doneAt } } } }
"""


class Long:
    """The making of a partner's statements, held up just before its end until it is let go on."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        self.settings: dict[str, str] = {}

    async def hold(self, fact: Generated) -> Done:
        if not self.reached.is_set():
            row = await database.row(
                "select pg_backend_pid()::text as pid,"
                " current_setting('statement_timeout') as longest"
            )
            self.settings = row or {}
            self.reached.set()
            await self.go_on.wait()
        return {}


@pytest.fixture
def long() -> Iterator[Long]:
    """The first share that is made takes long."""
    long = Long()
    with GENERATED.also(long=long.hold):
        yield long


@contextmanager
def under_way() -> Iterator[asyncio.Task[bool]]:
    """A worker makes a share."""
    task = asyncio.create_task(settlement.settle_next(now=BILLING), context=Context())
    try:
        yield task
    finally:
        task.cancel()


async def working(ask: Ask) -> dict[UUID, bool]:
    """Of each partner with a share that isn't done: whether somebody is at it, as the API says."""
    answer = await ask(SHARES, by=await a_staff_viewer(Item.SETTLEMENT_REVIEW))
    return {
        ids.decode("ptn", share["partner"]["id"]): share["workingSince"] is not None
        for run in answer["nodes"]
        for share in run["shares"]
        if share["doneAt"] is None
    }


async def share_of(partner: Partner) -> SettlementShare:
    return await SettlementShare.get(partner_id=partner.id)


async def two_to_settle(time: Clock) -> tuple[list[Shop], SettlementRun]:
    """Two partners with a sale each, and a run that nobody has begun to work on."""
    shops = [await a_csp_shop() for _ in range(2)]
    for shop in shops:
        await sold(shop, now=time.now)
    return shops, await begun(now=BILLING)


async def test_what_takes_longer_than_a_step_may_comes_to_its_end(
    time: Clock, long: Long, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside it a step that hurries is cut off, so the minute is over."""
    shop = await a_csp_shop()
    await sold(shop, now=time.now)
    await begun(now=BILLING)
    time.now = BILLING
    monkeypatch.setattr(pulse, "LONGEST_STEP", 0.01)
    cut_off = asyncio.Event()

    async def hurried(*, now: datetime) -> None:
        await long.reached.wait()
        try:
            async with asyncio.timeout(0.02):  # it is cut off before
                await asyncio.Event().wait()
        finally:
            cut_off.set()

    steps = Pulse({"settlement": EVERY_SECOND["settlement"], "other": hurried}, unhurried=UNHURRIED)
    steps.tell()
    await asyncio.wait_for(long.reached.wait(), 30)
    steps.tell()
    await asyncio.wait_for(cut_off.wait(), 30)
    long.go_on.set()
    await steps.rest(within=30)

    assert (await share_of(shop.partner)).done_at == BILLING
    assert len(await statements_of(shop.partner)) == 1


async def test_postgresql_is_patient_with_a_share_and_with_nothing_else(
    time: Clock, long: Long
) -> None:
    shop = await a_csp_shop()
    await sold(shop, now=time.now)
    await begun(now=BILLING)
    long.go_on.set()

    await settlement.settle_next(now=BILLING)

    assert long.settings["longest"] == "4h"
    row = await database.row(
        "select count(*) as patient from (select current_setting('statement_timeout') as longest"
        " from generate_series(1, 1)) now where longest = '4h'"
    )
    assert row == {"patient": 0}


@pytest.mark.parametrize("long_first", [True, False])
async def test_a_long_share_holds_up_no_other_and_is_seen_to_go_on(
    time: Clock, ask: Ask, long: Long, *, long_first: bool
) -> None:
    """In both orders: another worker makes the other share meanwhile, or has made it before."""
    (first, second), run = await two_to_settle(time)
    if not long_first:
        long.reached.set()  # the first share takes no time
        assert await settlement.settle_next(now=BILLING) is True
        long.reached.clear()
    slow, quick = (first, second) if long_first else (second, first)
    with under_way() as making:
        await asyncio.wait_for(long.reached.wait(), 30)
        waiting = {quick.partner.id: False} if long_first else {}
        assert await working(ask) == waiting | {slow.partner.id: True}

        assert await settlement.settle_next(now=BILLING) is long_first
        assert await working(ask) == {slow.partner.id: True}
        assert await settlement.settle_next(now=BILLING) is False
        assert (await SettlementRun.get(id=run.id)).state is RunState.RUNNING
        long.go_on.set()
        assert await making is True

    assert await working(ask) == {}
    assert (await SettlementRun.get(id=run.id)).state is RunState.DONE
    for shop in (first, second):
        assert len(await statements_of(shop.partner)) == 1


async def test_another_role_of_the_database_sees_since_when_a_share_is_made(
    time: Clock, long: Long
) -> None:
    """It reads the tables, and has no part in the worker's role nor in PostgreSQL's statistics."""
    shop = await a_csp_shop()
    await sold(shop, now=time.now)
    await begun(now=BILLING)
    with under_way() as making:
        await asyncio.wait_for(long.reached.wait(), 30)
        seen = await _as_reader()
        long.go_on.set()
        await making

    assert seen["since"] is not None
    assert abs((seen["since"] - seen["began"]).total_seconds()) <= 1
    assert seen["told_of_the_transaction"] is False
    assert (await _as_reader())["since"] is None


@transactional
async def _as_reader() -> dict[str, Any]:
    """What a role sees that is made for this, and gone with the transaction."""
    began = await database.row(
        "select min(worker.xact_start) as began from pg_locks held"
        " join pg_stat_activity worker using (pid)"
        " where held.locktype = 'advisory' and held.objsubid = 2"
    )
    await database.execute("create role reader_of_shares")
    await database.execute("grant select on settlement_share, settlement_run to reader_of_shares")
    await database.execute("set local role reader_of_shares")
    seen = await database.row(
        f"select {working_sql.SINCE.replace('{t}', 'share')} as since, exists ("
        "  select from pg_stat_activity where application_name = 'partner-center settlement'"
        "  and xact_start is not null) as told_of_the_transaction from settlement_share share"
    )
    await database.execute("reset role")
    await database.execute("drop owned by reader_of_shares")
    await database.execute("drop role reader_of_shares")
    assert seen is not None
    assert began is not None
    return seen | began


async def test_a_worker_whose_transaction_is_gone_lets_go_and_the_next_makes_the_share(
    time: Clock, ask: Ask, long: Long, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, "LOOK", 0.02)
    shop = await a_csp_shop()
    await sold(shop, now=time.now)
    await begun(now=BILLING)
    with under_way() as making:
        await asyncio.wait_for(long.reached.wait(), 30)
        await database.rows("select pg_terminate_backend($1::int)", int(long.settings["pid"]))
        with pytest.raises(settlement.Forsaken):
            await asyncio.wait_for(making, 30)

    assert await working(ask) == {shop.partner.id: False}
    assert await statements_of(shop.partner) == []
    assert await settlement.settle_next(now=BILLING) is True
    assert len(await statements_of(shop.partner)) == 1


async def test_a_worker_that_has_just_committed_is_not_forsaken(
    time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, "LOOK", 0.02)
    real = sharing.settle_next

    async def settle_next(*, now: datetime) -> bool:
        after_commit(partial(asyncio.sleep, 0.3))
        return await real(now=now)

    monkeypatch.setattr(sharing, "settle_next", settle_next)
    shop = await a_csp_shop()
    await sold(shop, now=time.now)
    await begun(now=BILLING)

    assert await settlement.settle_next(now=BILLING) is True
    assert len(await statements_of(shop.partner)) == 1


async def test_a_worker_that_is_to_stop_leaves_nothing_of_a_long_share(
    time: Clock, ask: Ask, long: Long
) -> None:
    shop = await a_csp_shop()
    await sold(shop, now=time.now)
    await begun(now=BILLING)
    time.now = BILLING
    steps = Pulse({"settlement": EVERY_SECOND["settlement"]}, unhurried=UNHURRIED)
    steps.tell()
    await asyncio.wait_for(long.reached.wait(), 30)
    await steps.rest(within=0.01)
    await until_nobody_is_at_it(ask, shop)

    assert await statements_of(shop.partner) == []
    assert await settlement.settle_next(now=BILLING) is True
    assert len(await statements_of(shop.partner)) == 1


async def until_nobody_is_at_it(ask: Ask, shop: Shop) -> None:
    async with asyncio.timeout(30):
        while await working(ask) != {shop.partner.id: False}:  # noqa: ASYNC110 -- PostgreSQL can't call us
            await asyncio.sleep(0.01)
