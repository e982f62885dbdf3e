"""Publishing terms, one version after the other, with all that can stand against it (R-02)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.private_offers import checks, deadlines, publishing, versions
from domain.private_offers.checks import PrivateOfferCheckFailed
from domain.private_offers.guards import (
    OnlyVersion,
    PrivateOfferExpired,
    PrivateOfferOfAnotherMerchant,
)
from domain.private_offers.terms import Price
from domain.private_offers.versions import DraftAlreadyOpen, NoDraftOpen
from kit.problems import InvalidInput, NotFound, VersionConflict
from kit.status import WrongStatus
from models.audit import Event
from models.private_offers import PrivateOffer, PrivateOfferVersion
from models.private_offers import PrivateOfferStatus as Status
from models.timers import Timer
from tests.catalogue.factories import a_merchant, a_policy, a_price, a_sku, some_goods
from tests.conftest import Clock
from tests.customers.conftest import Ask
from tests.factories import an_administrator
from tests.private_offers.factories import (
    DAY,
    a_draft,
    a_published,
    alone,
    an_effective,
    publish,
    pvo,
    terms,
)
from tests.requirements.factories import Sale, an_accepted, history
from tests.requirements.spoiling import (
    leave_the_programme,
    lose_the_customer,
    take_the_goods_off_sale,
    take_the_sku_off_sale,
)

MICROSECOND = timedelta(microseconds=1)


async def live_timers() -> dict[str, object]:
    return {timer.kind: timer.due_at for timer in await Timer.filter(state="SCHEDULED")}


async def test_what_begins_later_waits_for_its_moment(sale: Sale, time: Clock) -> None:
    offer = await a_published(sale, now=time.now)

    assert (offer.status, offer.published_at) == (Status.PUBLISHED, time.now)
    version = await PrivateOfferVersion.get(id=offer.current_version_id)
    assert (version.status, version.sequence) == ("PUBLISHED", 1)
    assert await live_timers() == {
        deadlines.START: time.now + DAY,
        deadlines.END: time.now + 31 * DAY,
    }
    assert await history(offer, sale.merchant) == ["drafted", "published"]
    assert await history(offer, sale.partner) == ["published"]


async def test_what_has_begun_already_begins_now(sale: Sale, time: Clock) -> None:
    offer = await a_published(sale, begins=-DAY, now=time.now)

    assert (offer.status, offer.effective_at) == (Status.EFFECTIVE, time.now)
    assert await live_timers() == {deadlines.END: time.now + 31 * DAY}
    assert await history(offer, sale.partner) == ["published", "started"]


async def codes_of(offer: PrivateOffer, sale: Sale, time: Clock) -> list[str]:
    """With what publishing is refused; nothing has happened."""
    events = await Event.all().count()
    stood = await PrivateOffer.get(id=offer.id)
    with pytest.raises(PrivateOfferCheckFailed) as failed:
        await publish(offer, sale, now=time.now)
    stored = await PrivateOffer.get(id=offer.id)
    assert (stored.status, stored.version) == (stood.status, stood.version)
    assert await PrivateOfferVersion.exists(offer_id=offer.id, status="DRAFT")
    assert await Event.all().count() == events
    return [check.code.value for check in failed.value.checks]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (leave_the_programme, "PROGRAMME_NOT_JOINED"),
        (lose_the_customer, "CUSTOMER_NOT_ASSOCIATED"),
        (take_the_goods_off_sale, "GOODS_NOT_ON_SALE"),
        (take_the_sku_off_sale, "SKU_NOT_ON_SALE"),
    ],
)
async def test_each_check_refuses_alone(sale: Sale, time: Clock, spoil: object, code: str) -> None:
    offer = await a_draft(sale, now=time.now)

    await spoil(sale)  # type: ignore[operator]

    assert await codes_of(offer, sale, time) == [code]


async def test_the_share_is_at_most_the_maximum_at_the_publication(sale: Sale, time: Clock) -> None:
    offer = await a_draft(sale, ratio="0.3", now=time.now)
    await a_policy(sale.goods, since=time.now + DAY, max_ratio=Decimal("0.299999"))

    await publish(offer, sale, now=time.now + DAY - MICROSECOND)
    later = await alone(sale, ratio="0.3", now=time.now)
    time.forward(days=1)

    assert await codes_of(later, sale, time) == ["RATIO_ABOVE_MAXIMUM"]
    # What was published before the maximum fell stays as it is.
    assert (await PrivateOffer.get(id=offer.id)).ratio == Decimal("0.3")


async def test_a_price_is_at_most_the_list_price(sale: Sale, time: Clock) -> None:
    exact = await alone(sale, price="1000.00", now=time.now)
    above = await alone(sale, price="1000.01", now=time.now)
    unpriced = await a_sku(sale.goods, price=None)
    await a_price(unpriced, "5.00", since=time.now + MICROSECOND)
    without = await alone(sale, prices=[Price(unpriced.id, Decimal(1))], now=time.now)

    assert (await publish(exact, sale, now=time.now)).status is Status.PUBLISHED
    assert await codes_of(above, sale, time) == ["PRICE_ABOVE_LIST"]
    assert await codes_of(without, sale, time) == ["PRICE_MISSING"]


async def test_an_offer_of_a_requirement_offers_what_was_asked_for(sale: Sale, time: Clock) -> None:
    more = await a_sku(await some_goods("Ink", merchant=sale.merchant))
    prices = [Price(each.id, Decimal(1)) for each in (sale.sku, more)]
    asked = await a_draft(sale, prices=prices, now=time.now)
    free = await alone(sale, prices=prices, now=time.now)

    assert await codes_of(asked, sale, time) == ["GOODS_NOT_ASKED_FOR"]
    assert (await publish(free, sale, now=time.now)).status is Status.PUBLISHED


async def test_what_would_be_over_is_not_published(sale: Sale, time: Clock) -> None:
    offer = await a_draft(sale, begins=-DAY, ends=timedelta(), now=time.now)

    assert await codes_of(offer, sale, time) == ["ENDS_IN_THE_PAST"]


async def test_everything_that_fails_is_told_at_once(ask: Ask, sale: Sale, time: Clock) -> None:
    bad = await a_sku(
        await some_goods("Ink", merchant=sale.merchant, policy=False, on_sale=False),
        price="1.00",
        on_sale=False,
    )
    unpriced = await a_sku(sale.goods, price=None)
    prices = [Price(each.id, Decimal("2000")) for each in (sale.sku, bad, unpriced)]
    offer = await a_draft(
        sale, ratio="0.5", prices=prices, begins=-2 * DAY, ends=-DAY, now=time.now
    )
    await leave_the_programme(sale)
    await lose_the_customer(sale)

    answer = await ask(
        """mutation ($id: ID!) { privateOfferPublish(input: {id: $id, expectedVersion: 1}) {
             privateOffer { id }
             errors { code ... on PrivateOfferCheckFailed {
               checks { code concerns limits { goods maximumRatio } } } } } }""",
        by=sale.seller,
        id=pvo(offer),
    )

    assert answer["privateOffer"] is None
    [error] = answer["errors"]
    found = {check["code"]: check["concerns"] for check in error["checks"]}
    assert list(found) == [
        code.value for code in checks.PrivateOfferCheck if code.value != "BEGINS_LATER"
    ]
    assert found["PRICE_ABOVE_LIST"] == [sale.sku.code, bad.code]
    assert found["PRICE_MISSING"] == [unpriced.code]
    [limited] = [check for check in error["checks"] if check["limits"]]
    assert limited["limits"] == [{"goods": sale.goods.number, "maximumRatio": "0.300000"}]


async def next_draft(offer: PrivateOffer, sale: Sale, time: Clock) -> PrivateOffer:
    return await versions.open_draft(viewer=sale.seller, offer_id=offer.id, now=time.now)


async def edit(
    offer: PrivateOffer, sale: Sale, time: Clock, *, expected: int = 1, **more: object
) -> PrivateOffer:
    return await versions.edit_draft(
        viewer=sale.seller,
        offer_id=offer.id,
        expected_version=expected,
        offered=terms(sale, now=time.now, **more),  # type: ignore[arg-type]
        now=time.now,
    )


async def test_the_next_version_is_drafted_beside_what_holds(sale: Sale, time: Clock) -> None:
    offer = await an_effective(sale, now=time.now)
    time.forward(hours=1)

    await next_draft(offer, sale, time)
    with pytest.raises(DraftAlreadyOpen) as refused:
        await next_draft(offer, sale, time)
    await edit(offer, sale, time, ratio="0.2", begins=timedelta(), ends=DAY)

    assert refused.value.sequence == 2
    stored = await PrivateOffer.get(id=offer.id)
    assert (stored.ratio, stored.current_version_id) == (Decimal("0.25"), offer.current_version_id)
    assert await history(offer, sale.merchant) == [
        "drafted",
        "published",
        "started",
        "draft_opened",
        "draft_edited",
    ]
    assert await history(offer, sale.partner) == ["published", "started"]


async def test_a_newer_version_takes_the_place_of_the_older(sale: Sale, time: Clock) -> None:
    offer = await an_effective(sale, now=time.now)
    time.forward(hours=1)
    await next_draft(offer, sale, time)
    await edit(offer, sale, time, ratio="0.2", begins=timedelta(), ends=3 * DAY)

    published = await publish(offer, sale, now=time.now)

    assert (published.status, published.ratio) == (Status.EFFECTIVE, Decimal("0.2"))
    first, second = await PrivateOfferVersion.filter(offer_id=offer.id).order_by("sequence")
    assert (first.status, first.ratio) == ("SUPERSEDED", Decimal("0.25"))
    assert (second.status, second.id) == ("PUBLISHED", published.current_version_id)
    assert await live_timers() == {deadlines.END: time.now + 3 * DAY}
    event = await Event.filter(name="private_offer.published").order_by("-id").first()
    assert event is not None
    assert event.after == {"status": "EFFECTIVE", "ratio": "0.2", "sequence": 2}


async def test_what_is_in_force_is_not_put_off(sale: Sale, time: Clock) -> None:
    offer = await an_effective(sale, now=time.now)
    await next_draft(offer, sale, time)
    await edit(offer, sale, time, begins=MICROSECOND)

    assert await codes_of(offer, sale, time) == ["BEGINS_LATER"]


async def test_what_still_waits_can_be_put_off(sale: Sale, time: Clock) -> None:
    offer = await a_published(sale, now=time.now)
    await next_draft(offer, sale, time)
    await edit(offer, sale, time, begins=2 * DAY)

    published = await publish(offer, sale, now=time.now)

    assert published.status is Status.PUBLISHED
    assert (await live_timers())[deadlines.START] == time.now + 2 * DAY


async def test_drafts_are_changed_as_they_were_read_or_thrown_away(sale: Sale, time: Clock) -> None:
    offer = await a_published(sale, now=time.now)
    for call in (
        edit(offer, sale, time),
        versions.discard_draft(viewer=sale.seller, offer_id=offer.id, now=time.now),
        publishing.publish(viewer=sale.seller, offer_id=offer.id, expected_version=1, now=time.now),
    ):
        with pytest.raises(NoDraftOpen):
            await call
    await next_draft(offer, sale, time)
    await edit(offer, sale, time)
    with pytest.raises(VersionConflict) as conflict:
        await edit(offer, sale, time)
    assert conflict.value.current == 2

    await versions.discard_draft(viewer=sale.seller, offer_id=offer.id, now=time.now)

    assert await PrivateOfferVersion.filter(offer_id=offer.id).count() == 1
    await next_draft(offer, sale, time)  # begins again where the published one stands


async def test_the_first_draft_shows_on_the_offer_and_is_all_there_is(
    sale: Sale, time: Clock
) -> None:
    offer = await a_draft(sale, now=time.now)

    edited = await edit(offer, sale, time, ratio="0.1", ends=9 * DAY)

    assert (edited.ratio, edited.expires_at) == (Decimal("0.1"), time.now + 9 * DAY)
    with pytest.raises(OnlyVersion):
        await versions.discard_draft(viewer=sale.seller, offer_id=offer.id, now=time.now)
    with pytest.raises(WrongStatus):
        await next_draft(offer, sale, time)


async def test_a_published_offer_is_withdrawn_with_a_reason(sale: Sale, time: Clock) -> None:
    offer = await a_published(sale, now=time.now)
    time.forward(days=1)  # its moment has come, and no worker has

    with pytest.raises(InvalidInput):
        await publishing.withdraw(viewer=sale.seller, offer_id=offer.id, reason=" ", now=time.now)
    gone = await publishing.withdraw(
        viewer=sale.seller, offer_id=offer.id, reason="a mistake", now=time.now
    )

    assert (gone.status, gone.ended_at, gone.end_reason) == (
        Status.WITHDRAWN,
        time.now,
        "a mistake",
    )
    assert await history(offer, sale.partner) == ["published", "started", "withdrawn"]
    assert await live_timers() == {}


async def test_only_its_merchant_manages_it(sale: Sale, time: Clock) -> None:
    offer = await a_published(sale, now=time.now)
    other = await an_administrator(await a_merchant("Other shop"))

    with pytest.raises(NotFound):
        await publishing.withdraw(viewer=other, offer_id=offer.id, reason="x", now=time.now)
    with pytest.raises(PrivateOfferOfAnotherMerchant):
        await publishing.withdraw(viewer=sale.by, offer_id=offer.id, reason="x", now=time.now)
    with pytest.raises(PrivateOfferExpired):
        await next_draft(await an_over(sale, time), sale, time)
    assert (await PrivateOffer.get(id=offer.id)).status is Status.PUBLISHED


async def an_over(sale: Sale, time: Clock) -> PrivateOffer:
    requirement = await an_accepted(sale, now=time.now - 2 * DAY)
    return await an_effective(sale, of=requirement, now=time.now - DAY)
