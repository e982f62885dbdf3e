"""Recharges by when the money came: those that wait have their place behind all others."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.funds import recharging
from models.funds import RechargeChannel, RechargeMethod
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.funds.conftest import Scene
from tests.funds.factories import say

pytestmark = pytest.mark.usefixtures("database")

PAGE = """query ($first: Int, $after: String, $last: Int, $before: String, $order: RechargeOrder,
  $filter: RechargeFilter) {
  recharges(first: $first, after: $after, last: $last, before: $before, orderBy: $order,
    filter: $filter) {
    totalCount { value } nodes { number creditedAt amount { amount } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


async def some(scene: Scene, time: Clock) -> list[str]:
    """Numbers of seven recharges: two and two credited at one moment, three that wait."""
    made = []
    for amount in (50, 10, 50, 30, 20, 50, 40):
        recharge = await recharging.create(
            viewer=scene.buyer,
            method=RechargeMethod.ONLINE,
            channel=RechargeChannel.ALIPAY,
            amount=Decimal(amount),
            now=time.now,
        )
        made.append(recharge)
        time.forward(minutes=1)
    later = time.now + timedelta(minutes=1)
    for recharge, moment in zip(made[:4], (later, later, time.now, time.now), strict=True):
        await say(recharge.id, reference=recharge.number, now=moment)
    return [recharge.number for recharge in made]


async def pages(ask: Ask, scene: Scene, *, backward: bool, **order: str) -> list[str]:
    """All numbers in the order of the list, read two by two from either end."""
    found: list[str] = []
    cursor = None
    while True:
        asked: dict[str, Any] = (
            {"last": 2, "before": cursor} if backward else {"first": 2, "after": cursor}
        )
        page = await ask(PAGE, by=scene.buyer, order=order, **asked)
        numbers = [node["number"] for node in page["nodes"]]
        found = [*numbers, *found] if backward else [*found, *numbers]
        info = page["pageInfo"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return found
        cursor = info["startCursor" if backward else "endCursor"]


@pytest.mark.parametrize("backward", [False, True])
async def test_what_has_not_come_yet_is_behind_all_that_has(
    scene: Scene, time: Clock, ask: Ask, backward: bool
) -> None:
    a, b, c, d, e, f, g = await some(scene, time)
    upwards = [c, d, a, b, e, f, g]
    by: dict[str, Any] = {"backward": backward, "field": "CREDITED_AT"}

    assert await pages(ask, scene, direction="ASC", **by) == upwards
    assert await pages(ask, scene, direction="DESC", **by) == upwards[::-1]


@pytest.mark.parametrize("backward", [False, True])
async def test_equal_amounts_are_neither_repeated_nor_left_out(
    scene: Scene, time: Clock, ask: Ask, backward: bool
) -> None:
    a, b, c, d, e, f, g = await some(scene, time)
    upwards = [b, e, d, g, a, c, f]
    by: dict[str, Any] = {"backward": backward, "field": "AMOUNT"}

    assert await pages(ask, scene, direction="ASC", **by) == upwards
    assert await pages(ask, scene, direction="DESC", **by) == upwards[::-1]


async def test_recharges_are_found_by_customer_amount_and_when_the_money_came(
    scene: Scene, time: Clock, ask: Ask
) -> None:
    a, b, c, d, *_ = await some(scene, time)

    async def found(**filter: Any) -> set[str]:
        page = await ask(PAGE, by=scene.platform, filter=filter)
        return {node["number"] for node in page["nodes"]}

    assert await found(
        amount={"from": "30", "to": "50"}, credited={"to": "2999-01-01T00:00:00Z"}
    ) == {d}
    assert await found(credited={"from": time.now.isoformat()}) == {a, b, c, d}
    assert len(await found(customer="earl", channel=["ALIPAY"])) == 7
    assert await found(customer="Yangtze") == set()
    assert await found(channel=["WIRE"]) == set()
