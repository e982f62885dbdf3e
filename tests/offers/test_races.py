"""Two things at the same moment, in both orders, with real locks."""

from collections.abc import Coroutine
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domain.offers import (
    applications,
    automatic,
    drafting,
    links,
    submitting,
    withdrawing,
)
from domain.offers.checks import OfferCheck, OfferCheckFailed
from domain.offers.guards import OfferExpired
from kit.status import WrongStatus
from kit.transaction import transactional
from models.customers import Customer
from models.offers import ExclusiveOffer, OfferStatus, SpecialApplication
from tests.catalogue.factories import some_goods
from tests.conftest import Clock
from tests.customers.factories import a_user_of
from tests.factories import a_partner, an_administrator
from tests.offers.conftest import Scene
from tests.offers.factories import (
    DAY,
    MICROSECOND,
    a_draft,
    a_scheduled_offer,
    an_application,
    end,
    fresh,
    history,
    joined,
    link_of,
    start,
    terms,
    token_of,
)
from tests.races import at_once

pytestmark = pytest.mark.usefixtures("database")

Call = Coroutine[Any, Any, Any]


@pytest.mark.parametrize("first", [0, 1])
async def test_of_two_overlapping_offers_submitted_at_once_one_is_refused(
    scene: Scene, time: Clock, first: int
) -> None:
    other = await some_goods()
    drafts = [
        await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now),
        await a_draft(other, scene.goods, by=scene.by, of=scene.customer, now=time.now),
    ]
    if first:
        drafts.reverse()

    won, lost = await at_once(
        *(submitting.submit(viewer=scene.by, offer_id=draft.id, now=time.now) for draft in drafts),
        while_locked=await Customer.get(id=scene.customer.id),
    )

    assert won.status is OfferStatus.SCHEDULED
    assert isinstance(lost, OfferCheckFailed)
    [check] = lost.checks
    assert (check.code, check.concerns) == (OfferCheck.OVERLAPS, [won.number])
    assert (await fresh(drafts[1])).status is OfferStatus.DRAFT


async def test_two_partners_offers_for_one_customer_do_not_hinder_each_other(
    scene: Scene, time: Clock
) -> None:
    by = await an_administrator(await joined(await a_partner("Rival")))
    mine = await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    theirs = await drafting.create(
        viewer=by,
        account_name=scene.customer.account_name,
        wanted=terms(scene.goods, now=time.now),
        now=time.now,
    )

    done = await at_once(
        submitting.submit(viewer=scene.by, offer_id=mine.id, now=time.now),
        submitting.submit(viewer=by, offer_id=theirs.id, now=time.now),
        while_locked=await Customer.get(id=scene.customer.id),
    )

    assert [offer.status for offer in done] == [OfferStatus.SCHEDULED, OfferStatus.SCHEDULED]


@pytest.mark.parametrize("withdrawal_first", [True, False])
async def test_withdrawn_as_it_begins(scene: Scene, time: Clock, withdrawal_first: bool) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    now = offer.effective_at
    calls: list[Call] = [
        withdrawing.withdraw(viewer=scene.by, offer_id=offer.id, now=now),
        start(offer, now),
    ]

    await at_once(*(calls if withdrawal_first else reversed(calls)), while_locked=offer)

    assert (await fresh(offer)).status is OfferStatus.WITHDRAWN
    assert await history(offer) == ["drafted", "submitted", "approved", "started", "withdrawn"]


@pytest.mark.parametrize("withdrawal_first", [True, False])
async def test_withdrawn_in_its_last_moment_as_it_ends(
    scene: Scene, time: Clock, withdrawal_first: bool
) -> None:
    """The request came in time; the worker, a moment later, finds it done, or was faster."""
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    calls: list[Call] = [
        withdrawing.withdraw(
            viewer=scene.by, offer_id=offer.id, now=offer.expires_at - MICROSECOND
        ),
        end(offer, offer.expires_at),
    ]

    answers = await at_once(*(calls if withdrawal_first else reversed(calls)), while_locked=offer)

    if withdrawal_first:
        assert (await fresh(offer)).status is OfferStatus.WITHDRAWN
        assert (await history(offer))[3:] == ["started", "withdrawn"]
    else:
        assert isinstance(answers[1], OfferExpired | WrongStatus)
        assert (await fresh(offer)).status is OfferStatus.EXPIRED
        assert (await history(offer))[3:] == ["started", "expired"]


