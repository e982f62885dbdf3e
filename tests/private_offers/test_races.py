"""Orders, the merchant and the worker in the same instant, in both orders, on real locks."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.private_offers import deadlines, publishing, versions
from domain.private_offers.guards import PrivateOfferExpired, PrivateOfferUsed
from domain.private_offers.versions import DraftAlreadyOpen, NoDraftOpen
from domain.requirements import submitting
from domain.requirements.submitting import RequirementHasOffer
from kit.ids import new_id
from kit.problems import Problem, VersionConflict
from kit.status import WrongStatus
from kit.timers import TIMERS
from models.audit import Event
from models.private_offers import PrivateOffer, PrivateOfferVersion
from models.private_offers import PrivateOfferStatus as Status
from models.requirements import CustomerRequirement
from models.timers import Timer
from tests.conftest import Clock
from tests.private_offers.factories import (
    a_draft,
    a_published,
    an_effective,
    publish,
    use,
)
from tests.races import at_once
from tests.requirements.factories import Sale, an_accepted
from workers import firing

MICROSECOND = timedelta(microseconds=1)
Call = Callable[[], Coroutine[Any, Any, Any]]


async def a_worker_fires(offer: PrivateOffer) -> Coroutine[Any, Any, int]:
    """As a worker does at the end, which has claimed the timer already."""
    claim = await TIMERS.claim(lease=timedelta(minutes=1), limit=10, now=offer.expires_at)
    due = [row["id"] for row in claim.rows if row["kind"] == deadlines.END]
    return firing.fire(deadlines.END, due, token=claim.token, now=offer.expires_at)


async def race(calls: dict[str, Call], first: str, *, held: Any) -> dict[str, Any]:
    """Run them at once, this one first in the queue for the row."""
    order = [first, *(name for name in calls if name != first)]
    outcomes = await at_once(*(calls[name]() for name in order), while_locked=held)
    return dict(zip(order, outcomes, strict=True))


async def it_followed_the_arrows(offer: PrivateOffer, sale: Sale) -> None:
    statuses = [
        event.after["status"]
        for event in await Event.filter(
            subject_id=offer.id, tenant_id=sale.merchant.id, name__not="private_offer.deleted"
        ).order_by("id")
        if "status" in event.after
    ]
    assert statuses[-1] == (await PrivateOffer.get(id=offer.id)).status
    for before, after in pairwise(statuses):
        assert after == before or after in Status.arrows()[before]


@pytest.mark.parametrize("first", ["use", "withdraw", "end"])
async def test_using_withdrawing_and_ending_at_once(sale: Sale, time: Clock, first: str) -> None:
    """All in time but the worker, who is on time: one of them has it, the others are told."""
    offer = await an_effective(sale, now=time.now)
    in_time, order_id = offer.expires_at - MICROSECOND, new_id()
    worker = await a_worker_fires(offer)
    calls: dict[str, Call] = {
        "use": lambda: use(offer, sale, order_id=order_id, now=in_time),
        "withdraw": lambda: publishing.withdraw(
            viewer=sale.seller, offer_id=offer.id, reason="x", now=in_time
        ),
        "end": lambda: worker,
    }

    outcomes = await race(calls, first, held=offer)

    stored = await PrivateOffer.get(id=offer.id)
    ends = {"use": Status.USED, "withdraw": Status.WITHDRAWN, "end": Status.EXPIRED}
    assert stored.status is ends[first]
    refused = {name for name, outcome in outcomes.items() if isinstance(outcome, Problem)}
    assert refused == {"use", "withdraw"} - {first}
    assert outcomes["end"] == (1 if first == "end" else 0)
    if first == "end":
        assert {type(outcomes[name]) for name in refused} == {PrivateOfferExpired}
    requirement = await CustomerRequirement.get()
    assert requirement.status == ("CLOSED" if first == "use" else "ACCEPTED")
    assert not await Timer.exists(state="SCHEDULED", kind=deadlines.END)
    await it_followed_the_arrows(offer, sale)


async def test_two_orders_at_once_use_it_once(sale: Sale, time: Clock) -> None:
    offer = await an_effective(sale, now=time.now)
    requirement = await CustomerRequirement.get()
    one, other = new_id(), new_id()

    outcomes = await at_once(
        use(offer, sale, order_id=one, now=time.now),
        use(offer, sale, order_id=other, now=time.now),
        while_locked=requirement,
    )

    assert isinstance(outcomes[1], PrivateOfferUsed)
    assert (await PrivateOffer.get(id=offer.id)).order_id == one
    assert await Event.filter(name="private_offer.used", tenant_id=sale.merchant.id).count() == 1


async def test_one_order_that_asks_twice_at_once_is_answered_twice(sale: Sale, time: Clock) -> None:
    offer = await an_effective(sale, now=time.now)
    order_id = new_id()

    one, other = await at_once(
        use(offer, sale, order_id=order_id, now=time.now),
        use(offer, sale, order_id=order_id, now=time.now),
        while_locked=await CustomerRequirement.get(),
    )

    assert one == other
    assert await Event.filter(name="private_offer.used", tenant_id=sale.merchant.id).count() == 1


@pytest.mark.parametrize("first", ["publish", "withdraw"])
async def test_publishing_and_withdrawing_at_once(sale: Sale, time: Clock, first: str) -> None:
    offer = await a_published(sale, now=time.now)
    await versions.open_draft(viewer=sale.seller, offer_id=offer.id, now=time.now)
    calls: dict[str, Call] = {
        "publish": lambda: publishing.publish(
            viewer=sale.seller, offer_id=offer.id, expected_version=1, now=time.now
        ),
        "withdraw": lambda: publishing.withdraw(
            viewer=sale.seller, offer_id=offer.id, reason="x", now=time.now
        ),
    }

    outcomes = await race(calls, first, held=offer)

    # A withdrawn offer publishes nothing; a published version doesn't save it.
    assert isinstance(outcomes["publish"], WrongStatus) is (first == "withdraw")
    assert (await PrivateOffer.get(id=offer.id)).status is Status.WITHDRAWN
    published = await PrivateOfferVersion.filter(offer_id=offer.id, status="PUBLISHED").get()
    assert published.sequence == (2 if first == "publish" else 1)
    assert not await Timer.exists(state="SCHEDULED", kind__startswith="private_offer")
    await it_followed_the_arrows(offer, sale)


@pytest.mark.parametrize("first", ["publish", "use"])
async def test_a_newer_version_and_an_order_at_once(sale: Sale, time: Clock, first: str) -> None:
    """The order keeps the terms that held when it got the offer, never a mixture."""
    offer = await an_effective(sale, now=time.now)
    await versions.open_draft(viewer=sale.seller, offer_id=offer.id, now=time.now)
    calls: dict[str, Call] = {
        "publish": lambda: publishing.publish(
            viewer=sale.seller, offer_id=offer.id, expected_version=1, now=time.now
        ),
        "use": lambda: use(offer, sale, now=time.now),
    }

    outcomes = await race(calls, first, held=offer)

    assert outcomes["use"].sequence == (2 if first == "publish" else 1)
    assert isinstance(outcomes["publish"], WrongStatus) is (first == "use")
    await it_followed_the_arrows(offer, sale)


async def test_two_drafts_at_once_are_one(sale: Sale, time: Clock) -> None:
    offer = await a_published(sale, now=time.now)

    outcomes = await at_once(
        *(
            versions.open_draft(viewer=sale.seller, offer_id=offer.id, now=time.now)
            for _ in range(2)
        ),
        while_locked=offer,
    )

    assert isinstance(outcomes[1], DraftAlreadyOpen)
    assert await PrivateOfferVersion.filter(offer_id=offer.id, status="DRAFT").count() == 1


@pytest.mark.parametrize("first", ["publish", "discard"])
async def test_a_draft_is_published_or_thrown_away(sale: Sale, time: Clock, first: str) -> None:
    offer = await a_published(sale, now=time.now)
    await versions.open_draft(viewer=sale.seller, offer_id=offer.id, now=time.now)
    calls: dict[str, Call] = {
        "publish": lambda: publishing.publish(
            viewer=sale.seller, offer_id=offer.id, expected_version=1, now=time.now
        ),
        "discard": lambda: versions.discard_draft(
            viewer=sale.seller, offer_id=offer.id, now=time.now
        ),
    }

    outcomes = await race(calls, first, held=offer)

    [refused] = [outcome for outcome in outcomes.values() if isinstance(outcome, Problem)]
    assert isinstance(refused, NoDraftOpen)
    assert not isinstance(outcomes[first], Problem)
    sequences = {v.sequence: v.status for v in await PrivateOfferVersion.filter(offer_id=offer.id)}
    assert sequences == (
        {1: "SUPERSEDED", 2: "PUBLISHED"} if first == "publish" else {1: "PUBLISHED"}
    )


async def test_two_clicks_on_publish_publish_once(sale: Sale, time: Clock) -> None:
    offer = await a_draft(sale, now=time.now)

    outcomes = await at_once(
        publish(offer, sale, now=time.now),
        publish(offer, sale, now=time.now),
        while_locked=sale.customer,
    )

    assert isinstance(outcomes[1], NoDraftOpen | VersionConflict)
    assert await Event.filter(name="private_offer.published").count() == 2  # one in either log


@pytest.mark.parametrize("first", ["one", "close"])
async def test_a_requirement_is_answered_once_or_closed(
    sale: Sale, time: Clock, first: str
) -> None:
    requirement = await an_accepted(sale, now=time.now)
    calls: dict[str, Call] = {
        "one": lambda: a_draft(sale, of=requirement, now=time.now),
        "other": lambda: a_draft(sale, of=requirement, now=time.now),
        "close": lambda: submitting.close(
            viewer=sale.by, requirement_id=requirement.id, now=time.now
        ),
    }

    outcomes = await race(calls, first, held=requirement)

    refused = {name: type(o) for name, o in outcomes.items() if isinstance(o, Problem)}
    if first == "one":
        assert refused == {"other": RequirementHasOffer, "close": RequirementHasOffer}
    else:
        assert refused == {"one": WrongStatus, "other": WrongStatus}
    assert await PrivateOffer.all().count() == (1 if first == "one" else 0)
