"""Whatever happens in whatever order: nothing is settled twice or lost, and refunds sum to all."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.settlement import periods
from domain.statements import cancelling
from kit import database
from kit.problems import Problem
from models.catalogue import ShareModel
from models.orders import Order
from models.partners import Partner
from models.settlement import SettledKind, SettlementLine, StatementKind
from models.statements import Statement
from tests.catalogue.factories import a_sku, some_goods
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.orders.factories import Shop
from tests.settlement.factories import (
    FEBRUARY,
    FEBRUARY_ENDS,
    MARCH,
    NEXT_BILLING,
    a_csp_shop,
    given_back,
    run,
    sold,
    statements_of,
    waiting,
    worked,
)

pytestmark = pytest.mark.usefixtures("database")

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
FEW = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # an example is a story of seconds
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CENTS = st.decimals(Decimal("0.01"), Decimal("9999.99"), places=2)

# Whatever lives on more than one statement that isn't cancelled, or has another state than that.
_TWICE = """
select kind, order_line_id, refund_id from settlement_line
where voided_at is null group by kind, order_line_id, refund_id having count(*) > 1
union all
select line.kind, line.order_line_id, line.refund_id
from settlement_line line join statement whole on whole.id = line.statement_id
where (line.voided_at is null) = (whole.status = 'CANCELLED')
"""

# What was sold or came back and stands neither on a statement nor waits for one, or does both.
_NOT_ONCE = """
with stands as (
  select kind, order_line_id, refund_id from settlement_line where voided_at is null
  union all
  select kind, order_line_id, refund_id from unsettled
), happened as (
  select 'ORIGINAL' as kind, l.id as order_line_id, null::uuid as refund_id
  from order_line l join sales_order o on o.id = l.order_id
  where o.seller_id = $1 and o.type <> 'UNSUBSCRIBE'
  union all
  select 'REVERSAL', back.line_id, back.id from refund back join order_line l on l.id = back.line_id
  join sales_order o on o.id = l.order_id
  where o.seller_id = $1 and back.status = 'REFUNDED'
)
select happened.* from happened where 1 <> (select count(*) from stands
  where stands.kind = happened.kind and stands.order_line_id = happened.order_line_id
    and stands.refund_id is not distinct from happened.refund_id)
"""

_WRONG_SUMS = """
select whole.number from statement whole left join lateral (
  select count(*) as lines, coalesce(sum(amount), 0) as amount from settlement_line
  where statement_id = whole.id) found on true
where (whole.lines, whole.lines_amount) <> (found.lines, found.amount)
  or whole.total_amount <> whole.lines_amount + whole.carry_in
