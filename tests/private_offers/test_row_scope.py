"""Who sees which private offers, and what of them."""

from datetime import timedelta
from typing import Any

import pytest

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.private_offers import publishing, versions
from models.customers import Customer
from tests.catalogue.factories import a_merchant
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.customers.factories import a_customer, a_manager, a_user_of, cus
from tests.factories import (
    a_distributor,
    a_staff_viewer,
    an_administrator,
)
from tests.private_offers.factories import a_draft, a_published, alone, an_effective, pvo, use
from tests.requirements.factories import Sale, crq

LIST = """
query ($filter: PrivateOfferFilter) { privateOffers(filter: $filter) {
  totalCount { value } nodes { id } } }
"""
SHOWN = """
query ($id: ID!) { privateOffer(id: $id) {
  ratio requirement { id } customer { name } terms { ratio sequence }
  draft { sequence } versions { nodes { sequence ratio } } history { nodes { name } }
  availableActions { name allowed } } }
"""
NODE = "query ($id: ID!) { node(id: $id) { id } }"


async def seen(ask: Ask, by: Viewer, **filter: Any) -> set[str]:
    found = await ask(LIST, by=by, filter=filter or None)
    ids = {node["id"] for node in found["nodes"]}
    assert found["totalCount"]["value"] == len(ids)
    return ids


async def test_a_draft_is_the_merchants_alone(ask: Ask, sale: Sale, time: Clock) -> None:
    draft, published = await a_draft(sale, now=time.now), await a_published(sale, now=time.now)
    user = await a_user_of(sale.customer)
    staff = await a_staff_viewer(Item.CUSTOMER_VIEW)
    other = await an_administrator(await a_merchant("Other shop"))
    rival = await an_administrator(await a_distributor("Rival"))

    for by in (sale.seller, staff):
        assert await seen(ask, by) == {pvo(draft), pvo(published)}
    for by in (sale.by, user):
        assert await seen(ask, by) == {pvo(published)}
        assert await ask(NODE, by=by, id=pvo(draft)) is None
    for by in (other, rival, await a_user_of(await _somebody(sale))):
        assert await seen(ask, by) == set()
        assert await ask(NODE, by=by, id=pvo(published)) is None


async def _somebody(sale: Sale) -> Customer:
    return await a_customer("Other", of=sale.partner)


async def test_the_next_version_is_the_merchants_until_it_is_published(
    ask: Ask, sale: Sale, time: Clock
) -> None:
    offer = await an_effective(sale, now=time.now)
    await versions.open_draft(viewer=sale.seller, offer_id=offer.id, now=time.now)

    mine = await ask(SHOWN, by=sale.seller, id=pvo(offer))
    theirs = await ask(SHOWN, by=sale.by, id=pvo(offer))

    assert (mine["draft"], theirs["draft"]) == ({"sequence": 2}, None)
    assert [v["sequence"] for v in mine["versions"]["nodes"]] == [2, 1]
    assert [v["sequence"] for v in theirs["versions"]["nodes"]] == [1]
    assert theirs["customer"] == {"name": "Yangtze"}
    names = [event["name"].removeprefix("private_offer.") for event in theirs["history"]["nodes"]]
    assert names == ["started", "published"]
    assert len(mine["history"]["nodes"]) == 4
    assert not any(action["allowed"] for action in theirs["availableActions"])


async def test_the_customer_sees_prices_and_nothing_of_the_share(
    ask: Ask, sale: Sale, time: Clock
) -> None:
    offer = await an_effective(sale, now=time.now)
    user = await a_user_of(sale.customer)

    assert await ask(SHOWN, by=user, id=pvo(offer)) == {
        "ratio": None,
        "requirement": None,
        "customer": {"name": "Yangtze"},
        "terms": {"ratio": None, "sequence": 1},
        "draft": None,
        "versions": {"nodes": [{"sequence": 1, "ratio": None}]},
        "history": {"nodes": []},
        "availableActions": [
            {"name": name, "allowed": False}
            for name in (
                "privateOfferDraftOpen",
                "privateOfferDraftEdit",
                "privateOfferDraftDiscard",
                "privateOfferPublish",
                "privateOfferWithdraw",
                "privateOfferDelete",
                "privateOfferClone",
            )
        ],
    }
    prices = await ask(
        "query ($id: ID!) { privateOffer(id: $id) { terms { lines { unitPrice { amount } } } } }",
        by=user,
        id=pvo(offer),
    )
    assert prices == {"terms": {"lines": [{"unitPrice": {"amount": "900.00"}}]}}


async def test_what_is_over_leaves_the_customers_sight_unless_it_was_used(
    ask: Ask, sale: Sale, time: Clock
) -> None:
    used, lapsed, gone = [await an_effective(sale, now=time.now) for _ in range(3)]
    await use(used, sale, now=time.now)
    await publishing.withdraw(viewer=sale.seller, offer_id=gone.id, reason="x", now=time.now)
    user = await a_user_of(sale.customer)
    everything = {pvo(used), pvo(lapsed), pvo(gone)}
    assert await seen(ask, user) == {pvo(used), pvo(lapsed)}

    time.forward(days=1, microseconds=-1)
    assert await seen(ask, user) == {pvo(used), pvo(lapsed)}
    time.forward(microseconds=1)
    assert await seen(ask, user) == {pvo(used)}
    assert await seen(ask, sale.by) == await seen(ask, sale.seller) == everything


async def test_an_account_manager_sees_his_customers_offers(
    ask: Ask, sale: Sale, time: Clock
) -> None:
    wei, by_wei = await a_manager(sale.partner)
    _, by_ming = await a_manager(sale.partner, "Ming")
    offer = await a_published(sale, now=time.now)
    assert await seen(ask, by_wei) == set()

    await Customer.filter(id=sale.customer.id).update(manager_id=wei.id)

    assert await seen(ask, by_wei) == {pvo(offer)}
    assert await seen(ask, by_ming) == set()


@pytest.mark.parametrize("by", ["partner", "merchant"])
async def test_lists_are_narrowed(ask: Ask, sale: Sale, time: Clock, by: str) -> None:
    viewer = sale.by if by == "partner" else sale.seller
    effective = await an_effective(sale, now=time.now)
    waiting = await a_published(sale, now=time.now, begins=timedelta(days=10))
    assert effective.requirement_id is not None
    requirement = await effective.requirement.first()  # type: ignore[union-attr]
    assert requirement is not None
    for filter, expected in (
        ({"status": ["EFFECTIVE"]}, {effective}),
        ({"status": ["PUBLISHED", "DRAFT"]}, {waiting}),
        ({"number": waiting.number}, {waiting}),
        ({"search": "pring PR"}, {effective, waiting}),
        ({"search": "pr"}, {effective, waiting}),
        ({"search": "autumn"}, set()),
        ({"merchantName": "Ink & Paper", "partnerName": "Acme"}, {effective, waiting}),
        ({"merchantName": "Ink"}, set()),
        ({"customer": "yang"}, {effective, waiting}),
        ({"customerId": cus(sale.customer)}, {effective, waiting}),
        ({"requirementId": crq(requirement)}, {effective}),
        ({"effective": {"from": "2030-02-05T00:00:00Z"}}, {waiting}),
        ({"expires": {"to": "2030-02-05T00:00:00Z"}}, {effective}),
    ):
        assert await seen(ask, viewer, **filter) == {pvo(offer) for offer in expected}
    assert (await alone(sale, now=time.now)).published_at is None
