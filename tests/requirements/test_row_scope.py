"""Who sees which requirements, and what of them (O-03 and the merchant's side)."""

from typing import Any

import pytest

from domain.identity import api_keys, recognition
from domain.identity.items import Item
from domain.identity.presets import Preset
from domain.identity.viewer import Viewer
from domain.requirements import drafting
from domain.requirements.wishes import Wish
from kit import clock
from models.customers import Customer
from models.requirements import CustomerRequirement
from tests.catalogue.factories import a_merchant
from tests.conftest import Clock
from tests.customers.conftest import Ask, Refused
from tests.customers.factories import a_customer, a_manager, a_supervisor, cus, supervise
from tests.factories import (
    a_customer_user_viewer,
    a_distributor,
    a_person,
    a_staff_viewer,
    an_administrator,
    an_operator,
    as_operator,
)
from tests.offers.factories import joined
from tests.requirements.factories import RATIO, Sale, a_draft, a_pending, an_accepted, crq, submit

LIST = """
query ($filter: CustomerRequirementFilter) { customerRequirements(filter: $filter) {
  totalCount { value } nodes { id } } }
"""
ONE = "query ($id: ID!) { customerRequirement(id: $id) { id } }"
NODE = "query ($id: ID!) { node(id: $id) { id } }"


async def seen(ask: Ask, by: Viewer, **filter: Any) -> set[str]:
    found = await ask(LIST, by=by, filter=filter or None)
    ids = {node["id"] for node in found["nodes"]}
    assert found["totalCount"]["value"] == len(ids)
    return ids


async def a_pending_for(
    sale: Sale, customer: Customer, by: Viewer, time: Clock
) -> CustomerRequirement:
    draft = await drafting.create(
        viewer=by,
        customer_id=customer.id,
        expected_ratio=RATIO,
        lines=[Wish(sale.goods.id)],
        now=time.now,
    )
    return await submit(draft, by=by, now=time.now)


async def test_each_side_sees_its_own_and_a_draft_is_the_partners(
    ask: Ask, sale: Sale, time: Clock
) -> None:
    draft, pending = await a_draft(sale, now=time.now), await a_pending(sale, now=time.now)
    stranger = await an_administrator(await joined(await a_merchant("Other shop")))
    rival = await an_administrator(await a_distributor("Rival"))

    assert await seen(ask, sale.by) == {crq(draft), crq(pending)}
    assert await seen(ask, sale.seller) == {crq(pending)}
    for by in (stranger, rival):
        assert await seen(ask, by) == set()
        for requirement in (draft, pending):
            assert await ask(ONE, by=by, id=crq(requirement)) is None
            assert await ask(NODE, by=by, id=crq(requirement)) is None
    assert await ask(NODE, by=sale.seller, id=crq(draft)) is None
    assert (await ask(NODE, by=sale.seller, id=crq(pending)))["id"] == crq(pending)


async def test_a_merchant_sees_what_names_the_customer_and_no_more(
    ask: Ask, sale: Sale, time: Clock
) -> None:
    pending = await a_pending(sale, now=time.now, note="by summer")
    query = """query ($id: ID!) { customerRequirement(id: $id) {
        customer { email phone } customerName customerAccountName partner { id } partnerName
        expectedRatio note author { email phone } history { nodes { name } } } }"""

    assert await ask(query, by=sale.seller, id=crq(pending)) == {
        "customer": None,
        "customerName": "Yangtze",
        "customerAccountName": sale.customer.account_name,
        "partner": None,
        "partnerName": "Acme",
        "expectedRatio": "0.250000",
        "note": "by summer",
        "author": None,
        "history": {"nodes": [{"name": "customer_requirement.submitted"}]},
    }
    theirs = await ask("{ customers { nodes { id } } }", by=sale.seller)
    assert theirs == {"nodes": []}


