"""Exclusive offers as they are read: who sees which, found how."""

from typing import Any

import pytest

from domain.audit import relay
from domain.customers import assignments
from domain.identity.items import Item
from domain.offers import automatic, drafting
from kit import ids
from kit.transaction import transactional
from tests.catalogue.factories import a_sku, gds, some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import (
    a_customer,
    a_manager,
    a_supervisor,
    a_user_of,
    cus,
    opr,
    supervise,
)
from tests.factories import a_distributor, a_partner, a_staff_viewer, an_administrator, as_operator
from tests.offers.conftest import Scene
from tests.offers.factories import (
    a_draft,
    a_scheduled_offer,
    an_application,
    configuration,
    eof,
    joined,
    terms,
)

pytestmark = pytest.mark.usefixtures("database")

LIST = """
query ($filter: ExclusiveOfferFilter) {
  exclusiveOffers(filter: $filter) { nodes { name } totalCount { value } }
}
"""
NAMES = "{ exclusiveOffers { nodes { name } } }"
ACTIONS = """
query ($id: ID!) {
  exclusiveOffer(id: $id) { availableActions { name allowed blockedBy { code } } }
}
"""


def names(found: Any) -> list[str]:
    return [node["name"] for node in found["nodes"]]


async def test_everything_about_one_offer(ask: Ask, scene: Scene, time: Clock) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    query = """
    query ($id: ID!) {
      node(id: $id) { ... on ExclusiveOffer {
        status endedAt privateLink { url } start { dueAt onTimeout status }
        deadline { dueAt onTimeout status remainingSeconds }
        history { nodes { name subject { id } } }
      } }
    }
    """

    seen = await ask(query, by=scene.by, id=eof(offer))
    assert seen == {
        "status": "SCHEDULED",
        "endedAt": None,
        "privateLink": None,
        "start": {
            "dueAt": "2030-02-01T23:30:00.000000Z",
            "onTimeout": "START",
            "status": "SCHEDULED",
        },
        "deadline": {
            "dueAt": "2030-03-03T23:30:00.000000Z",
            "onTimeout": "EXPIRE",
            "status": "SCHEDULED",
            "remainingSeconds": 31 * 24 * 3600,
        },
        "history": {
            "nodes": [
                {"name": f"exclusive_offer.{happened}", "subject": {"id": eof(offer)}}
                for happened in ("approved", "submitted", "drafted")
            ]
        },
    }
    time.now = offer.expires_at
    over = await ask(query, by=scene.by, id=eof(offer))
    assert (over["status"], over["endedAt"]) == ("EXPIRED", "2030-03-03T23:30:00.000000Z")


async def test_a_customer_sees_what_it_can_use_now(ask: Ask, scene: Scene, time: Clock) -> None:
    """X-08."""
    goods = [await some_goods() for _ in range(3)]
    await a_draft(goods[0], by=scene.by, of=scene.customer, name="Draft", now=time.now)
    await an_application(goods[1], by=scene.by, of=scene.customer, name="Asked", now=time.now)
    offer = await a_scheduled_offer(
        goods[2], by=scene.by, of=scene.customer, name="Granted", now=time.now
    )
    await a_scheduled_offer(
        goods[2], by=scene.by, of=await a_customer(of=scene.partner), name="Other's", now=time.now
    )
    buyer = await a_user_of(scene.customer)

    assert names(await ask(NAMES, by=buyer)) == []
    time.now = offer.effective_at
    assert names(await ask(NAMES, by=buyer)) == ["Granted"]
    goods_query = "{ offerGoods { nodes { goods { number } offer { name } } } }"
    assert await ask(goods_query, by=buyer) == {
        "nodes": [{"goods": {"number": goods[2].number}, "offer": {"name": "Granted"}}]
    }
    actions = (await ask(ACTIONS, by=buyer, id=eof(offer)))["availableActions"]
    assert not any(action["allowed"] for action in actions)
    time.now = offer.expires_at
    assert names(await ask(NAMES, by=buyer)) == []
    assert await ask(ACTIONS, by=buyer, id=eof(offer)) is None


