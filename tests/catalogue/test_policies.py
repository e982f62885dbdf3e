"""Policies and prices by the moment from which they hold: set, replaced, taken back, looked at."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.catalogue import terms
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit import ids
from models.audit import Event
from models.catalogue import Goods, GoodsKind, GoodsPolicy, ShareModel, SkuPrice
from tests.catalogue.factories import (
    a_merchant,
    a_policy,
    a_price,
    a_sku,
    gds,
    gpo,
    sku_id,
    some_goods,
)
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

MICROSECOND = timedelta(microseconds=1)
SET = """
mutation ($input: GoodsPolicySetInput!) {
  goodsPolicySet(input: $input) {
    goodsPolicy { id validFrom shareRatio authorizedFloorRatio inForce }
    goods { version }
    errors { code path ... on FloorPriceMissing { codes } ... on InThePast { earliest } }
  }
}
"""
REMOVE = """
mutation ($id: ID!) {
  goodsPolicyRemove(input: {id: $id}) { goods { version } errors { code } }
}
"""
PRICE = """
mutation ($input: SkuPriceSetInput!) {
  skuPriceSet(input: $input) {
    skuPrice { validFrom listPrice { amount currency } floorPrice { amount } }
    sku { version }
    errors { code path ... on FloorPriceMissing { codes } }
  }
}
"""
UNPRICE = """
mutation ($id: ID!) { skuPriceRemove(input: {id: $id}) { sku { version } errors { code } } }
"""
HELD = """
query ($id: ID!, $at: DateTime) {
  goods(id: $id) {
    policy(at: $at) { shareRatio validTo inForce }
    later: policy(at: "2031-01-01T00:00:00Z") { shareRatio }
    skus { price(at: $at) { listPrice { amount } floorPrice { amount } } }
  }
}
"""


async def the_platform() -> Viewer:
    return await a_staff_viewer(Item.GOODS_MANAGE, Item.GOODS_POLICY)


def terms_of(goods: Goods, version: int = 1, **other: Any) -> dict[str, Any]:
    return {
        "goodsId": gds(goods),
        "expectedVersion": version,
        "strategy": "SPECIFIC",
        "shareModel": "DEAL_PRICE",
        "shareRatio": "0.25",
        "maxRatio": "0.4",
        "authorizedFloorRatio": "0.9",
        "taxRatio": "0.06",
    } | other


def price_of(sku: Any, version: int = 1, **other: Any) -> dict[str, Any]:
    return {"skuId": sku_id(sku), "expectedVersion": version, "listPrice": "99.90"} | other


async def share_at(goods: Goods, at: datetime) -> Decimal | None:
    held = await terms.policies([goods.id], at=at)
    return held[goods.id].share_ratio if goods.id in held else None


async def test_the_first_policy_holds_at_once_and_the_next_from_its_microsecond_on(
    ask: Ask, time: Clock
) -> None:
    goods = await some_goods(policy=False)
    by = await the_platform()
    first, second = time.now, time.now + timedelta(days=1)

    answer = await ask(SET, by=by, input=terms_of(goods))
    assert answer["errors"] == []
    assert answer["goodsPolicy"]["inForce"] is True
    assert answer["goods"] == {"version": 2}
    next_one = terms_of(goods, 2, shareRatio="0.333333", validFrom=second.isoformat())
    assert (await ask(SET, by=by, input=next_one))["goodsPolicy"]["inForce"] is False

    assert await share_at(goods, first - MICROSECOND) is None
    assert await share_at(goods, first) == Decimal("0.25")
    assert await share_at(goods, second - MICROSECOND) == Decimal("0.25")
    assert await share_at(goods, second) == Decimal("0.333333")
    [event, _] = await Event.filter(name="goods.policy_set").order_by("id")
    assert event.before == {}
    assert event.after["share_ratio"] == "0.250000"


@pytest.mark.parametrize("microseconds", [-1, 0])
async def test_what_has_held_is_never_changed(ask: Ask, time: Clock, microseconds: int) -> None:
    goods = await some_goods()
    by = await the_platform()
    when = time.now + timedelta(microseconds=microseconds)

    for valid_from in (when.isoformat(), None):
        [error] = (await ask(SET, by=by, input=terms_of(goods, validFrom=valid_from)))["errors"]
        assert (error["code"], error["path"]) == ("IN_THE_PAST", ["input", "validFrom"])
        assert error["earliest"] == "2030-01-31T23:30:00.000000Z"
    assert await GoodsPolicy.all().count() == 1
    assert await Event.all().count() == 0
    ahead = terms_of(goods, validFrom=(time.now + MICROSECOND).isoformat())
    assert (await ask(SET, by=by, input=ahead))["errors"] == []


async def test_what_isnt_in_force_yet_is_replaced_or_taken_back(ask: Ask, time: Clock) -> None:
    goods = await some_goods()
    by = await the_platform()
    begin = time.now + timedelta(days=3)

    first = await ask(SET, by=by, input=terms_of(goods, validFrom=begin.isoformat()))
    other = terms_of(goods, 2, validFrom=begin.isoformat(), shareRatio="0.1")
    second = await ask(SET, by=by, input=other)
    assert second["goodsPolicy"]["id"] == first["goodsPolicy"]["id"]
    assert await share_at(goods, begin) == Decimal("0.1")
    assert await GoodsPolicy.all().count() == 2
    replaced = await Event.filter(name="goods.policy_set").order_by("-id").first()
    assert replaced is not None
    assert (replaced.before["share_ratio"], replaced.after["share_ratio"]) == (
        "0.250000",
        "0.100000",
    )

    id = second["goodsPolicy"]["id"]
    partner = await an_administrator(await a_partner())
    with pytest.raises(Refused):
        await ask(REMOVE, by=partner, id=id)
    assert (await ask(REMOVE, by=by, id=id))["goods"] == {"version": 4}
    assert (await ask(REMOVE, by=by, id=id))["errors"] == [{"code": "NOT_FOUND"}]
    assert await share_at(goods, begin) == Decimal("0.2")


async def test_a_version_in_force_cant_be_taken_back(ask: Ask, time: Clock) -> None:
    goods = await some_goods()
    coming = await a_policy(goods, since=time.now + timedelta(days=1))
    by = await the_platform()

    time.forward(days=1)
    assert (await ask(REMOVE, by=by, id=gpo(coming)))["errors"] == [{"code": "IN_FORCE_ALREADY"}]
    assert await GoodsPolicy.all().count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shareRatio", "1.000001"),
        ("shareRatio", "-0.1"),
        ("shareRatio", "0.1234567"),
        ("maxRatio", "85"),
        ("authorizedFloorRatio", "0"),
        ("authorizedFloorRatio", "0.85555"),
        ("authorizedFloorRatio", "1.1"),
        ("taxRatio", "1"),
        ("taxRatio", "0.00001"),
    ],
)
async def test_ratios_are_shares_of_one_with_the_decimals_that_are_kept(
    ask: Ask, field: str, value: str
) -> None:
    goods = await some_goods(policy=False)

    [error] = (await ask(SET, by=await the_platform(), input=terms_of(goods) | {field: value}))[
        "errors"
    ]

    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", field])
    assert await GoodsPolicy.all().count() == 0


@pytest.mark.parametrize(
    ("kind", "model", "ratio", "fits"),
    [
        (GoodsKind.SELF_OPERATED, ShareModel.DEAL_PRICE, "0.3", True),
        (GoodsKind.SELF_OPERATED, ShareModel.MERCHANT_JOINT, "0.3", False),
        (GoodsKind.SELF_OPERATED, ShareModel.LEGACY_SOLO, "0.9", False),
        (GoodsKind.JOINT_OPERATED, ShareModel.MERCHANT_JOINT, "0.3", True),
        (GoodsKind.JOINT_OPERATED, ShareModel.LEGACY_JOINT, "0.3", False),
        (GoodsKind.COMMON, ShareModel.MERCHANT_JOINT, "0", True),
        (GoodsKind.COMMON, ShareModel.MERCHANT_JOINT, "0.000001", False),
        (GoodsKind.COMMON, ShareModel.DEAL_PRICE, "0", False),
        (GoodsKind.STRICT_SELECTED, ShareModel.LEGACY_SOLO, "0.9", True),
        (GoodsKind.STRICT_SELECTED, ShareModel.LEGACY_SOLO, "0.89", False),
        (GoodsKind.STRICT_SELF, ShareModel.LEGACY_JOINT, "0.9", True),
        (GoodsKind.STRICT_SELF, ShareModel.LEGACY_JOINT, "0", False),
        (GoodsKind.STRICT_SELF, ShareModel.LEGACY_JOINT, "0.900001", False),
        (GoodsKind.STRICT_SELF, ShareModel.DEAL_PRICE, "0.3", False),
    ],
)
async def test_a_formula_must_make_sense_for_the_kind(
    ask: Ask, kind: GoodsKind, model: ShareModel, ratio: str, fits: bool
) -> None:
    goods = await some_goods(kind=kind, policy=False)
    wanted = terms_of(goods, shareModel=model.value, shareRatio=ratio)

    answer = await ask(SET, by=await the_platform(), input=wanted)

    assert [error["code"] for error in answer["errors"]] == ([] if fits else ["SHARE_MODEL_UNFIT"])
    assert await GoodsPolicy.all().count() == int(fits)


async def test_what_is_shared_above_a_floor_needs_one(ask: Ask, time: Clock) -> None:
    goods = await some_goods()
    sku = await a_sku(goods, code="BARE")
    await a_sku(goods, code="OFF", on_sale=False)
    await a_sku(goods, code="FINE", floor="1.00")
    by = await the_platform()
    begin = (time.now + timedelta(days=2)).isoformat()
    floor = terms_of(goods, shareModel="FLOOR_PRICE", validFrom=begin)

    [error] = (await ask(SET, by=by, input=floor))["errors"]
    assert (error["code"], error["codes"]) == ("FLOOR_PRICE_MISSING", ["BARE"])
    await a_price(sku, "500.00", floor="400.00", since=time.now + timedelta(days=1))
    assert (await ask(SET, by=by, input=floor))["errors"] == []
    [error] = (await ask(PRICE, by=by, input=price_of(sku, validFrom=begin)))["errors"]
    assert (error["code"], error["path"]) == ("FLOOR_PRICE_MISSING", ["input", "floorPrice"])


async def test_a_merchant_sets_its_prices_and_nobody_elses(ask: Ask, time: Clock) -> None:
    merchant = await a_merchant()
    sku = await a_sku(await some_goods(merchant=merchant), price=None)
    own = await an_administrator(merchant)

    first = await ask(PRICE, by=own, input=price_of(sku, floorPrice="80"))
    assert first["skuPrice"] == {
        "validFrom": "2030-01-31T23:30:00.000000Z",
        "listPrice": {"amount": "99.90", "currency": "CNY"},
        "floorPrice": {"amount": "80.00"},
    }
    assert first["sku"] == {"version": 2}
    again = await ask(PRICE, by=own, input=price_of(sku, 2))
    assert again["errors"][0]["code"] == "IN_THE_PAST"
    stale = await ask(PRICE, by=own, input=price_of(sku, 1))
    assert stale["errors"][0]["code"] == "VERSION_CONFLICT"
    begin = (time.now + timedelta(days=1)).isoformat()
    for stranger in (
        await an_administrator(await a_merchant("Other")),
        await an_administrator(await a_partner()),
    ):
        refused = await ask(PRICE, by=stranger, input=price_of(sku, 2, validFrom=begin))
        assert refused["errors"][0]["code"] == "NOT_YOUR_GOODS"
    assert await SkuPrice.all().count() == 1

    await ask(PRICE, by=own, input=price_of(sku, 2, validFrom=begin))
    await ask(PRICE, by=own, input=price_of(sku, 3, validFrom=begin, listPrice="50"))
    coming = await SkuPrice.get(valid_from__gt=time.now)
    assert (coming.list_price, coming.floor_price) == (Decimal("50.00"), None)
    prc = ids.encode("prc", coming.id)
    other = await an_administrator(await a_partner())
    assert (await ask(UNPRICE, by=other, id=prc))["errors"] == [{"code": "NOT_FOUND"}]
    assert (await ask(UNPRICE, by=own, id=prc))["sku"] == {"version": 5}
    held = ids.encode("prc", (await SkuPrice.get()).id)
    assert (await ask(UNPRICE, by=own, id=held))["errors"] == [{"code": "IN_FORCE_ALREADY"}]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("listPrice", "-0.01"),
        ("listPrice", "1.001"),
        ("listPrice", "10000000000000000"),
        ("floorPrice", "99.91"),
        ("floorPrice", "-1"),
        ("floorPrice", "0.001"),
    ],
)
async def test_a_price_that_no_account_can_hold_names_its_field(
    ask: Ask, field: str, value: str
) -> None:
    sku = await a_sku(await some_goods(), price=None)

    answer = await ask(PRICE, by=await the_platform(), input=price_of(sku) | {field: value})

    [error] = answer["errors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", field])
    assert await SkuPrice.all().count() == 0


async def test_what_each_may_know_of_a_merchants_terms(ask: Ask, time: Clock) -> None:
    merchant = await a_merchant()
    goods = await some_goods(merchant=merchant, share_ratio=Decimal("0.2"))
    await a_policy(goods, since=time.now + timedelta(days=1), share_ratio=Decimal("0.3"))
    sku = await a_sku(goods, price="100.00", floor="70.00")
    await a_price(sku, "120.00", floor="80.00", since=time.now + timedelta(days=1))
    ahead = (time.now + timedelta(days=2)).isoformat()

    async def known(by: Viewer, at: str | None = None) -> tuple[Any, ...]:
        told = await ask(HELD, by=by, id=gds(goods), at=at)
        [sku] = told["skus"]
        price = sku["price"]
        return (
            told["policy"] and told["policy"]["shareRatio"],
            told["later"] and told["later"]["shareRatio"],
            price["listPrice"]["amount"],
            price["floorPrice"] and price["floorPrice"]["amount"],
        )

    own = await an_administrator(merchant)
    staff = await a_staff_viewer()
    partner = await an_administrator(await a_partner())
    rival = await an_administrator(await a_merchant("Rival"))
    buyer = await a_customer_user_viewer(await a_person())
    assert await known(own) == ("0.200000", "0.300000", "100.00", "70.00")
    assert await known(staff) == ("0.200000", "0.300000", "100.00", "70.00")
    assert await known(partner) == ("0.200000", "0.300000", "100.00", None)
    assert await known(rival) == (None, None, "100.00", None)
    assert await known(buyer) == (None, None, "100.00", None)
    assert await known(own, ahead) == ("0.300000", "0.300000", "120.00", "80.00")
    assert await known(partner, ahead) == ("0.300000", "0.300000", "100.00", None)


async def test_one_document_asks_for_several_moments(ask: Ask, time: Clock) -> None:
    goods = await some_goods()
    await a_policy(goods, since=time.now + timedelta(days=1), share_ratio=Decimal("0.3"))
    both = """
    query ($id: ID!, $a: DateTime, $b: DateTime) {
      goods(id: $id) { a: policy(at: $a) { shareRatio } b: policy(at: $b) { shareRatio } }
    }
    """
    now, ahead = time.now.isoformat(), (time.now + timedelta(days=1)).isoformat()
    by = await the_platform()
    was, will = {"shareRatio": "0.200000"}, {"shareRatio": "0.300000"}

    assert await ask(both, by=by, id=gds(goods), a=now, b=ahead) == {"a": was, "b": will}
    assert await ask(both, by=by, id=gds(goods), a=ahead, b=now) == {"a": will, "b": was}
    assert await ask(both, by=by, id=gds(goods), b=ahead) == {"a": was, "b": will}
    assert await ask(both, by=by, id=gds(goods), a=None, b=None) == {"a": was, "b": was}


async def test_a_list_tells_what_each_of_its_goods_earned_at_a_moment(
    ask: Ask, time: Clock
) -> None:
    for name in ("a", "b"):
        goods = await some_goods(name)
        await a_policy(goods, since=time.now + timedelta(days=1), share_ratio=Decimal("0.3"))
    query = """
    query ($at: DateTime) {
      goodsList(first: 9, orderBy: {field: NAME, direction: ASC}) {
        nodes { name then: policy(at: $at) { shareRatio goods { policy { shareRatio } } } }
      }
    }
    """
    by = await an_administrator(await a_partner())

    page = await ask(query, by=by, at=(time.now + timedelta(days=1)).isoformat())

    assert page["nodes"] == [
        {
            "name": name,
            "then": {"shareRatio": "0.300000", "goods": {"policy": {"shareRatio": "0.200000"}}},
        }
        for name in ("a", "b")
    ]
