"""The automatic 100 % offer (X-09): all its conditions, to the microsecond, once per order."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from domain.offers import automatic, bindings, deadlines, drafting, submitting, withdrawing
from domain.offers.automatic import AutomaticObstacle as Obstacle
from domain.offers.guards import MadeByAnOrder
from kit.transaction import transactional
from models.audit import Event
from models.catalogue import Goods, GoodsKind
from models.customers import Association, Customer
from models.offers import (
    ExclusiveOffer,
    ExclusiveOfferLine,
    OfferOrigin,
    OfferStatus,
    PrivateLink,
)
from models.programmes import ProgrammeApplication
from models.timers import Timer
from tests.catalogue.factories import some_goods
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.factories import a_partner, an_administrator
from tests.offers.conftest import Scene
from tests.offers.factories import (
    DAY,
    MICROSECOND,
    a_scheduled_offer,
    an_application,
    history,
    joined,
    terms,
)

pytestmark = pytest.mark.usefixtures("database")


@transactional
async def ensured(
    scene: Scene,
    *goods: Goods,
    now: datetime,
    order_id: UUID | None = None,
    customer: Customer | None = None,
) -> ExclusiveOffer | None:
    return await automatic.ensure(
        customer_id=(customer or scene.customer).id,
        partner_id=scene.partner.id,
        goods_ids=[each.id for each in goods or (scene.goods,)],
        order_id=order_id or uuid4(),
        now=now,
    )


async def why_not(scene: Scene, *goods: Goods, now: datetime) -> list[list[Obstacle]]:
    found = await automatic.obstacles(
        customer_id=scene.customer.id,
        partner_id=scene.partner.id,
        goods_ids=[each.id for each in goods or (scene.goods,)],
        now=now,
    )
    return list(found.values())


async def test_it_is_made_for_one_order_at_the_whole_price(scene: Scene, time: Clock) -> None:
    order_id = uuid4()

    offer = await ensured(scene, now=time.now, order_id=order_id)

    assert offer is not None
    assert (offer.origin, offer.status) == (OfferOrigin.AUTOMATIC, OfferStatus.EFFECTIVE)
    assert (offer.discount, offer.order_id) == (Decimal(1), order_id)
    assert (offer.effective_at, offer.expires_at) == (time.now, time.now + DAY)
    assert offer.customer_id == scene.customer.id
    [line] = await ExclusiveOfferLine.filter(offer_id=offer.id)
    assert line.goods_id == scene.goods.id
    assert await history(offer) == ["made"]
    [timer] = await Timer.filter(subject_id=offer.id)
    assert (timer.kind, timer.due_at) == (deadlines.END, offer.expires_at)
    # Nobody is to be led to what is one order's own.
    assert not await PrivateLink.exists()


async def test_the_same_order_gets_the_same_offer(scene: Scene, time: Clock) -> None:
    order_id = uuid4()

    first = await ensured(scene, now=time.now, order_id=order_id)
    second = await ensured(scene, now=time.now + DAY, order_id=order_id)
    third = await ensured(scene, now=time.now)

    assert first is not None
    assert second is not None
    assert third is not None
    assert first.id == second.id != third.id
    assert await Event.filter(name="exclusive_offer.made").count() == 2


@pytest.mark.parametrize("kind", list(GoodsKind))
async def test_only_for_joint_operated_goods_and_the_platforms_own(
    scene: Scene, time: Clock, kind: GoodsKind
) -> None:
    goods = await some_goods(kind=kind)

    offer = await ensured(scene, goods, now=time.now)

    if kind in (GoodsKind.JOINT_OPERATED, GoodsKind.SELF_OPERATED):
        assert offer is not None
    else:
        assert offer is None
        assert await why_not(scene, goods, now=time.now) == [[Obstacle.GOODS_KIND_EXCLUDED]]


async def test_only_for_customers_that_are_bound(scene: Scene, time: Clock) -> None:
    """A-04: by an association that lasts, or by an earlier order."""
    free = await a_customer("Amur", of=await a_partner("Other"))
    assert await ensured(scene, now=time.now, customer=free) is None

    for _ in range(2):
        await bindings.bind(customer_id=free.id, partner_id=scene.partner.id, now=time.now)
    assert await ensured(scene, now=time.now, customer=free) is not None

    await Association.filter(customer_id=scene.customer.id).update(state="ENDED", ended_at=time.now)
    assert await ensured(scene, now=time.now) is None
    assert await why_not(scene, now=time.now) == [[Obstacle.NOT_BOUND]]


async def test_only_while_the_partner_is_in_the_programme(scene: Scene, time: Clock) -> None:
    end = time.now + DAY
    await ProgrammeApplication.all().update(expires_at=end)

    assert await ensured(scene, now=end - MICROSECOND) is not None
    assert await ensured(scene, now=end) is None
    assert await why_not(scene, now=end) == [[Obstacle.PROGRAMME_NOT_JOINED]]


@pytest.mark.parametrize(
    ("before_it_begins", "obstacle"),
    [
        (timedelta(hours=24) + MICROSECOND, None),
        (timedelta(hours=24), None),
        (timedelta(hours=24) - MICROSECOND, Obstacle.OFFER_WITHIN_A_DAY),
        (timedelta(hours=23, minutes=59, seconds=59), Obstacle.OFFER_WITHIN_A_DAY),
        (MICROSECOND, Obstacle.OFFER_WITHIN_A_DAY),
        (timedelta(), Obstacle.OFFER_IN_FORCE),
        (-30 * DAY + MICROSECOND, Obstacle.OFFER_IN_FORCE),
        (-30 * DAY, None),  # it has just ended
    ],
)
async def test_an_offer_in_force_or_within_a_day_stands_in_the_way(
    scene: Scene, time: Clock, before_it_begins: timedelta, obstacle: Obstacle | None
) -> None:
    other = await a_scheduled_offer(
        scene.goods,
        by=scene.by,
        of=scene.customer,
        effective_at=time.now + 2 * DAY,
        expires_at=time.now + 32 * DAY,
        now=time.now,
    )
    now = other.effective_at - before_it_begins

    offer = await ensured(scene, now=now)

    assert (offer is None) is (obstacle is not None)
    assert await why_not(scene, now=now) == [[obstacle] if obstacle else []]


async def test_any_partners_offer_counts_but_not_one_that_was_not_granted(
    scene: Scene, time: Clock
) -> None:
    rival = await joined(await a_partner("Rival"))
    by = await an_administrator(rival)
    await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    assert await why_not(scene, now=time.now + DAY) == [[]]

    draft = await drafting.create(
        viewer=by,
        account_name=scene.customer.account_name,
        wanted=terms(scene.goods, now=time.now),
        now=time.now,
    )
    assert await why_not(scene, now=time.now + DAY) == [[]]
    await submitting.submit(viewer=by, offer_id=draft.id, now=time.now)
    assert await why_not(scene, now=time.now + DAY) == [[Obstacle.OFFER_IN_FORCE]]

    await withdrawing.withdraw(viewer=by, offer_id=draft.id, now=time.now)
    assert await ensured(scene, now=time.now + DAY) is not None


async def test_of_several_goods_those_that_nothing_forbids(scene: Scene, time: Clock) -> None:
    common = await some_goods(kind=GoodsKind.COMMON)
    offered, plain = await some_goods(), await some_goods()
    await a_scheduled_offer(offered, by=scene.by, of=scene.customer, now=time.now)

    found = await why_not(scene, common, offered, plain, now=time.now + DAY)
    offer = await ensured(scene, common, offered, plain, plain, now=time.now + DAY)

    assert found == [[Obstacle.GOODS_KIND_EXCLUDED], [Obstacle.OFFER_IN_FORCE], []]
    assert offer is not None
    lines = await ExclusiveOfferLine.filter(offer_id=offer.id)
    assert [line.goods_id for line in lines] == [plain.id]


async def test_asking_why_not_writes_nothing(scene: Scene, time: Clock) -> None:
    events = await Event.all().count()

    assert await why_not(scene, now=time.now) == [[]]

    assert not await ExclusiveOffer.exists()
    assert await Event.all().count() == events


async def test_it_stands_in_nobodys_way_and_is_changed_by_nobody(scene: Scene, time: Clock) -> None:
    made = await ensured(scene, now=time.now)
    assert made is not None

    manual = await a_scheduled_offer(
        scene.goods,
        by=scene.by,
        of=scene.customer,
        effective_at=time.now + MICROSECOND,
        now=time.now,
    )

    assert manual.status is OfferStatus.SCHEDULED
    with pytest.raises(MadeByAnOrder):
        await withdrawing.withdraw(viewer=scene.by, offer_id=made.id, now=time.now)