async def test_who_of_the_partner_sees_which_offers(ask: Ask, scene: Scene, time: Clock) -> None:
    wei, by_wei = await a_manager(scene.partner)
    _, by_ming = await a_manager(scene.partner, "Ming")
    jing, _ = await a_supervisor(scene.partner)
    await supervise(jing, wei)
    by_jing = await as_operator(jing)
    his = await a_customer("Amur", of=scene.partner, manager=wei)
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=his, name="Wei's", now=time.now)
    await a_draft(scene.goods, by=scene.by, of=scene.customer, name="Nobody's", now=time.now)

    assert names(await ask(NAMES, by=by_wei)) == ["Wei's"]
    assert names(await ask(NAMES, by=by_jing)) == ["Wei's"]
    assert names(await ask(NAMES, by=by_ming)) == []
    assert names(await ask(NAMES, by=scene.by)) == ["Nobody's", "Wei's"]
    assert names(await ask(NAMES, by=scene.platform)) == ["Nobody's", "Wei's"]
    assert names(await ask(NAMES, by=await an_administrator(await a_partner("Rival")))) == []
    assert await ask(ACTIONS, by=by_ming, id=eof(offer)) is None
    await relay.place_all(now=time.now)
    events = '{ events(filter: {name: ["exclusive_offer.drafted"]}) { nodes { name } } }'
    assert len((await ask(events, by=by_wei))["nodes"]) == 1
    assert (await ask(events, by=by_ming))["nodes"] == []


async def test_a_distributor_looks_on_but_gets_no_link(ask: Ask, scene: Scene, time: Clock) -> None:
    distributor = await a_distributor()
    reseller = await joined(await a_partner("Reseller", distributor=distributor))
    by = await an_administrator(reseller)
    offer = await a_scheduled_offer(
        scene.goods, by=by, of=await a_customer(of=reseller), now=time.now
    )
    time.now = offer.effective_at
    query = "{ exclusiveOffers { nodes { name privateLink { openedCount } } } }"

    above = await ask(query, by=await an_administrator(distributor))
    assert above == {"nodes": [{"name": "Spring", "privateLink": None}]}
    assert await ask(query, by=by) == {
        "nodes": [{"name": "Spring", "privateLink": {"openedCount": 0}}]
    }


async def test_lists_are_filtered_and_searched(ask: Ask, scene: Scene, time: Clock) -> None:
    wei, _ = await a_manager(scene.partner)
    his = await a_customer("Amur", of=scene.partner, manager=wei, account_name="amur_account")
    other = await some_goods()
    await a_draft(scene.goods, by=scene.by, of=scene.customer, name="春季优惠", now=time.now)
    sold = await a_scheduled_offer(other, by=scene.by, of=his, name="Summer", now=time.now)
    sku = await a_sku(scene.goods)
    await a_draft(
        by=scene.by, of=scene.customer, name="List", now=time.now, **configuration((sku, 1))
    )

    async def found(**filter: Any) -> list[str]:
        return names(await ask(LIST, by=scene.by, filter=filter))

    assert await found(search="春季") == ["春季优惠"]
    assert await found(search="SUMM") == ["Summer"]
    assert await found(search=sold.number.lower()) == ["Summer"]
    assert await found(search="amur_") == ["Summer"]
    assert await found(status=["SCHEDULED"]) == ["Summer"]
    assert await found(customerId=cus(his)) == ["Summer"]
    assert await found(managerId=opr(wei)) == ["Summer"]
    assert await found(goodsId=gds(other)) == ["Summer"]
    assert await found(quotation=["CONFIGURATION"]) == ["List"]
    everything = ["List", "Summer", "春季优惠"]
    assert await found(partnerId=ids.encode("ptn", scene.partner.id)) == everything
    assert await found(origin=["AUTOMATIC"]) == []
    assert await found(effective={"from": "2030-02-02T00:00:00Z"}) == []
    assert await found(expires={"to": "2030-03-04T00:00:00Z"}) == everything
    time.now = sold.effective_at
    assert await found(status=["SCHEDULED"]) == []
    assert await found(status=["EFFECTIVE"]) == ["Summer"]
    with pytest.raises(Refused):
        await found(search="x")


