"""The catalogue as it is looked at: lists, searches, and what each kind of viewer sees."""

from datetime import timedelta
from typing import Any

import pytest

from domain.catalogue import selling
from domain.identity.viewer import Viewer
from kit import database, ids
from kit.reads.filters import Condition
from kit.reads.paging import conditions_of
from models.catalogue import (
    ChargeMode,
    GoodsCategory,
    GoodsKind,
    GoodsPolicy,
    IncentiveStrategy,
    SkuPrice,
)
from schema.goods_lists import GoodsFilter
from tests.catalogue.factories import (
    a_merchant,
    a_policy,
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
    as_person,
)

pytestmark = pytest.mark.usefixtures("database")

LIST = """
query ($filter: GoodsFilter, $order: GoodsOrder) {
  goodsList(first: 50, filter: $filter, orderBy: $order) {
    nodes { name } totalCount { value }
  }
}
"""
BY_NAME = {"field": "NAME", "direction": "ASC"}


async def found(ask: Ask, by: Viewer, **filter: Any) -> list[str]:
    page = await ask(LIST, by=by, filter=filter, order=BY_NAME)
    assert page["totalCount"]["value"] == len(page["nodes"])
    return [node["name"] for node in page["nodes"]]


async def test_a_list_is_narrowed_by_each_of_its_conditions(ask: Ask, time: Clock) -> None:
    merchant = await a_merchant("墨韵科技")
    by = await a_staff_viewer()
    archive = await some_goods("归档 Archive", category=GoodsCategory.LICENSE, number="AR-1")
    disk = await some_goods("云盘专业版", merchant=merchant, number="DISK-77")
    common = await some_goods("Common", kind=GoodsKind.COMMON, merchant=merchant, on_sale=False)
    await a_sku(archive)
    await a_sku(disk, charge_mode=ChargeMode.PER_USE)
    await a_sku(disk, charge_mode=ChargeMode.ON_DEMAND, on_sale=False)
    await a_policy(disk, since=time.now, strategy=IncentiveStrategy.SPECIFIC)
    await a_policy(
        common, since=time.now + timedelta(microseconds=1), strategy=IncentiveStrategy.SPECIFIC
    )

    assert await found(ask, by) == ["Common", "云盘专业版", "归档 Archive"]
    assert await found(ask, by, search="云盘") == ["云盘专业版"]
    assert await found(ask, by, search="盘专业") == ["云盘专业版"]
    assert await found(ask, by, search=" sk-7 ") == ["云盘专业版"]
    assert await found(ask, by, search="AR") == ["归档 Archive"]
    assert await found(ask, by, kind=["COMMON", "STRICT_SELF"]) == ["Common"]
    assert await found(ask, by, category=["LICENSE"]) == ["归档 Archive"]
    assert await found(ask, by, chargeMode=["PER_USE"]) == ["云盘专业版"]
    assert await found(ask, by, chargeMode=["ON_DEMAND"]) == []
    assert await found(ask, by, strategy=["SPECIFIC"]) == ["云盘专业版"]
    assert await found(ask, by, strategy=["STANDARD"]) == ["Common", "归档 Archive"]
    assert await found(ask, by, onSale=False) == ["Common"]
    ptn = ids.encode("ptn", merchant.id)
    assert await found(ask, by, merchantId=ptn) == ["Common", "云盘专业版"]
    assert await found(ask, by, merchantName="墨韵科技") == ["Common", "云盘专业版"]
    assert await found(ask, by, created={"from": time.now.isoformat()}) == []


async def test_only_who_sees_what_selling_earns_finds_goods_by_it(ask: Ask, time: Clock) -> None:
    ink, rival = await a_merchant("Ink"), await a_merchant("Rival")
    for name, merchant in (("Ours", ink), ("Theirs", rival)):
        goods = await some_goods(name, merchant=merchant)
        await a_policy(goods, since=time.now, strategy=IncentiveStrategy.SPECIFIC)
    partner = await an_administrator(await a_partner())
    buyer = await a_customer_user_viewer(await a_person())

    assert await found(ask, partner, strategy=["SPECIFIC"]) == ["Ours", "Theirs"]
    assert await found(ask, await an_administrator(ink), strategy=["SPECIFIC"]) == ["Ours"]
    assert await found(ask, buyer) == ["Ours", "Theirs"]
    assert await found(ask, buyer, strategy=["SPECIFIC"]) == []


