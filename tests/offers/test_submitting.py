"""Submitting offers: what passes at once, what people decide on, and everything that fails."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.offers import deadlines, drafting, submitting
from domain.offers.checks import OfferCheck, OfferCheckFailed
from domain.offers.submitting import BelowAuthorizedFloor
from kit.problems import InvalidInput, VersionConflict
from kit.status import WrongStatus
from models.audit import Event
from models.catalogue import Goods, GoodsKind, Sku
from models.notifications import Mail
from models.offers import (
    ExclusiveOffer,
    ExclusiveOfferLine,
    OfferStatus,
    PrivateLink,
    SpecialApplication,
)
from models.partners import Partner
from models.programmes import ProgrammeApplication
from models.timers import Timer
from tests.catalogue.factories import a_policy, a_sku, some_goods
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.factories import a_partner, an_administrator
from tests.offers.conftest import Scene
from tests.offers.factories import (
    DAY,
    MICROSECOND,
    a_draft,
    a_scheduled_offer,
    an_application,
    configuration,
    fresh,
    history,
    joined,
    terms,
)

pytestmark = pytest.mark.usefixtures("database")


async def failing(scene: Scene, draft: ExclusiveOffer, now: Any) -> dict[OfferCheck, list[str]]:
    """What the draft fails, and to blame for it; nothing is changed by asking."""
    with pytest.raises(OfferCheckFailed) as refused:
        await submitting.submit(viewer=scene.by, offer_id=draft.id, now=now)
    assert (await fresh(draft)).version == draft.version
    assert await Event.filter(subject_id=draft.id).count() == 1
    assert not await Timer.filter(subject_id=draft.id).exists()
    return {check.code: check.concerns for check in refused.value.checks}


async def test_within_what_is_authorized_it_is_approved_at_once(scene: Scene, time: Clock) -> None:
    offer = await a_scheduled_offer(
        scene.goods, by=scene.by, of=scene.customer, discount="0.85", now=time.now
    )

    assert offer.status is OfferStatus.SCHEDULED
    assert offer.floor == Decimal("0.85")
    assert (offer.submitted_at, offer.decided_at) == (time.now, time.now)
    assert await history(offer) == ["drafted", "submitted", "approved"]
    timers = {timer.kind: timer for timer in await Timer.filter(subject_id=offer.id)}
    assert timers[deadlines.START].due_at == offer.effective_at == time.now + DAY
    assert timers[deadlines.START].on_timeout == "START"
    assert timers[deadlines.END].due_at == offer.expires_at == time.now + 31 * DAY
    assert timers[deadlines.END].on_timeout == "EXPIRE"
    [line] = await ExclusiveOfferLine.filter(offer_id=offer.id)
    assert line.authorized_floor == Decimal("0.85")
    assert not await Mail.exists()


async def test_below_the_floor_of_any_goods_a_confirmation_is_asked_for(
    scene: Scene, time: Clock
) -> None:
    """X-04."""
    dear = await some_goods("Dear", authorized_floor=Decimal("0.95"))
    draft = await a_draft(
        scene.goods, dear, by=scene.by, of=scene.customer, discount="0.9", now=time.now
    )

    with pytest.raises(BelowAuthorizedFloor) as refused:
        await submitting.submit(viewer=scene.by, offer_id=draft.id, now=time.now)

    [floor] = refused.value.floors
    assert (floor.goods, floor.name, floor.floor_ratio) == (dear.number, "Dear", Decimal("0.95"))
    assert (await fresh(draft)).status is OfferStatus.DRAFT
    assert not await SpecialApplication.exists()
    assert not await Mail.exists()
    assert await history(draft) == ["drafted"]


async def test_confirmed_it_goes_to_people_and_their_mailbox_is_told(
    scene: Scene, time: Clock
) -> None:
    """X-05: without a direct-sales account, to the operations mailbox."""
    application = await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)

    offer = await ExclusiveOffer.get(id=application.offer_id)
    assert offer.status is OfferStatus.MANUAL_REVIEW
    assert application.sent_to == "operations@localhost"
    [mail] = await Mail.all()
    assert (mail.recipient, mail.template) == ("operations@localhost", "special_application")
    assert mail.facts["goods"] == [{"name": "Cloud archive", "floor": "85 %"}]
    assert mail.facts["discount"] == "50 %"
    assert await history(offer) == ["drafted", "submitted"]
    assert await history(application) == ["submitted"]
    assert not await PrivateLink.exists()
    [timer] = await Timer.filter(subject_id=offer.id)
    assert (timer.kind, timer.due_at) == (deadlines.END, offer.expires_at)


async def test_the_partners_direct_sales_account_is_told_first(scene: Scene, time: Clock) -> None:
    await Partner.filter(id=scene.partner.id).update(direct_sales_email="sales@cloud.example")

    application = await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)

    assert application.sent_to == "sales@cloud.example"
    assert (await Mail.get()).recipient == "sales@cloud.example"


async def test_a_confirmation_needs_a_reason(scene: Scene, time: Clock) -> None:
    draft = await a_draft(scene.goods, by=scene.by, of=scene.customer, discount="0.5", now=time.now)

    with pytest.raises(InvalidInput) as refused:
        await submitting.submit(
            viewer=scene.by,
            offer_id=draft.id,
            confirm_special_application=True,
            reason="  ",
            now=time.now,
        )

    assert refused.value.path == ("input", "reason")
    assert (await fresh(draft)).status is OfferStatus.DRAFT


async def test_a_needless_confirmation_does_no_harm(scene: Scene, time: Clock) -> None:
    draft = await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now)

    offer = await submitting.submit(
        viewer=scene.by, offer_id=draft.id, confirm_special_application=True, now=time.now
    )

    assert offer.status is OfferStatus.SCHEDULED
    assert not await SpecialApplication.exists()


async def test_the_floor_is_that_of_the_moment_when_it_takes_effect(
    scene: Scene, time: Clock
) -> None:
    await a_policy(scene.goods, since=time.now + DAY, authorized_floor=Decimal("0.95"))

    before = await a_draft(
        scene.goods,
        by=scene.by,
        of=scene.customer,
        effective_at=time.now + DAY - MICROSECOND,
        expires_at=time.now + DAY,
        now=time.now,
    )
    after = await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now)

    passed = await submitting.submit(viewer=scene.by, offer_id=before.id, now=time.now)
    assert passed.status is OfferStatus.SCHEDULED
    with pytest.raises(BelowAuthorizedFloor):
        await submitting.submit(viewer=scene.by, offer_id=after.id, now=time.now)


async def test_one_must_have_joined_the_programme(scene: Scene, time: Clock) -> None:
    """X-01: when it is drafted, and still when it is submitted."""
    stranger = await a_partner("Stranger")
    customer = await a_customer(of=stranger)
    with pytest.raises(OfferCheckFailed) as refused:
        await a_draft(scene.goods, by=await an_administrator(stranger), of=customer, now=time.now)
    assert [check.code for check in refused.value.checks] == [OfferCheck.PROGRAMME_NOT_JOINED]
    assert not await ExclusiveOffer.exists()

    draft = await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    end = time.now + timedelta(hours=1)
    await ProgrammeApplication.filter(partner_id=scene.partner.id).update(expires_at=end)
    assert await failing(scene, draft, end) == {OfferCheck.PROGRAMME_NOT_JOINED: []}
    offer = await submitting.submit(viewer=scene.by, offer_id=draft.id, now=end - MICROSECOND)
    assert offer.status is OfferStatus.SCHEDULED


async def test_it_takes_effect_later_than_now(scene: Scene, time: Clock) -> None:
    """X-03, to the microsecond."""
    draft = await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now)

    at = draft.effective_at
    assert await failing(scene, draft, at) == {OfferCheck.EFFECTIVE_NOT_IN_FUTURE: []}
    offer = await submitting.submit(viewer=scene.by, offer_id=draft.id, now=at - MICROSECOND)
    assert offer.status is OfferStatus.SCHEDULED


async def test_it_ends_after_it_begins(scene: Scene, time: Clock) -> None:
    begin = time.now + DAY
    draft = await a_draft(
        scene.goods,
        by=scene.by,
        of=scene.customer,
        effective_at=begin,
        expires_at=begin,
        now=time.now,
    )

    assert await failing(scene, draft, time.now) == {OfferCheck.ENDS_BEFORE_IT_BEGINS: []}


@pytest.mark.parametrize("kind", list(GoodsKind))
async def test_only_joint_operated_goods_and_the_platforms_own(
    scene: Scene, time: Clock, kind: GoodsKind
) -> None:
    goods = await some_goods(kind=kind)

    if kind in (GoodsKind.JOINT_OPERATED, GoodsKind.SELF_OPERATED):
        await a_scheduled_offer(goods, by=scene.by, of=scene.customer, now=time.now)
        return
    with pytest.raises(OfferCheckFailed) as refused:
        await a_draft(goods, by=scene.by, of=scene.customer, now=time.now)
    [check] = refused.value.checks
    assert (check.code, check.concerns) == (OfferCheck.GOODS_KIND_EXCLUDED, [goods.number])
    assert not await ExclusiveOffer.exists()


async def test_everything_that_fails_is_told_at_once(scene: Scene, time: Clock) -> None:
    sku = await a_sku(scene.goods)
    bare = await a_sku(await some_goods(policy=False))
    fixed = await a_sku(await some_goods(allows_discount=False))
    earlier = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    draft = await a_draft(
        by=scene.by,
        of=scene.customer,
        effective_at=earlier.effective_at + 3 * DAY,
        expires_at=earlier.effective_at + DAY,
        now=time.now,
        **configuration((sku, 1), (bare, 1), (fixed, 2)),
    )
    await ProgrammeApplication.all().delete()
    await Goods.filter(id=scene.goods.id).update(on_sale=False, kind=GoodsKind.STRICT_SELF)
    await Sku.filter(id=sku.id).update(on_sale=False)
    goods = {each.id: each.number for each in await Goods.all()}

    found = await failing(scene, draft, draft.effective_at)
    assert found == {
        OfferCheck.PROGRAMME_NOT_JOINED: [],
        OfferCheck.EFFECTIVE_NOT_IN_FUTURE: [],
        OfferCheck.ENDS_BEFORE_IT_BEGINS: [],
        OfferCheck.GOODS_KIND_EXCLUDED: [scene.goods.number],
        OfferCheck.GOODS_NOT_ON_SALE: [scene.goods.number],
        OfferCheck.SKU_NOT_ON_SALE: [sku.code],
        OfferCheck.NO_POLICY_IN_FORCE: [goods[bare.goods_id]],
        OfferCheck.DISCOUNT_NOT_ALLOWED: [goods[fixed.goods_id]],
        OfferCheck.OVERLAPS: [earlier.number],
    }
    assert list(found) == list(OfferCheck)


async def test_the_whole_price_is_no_discount(scene: Scene, time: Clock) -> None:
    """G-09, X-11."""
    fixed = await some_goods(allows_discount=False)

    offer = await a_scheduled_offer(
        fixed, by=scene.by, of=scene.customer, discount="1", now=time.now
    )

    assert offer.status is OfferStatus.SCHEDULED


@pytest.mark.parametrize(
    ("begin", "end", "overlaps"),
    [
        (-2 * DAY, timedelta(), False),  # up to its first instant
        (-2 * DAY, MICROSECOND, True),
        (5 * DAY, 6 * DAY, True),
        (30 * DAY - MICROSECOND, 40 * DAY, True),
        (30 * DAY, 40 * DAY, False),  # from its end on
        (-DAY, 60 * DAY, True),
    ],
)
async def test_offers_for_one_customer_and_goods_do_not_overlap(
    scene: Scene, time: Clock, begin: timedelta, end: timedelta, overlaps: bool
) -> None:
    other = await some_goods("Other")
    base = time.now + 10 * DAY
    earlier = await a_scheduled_offer(
        scene.goods,
        by=scene.by,
        of=scene.customer,
        effective_at=base,
        expires_at=base + 30 * DAY,
        now=time.now,
    )
    draft = await a_draft(
        other,
        scene.goods,
        by=scene.by,
        of=scene.customer,
        effective_at=base + begin,
        expires_at=base + end,
        now=time.now,
    )

    if overlaps:
        assert await failing(scene, draft, time.now) == {OfferCheck.OVERLAPS: [earlier.number]}
    else:
        offer = await submitting.submit(viewer=scene.by, offer_id=draft.id, now=time.now)
        assert offer.status is OfferStatus.SCHEDULED


async def test_what_is_still_under_review_holds_its_place(scene: Scene, time: Clock) -> None:
    application = await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    waiting = await ExclusiveOffer.get(id=application.offer_id)
    draft = await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now)

    assert await failing(scene, draft, time.now) == {OfferCheck.OVERLAPS: [waiting.number]}


async def test_others_customers_goods_and_partners_do_not_overlap(
    scene: Scene, time: Clock
) -> None:
    await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    second = await a_customer("Amur", of=scene.partner)
    rival = await joined(await a_partner("Rival"))

    await a_scheduled_offer(scene.goods, by=scene.by, of=second, now=time.now)
    await a_scheduled_offer(await some_goods(), by=scene.by, of=scene.customer, now=time.now)
    draft = await drafting.create(
        viewer=await an_administrator(rival),
        account_name=scene.customer.account_name,
        wanted=terms(scene.goods, now=time.now),
        now=time.now,
    )
    offer = await submitting.submit(
        viewer=await an_administrator(rival), offer_id=draft.id, now=time.now
    )
    assert offer.status is OfferStatus.SCHEDULED


async def test_it_is_submitted_once_and_as_it_was_read(scene: Scene, time: Clock) -> None:
    draft = await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    with pytest.raises(VersionConflict):
        await submitting.submit(
            viewer=scene.by, offer_id=draft.id, expected_version=2, now=time.now
        )

    await submitting.submit(viewer=scene.by, offer_id=draft.id, expected_version=1, now=time.now)
    with pytest.raises(WrongStatus):
        await submitting.submit(viewer=scene.by, offer_id=draft.id, now=time.now)
    assert await history(draft) == ["drafted", "submitted", "approved"]