async def test_offer_goods_are_those_of_offers_in_force(
    ask: Ask, scene: Scene, time: Clock
) -> None:
    """X-12, X-14: each of the goods once, what an order has made not at all."""
    one, two = await a_sku(scene.goods), await a_sku(scene.goods)
    listed = await a_scheduled_offer(
        by=scene.by, of=scene.customer, now=time.now, **configuration((one, 1), (two, 5))
    )
    await a_draft(await some_goods(), by=scene.by, of=scene.customer, now=time.now)
    other = await some_goods("数据库备份")

    @transactional
    async def pay() -> None:
        await automatic.ensure(
            customer_id=scene.customer.id,
            partner_id=scene.partner.id,
            goods_ids=[other.id],
            order_id=other.id,
            now=listed.effective_at,
        )

    await pay()
    query = """
    query ($filter: OfferGoodsFilter) {
      offerGoods(filter: $filter) {
        nodes { goods { number } sku { code } offer { privateLink { openedCount } } }
        totalCount { value }
      }
    }
    """

    assert (await ask(query, by=scene.by))["totalCount"] == {"value": 0}
    time.now = listed.effective_at
    seen = await ask(query, by=scene.by)
    assert seen == {
        "nodes": [
            {
                "goods": {"number": scene.goods.number},
                "sku": {"code": one.code},
                "offer": {"privateLink": {"openedCount": 0}},
            }
        ],
        "totalCount": {"value": 1},
    }

    async def count(**filter: Any) -> int:
        found: int = (await ask(query, by=scene.by, filter=filter))["totalCount"]["value"]
        return found

    assert await count(search="Cloud") == await count(search=scene.goods.number) == 1
    assert await count(customerId=cus(scene.customer)) == 1
    assert await count(goodsId=gds(other)) == await count(search="备份") == 0
    time.now = listed.expires_at
    assert (await ask(query, by=scene.by))["totalCount"] == {"value": 0}


async def test_rights_are_needed(ask: Ask, scene: Scene, time: Clock) -> None:
    nobody = await a_staff_viewer(Item.MEMBER_VIEW)

    for name in ("exclusiveOffers", "offerGoods", "specialApplications"):
        with pytest.raises(Refused) as refused:
            await ask(f"{{ {name} {{ nodes {{ id }} }} }}", by=nobody)
        assert refused.value.codes == ["FORBIDDEN"]


async def test_an_offer_goes_with_its_customer_from_manager_to_manager(
    ask: Ask, scene: Scene, time: Clock
) -> None:
    """O-03; for a customer that isn't the partner's own, it stays with who made it."""
    wei, by_wei = await a_manager(scene.partner)
    ming, by_ming = await a_manager(scene.partner, "Ming")
    his = await a_customer("Amur", of=scene.partner, manager=wei)
    await a_draft(scene.goods, by=by_wei, of=his, name="Own", now=time.now)
    stranger = await a_customer("Ob")
    await drafting.create(
        viewer=by_wei,
        account_name=stranger.account_name,
        wanted=terms(scene.goods, now=time.now, name="Stranger's"),
        now=time.now,
    )
    assert names(await ask(NAMES, by=by_wei)) == ["Stranger's", "Own"]

    await assignments.assign(
        viewer=scene.by, customer_ids=[his.id], manager_id=ming.id, now=time.now
    )

    assert names(await ask(NAMES, by=by_wei)) == ["Stranger's"]
    assert names(await ask(NAMES, by=by_ming)) == ["Own"]
    found = await ask(LIST, by=scene.by, filter={"managerId": opr(wei)})
    assert names(found) == ["Stranger's"]