async def test_a_search_finds_pieces_of_two_characters_and_more_in_any_case(ask: Ask) -> None:
    by = await a_staff_viewer()
    await some_goods("云盘存储 Pro", number="CD-100")
    await some_goods("盘云", number="XY_1")
    await some_goods("Cloud 100%", number="Z\\9")

    assert await found(ask, by, search="云盘") == ["云盘存储 Pro"]
    assert await found(ask, by, search="盘云") == ["盘云"]
    assert await found(ask, by, search="pR") == ["云盘存储 Pro"]
    assert await found(ask, by, search="cd") == ["云盘存储 Pro"]
    assert await found(ask, by, search="0%") == ["Cloud 100%"]
    assert await found(ask, by, search="Y_") == ["盘云"]
    assert await found(ask, by, search="_1") == ["盘云"]
    assert await found(ask, by, search="\\9") == ["Cloud 100%"]
    assert await found(ask, by, search="存储 pro") == ["云盘存储 Pro"]
    assert await found(ask, by, search="00云") == []
    with pytest.raises(Refused) as refused:
        await found(ask, by, search=" 云 ")
    assert refused.value.codes == ["INVALID_INPUT"]


@pytest.mark.parametrize("word", ["鲸鱼", "鲸鱼座"])
async def test_a_search_walks_an_index(word: str) -> None:
    """Twenty thousand goods; a word of two characters has no trigram, and would read them all."""
    await database.execute(
        """
        insert into goods (id, created_at, version, number, name, kind, category, on_sale,
          is_listed)
        select uuidv7(), now(), 1, 'N' || n, '云盘存储归档备份 ' || md5(n::text), 'SELF_OPERATED',
          'SAAS', true, true
        from generate_series(1, 20000) n"""
    )
    await database.execute("vacuum analyze goods")  # what is in no tree yet is read row by row
    condition = conditions_of(GoodsFilter)["search"]
    assert isinstance(condition, Condition)
    text = condition.template_for(word).replace("{t}", "t").replace("{value}", "$1")

    plan = await database.rows(
        f"explain select * from goods t where {text}"
        " order by t.created_at desc, t.id desc limit 101",
        condition.prepare(word),
    )

    assert "Index Scan on goods_" in str(plan)
    assert "Seq Scan" not in str(plan)


async def test_goods_are_found_by_number_id_and_node(ask: Ask) -> None:
    goods = await some_goods("Archive", number="AR-1")
    sku = await a_sku(goods)
    by = await an_administrator(await a_partner())
    number = "query ($number: String!) { goodsByNumber(number: $number) { name } }"
    nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }"

    assert await ask(number, by=by, number=" ar-1 ") == {"name": "Archive"}
    assert await ask(number, by=by, number="AR-2") is None
    policy = await GoodsPolicy.get()
    price = await SkuPrice.get()
    found = await ask(
        nodes, by=by, ids=[gds(goods), sku_id(sku), gpo(policy), ids.encode("prc", price.id)]
    )
    kinds = [node["__typename"] for node in found]
    assert kinds == ["Goods", "Sku", "GoodsPolicy", "SkuPrice"]
    buyer = await a_customer_user_viewer(await a_person())
    assert await ask(nodes, by=buyer, ids=[gpo(policy)]) == [None]
    nobody = await as_person(await a_person())
    assert await ask(nodes, by=nobody, ids=[gds(goods), sku_id(sku)]) == [None, None]


async def test_skus_are_listed_and_searched(ask: Ask) -> None:
    goods = await some_goods()
    await a_sku(goods, code="YEAR", name="年付")
    await a_sku(goods, code="USE", name="按次", charge_mode=ChargeMode.PER_USE, on_sale=False)
    await a_sku(await some_goods("Other"), code="OTHER")
    by = await an_administrator(await a_partner())
    query = """
    query ($filter: SkuFilter) {
      skus(first: 9, filter: $filter) { nodes { code } totalCount { value } }
    }
    """

    async def codes(**filter: Any) -> set[str]:
        return {node["code"] for node in (await ask(query, by=by, filter=filter))["nodes"]}

    assert await codes() == {"YEAR", "USE", "OTHER"}
    assert await codes(goodsId=gds(goods)) == {"YEAR", "USE"}
    assert await codes(search="年付") == {"YEAR"}
    assert await codes(search="oth") == {"OTHER"}
    assert await codes(chargeMode=["PER_USE"]) == {"USE"}
    assert await codes(onSale=True) == {"YEAR", "OTHER"}


async def test_the_history_of_goods_is_for_who_sells_them(ask: Ask, time: Clock) -> None:
    merchant = await a_merchant()
    goods = await some_goods(merchant=merchant)
    own = await an_administrator(merchant)
    await selling.take_off_sale(viewer=own, goods_id=goods.id, now=time.now)
    history = """
    query ($id: ID!) {
      goods(id: $id) { history { nodes { name subject { id } } } }
    }
    """
    happened = [{"name": "goods.taken_off_sale", "subject": {"id": gds(goods)}}]

    for by, nodes in (
        (own, happened),
        (await a_staff_viewer(), happened),
        (await an_administrator(await a_partner()), []),
        (await an_administrator(await a_merchant("Rival")), []),
    ):
        assert (await ask(history, by=by, id=gds(goods)))["history"]["nodes"] == nodes