"""


@dataclass(frozen=True)
class Split:
    """A sale of so many pieces, which come back in parts; some of them after the statement."""

    model: ShareModel
    price: Decimal
    above_floor: Decimal
    ratio: Decimal
    tax: Decimal
    parts: list[int]
    before: int


@st.composite
def splits(draw: st.DrawFn) -> Split:
    """Any sale and any way in which it comes back."""
    parts = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    return Split(
        model=draw(st.sampled_from((ShareModel.DEAL_PRICE, ShareModel.FLOOR_PRICE))),
        price=draw(CENTS),
        above_floor=draw(st.decimals(0, 1, places=2)),
        ratio=draw(st.decimals(Decimal("0.01"), 1, places=4)),
        tax=draw(st.sampled_from((Decimal(0), Decimal("0.06"), Decimal("0.13")))),
        parts=parts,
        before=draw(st.integers(0, len(parts))),
    )


@FEW
@given(split=splits())
async def test_refunds_in_any_parts_take_back_the_whole_in_one_run_or_two(
    split: Split, time: Clock
) -> None:
    """6.3 rule 4, 10.9, 10.10."""
    shop = await a_csp_shop()
    merchant = await Partner.get(id=shop.goods.merchant_id)
    goods = await some_goods(
        merchant=merchant,
        share_model=split.model,
        share_ratio=split.ratio,
        tax_rate=split.tax,
        five_day_refund=True,
    )
    by_floor = split.model is ShareModel.FLOOR_PRICE
    floor = str(round(split.price * split.above_floor, 2)) if by_floor else None
    sku = await a_sku(goods, price=str(split.price), floor=floor)
    shop = replace(shop, goods=goods, sku=sku)
    time.now = FEBRUARY_ENDS - DAY
    order, line = await sold(shop, quantity=sum(split.parts), now=time.now)

    for count, pieces in enumerate(split.parts):
        if count == split.before:
            time.now = FEBRUARY_ENDS
            await run(FEBRUARY, partner_id=shop.partner.id, now=time.now)
        time.forward(minutes=1)
        await given_back(shop, order, pieces=pieces, now=time.now)
    await run(MARCH, partner_id=shop.partner.id, now=NEXT_BILLING)

    lines = await SettlementLine.filter(order_line_id=line.id).order_by("id")
    assert len(lines) == 1 + len(split.parts)
    assert sum(each.amount for each in lines) == 0
    assert [each.takes_remainder for each in lines].count(True) <= 1
    before = await statements_of(shop.partner)
    for period in (FEBRUARY, MARCH):
        await run(period, partner_id=shop.partner.id, now=NEXT_BILLING + MINUTE)
    assert [each.id for each in await statements_of(shop.partner)] == [each.id for each in before]
    assert await waiting(shop.partner) == []


@dataclass
class Play:
    """A partner's sales and statements, and what may happen to them next."""

    shop: Shop
    staff: Viewer
    time: Clock
    left: list[tuple[Order, int]] = field(default_factory=list)

    async def sell(self, pick: int) -> None:
        """One piece to three."""
        pieces = 1 + pick % 3
        order, _ = await sold(self.shop, quantity=pieces, now=self.time.now)
        self.left.append((order, pieces))

    async def refund(self, pick: int) -> None:
        """A piece of something."""
        if self.left:
            order, pieces = self.left.pop(pick % len(self.left))
            await given_back(self.shop, order, pieces=1, now=self.time.now)
            if pieces > 1:
                self.left.append((order, pieces - 1))

    async def run(self, pick: int) -> None:
        """The last month's statements are made, perhaps once more."""
        period = periods.last_before(StatementKind.BASIC, self.time.now)
        await run(period, partner_id=self.shop.partner.id, now=self.time.now)

    async def cancel(self, pick: int) -> None:
        """A statement, if it may be."""
        found = await Statement.filter(
            partner_id=self.shop.partner.id, status__not="CANCELLED"
        ).order_by("id")
        if found:
            with suppress(Problem):  # others build on it: nothing has changed then
                await cancelling.cancel(
                    viewer=self.staff,
                    statement_id=found[pick % len(found)].id,
                    reason="Wrong.",
                    now=self.time.now,
                )

    async def regenerate(self, pick: int) -> None:
        """A cancelled statement is made anew."""
        found = await Statement.filter(
            partner_id=self.shop.partner.id, status="CANCELLED"
        ).order_by("id")
        if found:
            id = found[pick % len(found)].id
            with suppress(Problem):  # it was already
                await cancelling.regenerate(viewer=self.staff, statement_id=id, now=self.time.now)
            await worked(self.time.now)


_ACTS = (Play.sell, Play.refund, Play.run, Play.cancel, Play.regenerate)


@FEW
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(range(len(_ACTS))), st.integers(0, 9)), min_size=8, max_size=14
    )
)
async def test_in_any_order_of_events_everything_stands_on_one_statement_or_waits(
    acts: list[tuple[int, int]], time: Clock
) -> None:
    """10.10: each line belongs to exactly one statement, a rerun generates nothing new."""
    time.now = Clock().now
    play = Play(
        shop=await a_csp_shop(five_day_refund=True),
        staff=await a_staff_viewer(Item.SETTLEMENT_RUN, Item.SETTLEMENT_REVIEW),
        time=time,
    )
    await play.sell(1)
    for place, pick in acts:
        time.forward(days=4)
        await _ACTS[place](play, pick)
        await assert_once(play)

    time.now = datetime(2030, 9, 4, tzinfo=time.now.tzinfo)
    await play.run(0)
    await assert_once(play)
    assert set(await waiting(play.shop.partner)) <= {SettledKind.ORIGINAL, SettledKind.REVERSAL}
    before = await Statement.all().count()
    await play.run(0)
    assert await Statement.all().count() == before


async def assert_once(play: Play) -> None:
    """Nothing lives twice, is lost, or is summed wrongly."""
    assert await database.rows(_TWICE) == []
    assert await database.rows(_NOT_ONCE, play.shop.partner.id) == []
    assert await database.rows(_WRONG_SUMS) == []