async def test_a_requirement_goes_with_the_customer_from_hand_to_hand(
    ask: Ask, sale: Sale, time: Clock
) -> None:
    wei, by_wei = await a_manager(sale.partner)
    _, by_ming = await a_manager(sale.partner, "Ming")
    jing, by_jing = await a_supervisor(sale.partner)
    await supervise(jing, wei)
    by_jing = await as_operator(jing)
    his = await a_customer("Wei's", of=sale.partner, manager=wei)
    mine = await a_pending_for(sale, his, by_wei, time)
    await a_pending(sale, now=time.now)

    assert await seen(ask, by_wei) == await seen(ask, by_jing) == {crq(mine)}
    assert await seen(ask, by_ming) == set()
    assert await ask(ONE, by=by_ming, id=crq(mine)) is None

    await Customer.filter(id=his.id).update(manager_id=by_ming.seat_id)
    assert await seen(ask, by_ming) == {crq(mine)}
    assert await seen(ask, by_wei) == set()


async def test_a_distributor_sees_its_resellers_and_the_platform_all(
    ask: Ask, sale: Sale, time: Clock
) -> None:
    distributor = await a_distributor()
    sale.partner.distributor_id = distributor.id
    sale.partner.kind = type(sale.partner.kind).RESELLER
    await sale.partner.save(update_fields=["distributor_id", "kind"])
    pending = await a_pending(sale, now=time.now)
    above = await an_administrator(distributor)

    assert await seen(ask, above) == {crq(pending)}
    assert await seen(ask, await a_staff_viewer(Item.CUSTOMER_VIEW)) == {crq(pending)}
    with pytest.raises(Refused):
        await seen(ask, await a_staff_viewer(Item.OPERATE))
    query = """query ($id: ID!) { customerRequirement(id: $id) {
        history { nodes { name } } availableActions { allowed } } }"""
    for by in (above, await a_staff_viewer(Item.CUSTOMER_VIEW)):
        found = await ask(query, by=by, id=crq(pending))
        assert [event["name"] for event in found["history"]["nodes"]] == [
            "customer_requirement.submitted",
            "customer_requirement.drafted",
        ]
        assert not any(action["allowed"] for action in found["availableActions"])


async def test_customers_know_nothing_of_it(ask: Ask, sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)
    user = await a_customer_user_viewer(await a_person())

    with pytest.raises(Refused):
        await seen(ask, user)
    assert await ask(ONE, by=user, id=crq(pending)) is None


async def test_at_a_merchant_the_right_decides(ask: Ask, sale: Sale, time: Clock) -> None:
    pending = await a_pending(sale, now=time.now)
    clerk = await as_operator(
        await an_operator(of=sale.merchant, person=await a_person(), role=Preset.FINANCE)
    )
    assert await seen(ask, clerk) == set()
    key = await api_keys.create(
        viewer=sale.seller, name="ERP", items=[Item.PRIVATE_OFFER_MANAGE], now=time.now
    )
    parts = api_keys.parts(key.secret)
    assert parts is not None
    found = await recognition.by_api_key(*parts, wall=clock.wall())
    assert found is not None
    assert await seen(ask, found.viewer) == {crq(pending)}


async def test_lists_are_narrowed(ask: Ask, sale: Sale, time: Clock) -> None:
    accepted = await an_accepted(sale, now=time.now)
    time.forward(days=1)
    other = await a_customer("长江制造", of=sale.partner, account_name="changjiang")
    pending = await a_pending_for(sale, other, sale.by, time)
    later = {"from": "2030-02-01T00:00:00Z"}
    for filter, expected in (
        ({"status": ["ACCEPTED"]}, accepted),
        ({"number": pending.number}, pending),
        ({"search": "长江"}, pending),
        ({"search": "ANGJIA"}, pending),
        ({"customerId": cus(sale.customer)}, accepted),
        ({"created": later, "merchantName": "Ink & Paper", "partnerName": "Acme"}, pending),
        ({"submitted": later}, pending),
        ({"expires": {"to": "2030-02-06T00:00:00Z"}}, accepted),
    ):
        assert await seen(ask, sale.by, **filter) == {crq(expected)}
        assert await seen(ask, sale.seller, **filter) <= {crq(expected)}
