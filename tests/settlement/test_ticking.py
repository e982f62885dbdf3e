"""What workers do without being asked: billing days, what is made up for, a quarter to its end."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from tortoise.transactions import in_transaction

from domain.identity.items import Item
from domain.incentives import policies
from domain.incentives.policies import Terms
from domain.performance import approving
from domain.settlement import previewing
from domain.statements import invoicing, notifying, sending, verifying
from kit import database
from models.catalogue import IncentiveStrategy
from models.incentives import (
    ConfirmedBy,
    Incentive,
    IncentivePeriod,
    IncentivePolicy,
    IncentiveState,
    PaysBy,
)
from models.order_states import PolicyScene
from models.performance import PerformanceSheet
from models.settlement import SettledKind, StatementKind
from models.settlement_runs import RunState, SettlementRun
from models.statement_steps import StatementStep
from models.statements import Statement, StatementStatus
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.incentives.factories import LADDER, the_platform
from tests.orders.factories import Shop
from tests.settlement.factories import (
    a_csp_shop,
    amounts,
    run,
    sold,
    statements_of,
    waiting,
)
from tests.statements.factories import House, an_invoice, signed, submit
from tests.upstream.working import work
from workers.dispatcher import Dispatcher
from workers.effects import EVERY_SECOND
from workers.queue import Hints, connect

pytestmark = pytest.mark.usefixtures("database")

BASIC, ASSESSMENT = StatementKind.BASIC, StatementKind.ASSESSMENT
# Of 2026 it is announced who works when: nobody from the first to the seventh of October, and all
# on Saturday, the tenth.
SEPTEMBER = datetime(2026, 9, 10, tzinfo=UTC)
BILLED = datetime(2026, 10, 7, 18, 30, tzinfo=UTC)  # half past two on the eighth, in Shanghai
SILENT_SINCE = datetime(2026, 10, 7, 18, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
YEARS = timedelta(days=4 * 365)

BY_QUARTER = Terms(
    name="季度考核激励",
    name_en="Quarterly assessment",
    scene=PolicyScene.CSP,
    period=IncentivePeriod.QUARTER,
    strategies=[IncentiveStrategy.STANDARD],
    ladder=LADDER,
    pays_by=PaysBy.STATEMENT,
    valid_from="2026-07",
)

_MOMENTS = """
select c.table_name, array_agg(c.column_name) as columns
from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'public' and c.data_type = 'timestamp with time zone'
  and t.table_type = 'BASE TABLE' and c.table_name <> 'ledger_account'
