"""Strategies by the month: what holds in its last microsecond in Shanghai (G-08)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.catalogue.months import last_instant
from domain.identity.viewer import Viewer
from kit.problems import InvalidInput
from models.catalogue import GoodsKind
from models.catalogue import IncentiveStrategy as Strategy
from tests.catalogue.factories import a_merchant, a_policy, gds, some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.factories import (
    a_customer_user_viewer,
    a_partner,
    a_person,
    a_staff_viewer,
    an_administrator,
)

pytestmark = pytest.mark.usefixtures("database")

MONTH = """
query ($month: YearMonth, $first: Int, $after: String, $filter: IncentiveStrategyFilter) {
  incentiveStrategies(month: $month, first: $first, after: $after, filter: $filter) {
    nodes { strategy goods { name } } pageInfo { endCursor } totalCount { value }
  }
}
"""
# 2030-02-01T00:00 in Shanghai.
MIDNIGHT = datetime(2030, 1, 31, 16, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


async def told(ask: Ask, by: Viewer, month: str | None, **more: Any) -> dict[str, str]:
    page = await ask(MONTH, by=by, month=month, first=100, **more)
    assert page["totalCount"]["value"] == len(page["nodes"])
    return {node["goods"]["name"]: node["strategy"] for node in page["nodes"]}


@pytest.mark.parametrize(
    ("month", "instant"),
    [
        ("2030-01", MIDNIGHT - MICROSECOND),
        ("2030-12", datetime(2030, 12, 31, 15, 59, 59, 999999, tzinfo=UTC)),
        ("2028-02", datetime(2028, 2, 29, 15, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_month_ends_at_midnight_in_shanghai(month: str, instant: datetime) -> None:
    assert last_instant(month) == instant


@pytest.mark.parametrize("month", ["0000-01", "0001-01", "1999-12", "2101-01", "9999-12"])
def test_a_month_beyond_the_calendar_is_refused(month: str) -> None:
    with pytest.raises(InvalidInput):
        last_instant(month)


async def test_a_change_belongs_to_the_month_in_whose_last_microsecond_it_holds(ask: Ask) -> None:
    by = await a_staff_viewer()
    in_time, late = await some_goods("in time"), await some_goods("late")
    await a_policy(in_time, since=MIDNIGHT - MICROSECOND, strategy=Strategy.NONE)
    await a_policy(late, since=MIDNIGHT, strategy=Strategy.NONE)
    unborn = await some_goods("unborn", policy=False)
    await a_policy(unborn, since=MIDNIGHT)

    assert await told(ask, by, "2030-01") == {"in time": "NONE", "late": "STANDARD"}
    assert await told(ask, by, "2029-12") == {"in time": "STANDARD", "late": "STANDARD"}
    assert await told(ask, by, "2030-02") == {
        "in time": "NONE",
        "late": "NONE",
        "unborn": "STANDARD",
    }
    assert await told(ask, by, "2028-12") == {}


async def test_the_running_month_is_told_as_it_will_end(ask: Ask, time: Clock) -> None:
    """At 2030-01-31T23:30Z it is February in Shanghai already."""
    goods = await some_goods("archive")
    await a_policy(goods, since=time.now + timedelta(days=20), strategy=Strategy.SPECIFIC)
    await a_policy(goods, since=time.now + timedelta(days=40), strategy=Strategy.NONE)
    partner = await an_administrator(await a_partner())

    assert await told(ask, partner, "2030-01") == {"archive": "STANDARD"}
    assert await told(ask, partner, "2030-02") == {"archive": "SPECIFIC"}
    assert await told(ask, partner, None) == {"archive": "SPECIFIC"}
    assert await told(ask, partner, "2030-03") == {"archive": "NONE"}


@pytest.mark.parametrize(
    ("now", "strategy"), [(MIDNIGHT - MICROSECOND, "STANDARD"), (MIDNIGHT, "NONE")]
)
async def test_which_month_runs_is_asked_in_shanghai(
    ask: Ask, time: Clock, now: datetime, strategy: str
) -> None:
    goods = await some_goods("archive")
    await a_policy(goods, since=MIDNIGHT, strategy=Strategy.NONE)
    time.now = now

    assert await told(ask, await a_staff_viewer(), None) == {"archive": strategy}


async def test_a_months_list_is_narrowed_and_seen_by_who_sells(ask: Ask) -> None:
    merchant = await a_merchant()
    archive = await some_goods("archive", strategy=Strategy.NONE)
    await some_goods("joint", merchant=merchant)
    await some_goods("hidden", kind=GoodsKind.COMMON, is_listed=False)
    by = await an_administrator(await a_partner())

    assert await told(ask, by, "2030-01") == {"archive": "NONE", "joint": "STANDARD"}
    for filter in ({"strategy": ["NONE"]}, {"kind": ["SELF_OPERATED"]}, {"goodsId": gds(archive)}):
        assert await told(ask, by, "2030-01", filter=filter) == {"archive": "NONE"}
    assert await told(ask, by, "2030-01", filter={"onSale": False}) == {}
    assert await told(ask, await an_administrator(merchant), "2030-01") == {"joint": "STANDARD"}
    with pytest.raises(Refused) as refused:
        await told(ask, await a_customer_user_viewer(await a_person()), "2030-01")
    assert refused.value.codes == ["FORBIDDEN"]


async def test_a_cursor_belongs_to_its_month(ask: Ask) -> None:
    by = await a_staff_viewer()
    for name in ("a", "b", "c"):
        await some_goods(name)

    first = await ask(MONTH, by=by, month="2030-01", first=2)
    cursor = first["pageInfo"]["endCursor"]
    rest = await ask(MONTH, by=by, month="2030-01", first=2, after=cursor)
    assert len(first["nodes"]) + len(rest["nodes"]) == 3
    with pytest.raises(Refused) as refused:
        await ask(MONTH, by=by, month="2030-02", first=2, after=cursor)
    assert refused.value.codes == ["CURSOR_INVALID"]


@pytest.mark.parametrize("month", ["1999-12", "0000-01"])
async def test_a_month_that_no_calendar_has_is_refused(ask: Ask, month: str) -> None:
    with pytest.raises(Refused) as refused:
        await told(ask, await a_staff_viewer(), month)
    assert refused.value.codes == ["INVALID_INPUT"]