@pytest.mark.parametrize("grant_first", [True, False])
async def test_granted_in_the_last_moment_as_it_ends(
    scene: Scene, time: Clock, grant_first: bool
) -> None:
    application = await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    offer = await ExclusiveOffer.get(id=application.offer_id)
    calls: list[Call] = [
        applications.grant(
            viewer=scene.platform,
            application_id=application.id,
            granted_floor=Decimal("0.5"),
            crm_number="1",
            now=offer.expires_at - MICROSECOND,
        ),
        end(offer, offer.expires_at),
    ]

    answers = await at_once(*(calls if grant_first else reversed(calls)), while_locked=offer)

    over = await fresh(offer)
    asked = await SpecialApplication.get(id=application.id)
    assert over.status is OfferStatus.EXPIRED
    if grant_first:
        assert asked.status == "GRANTED"
        assert (await history(offer))[2:] == ["granted", "expired"]
    else:
        assert isinstance(answers[1], WrongStatus | OfferExpired)
        assert asked.status == "CANCELLED"
        assert (await history(offer))[2:] == ["expired"]


@pytest.mark.parametrize("grant_first", [True, False])
async def test_granted_as_it_is_withdrawn(scene: Scene, time: Clock, grant_first: bool) -> None:
    application = await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    offer = await ExclusiveOffer.get(id=application.offer_id)
    calls: list[Call] = [
        applications.grant(
            viewer=scene.platform,
            application_id=application.id,
            granted_floor=Decimal("0.5"),
            crm_number="1",
            now=time.now,
        ),
        withdrawing.withdraw(viewer=scene.by, offer_id=offer.id, now=time.now),
    ]

    answers = await at_once(*(calls if grant_first else reversed(calls)), while_locked=offer)

    asked = await SpecialApplication.get(id=application.id)
    assert (await fresh(offer)).status is OfferStatus.WITHDRAWN
    if grant_first:
        assert asked.status == "GRANTED"
        assert (await history(offer))[2:] == ["granted", "withdrawn"]
    else:
        assert isinstance(answers[1], WrongStatus)
        assert asked.status == "CANCELLED"


@pytest.mark.parametrize("manual_first", [True, False])
async def test_a_manual_offer_and_an_automatic_one_at_once(
    scene: Scene, time: Clock, manual_first: bool
) -> None:
    draft = await a_draft(
        scene.goods,
        by=scene.by,
        of=scene.customer,
        effective_at=time.now + DAY - MICROSECOND,
        now=time.now,
    )

    @transactional
    async def pay() -> ExclusiveOffer | None:
        return await automatic.ensure(
            customer_id=scene.customer.id,
            partner_id=scene.partner.id,
            goods_ids=[scene.goods.id],
            order_id=uuid4(),
            now=time.now,
        )

    calls: list[Call] = [
        submitting.submit(viewer=scene.by, offer_id=draft.id, now=time.now),
        pay(),
    ]
    answers = await at_once(
        *(calls if manual_first else reversed(calls)),
        while_locked=await Customer.get(id=scene.customer.id),
    )

    manual, made = answers if manual_first else reversed(answers)
    assert manual.status is OfferStatus.SCHEDULED
    assert (made is None) is manual_first


async def test_one_order_paid_twice_at_once_has_one_offer(scene: Scene, time: Clock) -> None:
    order_id = uuid4()

    @transactional
    async def pay() -> ExclusiveOffer | None:
        return await automatic.ensure(
            customer_id=scene.customer.id,
            partner_id=scene.partner.id,
            goods_ids=[scene.goods.id],
            order_id=order_id,
            now=time.now,
        )

    one, other = await at_once(pay(), pay(), while_locked=await Customer.get(id=scene.customer.id))

    assert one.id == other.id
    assert await ExclusiveOffer.all().count() == 1


@pytest.mark.parametrize("opening_first", [True, False])
async def test_opened_as_it_is_withdrawn(scene: Scene, time: Clock, opening_first: bool) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    buyer, token, now = await a_user_of(scene.customer), await token_of(offer), offer.effective_at
    calls: list[Call] = [
        links.open_link(viewer=buyer, token=token, now=now),
        withdrawing.withdraw(viewer=scene.by, offer_id=offer.id, now=now),
    ]

    await at_once(*(calls if opening_first else reversed(calls)), while_locked=offer)

    assert (await link_of(offer)).opened == (1 if opening_first else 0)
    assert (await fresh(offer)).status is OfferStatus.WITHDRAWN


async def test_opened_by_many_at_once_each_counts_once(scene: Scene, time: Clock) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    buyer, token = await a_user_of(scene.customer), await token_of(offer)

    await at_once(
        *(links.open_link(viewer=buyer, token=token, now=offer.effective_at) for _ in range(5)),
        while_locked=offer,
    )

    assert (await link_of(offer)).opened == 5
