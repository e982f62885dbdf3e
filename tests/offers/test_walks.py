"""Random walks through the machine of offers: whatever is tried in whatever order, it holds.

A partner, the platform, the worker and an order try everything on two goods of one customer. A
refusal is as good as a success; what counts is what the rows, timers and histories look like after.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.offers import (
    applications,
    automatic,
    deadlines,
    links,
    submitting,
    withdrawing,
)
from kit import timers
from kit.problems import Problem
from kit.transaction import transactional
from models.audit import Event
from models.catalogue import Goods
from models.notifications import Mail
from models.offers import (
    ApplicationStatus,
    ExclusiveOffer,
    ExclusiveOfferLine,
    OfferOrigin,
    OfferStatus,
    PrivateLink,
    SpecialApplication,
)
from models.timers import Timer
from tests.catalogue.factories import some_goods
from tests.conftest import Clock
from tests.customers.factories import a_user_of
from tests.offers.conftest import Scene
from tests.offers.factories import a_draft

pytestmark = pytest.mark.usefixtures("database")

VERBS = (
    *("draft", "submit", "confirm", "take", "grant", "reject", "withdraw"),
    *("start", "end", "order", "open"),
)

walks = st.lists(
    st.tuples(
        st.sampled_from((*VERBS, "draft", "draft", "confirm", "submit", "grant")),
        st.integers(0, 3),  # which of the goods, or which offer, the latest first
        st.sampled_from(["0.5", "0.9", "1"]),
        st.sampled_from([0, 0, 1, 24, 30 * 24]),
    ),
    min_size=6,
    max_size=30,
)


class Walker:
    """What can be tried, and on what."""

    def __init__(self, scene: Scene, goods: Sequence[Goods]) -> None:
        self.scene, self.goods = scene, goods

    async def step(self, verb: str, which: int, share: str, now: datetime) -> None:
        """Try it."""
        scene = self.scene
        if verb == "draft":
            chosen = self.goods[: which % 2 + 1] if which > 1 else [self.goods[which]]
            await a_draft(*chosen, by=scene.by, of=scene.customer, discount=share, now=now)
            return
        if verb == "order":
            await self.pay(uuid4(), now)
            return
        offer = await ExclusiveOffer.all().order_by("-id").offset(which).first()
        if offer is None:
            return
        if verb in ("submit", "confirm"):
            await submitting.submit(
                viewer=scene.by,
                offer_id=offer.id,
                confirm_special_application=verb == "confirm",
                reason="Because.",
                now=now,
            )
        elif verb == "withdraw":
            await withdrawing.withdraw(viewer=scene.by, offer_id=offer.id, now=now)
        elif verb in ("start", "end"):
            await self.fire(verb, offer.id, now)
        elif verb == "open":
            await self.open(offer, now)
        else:
            await self.decide(verb, offer.id, Decimal(share), now)

    @transactional
    async def pay(self, order_id: UUID, now: datetime) -> None:
        await automatic.ensure(
            customer_id=self.scene.customer.id,
            partner_id=self.scene.partner.id,
            goods_ids=[goods.id for goods in self.goods],
            order_id=order_id,
            now=now,
        )

    @transactional
    async def fire(self, verb: str, offer_id: UUID, now: datetime) -> None:
        await ExclusiveOffer.select_for_update(no_key=True).get(id=offer_id)
        kind = deadlines.START if verb == "start" else deadlines.END
        due = Timer.filter(kind=kind, subject_id=offer_id, state="SCHEDULED", due_at__lte=now)
        if await due.exists():
            await timers.cancel(kind, subject_id=offer_id)
        # In vain, too: an early or a late worker changes nothing.
        effect = deadlines.start if verb == "start" else deadlines.end
        await effect(subject_ids=[offer_id], now=now)

    async def open(self, offer: ExclusiveOffer, now: datetime) -> None:
        link = await PrivateLink.get_or_none(offer_id=offer.id)
        if link is not None:
            buyer = await a_user_of(self.scene.customer)
            token = links.url_of(link.id).partition("#")[2]
            await links.open_link(viewer=buyer, token=token, now=now)
            # It opened, so it was in force.
            assert offer.effective_at <= now < offer.expires_at

    async def decide(self, verb: str, offer_id: UUID, floor: Decimal, now: datetime) -> None:
        asked = await SpecialApplication.get_or_none(offer_id=offer_id)
        if asked is None:
            return
        platform = self.scene.platform
        if verb == "take":
            await applications.take(
                viewer=platform, application_id=asked.id, crm_number="C1", now=now
            )
        elif verb == "grant":
            await applications.grant(
                viewer=platform,
                application_id=asked.id,
                granted_floor=floor,
                crm_number="C2",
                now=now,
            )
        else:
            await applications.reject(
                viewer=platform, application_id=asked.id, reason="No.", now=now
            )


@given(walk=walks)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_walk_leaves_the_table(
    scene: Scene, time: Clock, walk: list[tuple[str, int, str, int]]
) -> None:
    for table in (PrivateLink, SpecialApplication, ExclusiveOffer, Event, Timer, Mail):
        await table.all().delete()
    walker = Walker(scene, [scene.goods, await some_goods()])
    now = time.now

    for verb, which, share, hours in walk:
        now += timedelta(hours=hours)
        try:
            await walker.step(verb, which, share, now)
        except Problem:
            continue

    await it_holds(now)


async def it_holds(now: datetime) -> None:
    """Only arrows of the tables were followed; timers, links and applications go with them."""
    offers = await ExclusiveOffer.all().order_by("effective_at")
    for offer in offers:
        arrows = OfferStatus.DRAFT.arrows()
        status = await followed(offer.id, arrows, begins={"DRAFT", "EFFECTIVE"})
        assert status == offer.status
        live = {
            t.kind: t.due_at for t in await Timer.filter(subject_id=offer.id, state="SCHEDULED")
        }
        if offer.status is OfferStatus.EFFECTIVE and live.get(deadlines.START, now) <= now:
            # A worker that came for the end has seen the begin, too, whose own timer is due yet.
            live.pop(deadlines.START, None)
        wanted = {}
        if offer.status is OfferStatus.SCHEDULED:
            wanted[deadlines.START] = offer.effective_at
        if offer.status in ("MANUAL_REVIEW", "SCHEDULED", "EFFECTIVE"):
            wanted[deadlines.END] = offer.expires_at
        assert live == wanted
        assert (offer.ended_at is not None) is offer.status.is_final
        asked = await SpecialApplication.get_or_none(offer_id=offer.id)
        if asked is not None:
            states = ApplicationStatus.SUBMITTED.arrows()
            assert await followed(asked.id, states, begins={"SUBMITTED"}) == asked.status
            waits = asked.status in ("SUBMITTED", "IN_CRM")
            assert waits is (offer.status is OfferStatus.MANUAL_REVIEW)
        was_approved = offer.decided_at is not None and offer.status is not OfferStatus.REJECTED
        has_link = await PrivateLink.filter(offer_id=offer.id).exists()
        assert has_link is (was_approved and offer.origin is OfferOrigin.MANUAL)
        if was_approved:
            assert offer.floor is not None
            assert offer.discount >= offer.floor
    await nothing_overlaps(offers)


async def followed(id: UUID, arrows: object, *, begins: set[str]) -> str | None:
    """The status in which the history of this subject ends, having gone by arrows alone."""
    status: str | None = None
    for event in await Event.filter(subject_id=id).order_by("id"):
        wanted = event.after["status"]
        if status is None:
            assert event.before == {}
            assert wanted in begins
        else:
            assert event.before == {"status": status}
            assert wanted in arrows[status]  # type: ignore[index]
        status = wanted
    return status


async def nothing_overlaps(offers: Sequence[ExclusiveOffer]) -> None:
    """No two offers made by people have shared goods while both were live."""
    live = [
        offer
        for offer in offers
        if offer.origin is OfferOrigin.MANUAL
        and offer.status in ("MANUAL_REVIEW", "SCHEDULED", "EFFECTIVE")
    ]
    spans: dict[UUID, list[ExclusiveOffer]] = {}
    for offer in live:
        for line in await ExclusiveOfferLine.filter(offer_id=offer.id):
            spans.setdefault(line.goods_id, []).append(offer)
    for held in spans.values():
        for one, other in pairwise(held):
            assert one.expires_at <= other.effective_at
