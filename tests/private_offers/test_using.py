"""An order uses a private offer up: who may, when, once, and what it keeps (R-05, A-22)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.private_offers import deadlines, publishing, versions
from domain.private_offers.guards import (
    PrivateOfferExpired,
    PrivateOfferNotEffective,
    PrivateOfferUsed,
    PrivateOfferWithdrawn,
)
from domain.private_offers.terms import Price
from domain.private_offers.using import FrozenPrice, PrivateOfferOfAnotherPartner
from kit.ids import new_id
from kit.money import Money
from kit.problems import NotFound, Problem
from kit.status import WrongStatus
from kit.transaction import transactional
from models.audit import Event
from models.private_offers import PrivateOffer
from models.private_offers import PrivateOfferStatus as Status
from models.requirements import CustomerRequirement, RequirementStatus
from models.timers import Timer
from tests.catalogue.factories import a_policy, a_price, a_sku
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.factories import a_partner
from tests.private_offers.factories import (
    DAY,
    a_draft,
    a_published,
    alone,
    an_effective,
    publish,
    terms,
    use,
)
from tests.requirements.factories import Sale, history

MICROSECOND = timedelta(microseconds=1)


async def test_an_order_keeps_what_the_offer_says_then(sale: Sale, time: Clock) -> None:
    other = await a_sku(sale.goods, price="20.00")
    prices = [Price(sale.sku.id, Decimal("899.50"), 2), Price(other.id, Decimal("0.01"))]
    offer = await an_effective(sale, prices=prices, now=time.now)
    order_id = new_id()

    frozen = await use(offer, sale, order_id=order_id, now=time.now)

    assert (frozen.ratio, frozen.number, frozen.sequence) == (Decimal("0.25"), offer.number, 1)
    assert frozen.prices == (
        FrozenPrice(sale.goods.id, sale.sku.id, 2, Money(Decimal("899.50"), "CNY")),
        FrozenPrice(sale.goods.id, other.id, 1, Money(Decimal("0.01"), "CNY")),
    )
    used = await PrivateOffer.get(id=offer.id)
    assert (used.status, used.order_id, used.ended_at) == (Status.USED, order_id, time.now)
    requirement = await CustomerRequirement.get()
    assert (requirement.id, requirement.status) == (frozen.requirement_id, RequirementStatus.CLOSED)
    assert await history(offer, sale.partner) == ["published", "started", "used"]
    assert (await history(requirement, sale.partner))[-1] == "fulfilled"
    assert not await Timer.exists(state="SCHEDULED")


async def test_the_same_order_is_answered_the_same_again(sale: Sale, time: Clock) -> None:
    offer = await an_effective(sale, now=time.now)
    order_id = new_id()
    first = await use(offer, sale, order_id=order_id, now=time.now)
    events = await Event.all().count()
    # Whatever becomes of goods and time since.
    await a_policy(sale.goods, since=time.now + DAY, max_ratio=Decimal("0"))
    await a_price(sale.sku, "1.00", since=time.now + DAY)

    again = await use(offer, sale, order_id=order_id, now=time.now + 9 * DAY)

    assert again == first
    assert await Event.all().count() == events
    with pytest.raises(PrivateOfferUsed):
        await use(offer, sale, now=time.now)


async def test_it_is_good_from_its_first_microsecond_to_its_last(sale: Sale, time: Clock) -> None:
    """By time alone: no worker has come by."""
    early, first, last, late = [await a_published(sale, now=time.now) for _ in range(4)]
    begins, ends = early.effective_at, early.expires_at

    with pytest.raises(PrivateOfferNotEffective) as not_yet:
        await use(early, sale, now=begins - MICROSECOND)
    await use(first, sale, now=begins)
    await use(last, sale, now=ends - MICROSECOND)
    with pytest.raises(PrivateOfferExpired) as over:
        await use(late, sale, now=ends)

    assert (not_yet.value.effective_at, over.value.expired_at) == (begins, ends)
    assert await history(first, sale.merchant) == ["drafted", "published", "started", "used"]
    stands = {offer.id: offer.status for offer in await PrivateOffer.all()}
    assert (stands[early.id], stands[late.id]) == (Status.PUBLISHED, Status.PUBLISHED)


async def test_it_is_for_one_customer_of_one_partner(sale: Sale, time: Clock) -> None:
    offer = await an_effective(sale, now=time.now)
    rival = await a_partner("Rival")
    cases: list[tuple[type[Problem], dict[str, Any]]] = [
        (NotFound, {"customer_id": (await a_customer(of=sale.partner)).id}),
        (PrivateOfferOfAnotherPartner, {"partner_id": rival.id}),
    ]
    for problem, other in cases:
        with pytest.raises(problem):
            await use(offer, sale, now=time.now, **other)
    with pytest.raises(NotFound):
        await use(await a_draft(sale, now=time.now), sale, now=time.now)
    assert (await PrivateOffer.get(id=offer.id)).status is Status.EFFECTIVE


async def test_what_is_over_in_one_way_or_another_is_not_used(sale: Sale, time: Clock) -> None:
    offer = await an_effective(sale, now=time.now)
    await publishing.withdraw(viewer=sale.seller, offer_id=offer.id, reason="x", now=time.now)
    lapsed = await an_effective(sale, now=time.now)
    await deadlines.end(subject_ids=[lapsed.id], now=lapsed.expires_at)

    with pytest.raises(PrivateOfferWithdrawn):
        await use(offer, sale, now=time.now)
    with pytest.raises(PrivateOfferExpired):
        await use(lapsed, sale, now=lapsed.expires_at)


async def test_orders_that_come_after_a_newer_version_use_that(sale: Sale, time: Clock) -> None:
    offer = await an_effective(sale, now=time.now)
    await versions.open_draft(viewer=sale.seller, offer_id=offer.id, now=time.now)
    await versions.edit_draft(
        viewer=sale.seller,
        offer_id=offer.id,
        expected_version=1,
        offered=terms(sale, ratio="0.1", price="5.00", begins=timedelta(), now=time.now),
        now=time.now,
    )
    await publish(offer, sale, now=time.now)

    frozen = await use(offer, sale, now=time.now)

    assert (frozen.sequence, frozen.ratio) == (2, Decimal("0.1"))
    assert [price.unit_price.amount for price in frozen.prices] == [Decimal("5.00")]
    with pytest.raises(WrongStatus):
        await versions.open_draft(viewer=sale.seller, offer_id=offer.id, now=time.now)


async def test_an_offer_made_alone_names_no_requirement(sale: Sale, time: Clock) -> None:
    """A-20."""
    offer = await publish(await alone(sale, begins=-DAY, now=time.now), sale, now=time.now)

    assert (await use(offer, sale, now=time.now)).requirement_id is None


async def test_an_order_that_comes_to_nothing_has_used_nothing(sale: Sale, time: Clock) -> None:
    offer = await an_effective(sale, now=time.now)

    @transactional
    async def order() -> None:
        await use(offer, sale, now=time.now)
        raise NotFound(thing="money")

    with pytest.raises(NotFound):
        await order()
    assert (await PrivateOffer.get(id=offer.id)).status is Status.EFFECTIVE
    assert not await Event.exists(name="private_offer.used")
