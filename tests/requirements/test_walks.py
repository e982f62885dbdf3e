"""Random walks through both machines: whatever is tried in whatever order, it holds.

Partner, merchant, orders and the worker try everything on a few requirements and their offers. A
refusal is as good as a success; what counts is what rows, timers and histories look like then.
"""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.exceptions import DoesNotExist

from domain.private_offers import deadlines as offers
from domain.private_offers import drafting, guards, publishing, versions
from domain.requirements import answering, deadlines, submitting
from kit.problems import Problem
from kit.status import Status
from kit.transaction import transactional
from models.audit import Event
from models.notifications import Mail
from models.private_offers import (
    PrivateOffer,
    PrivateOfferLine,
    PrivateOfferStatus,
    PrivateOfferVersion,
    TermsStatus,
)
from models.requirements import CustomerRequirement, RequirementLine, RequirementStatus
from models.timers import Timer
from tests.conftest import Clock
from tests.private_offers.factories import a_draft as a_draft_offer
from tests.private_offers.factories import publish, terms, use
from tests.requirements.factories import Sale, a_draft, a_sale, submit

pytestmark = pytest.mark.usefixtures("database")

OF_REQUIREMENTS = ("draft", "submit", "accept", "reject", "cancel", "close", "time out", "remind")
OF_OFFERS = ("offer", "publish", "open", "edit", "discard", "withdraw", "delete", "clone", "use")

# Walks begin so far on the usual way, or hardly any would come to its end.
_USUAL = ("submit", "accept", "offer", "edit", "publish", "open")

walks = st.lists(
    st.tuples(
        st.sampled_from(
            (*OF_REQUIREMENTS, *OF_OFFERS, "start", "end", "submit", "accept", "offer")
        ),
        st.integers(0, 2),  # which of them, the latest first
        st.sampled_from([0, 0, 0, 1, 23, 24, 4 * 24, 5 * 24]),  # hours before it
    ),
    min_size=5,
    max_size=30,
)


class Walker:
    """What can be tried."""

    def __init__(self, sale: Sale) -> None:
        self.sale = sale

    @transactional
    async def step(self, verb: str, which: int, now: datetime) -> None:
        """Try it on one of the requirements, or of the offers."""
        if verb == "draft":
            await a_draft(self.sale, now=now)
        elif verb in OF_REQUIREMENTS or verb == "offer":
            found = await CustomerRequirement.all().order_by("-id").offset(which).first()
            if found is not None:
                await self._with_requirement(verb, found, now)
        else:
            offer = await PrivateOffer.all().order_by("-id").offset(which).first()
            if offer is not None:
                await self._with_offer(verb, offer, now)

    async def _with_requirement(self, verb: str, found: CustomerRequirement, now: datetime) -> None:
        by, seller = self.sale.by, self.sale.seller
        if verb == "submit":
            await submit(found, by=by, now=now)
        elif verb == "accept":
            await answering.accept(viewer=seller, requirement_id=found.id, now=now)
        elif verb == "reject":
            await answering.reject(viewer=seller, requirement_id=found.id, reason="no", now=now)
        elif verb == "cancel":
            await submitting.cancel(viewer=by, requirement_id=found.id, now=now)
        elif verb == "close":
            await submitting.close(viewer=by, requirement_id=found.id, now=now)
        elif verb == "time out":
            await deadlines.expire(subject_ids=[found.id], now=now)
        elif verb == "remind":
            await deadlines.remind(subject_ids=[found.id], now=now)
        else:
            await a_draft_offer(self.sale, of=found, ends=timedelta(days=3), now=now)

    async def _with_offer(self, verb: str, offer: PrivateOffer, now: datetime) -> None:
        by = self.sale.seller
        if verb == "publish":
            await publish(offer, self.sale, now=now)
        elif verb == "open":
            await versions.open_draft(viewer=by, offer_id=offer.id, now=now)
        elif verb == "edit":
            draft = await PrivateOfferVersion.get_or_none(offer_id=offer.id, status="DRAFT")
            await versions.edit_draft(
                viewer=by,
                offer_id=offer.id,
                expected_version=draft.version if draft else 1,
                offered=terms(self.sale, begins=timedelta(), ends=timedelta(days=2), now=now),
                now=now,
            )
        elif verb == "discard":
            await versions.discard_draft(viewer=by, offer_id=offer.id, now=now)
        elif verb == "withdraw":
            await publishing.withdraw(viewer=by, offer_id=offer.id, reason="x", now=now)
        elif verb == "delete":
            await drafting.delete(viewer=by, offer_id=offer.id, now=now)
        elif verb == "clone":
            await drafting.clone(viewer=by, offer_id=offer.id, now=now)
        elif verb == "use":
            await use(offer, self.sale, now=now)
        elif verb == "start":
            await offers.start(subject_ids=[offer.id], now=now)
        else:
            await offers.end(subject_ids=[offer.id], now=now)