group by c.table_name
"""


@pytest.fixture
async def seller(time: Clock) -> Shop:
    """A service provider that was there before 2026: all that is told of it is years older."""
    shop = await a_csp_shop()
    async with in_transaction():
        await database.execute("set local session_replication_role = replica")
        for row in await database.rows(_MOMENTS):
            earlier = ", ".join(f"{name} = {name} - $1::interval" for name in row["columns"])
            await database.execute(f"update {row['table_name']} set {earlier}", YEARS)
    return shop


class Workers:
    """All that a worker does in a second, with a queue that is away."""

    def __init__(self, time: Clock) -> None:
        self.time = time

    async def beat(self, now: datetime | None = None) -> None:
        """It is that moment, and everything that is due is done."""
        self.time.now = now or self.time.now
        hints = Hints(connect("unix:///nowhere/valkey.sock"))
        try:
            await Dispatcher(hints=hints, lease=timedelta(minutes=1)).dispatch(now=self.time.now)
        finally:
            await hints.close()
        while await EVERY_SECOND["settlement"](now=self.time.now):
            pass
        await work(self.time.now)


@pytest.fixture
async def workers(seller: Shop, time: Clock) -> Workers:
    """They have been at work until the tenth of September."""
    workers = Workers(time)
    await workers.beat(SEPTEMBER)
    await SettlementRun.all().delete()  # of August, of nobody
    return workers


async def runs() -> list[tuple[StatementKind, str, str]]:
    """Which there were, and on which day."""
    made = await SettlementRun.all().order_by("ends_at", "id")
    assert all(run.state is RunState.DONE for run in made)
    return [(run.kind, run.period, str(run.billing_day)) for run in made]


async def test_a_billing_day_in_the_holidays_is_the_first_day_of_work_after_them(
    seller: Shop, workers: Workers
) -> None:
    """6.11: reviewed within two days of work, of which one is a Saturday."""
    await sold(seller, now=SEPTEMBER)
    for day in (3, 4, 5, 6, 7):
        await workers.beat(datetime(2026, 10, day, 12, tzinfo=UTC))
    await workers.beat(BILLED - SECOND)
    assert (await runs(), await waiting(seller.partner)) == ([], [SettledKind.ORIGINAL])

    await workers.beat(BILLED)

    assert await runs() == [
        (BASIC, "2026-09", "2026-10-08"),
        (ASSESSMENT, "2026-Q3", "2026-10-08"),
    ]
    [statement] = await statements_of(seller.partner)
    assert await amounts(statement) == [(SettledKind.ORIGINAL, Decimal("100.00"))]
    review = await StatementStep.get(statement_id=statement.id, kind="REVIEW")
    assert review.due_on == date(2026, 10, 10)
    assert review.due_at == datetime(2026, 10, 10, 16, tzinfo=UTC)

    await workers.beat(review.due_at - SECOND)
    assert (await StatementStep.get(id=review.id)).breached_at is None
    await workers.beat(review.due_at)
    assert (await StatementStep.get(id=review.id)).breached_at == review.due_at
    assert len(await runs()) == 2
    assert len(await statements_of(seller.partner)) == 1


async def test_what_an_outage_has_missed_is_made_month_by_month(
    seller: Shop, workers: Workers
) -> None:
    """Nobody was at work on the billing days of September and October; the statements are late."""
    await sold(seller, now=SEPTEMBER)
    october = datetime(2026, 10, 20, tzinfo=UTC)
    await sold(seller, now=october, quantity=2)
    november = datetime(2026, 11, 20, tzinfo=UTC)
    await sold(seller, now=november, quantity=3)

    await workers.beat(november)

    assert await runs() == [
        (BASIC, "2026-09", "2026-10-08"),
        (ASSESSMENT, "2026-Q3", "2026-10-08"),
        (BASIC, "2026-10", "2026-11-03"),
    ]
    found = await statements_of(seller.partner)
    assert [(each.period, each.total_amount) for each in found] == [
        ("2026-09", Decimal("100.00")),
        ("2026-10", Decimal("200.00")),
    ]
    late = await StatementStep.filter(kind="GENERATE").order_by("due_at")
    assert [(str(step.due_on), step.breached_at) for step in late] == [
        ("2026-10-09", datetime(2026, 10, 9, 16, tzinfo=UTC)),
        ("2026-11-04", datetime(2026, 11, 4, 16, tzinfo=UTC)),
    ]
    assert await waiting(seller.partner) == [SettledKind.ORIGINAL]
    await workers.beat(datetime(2026, 12, 2, 18, 30, tzinfo=UTC))
    assert [each.period for each in await statements_of(seller.partner)][2:] == ["2026-11"]


async def test_a_quarter_goes_from_its_sales_to_the_money(seller: Shop, time: Clock) -> None:
    """S-06, I-14, 6.7: nobody but the platform's reviewers and the partner's invoice is needed."""
    workers, platform = Workers(time), await the_platform()
    await workers.beat(datetime(2026, 7, 2, tzinfo=UTC))
    await policies.set_policy(
        viewer=platform,
        code="QUARTER",
        terms=BY_QUARTER,
        now=time.now,
    )
    for month, quantity in ((7, 5), (8, 3), (9, 2)):
        await sold(seller, quantity=quantity, now=datetime(2026, month, 10, tzinfo=UTC))
        # Five past midnight of the first, in Shanghai.
        await workers.beat(datetime(2026, month + 1, 1, 0, 5, tzinfo=UTC) - 8 * HOUR)
        sheet = await PerformanceSheet.get(state="DRAFT")
        assert (sheet.period, sheet.total_amount) == (f"2026-0{month}", quantity * Decimal(1000))
        await workers.beat(time.now + HOUR)
        earned = await Incentive.get()
        assert earned.state is IncentiveState.ESTIMATED
        await approving.approve(viewer=platform, sheet_ids=[sheet.id], now=time.now)
    assert (earned.period, earned.amount) == ("2026-Q3", Decimal("200.00"))

    await workers.beat(datetime(2026, 9, 30, 18, tzinfo=UTC))
    earned = await Incentive.get()
    assert (earned.state, earned.confirm_by) == (
        IncentiveState.TO_CONFIRM,
        datetime(2026, 10, 7, 18, tzinfo=UTC),
    )
    await workers.beat(earned.confirm_by)
    earned = await Incentive.get()
    assert (earned.state, earned.confirmed_by) == (IncentiveState.CONFIRMED, ConfirmedBy.TIMEOUT)

    await workers.beat(BILLED)
    statement = await Statement.get(kind=ASSESSMENT)
    assert (statement.period, statement.total_amount) == ("2026-Q3", Decimal("200.00"))
    assert await amounts(statement) == [(SettledKind.INCENTIVE, Decimal("200.00"))]
    assert (await Incentive.get()).state is IncentiveState.PAYING

    await is_paid(seller, statement, workers)

    assert (await Statement.get(id=statement.id)).status is StatementStatus.PAID
    await workers.beat(time.now + HOUR)
    assert (await Incentive.get()).state is IncentiveState.PAID
    basic = await statements_of(seller.partner, kind=BASIC)
    assert [(each.period, each.total_amount) for each in basic] == [
        ("2026-07", Decimal("500.00")),
        ("2026-08", Decimal("300.00")),
        ("2026-09", Decimal("200.00")),
    ]


async def test_what_is_confirmed_after_its_billing_day_comes_with_the_next_and_not_a_quarter_later(
    seller: Shop, time: Clock
) -> None:
    """Sheets are drafts on the first, partners have seven days, and billed it is on the third."""
    workers, platform = Workers(time), await the_platform()
    await workers.beat(datetime(2026, 4, 2, tzinfo=UTC))
    await policies.set_policy(
        viewer=platform,
        code="QUARTER",
        terms=replace(BY_QUARTER, valid_from="2026-04"),
        now=time.now,
    )
    await sold(seller, quantity=5, now=datetime(2026, 6, 10, tzinfo=UTC))
    await workers.beat(datetime(2026, 6, 30, 16, 5, tzinfo=UTC))
    [sheet] = await PerformanceSheet.filter(state="DRAFT")
    await approving.approve(viewer=platform, sheet_ids=[sheet.id], now=time.now)
    await workers.beat(time.now + HOUR)
    assert (await Incentive.get()).state is IncentiveState.TO_CONFIRM

    await workers.beat(datetime(2026, 7, 2, 18, 30, tzinfo=UTC))
    assert await Statement.filter(kind=ASSESSMENT).count() == 0
    await workers.beat(datetime(2026, 8, 2, 18, 30, tzinfo=UTC))

    statement = await Statement.get(kind=ASSESSMENT)
    assert (statement.period, statement.total_amount) == ("2026-Q2", Decimal("50.00"))
    made = await SettlementRun.get(id=statement.run_id)
    assert (made.partner_id, str(made.billing_day)) == (seller.partner.id, "2026-08-03")
    assert await SettlementRun.filter(kind=ASSESSMENT, period="2026-Q2").count() == 2
    await workers.beat(datetime(2026, 9, 2, 18, 30, tzinfo=UTC))
    assert await SettlementRun.filter(kind=ASSESSMENT, period="2026-Q2").count() == 2


async def test_after_an_outage_silence_is_a_confirmation_before_statements_are_made(
    seller: Shop, time: Clock
) -> None:
    """The deadline and the billing day pass with nobody at work, and one look is given to both."""
    workers = Workers(time)
    earned = await to_be_confirmed(seller, workers)

    await workers.beat(BILLED + HOUR)

    assert (await Incentive.get()).confirmed_by is ConfirmedBy.TIMEOUT
    statement = await Statement.get(kind=ASSESSMENT)
    assert (statement.period, statement.total_amount) == ("2026-Q3", earned.amount)


async def test_a_run_that_is_begun_by_hand_takes_silence_for_a_confirmation(
    seller: Shop, time: Clock
) -> None:
    """No worker has come by since the deadline."""
    workers = Workers(time)
    earned = await to_be_confirmed(seller, workers)

    await run("2026-Q3", kind=ASSESSMENT, now=SILENT_SINCE)

    found = await Incentive.get()
    assert (found.state, found.confirmed_at) == (IncentiveState.PAYING, SILENT_SINCE)
    assert (await Statement.get(kind=ASSESSMENT)).total_amount == earned.amount
    await workers.beat(SILENT_SINCE)
    assert (await Incentive.get()).version == found.version


async def test_a_preview_takes_silence_for_a_confirmation_as_the_run_does(
    seller: Shop, time: Clock
) -> None:
    """To the second, with no worker about, and nothing is confirmed by looking."""
    workers = Workers(time)
    earned = await to_be_confirmed(seller, workers)
    accountant = await a_staff_viewer(Item.SETTLEMENT_REVIEW)

    async def ahead(now: datetime) -> list[tuple[int, Decimal]]:
        found = await previewing.preview(
            viewer=accountant,
            kind=ASSESSMENT,
            period="2026-Q3",
            partner_id=seller.partner.id,
            now=now,
        )
        return [(each.lines, each.total_amount) for each in found.statements]

    assert await ahead(SILENT_SINCE - SECOND) == []
    assert await ahead(SILENT_SINCE) == [(1, earned.amount)]
    assert (await Incentive.get()).version == earned.version

    await run("2026-Q3", kind=ASSESSMENT, now=SILENT_SINCE)

    statement = await Statement.get(kind=ASSESSMENT)
    assert (statement.lines, statement.total_amount) == (1, earned.amount)


async def test_a_preview_leaves_out_what_of_silence_is_frozen_or_paid_by_application(
    seller: Shop, time: Clock
) -> None:
    workers = Workers(time)
    earned = await to_be_confirmed(seller, workers)
    accountant = await a_staff_viewer(Item.SETTLEMENT_REVIEW)

    async def ahead() -> list[Decimal]:
        found = await previewing.preview(
            viewer=accountant,
            kind=ASSESSMENT,
            period="2026-Q3",
            partner_id=seller.partner.id,
            now=SILENT_SINCE,
        )
        return [each.total_amount for each in found.statements]

    await Incentive.filter(id=earned.id).update(frozen_amount=Decimal("40.00"))
    assert await ahead() == [earned.amount - 40]
    await Incentive.filter(id=earned.id).update(frozen_amount=earned.amount)
    assert await ahead() == []
    await Incentive.filter(id=earned.id).update(frozen_amount=Decimal(0))
    await IncentivePolicy.filter(id=earned.policy_id).update(pays_by=PaysBy.APPLICATION)
    assert await ahead() == []


async def test_a_moment_before_the_deadline_silence_is_nothing(seller: Shop, time: Clock) -> None:
    workers = Workers(time)
    await to_be_confirmed(seller, workers)

    await run("2026-Q3", kind=ASSESSMENT, now=SILENT_SINCE - SECOND)

    assert (await Incentive.get()).state is IncentiveState.TO_CONFIRM
    assert await Statement.filter(kind=ASSESSMENT).count() == 0


async def to_be_confirmed(seller: Shop, workers: Workers) -> Incentive:
    """What a quarter has earned, until the seventh of October, 18:00, an hour before billing."""
    platform = await the_platform()
    await workers.beat(datetime(2026, 7, 2, tzinfo=UTC))
    await policies.set_policy(
        viewer=platform, code="QUARTER", terms=BY_QUARTER, now=workers.time.now
    )
    await sold(seller, quantity=5, now=datetime(2026, 9, 10, tzinfo=UTC))
    await workers.beat(datetime(2026, 9, 30, 16, 5, tzinfo=UTC))
    await workers.beat(workers.time.now + HOUR)
    sheets = await PerformanceSheet.filter(state="DRAFT")
    await approving.approve(
        viewer=platform, sheet_ids=[sheet.id for sheet in sheets], now=workers.time.now
    )
    await workers.beat(datetime(2026, 9, 30, 18, tzinfo=UTC))
    earned = await Incentive.get()
    assert (earned.state, earned.confirm_by) == (IncentiveState.TO_CONFIRM, SILENT_SINCE)
    return earned


async def is_paid(seller: Shop, statement: Statement, workers: Workers) -> None:
    """Sent, signed by two, invoiced, verified, and paid by the bank."""
    time = workers.time
    house = House(
        partner=seller.partner,
        by=seller.by,
        reviewer=await a_staff_viewer(Item.SETTLEMENT_REVIEW),
        business=await a_staff_viewer(Item.STATEMENT_SIGN_BUSINESS),
        finance=await a_staff_viewer(Item.STATEMENT_SIGN_FINANCE),
    )
    reviewer, id = house.reviewer, statement.id
    await sending.send(viewer=reviewer, statement_id=id, now=time.now)
    await signed(house, statement, now=time.now)
    await workers.beat(time.now + HOUR)
    statement = await Statement.get(id=statement.id)
    assert statement.sheet_number
    statement = await notifying.notify(
        viewer=reviewer, statement_id=id, address="1 River Road", now=time.now
    )
    await submit(house, statement, [an_invoice(statement, now=time.now)], now=time.now)
    await invoicing.receive(viewer=reviewer, statement_id=id, now=time.now)
    await verifying.verify(viewer=reviewer, statement_id=id, now=time.now)
    await workers.beat(time.now + HOUR)
