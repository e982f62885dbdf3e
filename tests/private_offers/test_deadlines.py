"""Private offers begin and end at their instants, and no worker decides."""

from datetime import timedelta

from domain.private_offers import deadlines
from kit import timers
from kit.ids import new_id
from kit.timers import TIMERS, Deadline
from kit.transaction import transactional
from models.audit import Event
from models.private_offers import PrivateOffer, PrivateOfferVersion
from models.private_offers import PrivateOfferStatus as Status
from models.timers import Timer
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.private_offers.factories import DAY, a_draft, a_published, an_effective, pvo, use
from tests.requirements.factories import Sale, history
from workers import firing
from workers.effects import EFFECTS, WAITS

MICROSECOND = timedelta(microseconds=1)


def test_the_deadlines_have_effects_and_sweeps() -> None:
    for kind in (deadlines.START, deadlines.END):
        assert EFFECTS[kind].table == "private_offer"
        assert kind in WAITS


async def status(offer: PrivateOffer) -> Status:
    return (await PrivateOffer.get(id=offer.id)).status


async def test_it_begins_and_ends_at_the_instant_and_once(sale: Sale, time: Clock) -> None:
    offer = await a_published(sale, now=time.now)
    ids, begins, ends = [offer.id], offer.effective_at, offer.expires_at

    await deadlines.start(subject_ids=ids, now=begins - MICROSECOND)
    assert await status(offer) is Status.PUBLISHED
    for _ in range(2):
        await deadlines.start(subject_ids=ids, now=begins)
    assert await status(offer) is Status.EFFECTIVE
    await deadlines.end(subject_ids=ids, now=ends - MICROSECOND)
    assert await status(offer) is Status.EFFECTIVE
    for _ in range(2):
        await deadlines.end(subject_ids=ids, now=ends + timedelta(hours=1))

    over = await PrivateOffer.get(id=offer.id)
    assert (over.status, over.ended_at, over.version) == (Status.EXPIRED, ends, offer.version + 2)
    for log in (sale.merchant, sale.partner):
        assert (await history(offer, log))[-3:] == ["published", "started", "expired"]
    event = await Event.get(name="private_offer.expired", tenant_id=sale.partner.id)
    assert (event.before, event.after) == ({"status": "EFFECTIVE"}, {"status": "EXPIRED"})
    assert event.customer_id == sale.customer.id


async def test_a_worker_who_slept_through_it_all_comes_to_the_same(sale: Sale, time: Clock) -> None:
    one, other = await a_published(sale, now=time.now), await a_published(sale, now=time.now)
    late = one.expires_at + DAY

    await deadlines.end(subject_ids=[one.id], now=late)
    await deadlines.start(subject_ids=[one.id, other.id], now=late)
    await deadlines.end(subject_ids=[other.id], now=late)

    assert (await status(one), await status(other)) == (Status.EXPIRED, Status.EXPIRED)
    assert await history(one, sale.partner) == ["published", "expired"]
    assert await history(other, sale.partner) == ["published", "started", "expired"]


async def test_it_reads_as_what_it_is_from_the_instants_on(
    ask: Ask, sale: Sale, time: Clock
) -> None:
    offer = await a_published(sale, now=time.now)
    query = """query ($id: ID!) { privateOffer(id: $id) { status endedAt
        start { status onTimeout } deadline { status onTimeout }
        availableActions { name allowed } } }"""
    time.forward(days=1, microseconds=-1)
    seen = await ask(query, by=sale.by, id=pvo(offer))
    assert (seen["status"], seen["start"]) == (
        "PUBLISHED",
        {"status": "SCHEDULED", "onTimeout": "START"},
    )

    time.forward(microseconds=1)
    seen = await ask(query, by=sale.by, id=pvo(offer))
    assert (seen["status"], seen["start"]["status"]) == ("EFFECTIVE", "DUE")

    time.forward(days=30)
    seen = await ask(query, by=sale.seller, id=pvo(offer))
    assert (seen["status"], seen["endedAt"]) == ("EXPIRED", "2030-03-03T23:30:00.000000Z")
    assert seen["deadline"] == {"status": "DUE", "onTimeout": "EXPIRE"}
    assert [action["name"] for action in seen["availableActions"] if action["allowed"]] == [
        "privateOfferClone"
    ]
    listed = (
        "query ($s: [PrivateOfferStatus!]) { privateOffers(filter: {status: $s}) { nodes { id } } }"
    )
    assert len((await ask(listed, by=sale.by, s=["EXPIRED"]))["nodes"]) == 1
    assert (await ask(listed, by=sale.by, s=["PUBLISHED", "EFFECTIVE"]))["nodes"] == []


async def test_lost_timers_are_made_again(sale: Sale, time: Clock) -> None:
    waiting, live = await a_published(sale, now=time.now), await an_effective(sale, now=time.now)
    await a_draft(sale, now=time.now)
    await use(await an_effective(sale, now=time.now), sale, now=time.now)
    await Timer.all().delete()

    starts, ends = [
        await timers.mend(deadlines.START_WAITS, now=time.now),
        await timers.mend(deadlines.END_WAITS, now=time.now),
    ]

    assert (starts.created, ends.created) == (1, 2)
    found = {(timer.kind, timer.subject_id): timer.due_at for timer in await Timer.all()}
    assert found == {
        (deadlines.START, waiting.id): waiting.effective_at,
        (deadlines.END, waiting.id): waiting.expires_at,
        (deadlines.END, live.id): live.expires_at,
    }


@transactional
async def many(number: int, sale: Sale, time: Clock) -> None:
    """So many that begin a day from now, all at once, and end a day later."""
    begins, ends = time.now + DAY, time.now + 2 * DAY
    offers = [
        PrivateOffer(
            id=new_id(),
            created_at=time.now,
            number=f"PO-{place}",
            merchant_id=sale.merchant.id,
            partner_id=sale.partner.id,
            customer_id=sale.customer.id,
            name="One of many",
            status=Status.PUBLISHED,
            current_version_id=new_id(),
            ratio="0.1",
            effective_at=begins,
            expires_at=ends,
            created_by=sale.seller.person_id,
            published_at=time.now,
        )
        for place in range(number)
    ]
    await PrivateOffer.bulk_create(offers)
    for kind, due_at in ((deadlines.START, begins), (deadlines.END, ends)):
        due = [Deadline(sale.merchant.id, offer.id, due_at) for offer in offers]
        await timers.schedule_many(kind, due, on_timeout="EXPIRE", now=time.now)


async def test_two_thousand_at_once_begin_and_end_together(sale: Sale, time: Clock) -> None:
    await many(2_000, sale, time)

    for kind in (deadlines.START, deadlines.END):
        time.forward(days=1)
        claim = await TIMERS.claim(lease=timedelta(minutes=1), limit=10_000, now=time.now)
        due = [row["id"] for row in claim.rows]
        assert await firing.fire(kind, due, token=claim.token, now=time.now) == 2_000

    assert await PrivateOffer.filter(status=Status.EXPIRED, version=3).count() == 2_000
    for name in ("private_offer.started", "private_offer.expired"):
        for log in (sale.merchant, sale.partner):
            assert await Event.filter(name=name, tenant_id=log.id).count() == 2_000
    assert not await PrivateOfferVersion.exists()
    assert await Timer.filter(state="FIRED").count() == 4_000
