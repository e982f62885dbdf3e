"""Drafting offers: for whom, on what, in which words."""

from decimal import Decimal
from typing import Any

import pytest

from domain.offers import drafting, submitting
from domain.offers.terms import Terms
from kit.problems import Forbidden, InvalidInput, NotFound, VersionConflict
from kit.status import WrongStatus
from models.offers import (
    ExclusiveOffer,
    ExclusiveOfferLine,
    QuotationKind,
)
from models.partners import Site
from tests.catalogue.factories import a_sku, some_goods
from tests.conftest import Clock
from tests.customers.factories import a_customer, a_manager, a_supervisor
from tests.factories import a_distributor, a_partner, an_administrator
from tests.offers.conftest import Scene
from tests.offers.factories import (
    a_draft,
    a_scheduled_offer,
    configuration,
    joined,
    terms,
)

pytestmark = pytest.mark.usefixtures("database")


async def test_a_configuration_names_skus_and_quantities(scene: Scene, time: Clock) -> None:
    """X-14."""
    small, large = await a_sku(scene.goods), await a_sku(scene.goods)

    offer = await a_scheduled_offer(
        by=scene.by, of=scene.customer, now=time.now, **configuration((large, 3), (small, 12))
    )

    assert offer.quotation is QuotationKind.CONFIGURATION
    lines = await ExclusiveOfferLine.filter(offer_id=offer.id).order_by("position")
    assert [(line.sku_id, line.quantity) for line in lines] == [(large.id, 3), (small.id, 12)]


async def test_a_draft_is_edited_as_a_whole_and_nothing_else_is(scene: Scene, time: Clock) -> None:
    other = await some_goods("Other")
    draft = await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    wanted = terms(other, now=time.now, discount="0.95", name="Summer", note="Call first.")

    with pytest.raises(VersionConflict):
        await drafting.edit(
            viewer=scene.by, offer_id=draft.id, expected_version=9, wanted=wanted, now=time.now
        )
    edited = await drafting.edit(
        viewer=scene.by, offer_id=draft.id, expected_version=1, wanted=wanted, now=time.now
    )

    assert (edited.name, edited.note, edited.discount) == ("Summer", "Call first.", Decimal("0.95"))
    assert [line.goods_id for line in await ExclusiveOfferLine.all()] == [other.id]
    assert edited.version == 2
    await submitting.submit(viewer=scene.by, offer_id=draft.id, now=time.now)
    with pytest.raises(WrongStatus):
        await drafting.edit(
            viewer=scene.by, offer_id=draft.id, expected_version=3, wanted=wanted, now=time.now
        )


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": " "}, ("input", "name")),
        ({"name": "名" * 161}, ("input", "name")),
        ({"name": "🎁" * 300}, ("input", "name")),
        ({"name": "A\x00"}, ("input", "name")),
        ({"note": "x" * 501}, ("input", "note")),
        ({"discount": "0"}, ("input", "discountRatio")),
        ({"discount": "-0.5"}, ("input", "discountRatio")),
        ({"discount": "1.0001"}, ("input", "discountRatio")),
        ({"discount": "85"}, ("input", "discountRatio")),
        ({"discount": "0.85001"}, ("input", "discountRatio")),
        ({"goods_ids": []}, ("input",)),
        ({"goods_ids": "twice"}, ("input", "goodsIds")),
        ({"goods_ids": "many"}, ("input", "goodsIds")),
    ],
)
async def test_bad_input_is_named(
    scene: Scene, time: Clock, given: dict[str, Any], path: tuple[str, ...]
) -> None:
    if given.get("goods_ids") == "twice":
        given = {"goods_ids": [scene.goods.id, scene.goods.id]}
    if given.get("goods_ids") == "many":
        given = {"goods_ids": [(await some_goods()).id for _ in range(51)]}

    with pytest.raises(InvalidInput) as refused:
        await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now, **given)

    assert refused.value.path == path
    assert not await ExclusiveOffer.exists()


