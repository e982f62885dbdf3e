"""What becomes of an approved offer: in force, over, withdrawn, to the microsecond."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest

from domain.offers import deadlines, links, withdrawing
from domain.offers.effects import HOLDS, Withdrawal
from domain.offers.guards import OfferExpired, OfferOfAnotherPartner, status_at
from domain.offers.withdrawing import OfferInUse
from kit import database, timers
from kit.problems import Forbidden, NotFound
from kit.status import WrongStatus
from kit.transaction import transactional
from models.audit import Event
from models.notifications import Mail
from models.offers import ApplicationStatus, ExclusiveOffer, OfferStatus, SpecialApplication
from models.timers import Timer
from tests.catalogue.factories import some_goods
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.factories import a_distributor, a_partner, an_administrator
from tests.offers.conftest import Scene
from tests.offers.factories import (
    DAY,
    MICROSECOND,
    a_draft,
    a_scheduled_offer,
    an_application,
    fresh,
    history,
    joined,
    link_of,
)
from workers.effects import EFFECTS, WAITS

pytestmark = pytest.mark.usefixtures("database")


async def test_it_is_in_force_from_its_first_instant_up_to_its_last(
    scene: Scene, time: Clock
) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    begin, end = offer.effective_at, offer.expires_at

    assert status_at(offer, begin - MICROSECOND) is OfferStatus.SCHEDULED
    assert status_at(offer, begin) is OfferStatus.EFFECTIVE
    assert status_at(offer, end - MICROSECOND) is OfferStatus.EFFECTIVE
    assert status_at(offer, end) is OfferStatus.EXPIRED


async def test_the_worker_begins_and_ends_it_and_twice_is_once(scene: Scene, time: Clock) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)

    await deadlines.start(subject_ids=[offer.id], now=offer.effective_at - MICROSECOND)
    assert (await fresh(offer)).status is OfferStatus.SCHEDULED
    for _ in range(2):
        await deadlines.start(subject_ids=[offer.id], now=offer.effective_at)
    assert (await fresh(offer)).status is OfferStatus.EFFECTIVE
    await end(offer, offer.expires_at - MICROSECOND)
    assert (await fresh(offer)).status is OfferStatus.EFFECTIVE
    for _ in range(2):
        await end(offer, offer.expires_at)

    over = await fresh(offer)
    assert (over.status, over.ended_at) == (OfferStatus.EXPIRED, offer.expires_at)
    assert await history(offer) == ["drafted", "submitted", "approved", "started", "expired"]
    started = await Event.get(name="exclusive_offer.started")
    assert started.customer_id == scene.customer.id
    assert started.before == {"status": "SCHEDULED"}
    assert started.after == {"status": "EFFECTIVE"}


async def test_an_end_that_comes_before_a_late_beginning_does_both(
    scene: Scene, time: Clock
) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)

    await end(offer, offer.expires_at + DAY)
    await deadlines.start(subject_ids=[offer.id], now=offer.expires_at + DAY)

    assert (await fresh(offer)).status is OfferStatus.EXPIRED
    assert await history(offer) == ["drafted", "submitted", "approved", "started", "expired"]
    states = {timer.kind: timer.state for timer in await Timer.filter(subject_id=offer.id)}
    assert states[deadlines.START] == "CANCELLED"


async def test_two_thousand_begin_and_end_set_wise_and_once(scene: Scene, time: Clock) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    columns = [
        column
        for column in ExclusiveOffer._meta.fields_db_projection.values()
        if column not in ("id", "number")
    ]
    await database.execute(
        f"insert into exclusive_offer (id, number, {', '.join(columns)})"
        f" select uuidv7(), 'EO-' || n, {', '.join(columns)}"
        " from exclusive_offer cross join generate_series(1, 1999) as n"
    )
    ids = [row.id for row in await ExclusiveOffer.all()]

    for _ in range(2):
        await EFFECTS[deadlines.START].run(subject_ids=ids, now=offer.effective_at)
    assert await ExclusiveOffer.filter(status=OfferStatus.EFFECTIVE).count() == 2000
    assert await Event.filter(name="exclusive_offer.started").count() == 2000

    for _ in range(2):
        await run_end(ids, offer.expires_at)
    assert await ExclusiveOffer.filter(status=OfferStatus.EXPIRED).count() == 2000
    assert await Event.filter(name="exclusive_offer.expired").count() == 2000


async def test_what_nobody_has_decided_on_in_time_lapses_with_its_application(
    scene: Scene, time: Clock
) -> None:
    application = await an_application(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    offer = await ExclusiveOffer.get(id=application.offer_id)

    await end(offer, offer.expires_at)

    assert (await fresh(offer)).status is OfferStatus.EXPIRED
    over = await SpecialApplication.get(id=application.id)
    assert (over.status, over.decided_at) == (ApplicationStatus.CANCELLED, offer.expires_at)
    assert await history(offer) == ["drafted", "submitted", "expired"]
    assert await history(application) == ["submitted", "cancelled"]
    told = await Event.get(name="special_application.cancelled")
    assert told.before == {"status": "SUBMITTED"}


async def test_the_sweep_mends_timers(scene: Scene, time: Clock) -> None:
    scheduled = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    await a_draft(await some_goods(), by=scene.by, of=scene.customer, now=time.now)
    other = await some_goods()
    waiting = await an_application(other, by=scene.by, of=scene.customer, now=time.now)
    await Timer.all().delete()

    assert (await timers.mend(WAITS[deadlines.START], now=time.now)).created == 1
    assert (await timers.mend(WAITS[deadlines.END], now=time.now)).created == 2
    found = {(timer.kind, timer.subject_id): timer for timer in await Timer.all()}
    assert found.keys() == {
        (deadlines.START, scheduled.id),
        (deadlines.END, scheduled.id),
        (deadlines.END, waiting.offer_id),
    }
    assert found[(deadlines.START, scheduled.id)].due_at == scheduled.effective_at
    await ExclusiveOffer.filter(id=scheduled.id).update(status=OfferStatus.WITHDRAWN)
    assert (await timers.mend(WAITS[deadlines.START], now=time.now)).cancelled == 1
    assert (await timers.mend(WAITS[deadlines.END], now=time.now)).cancelled == 1


async def test_it_is_withdrawn_from_wherever_it_lives(scene: Scene, time: Clock) -> None:
    draft = await a_draft(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    scheduled = await a_scheduled_offer(
        await some_goods(), by=scene.by, of=scene.customer, now=time.now
    )
    running = await a_scheduled_offer(
        await some_goods(), by=scene.by, of=scene.customer, now=time.now
    )
    await deadlines.start(subject_ids=[running.id], now=running.effective_at)
    application = await an_application(
        await some_goods(), by=scene.by, of=scene.customer, now=time.now
    )
    asked = await ExclusiveOffer.get(id=application.offer_id)

    for offer in (draft, scheduled, running, asked):
        gone = await withdrawing.withdraw(
            viewer=scene.by, offer_id=offer.id, reason="Thought better.", now=time.now
        )
        assert (gone.status, gone.ended_at) == (OfferStatus.WITHDRAWN, time.now)
        assert (await history(offer))[-1] == "withdrawn"
        assert not await Timer.filter(subject_id=offer.id, state="SCHEDULED").exists()
        with pytest.raises(WrongStatus):
            await withdrawing.withdraw(viewer=scene.by, offer_id=offer.id, now=time.now)

    cancelled = await SpecialApplication.get(id=application.id)
    assert cancelled.status is ApplicationStatus.CANCELLED
    assert await history(application) == ["submitted", "cancelled"]
    # Nobody needs to read of it any more.
    assert not await Mail.exists()
    # What was withdrawn makes room.
    again = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    assert again.status is OfferStatus.SCHEDULED


async def test_its_history_has_every_step_though_no_worker_has_come(
    scene: Scene, time: Clock
) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)

    await withdrawing.withdraw(viewer=scene.by, offer_id=offer.id, now=offer.effective_at)

    assert await history(offer) == ["drafted", "submitted", "approved", "started", "withdrawn"]
    last = await Event.get(name="exclusive_offer.withdrawn")
    assert last.before == {"status": "EFFECTIVE"}


async def test_from_its_end_on_it_cannot_be_withdrawn(scene: Scene, time: Clock) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)

    with pytest.raises(OfferExpired) as over:
        await withdrawing.withdraw(viewer=scene.by, offer_id=offer.id, now=offer.expires_at)

    assert over.value.expired_at == offer.expires_at
    assert (await fresh(offer)).status is OfferStatus.SCHEDULED
    assert await history(offer) == ["drafted", "submitted", "approved"]
    last_moment = offer.expires_at - MICROSECOND
    gone = await withdrawing.withdraw(viewer=scene.by, offer_id=offer.id, now=last_moment)
    assert gone.status is OfferStatus.WITHDRAWN


async def test_what_a_pending_order_uses_stays(scene: Scene, time: Clock) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    asked: list[Withdrawal] = []

    async def orders(fact: Withdrawal) -> list[str]:
        asked.append(fact)
        return ["OR-7", "OR-3"]

    with HOLDS.also(orders=orders), pytest.raises(OfferInUse) as refused:
        await withdrawing.withdraw(viewer=scene.by, offer_id=offer.id, now=time.now)

    assert refused.value.orders == ["OR-3", "OR-7"]
    assert "OR-3, OR-7" in refused.value.in_words("zh")
    assert (asked[0].offer_id, asked[0].customer_id) == (offer.id, scene.customer.id)
    assert (await fresh(offer)).status is OfferStatus.SCHEDULED
    gone = await withdrawing.withdraw(viewer=scene.by, offer_id=offer.id, now=time.now)
    assert gone.status is OfferStatus.WITHDRAWN


async def test_only_its_partner_withdraws(scene: Scene, time: Clock) -> None:
    distributor = await a_distributor()
    reseller = await joined(await a_partner("Reseller", distributor=distributor))
    by = await an_administrator(reseller)
    offer = await a_scheduled_offer(
        scene.goods, by=by, of=await a_customer(of=reseller), now=time.now
    )
    cases = [
        (await an_administrator(distributor), OfferOfAnotherPartner),
        (await an_administrator(await a_partner("Rival")), NotFound),
        (scene.platform, Forbidden),
    ]

    for viewer, problem in cases:
        with pytest.raises(problem):
            await withdrawing.withdraw(viewer=viewer, offer_id=offer.id, now=time.now)
    with pytest.raises(NotFound):
        await withdrawing.withdraw(viewer=by, offer_id=uuid4(), now=time.now)
    assert (await fresh(offer)).status is OfferStatus.SCHEDULED


async def test_when_the_customer_leaves_its_partners_offers_are_closed(
    scene: Scene, time: Clock
) -> None:
    """5.5."""
    draft = await a_draft(await some_goods(), by=scene.by, of=scene.customer, now=time.now)
    live = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)
    used = await a_scheduled_offer(await some_goods(), by=scene.by, of=scene.customer, now=time.now)
    over = await a_scheduled_offer(
        await some_goods(),
        by=scene.by,
        of=scene.customer,
        expires_at=time.now + DAY + MICROSECOND,
        now=time.now,
    )
    others = await a_scheduled_offer(
        scene.goods, by=scene.by, of=await a_customer(of=scene.partner), now=time.now
    )
    now = time.now + 2 * DAY

    async def orders(fact: Withdrawal) -> list[str]:
        return ["OR-1"] if fact.offer_id == used.id else []

    @transactional
    async def leave() -> int:
        return await withdrawing.close_of(
            customer_id=scene.customer.id, partner_id=scene.partner.id, now=now
        )

    with HOLDS.also(orders=orders):
        assert await leave() == 2

    statuses = {
        offer.id: (await fresh(offer)).status for offer in (draft, live, used, over, others)
    }
    assert statuses == {
        draft.id: OfferStatus.WITHDRAWN,
        live.id: OfferStatus.WITHDRAWN,
        used.id: OfferStatus.SCHEDULED,
        over.id: OfferStatus.SCHEDULED,
        others.id: OfferStatus.SCHEDULED,
    }
    told = await Event.get(name="exclusive_offer.withdrawn", subject_id=live.id)
    assert told.reason == "CUSTOMER_LEFT"


async def test_an_approved_offer_has_its_link_from_the_beginning(scene: Scene, time: Clock) -> None:
    offer = await a_scheduled_offer(scene.goods, by=scene.by, of=scene.customer, now=time.now)

    link = await link_of(offer)

    assert link.opened == 0
    assert links.url_of(link.id).startswith("https://partners.example/offers/private#")


@transactional
async def end(offer: ExclusiveOffer, now: datetime) -> None:
    await deadlines.end(subject_ids=[offer.id], now=now)


@transactional
async def run_end(ids: list[UUID], now: datetime) -> None:
    await EFFECTS[deadlines.END].run(subject_ids=ids, now=now)