@given(walk=walks, far=st.integers(0, len(_USUAL)))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_walk_leaves_the_tables(
    time: Clock, far: int, walk: list[tuple[str, int, int]]
) -> None:
    for table in (PrivateOfferLine, PrivateOfferVersion, PrivateOffer):
        await table.all().delete()
    for other in (RequirementLine, CustomerRequirement, Event, Timer, Mail):
        await other.all().delete()
    sale = await a_sale()
    walker = Walker(sale)
    now = time.now
    await walker.step("draft", 0, now)

    for verb, which, hours in [*((verb, 0, 0) for verb in _USUAL[:far]), *walk]:
        now += timedelta(hours=hours)
        try:
            await walker.step(verb, which, now)
        except (Problem, DoesNotExist):  # refused; or there is no draft to publish
            continue

    await requirements_hold(sale)
    await offers_hold(sale, now)


async def requirements_hold(sale: Sale) -> None:
    """Only arrows were followed, timers are there for who waits, answers were told once."""
    for row in await CustomerRequirement.all():
        moved = await followed(row.id, sale, RequirementStatus.DRAFT)
        assert moved is row.status
        live = await Timer.filter(subject_id=row.id, state="SCHEDULED").order_by("due_at")
        waits = row.status is RequirementStatus.PENDING_MERCHANT
        assert [timer.due_at for timer in live if timer.kind == deadlines.EXPIRE] == (
            [row.expires_at] if waits else []
        ) or row.rejection == "TIMEOUT"  # the walk's worker ends no timers
        answers = await Mail.filter(template="customer_requirement_answered").filter(
            dedupe_key__contains=str(row.id)
        )
        is_answered = row.decided_at is not None
        assert len(answers) == (1 if is_answered else 0)
        live_offers = await PrivateOffer.filter(
            requirement_id=row.id,
            status__in=[
                PrivateOfferStatus.DRAFT,
                PrivateOfferStatus.PUBLISHED,
                PrivateOfferStatus.EFFECTIVE,
            ],
        )
        assert len(live_offers) <= 1
        used = await PrivateOffer.filter(requirement_id=row.id, status="USED").count()
        assert used <= 1
        assert not used or row.status is RequirementStatus.CLOSED


async def offers_hold(sale: Sale, now: datetime) -> None:
    """Only arrows were followed, one version holds, and what shows is what it says."""
    for row in await PrivateOffer.all():
        assert await followed(row.id, sale, PrivateOfferStatus.DRAFT) is row.status
        terms_of = await PrivateOfferVersion.filter(offer_id=row.id).order_by("sequence")
        assert [version.sequence for version in terms_of] == list(range(1, len(terms_of) + 1))
        holding = [v for v in terms_of if v.status is TermsStatus.PUBLISHED]
        assert [v.id for v in holding] == (
            [row.current_version_id] if row.current_version_id else []
        )
        [shown] = holding or terms_of[-1:]
        assert (row.ratio, row.effective_at, row.expires_at) == (
            shown.ratio,
            shown.effective_at,
            shown.expires_at,
        )
        assert len([v for v in terms_of if v.status is TermsStatus.DRAFT]) <= 1
        if row.status in (PrivateOfferStatus.PUBLISHED, PrivateOfferStatus.EFFECTIVE):
            due = await Timer.filter(subject_id=row.id, kind=offers.END, state="SCHEDULED").get()
            assert due.due_at == row.expires_at
        assert guards.status_at(row, now) in (row.status, *row.status.arrows().get(row.status, ()))


async def followed(subject_id: object, sale: Sale, first: Status) -> Status:
    """Where the history of a thing leads, each step along an arrow."""
    log = sale.partner.id if isinstance(first, RequirementStatus) else sale.merchant.id
    status: Status | None = None
    for event in await Event.filter(subject_id=subject_id, tenant_id=log).order_by("id"):
        if "status" not in event.after:
            continue
        wanted = type(first)(event.after["status"])
        if status is None:
            assert wanted is first
        elif wanted is not status:
            assert event.before["status"] == status
            assert wanted in status.arrows()[status]
        status = wanted
    assert status is not None
    return status