async def test_quantities_and_unknown_things_are_named(scene: Scene, time: Clock) -> None:
    sku = await a_sku(scene.goods)
    hidden = await some_goods(is_listed=False)
    for quantity in (0, -1, 1_000_001):
        with pytest.raises(InvalidInput) as bad:
            await a_draft(
                by=scene.by, of=scene.customer, now=time.now, **configuration((sku, quantity))
            )
        assert bad.value.path == ("input", "configuration", "quantity")
    with pytest.raises(NotFound) as unknown:
        await a_draft(hidden, by=scene.by, of=scene.customer, now=time.now)
    assert unknown.value.path == ("input", "goodsIds", "0")
    with pytest.raises(NotFound) as unknown:
        await a_draft(
            by=scene.by, of=scene.customer, now=time.now, **configuration((scene.customer, 1))
        )
    assert unknown.value.path == ("input", "configuration", "0", "skuId")
    assert not await ExclusiveOffer.exists()


async def test_an_account_of_nobody_or_of_another_partner_is_named_by_its_account(
    scene: Scene, time: Clock
) -> None:
    """G-06: a provider earns on customers that belong to others, too."""
    free = await a_customer("Amur")
    theirs = await a_customer("Ob", of=await a_partner("Other"))
    abroad = await a_customer("Rhine", site=Site.INTERNATIONAL)

    async def draft(**who: Any) -> ExclusiveOffer:
        wanted: Terms = terms(scene.goods, now=time.now)
        return await drafting.create(viewer=scene.by, wanted=wanted, now=time.now, **who)

    for customer in (free, theirs):
        offer = await draft(account_name=f" {customer.account_name} ")
        assert (offer.customer_id, offer.account_name) == (customer.id, customer.account_name)
        assert offer.manager_id == scene.by.seat_id
        with pytest.raises(NotFound) as unseen:
            await draft(customer_id=customer.id)
        assert unseen.value.path == ("input", "customerId")
    for name in (abroad.account_name, "nobody"):
        with pytest.raises(NotFound) as unknown:
            await draft(account_name=name)
        assert unknown.value.path == ("input", "accountName")
    for neither in ({}, {"customer_id": free.id, "account_name": free.account_name}):
        with pytest.raises(InvalidInput):
            await draft(**neither)
    assert await ExclusiveOffer.all().count() == 2


async def test_a_manager_makes_offers_for_his_customers_alone(scene: Scene, time: Clock) -> None:
    """O-03, however the customer is named."""
    wei, by_wei = await a_manager(scene.partner)
    _, by_ming = await a_manager(scene.partner, "Ming")
    _, looking_on = await a_supervisor(scene.partner)
    his = await a_customer("Amur", of=scene.partner, manager=wei)

    offer = await a_draft(scene.goods, by=by_wei, of=his, now=time.now)
    assert offer.manager_id is None
    for who in ({"customer_id": his.id}, {"account_name": his.account_name}):
        with pytest.raises(NotFound):
            await drafting.create(
                viewer=by_ming, wanted=terms(scene.goods, now=time.now), now=time.now, **who
            )
    with pytest.raises(NotFound):
        await submitting.submit(viewer=by_ming, offer_id=offer.id, now=time.now)
    with pytest.raises(Forbidden):
        await a_draft(scene.goods, by=looking_on, of=his, now=time.now)
    with pytest.raises(Forbidden):
        await a_draft(scene.goods, by=scene.platform, of=his, now=time.now)
    assert await ExclusiveOffer.all().count() == 1


async def test_a_distributor_makes_no_offers_for_its_resellers_customers(
    scene: Scene, time: Clock
) -> None:
    distributor = await joined(await a_distributor())
    reseller = await joined(await a_partner("Reseller", distributor=distributor))
    customer = await a_customer("Amur", of=reseller)
    by = await an_administrator(distributor)

    with pytest.raises(NotFound):
        await a_draft(scene.goods, by=by, of=customer, now=time.now)
    assert not await ExclusiveOffer.exists()
