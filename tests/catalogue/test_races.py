"""Two change the same goods in the same instant. Real locks, real commits."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.catalogue import goods as catalogue
from domain.catalogue import policies, prices, selling, skus
from domain.catalogue.guards import OnSaleAlready
from domain.catalogue.policies import Terms
from domain.catalogue.selling import NotReadyForSale
from domain.catalogue.skus import TooManySkus
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit.problems import NotFound, VersionConflict
from models.audit import Event
from models.catalogue import (
    ChargeMode,
    Goods,
    GoodsCategory,
    GoodsPolicy,
    IncentiveStrategy,
    ShareModel,
    Sku,
    SkuPrice,
)
from tests.catalogue.factories import a_policy, a_sku, some_goods
from tests.conftest import Clock
from tests.factories import a_staff_viewer
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")


async def the_platform() -> Viewer:
    return await a_staff_viewer(Item.GOODS_MANAGE, Item.GOODS_POLICY)


def policy_of(by: Viewer, goods: Goods, ratio: str, begin: datetime, now: datetime) -> Any:
    return policies.set_policy(
        viewer=by,
        goods_id=goods.id,
        expected_version=goods.version,
        terms=Terms(
            strategy=IncentiveStrategy.STANDARD,
            share_model=ShareModel.DEAL_PRICE,
            share_ratio=Decimal(ratio),
            max_ratio=Decimal("0.5"),
            authorized_floor=Decimal("0.8"),
            tax_rate=Decimal("0.06"),
        ),
        valid_from=begin,
        now=now,
    )


@pytest.mark.parametrize("order", [("0.1", "0.2"), ("0.2", "0.1")])
async def test_of_two_versions_for_one_moment_the_second_has_to_look_again(
    time: Clock, order: tuple[str, str]
) -> None:
    by, goods = await the_platform(), await some_goods()
    begin = time.now + timedelta(days=1)

    first, second = await at_once(
        *(policy_of(by, goods, ratio, begin, time.now) for ratio in order), while_locked=goods
    )

    assert isinstance(first, GoodsPolicy)
    assert isinstance(second, VersionConflict)
    [kept] = await GoodsPolicy.filter(valid_from=begin)
    assert kept.share_ratio == Decimal(order[0])
    assert await Event.all().count() == 1


@pytest.mark.parametrize("first", ["remove", "replace"])
async def test_a_version_is_taken_back_or_replaced_in_an_order(time: Clock, first: str) -> None:
    by, goods = await the_platform(), await some_goods()
    begin = time.now + timedelta(days=1)
    coming = await a_policy(goods, since=begin)
    calls = {
        "remove": policies.remove(viewer=by, policy_id=coming.id, now=time.now),
        "replace": policy_of(by, goods, "0.4", begin, time.now),
    }
    order = [first, *(name for name in calls if name != first)]

    outcomes = await at_once(*(calls[name] for name in order), while_locked=goods)

    if first == "remove":
        assert isinstance(outcomes[1], VersionConflict)
    else:
        assert not isinstance(outcomes[1], Exception)
    assert await GoodsPolicy.filter(valid_from=begin).count() == 0


async def test_a_version_is_taken_back_once(time: Clock) -> None:
    by, goods = await the_platform(), await some_goods()
    coming = await a_policy(goods, since=time.now + timedelta(days=1))

    outcomes = await at_once(
        *(policies.remove(viewer=by, policy_id=coming.id, now=time.now) for _ in range(2)),
        while_locked=goods,
    )

    assert isinstance(outcomes[1], NotFound)
    assert await Event.all().count() == 1


async def test_of_two_edits_one_is_lost_and_told_so(time: Clock) -> None:
    by, goods = await the_platform(), await some_goods("Old")

    def edit(name: str) -> Any:
        return catalogue.edit(
            viewer=by,
            goods_id=goods.id,
            expected_version=1,
            name=name,
            summary=None,
            category=GoodsCategory.API,
            now=time.now,
        )

    first, second = await at_once(edit("One"), edit("Two"), while_locked=goods)

    assert isinstance(first, Goods)
    assert isinstance(second, VersionConflict)
    assert (await Goods.get(id=goods.id)).name == "One"


async def test_of_two_prices_for_one_moment_one_is_kept(time: Clock) -> None:
    by, goods = await the_platform(), await some_goods()
    sku = await a_sku(goods)
    begin = time.now + timedelta(days=1)

    def price(amount: str) -> Any:
        return prices.set_price(
            viewer=by,
            sku_id=sku.id,
            expected_version=1,
            list_price=Decimal(amount),
            valid_from=begin,
            now=time.now,
        )

    first, second = await at_once(price("5.00"), price("6.00"), while_locked=goods)

    assert isinstance(first, SkuPrice)
    assert isinstance(second, VersionConflict)
    assert (await SkuPrice.get(valid_from=begin)).list_price == Decimal("5.00")


async def test_the_last_sku_on_sale_stays_whoever_comes_first(time: Clock) -> None:
    by, goods = await the_platform(), await some_goods()
    both = [await a_sku(goods), await a_sku(goods)]

    outcomes = await at_once(
        *(selling.take_sku_off_sale(viewer=by, sku_id=sku.id, now=time.now) for sku in both),
        while_locked=goods,
    )

    assert isinstance(outcomes[1], NotReadyForSale)
    assert await Sku.filter(on_sale=True).count() == 1


async def test_goods_are_put_on_sale_once(time: Clock) -> None:
    by, goods = await the_platform(), await some_goods(on_sale=False)
    await a_sku(goods)

    outcomes = await at_once(
        *(selling.put_on_sale(viewer=by, goods_id=goods.id, now=time.now) for _ in range(2)),
        while_locked=goods,
    )

    assert isinstance(outcomes[1], OnSaleAlready)
    assert await Event.filter(name="goods.put_on_sale").count() == 1


async def test_the_hundredth_sku_is_one(time: Clock) -> None:
    by, goods = await the_platform(), await some_goods()
    for _ in range(99):
        await a_sku(goods, price=None, charge_mode=ChargeMode.PER_USE)

    def add(code: str) -> Any:
        return skus.create(
            viewer=by,
            goods_id=goods.id,
            sku_code=code,
            name="n",
            charge_mode=ChargeMode.PER_USE,
            now=time.now,
        )

    outcomes = await at_once(add("X-1"), add("X-2"), while_locked=goods)

    assert isinstance(outcomes[1], TooManySkus)
    assert await Sku.all().count() == 100
