"""Writing goods and SKUs down, editing them, putting them on sale: who may, and what is refused."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.audit.events import PLATFORM_TENANT
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit import ids
from models.audit import Event
from models.catalogue import ChargeMode, Goods, GoodsKind, ShareModel, Sku
from tests.catalogue.factories import a_merchant, a_sku, gds, sku_id, some_goods
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

CREATE = """
mutation ($input: GoodsCreateInput!) {
  goodsCreate(input: $input) {
    goods { id number name kind category onSale merchantName version }
    errors { code path message }
  }
}
"""
EDIT = """
mutation ($input: GoodsEditInput!) {
  goodsEdit(input: $input) { goods { name summary category version } errors { code path } }
}
"""
SELL = """
mutation ($id: ID!) {
  goodsPutOnSale(input: {id: $id}) {
    goods { onSale version }
    errors { code ... on NotReadyForSale { checks { code sku message } } }
  }
}
"""
STOP = """
mutation ($id: ID!) {
  goodsTakeOffSale(input: {id: $id}) { goods { onSale } errors { code } }
}
"""
ADD = """
mutation ($input: SkuCreateInput!) {
  skuCreate(input: $input) { sku { code name chargeMode months onSale } errors { code path } }
}
"""
RENAME = """
mutation ($input: SkuEditInput!) {
  skuEdit(input: $input) { sku { name version } errors { code path } }
}
"""
SELL_SKU = """
mutation ($id: ID!) {
  skuPutOnSale(input: {id: $id}) {
    sku { onSale } errors { code ... on NotReadyForSale { checks { code sku } } }
  }
}
"""
STOP_SKU = """
mutation ($id: ID!) {
  skuTakeOffSale(input: {id: $id}) {
    sku { onSale } errors { code ... on NotReadyForSale { checks { code sku } } }
  }
}
"""
ACTIONS = """
query ($id: ID!) { goods(id: $id) { availableActions { name allowed blockedBy { code } } } }
"""

NEW = {"number": "gd-1", "name": "云归档 📦", "kind": "COMMON", "category": "SAAS"}


async def the_platform() -> Viewer:
    return await a_staff_viewer(Item.GOODS_MANAGE, Item.GOODS_POLICY)


def codes(answer: Any) -> list[str]:
    return [error["code"] for error in answer["errors"]]


async def test_a_merchants_goods_are_its_own_and_unseen_until_they_are_sold(ask: Ask) -> None:
    merchant = await a_merchant("墨韵")
    by = await an_administrator(merchant)

    answer = await ask(CREATE, by=by, input=NEW)

    assert answer["errors"] == []
    made = answer["goods"]
    id = made.pop("id")
    assert made == {
        "number": "GD-1",
        "name": "云归档 📦",
        "kind": "COMMON",
        "category": "SAAS",
        "onSale": False,
        "merchantName": "墨韵",
        "version": 1,
    }
    [event] = await Event.all()
    assert (event.name, event.tenant_id) == ("goods.created", merchant.id)
    one = "query ($id: ID!) { goods(id: $id) { name } }"
    assert await ask(one, by=by, id=id) is not None
    assert await ask(one, by=await the_platform(), id=id) is not None
    for stranger in (
        await an_administrator(await a_partner()),
        await an_administrator(await a_merchant("Other")),
        await a_customer_user_viewer(await a_person()),
    ):
        assert await ask(one, by=stranger, id=id) is None
    await Goods.all().update(is_listed=True)
    for anybody in (
        await an_administrator(await a_partner()),
        await a_customer_user_viewer(await a_person()),
    ):
        assert await ask(one, by=anybody, id=id) is not None


async def test_the_platform_says_whose_goods_they_are(ask: Ask) -> None:
    by = await the_platform()
    merchant = await a_merchant("Ink")
    ptn = ids.encode("ptn", merchant.id)
    no_merchant = ids.encode("ptn", (await a_partner()).id)

    own = await ask(CREATE, by=by, input=NEW | {"kind": "SELF_OPERATED"})
    assert own["goods"]["merchantName"] is None
    [event] = await Event.all()
    assert event.tenant_id == PLATFORM_TENANT
    theirs = NEW | {"number": "gd-2", "kind": "STRICT_SELECTED"}
    assert (await ask(CREATE, by=by, input=theirs | {"merchantId": ptn}))["goods"]
    for wrong in (
        NEW | {"number": "gd-3"},
        NEW | {"number": "gd-3", "kind": "STRICT_SELF", "merchantId": ptn},
        NEW | {"number": "gd-3", "merchantId": no_merchant},
    ):
        [error] = (await ask(CREATE, by=by, input=wrong))["errors"]
        assert error["path"] == ["input", "merchantId"]
    assert await Goods.all().count() == 2


async def test_who_may_not_offer_goods_is_told_so(ask: Ask) -> None:
    merchant = await an_administrator(await a_merchant())
    partner = await an_administrator(await a_partner())
    other = ids.encode("ptn", (await a_merchant("Other")).id)

    assert codes(await ask(CREATE, by=partner, input=NEW)) == ["MERCHANTS_ONLY"]
    for kind in ("SELF_OPERATED", "STRICT_SELECTED", "STRICT_SELF"):
        refused = await ask(CREATE, by=merchant, input=NEW | {"kind": kind})
        assert codes(refused) == ["KIND_NOT_FOR_MERCHANTS"]
    assert codes(await ask(CREATE, by=merchant, input=NEW | {"merchantId": other})) == ["NOT_FOUND"]
    for nobody in (await a_staff_viewer(), await a_customer_user_viewer(await a_person())):
        with pytest.raises(Refused) as refusal:
            await ask(CREATE, by=nobody, input=NEW)
        assert refusal.value.codes == ["FORBIDDEN"]
    assert await Goods.all().count() == 0
    assert await Event.all().count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "云" * 300),
        ("name", "📦" * 201),
        ("name", "  "),
        ("name", "two\nlines"),
        ("name", "nul\x00"),
        ("number", "x"),
        ("number", "G" * 33),
        ("number", "云盘"),
        ("number", "a b"),
        ("summary", "s" * 1001),
    ],
)
async def test_words_that_no_rule_can_accept_name_their_field(
    ask: Ask, field: str, value: str
) -> None:
    by = await an_administrator(await a_merchant())

    [error] = (await ask(CREATE, by=by, input=NEW | {field: value}))["errors"]

    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", field])
    assert await Goods.all().count() == 0


async def test_the_longest_name_with_emoji_is_kept_as_it_is(ask: Ask) -> None:
    by = await an_administrator(await a_merchant())
    name = "👩‍🚀" + "云" * 197

    assert (await ask(CREATE, by=by, input=NEW | {"name": name}))["goods"]["name"] == name


async def test_a_number_is_taken_in_whatever_case(ask: Ask) -> None:
    by = await an_administrator(await a_merchant())
    await some_goods(number="GD-1")

    assert codes(await ask(CREATE, by=by, input=NEW)) == ["NUMBER_TAKEN"]
    assert await Goods.all().count() == 1


async def test_what_is_said_of_goods_is_edited_by_their_merchant_and_the_platform(
    ask: Ask,
) -> None:
    merchant = await a_merchant()
    own = await an_administrator(merchant)
    goods = await some_goods("Old", merchant=merchant)
    strict = await some_goods("Strict", merchant=merchant, kind=GoodsKind.STRICT_SELECTED)
    hidden = await some_goods("Hidden", kind=GoodsKind.COMMON, is_listed=False)
    words = {"name": "New", "category": "API", "summary": " s "}
    edit = {"id": gds(goods), "expectedVersion": 1} | words

    answer = await ask(EDIT, by=own, input=edit)
    assert answer["goods"] == {"name": "New", "summary": "s", "category": "API", "version": 2}
    [event] = await Event.all()
    assert event.before == {"name": "Old", "summary": None, "category": "SAAS"}
    assert codes(await ask(EDIT, by=own, input=edit)) == ["VERSION_CONFLICT"]
    again = edit | {"expectedVersion": 2, "name": "Newer"}
    assert (await ask(EDIT, by=await the_platform(), input=again))["goods"]["version"] == 3

    stranger = await an_administrator(await a_merchant("Other"))
    reseller = await an_administrator(await a_partner())
    last = edit | {"expectedVersion": 3}
    assert codes(await ask(EDIT, by=stranger, input=last)) == ["NOT_YOUR_GOODS"]
    assert codes(await ask(EDIT, by=reseller, input=last)) == ["NOT_YOUR_GOODS"]
    assert codes(
        await ask(EDIT, by=own, input=last | {"id": gds(strict), "expectedVersion": 1})
    ) == ["NOT_YOUR_GOODS"]
    assert codes(await ask(EDIT, by=own, input=last | {"id": gds(hidden)})) == ["NOT_FOUND"]
    assert (await Goods.get(id=goods.id)).version == 3
    assert await Event.all().count() == 2


async def test_only_what_can_be_priced_and_shared_is_sold(ask: Ask) -> None:
    merchant = await a_merchant()
    by = await an_administrator(merchant)
    goods = await some_goods(merchant=merchant, is_listed=False, share_model=ShareModel.FLOOR_PRICE)
    bare = await some_goods("Bare", merchant=merchant, is_listed=False, policy=False)

    [error] = (await ask(SELL, by=by, id=gds(bare)))["errors"]
    assert [check["code"] for check in error["checks"]] == ["NO_POLICY", "NO_SKU"]
    await a_sku(goods, code="A", price=None)
    await a_sku(goods, code="B")
    off = await a_sku(goods, code="C", price=None, on_sale=False)
    [error] = (await ask(SELL, by=by, id=gds(goods)))["errors"]
    assert [(check["code"], check["sku"]) for check in error["checks"]] == [
        ("NO_PRICE", "A"),
        ("NO_FLOOR_PRICE", "B"),
    ]
    assert "B" in error["checks"][1]["message"]
    assert not (await Goods.get(id=goods.id)).is_listed

    await Sku.filter(goods_id=goods.id).update(on_sale=False)
    await a_sku(goods, code="D", floor="700.00")
    assert (await ask(SELL, by=by, id=gds(goods)))["goods"] == {"onSale": True, "version": 2}
    assert codes(await ask(SELL, by=by, id=gds(goods))) == ["ON_SALE_ALREADY"]
    [error] = (await ask(SELL_SKU, by=by, id=sku_id(off)))["errors"]
    assert error["checks"] == [{"code": "NO_PRICE", "sku": "C"}]


async def test_what_was_taken_off_sale_can_still_be_looked_at(ask: Ask) -> None:
    goods = await some_goods()
    only = await a_sku(goods)
    other = await a_sku(goods)
    by = await the_platform()
    reader = await an_administrator(await a_partner())

    assert (await ask(STOP_SKU, by=by, id=sku_id(only)))["sku"] == {"onSale": False}
    assert codes(await ask(STOP_SKU, by=by, id=sku_id(only))) == ["OFF_SALE_ALREADY"]
    [error] = (await ask(STOP_SKU, by=by, id=sku_id(other)))["errors"]
    assert error["checks"] == [{"code": "NO_SKU", "sku": None}]
    assert (await ask(SELL_SKU, by=by, id=sku_id(only)))["sku"] == {"onSale": True}
    assert codes(await ask(SELL_SKU, by=by, id=sku_id(only))) == ["ON_SALE_ALREADY"]
    assert (await ask(STOP, by=by, id=gds(goods)))["goods"] == {"onSale": False}
    assert codes(await ask(STOP, by=by, id=gds(goods))) == ["OFF_SALE_ALREADY"]
    seen = await ask("query ($id: ID!) { goods(id: $id) { onSale } }", by=reader, id=gds(goods))
    assert seen == {"onSale": False}


async def test_a_sku_is_added_to_goods_of_ones_own(ask: Ask) -> None:
    merchant = await a_merchant()
    by = await an_administrator(merchant)
    goods = await some_goods(merchant=merchant)
    new = {"goodsId": gds(goods), "code": "a-1", "name": "年付", "chargeMode": "PERIOD"}

    answer = await ask(ADD, by=by, input=new | {"months": 12})
    assert answer["sku"] == {
        "code": "A-1",
        "name": "年付",
        "chargeMode": "PERIOD",
        "months": 12,
        "onSale": False,
    }
    assert codes(await ask(ADD, by=by, input=new | {"months": 1})) == ["CODE_TAKEN"]
    other = new | {"code": "a-2"}
    for months in (None, 0, 121):
        [error] = (await ask(ADD, by=by, input=other | {"months": months}))["errors"]
        assert error["path"] == ["input", "months"]
    per_use = other | {"chargeMode": "PER_USE"}
    assert codes(await ask(ADD, by=by, input=per_use | {"months": 1})) == ["INVALID_INPUT"]
    assert codes(await ask(ADD, by=by, input=per_use | {"code": "c" * 65})) == ["INVALID_INPUT"]
    stranger = await an_administrator(await a_merchant("Other"))
    assert codes(await ask(ADD, by=stranger, input=per_use)) == ["NOT_YOUR_GOODS"]
    assert await Sku.all().count() == 1


async def test_goods_have_at_most_a_hundred_skus(ask: Ask) -> None:
    goods = await some_goods()
    for _ in range(100):
        await a_sku(goods, price=None, charge_mode=ChargeMode.PER_USE)
    new = {"goodsId": gds(goods), "code": "X-101", "name": "n", "chargeMode": "PER_USE"}

    assert codes(await ask(ADD, by=await the_platform(), input=new)) == ["TOO_MANY_SKUS"]
    page = await ask(
        "query ($id: ID!) { goods(id: $id) { skus { code } } }",
        by=await the_platform(),
        id=gds(goods),
    )
    assert len(page["skus"]) == 100


async def test_a_sku_is_renamed_by_who_has_read_it(ask: Ask) -> None:
    goods = await some_goods()
    sku = await a_sku(goods)
    by = await the_platform()
    edit = {"id": sku_id(sku), "expectedVersion": 1, "name": "Better"}

    assert (await ask(RENAME, by=by, input=edit))["sku"] == {"name": "Better", "version": 2}
    assert codes(await ask(RENAME, by=by, input=edit)) == ["VERSION_CONFLICT"]
    partner = await an_administrator(await a_partner())
    assert codes(await ask(RENAME, by=partner, input=edit)) == ["NOT_YOUR_GOODS"]


@pytest.fixture
def allowed(ask: Ask) -> Callable[..., Awaitable[list[str]]]:
    async def allowed(goods: Goods, by: Viewer) -> list[str]:
        told = await ask(ACTIONS, by=by, id=gds(goods))
        return [action["name"] for action in told["availableActions"] if action["allowed"]]

    return allowed


async def test_what_can_be_done_is_told_by_the_guards_of_the_mutations(
    allowed: Callable[..., Awaitable[list[str]]], time: Clock
) -> None:
    merchant = await a_merchant()
    goods = await some_goods(merchant=merchant)

    own = await an_administrator(merchant)
    assert await allowed(goods, own) == ["goodsEdit", "goodsTakeOffSale", "skuCreate"]
    assert await allowed(goods, await an_administrator(await a_partner())) == []
    platform = await the_platform()
    assert await allowed(goods, platform) == [
        "goodsEdit",
        "goodsTakeOffSale",
        "goodsPolicySet",
        "skuCreate",
    ]
