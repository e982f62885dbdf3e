"""Exclusive offers at every point of their life; name only what the test is about."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.identity.viewer import Viewer
from domain.offers import deadlines, drafting, links, submitting
from domain.offers.terms import Terms, WantedSku
from domain.programmes import catalogue
from kit import ids
from kit.transaction import transactional
from models.audit import Event
from models.catalogue import Goods
from models.customers import Customer
from models.offers import ExclusiveOffer, PrivateLink, SpecialApplication
from models.partners import Partner
from models.programmes import Programme, ProgrammeApplication
from models.programmes import ProgrammeApplicationStatus as Membership
from tests.factories import LONG_AGO

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


async def joined(partner: Partner, *, until: datetime | None = None) -> Partner:
    """The partner, now a customer service provider, without the story behind it."""
    await catalogue.ensure_presets(now=LONG_AGO)
    await ProgrammeApplication.create(
        created_at=LONG_AGO,
        partner_id=partner.id,
        programme_id=(await Programme.get(code="CSP")).id,
        status=Membership.APPROVED,
        created_by=partner.id,
        effective_from=LONG_AGO,
        expires_at=until,
    )
    return partner


def terms(*goods: Goods, now: datetime, discount: str = "0.9", **others: Any) -> Terms:
    """90 % of the list price of these goods, from tomorrow on, for thirty days."""
    facts: dict[str, Any] = {
        "name": "Spring",
        "effective_at": now + DAY,
        "expires_at": now + 31 * DAY,
        "goods_ids": [each.id for each in goods],
    }
    return Terms(discount=Decimal(discount), **(facts | others))


def configuration(*skus: tuple[Any, int]) -> dict[str, Sequence[Any]]:
    """Terms over certain SKUs, so many of each."""
    return {"configuration": [WantedSku(sku.id, quantity) for sku, quantity in skus]}


async def a_draft(
    *goods: Goods, by: Viewer, of: Customer, now: datetime, **others: Any
) -> ExclusiveOffer:
    """Not submitted yet."""
    return await drafting.create(
        viewer=by, customer_id=of.id, wanted=terms(*goods, now=now, **others), now=now
    )


async def a_scheduled_offer(
    *goods: Goods, by: Viewer, of: Customer, now: datetime, **others: Any
) -> ExclusiveOffer:
    """Approved by the system at `now`; in force a day later unless told otherwise."""
    draft = await a_draft(*goods, by=by, of=of, now=now, **others)
    return await submitting.submit(viewer=by, offer_id=draft.id, now=now)


async def an_application(
    *goods: Goods, by: Viewer, of: Customer, now: datetime, discount: str = "0.5", **others: Any
) -> SpecialApplication:
    """Half the price, which people have to decide on."""
    draft = await a_draft(*goods, by=by, of=of, now=now, discount=discount, **others)
    await submitting.submit(
        viewer=by,
        offer_id=draft.id,
        confirm_special_application=True,
        reason="A rival asks less.",
        now=now,
    )
    return await SpecialApplication.get(offer_id=draft.id)


async def fresh(offer: ExclusiveOffer) -> ExclusiveOffer:
    """The row as it stands in the table."""
    return await ExclusiveOffer.get(id=offer.id)


async def link_of(offer: ExclusiveOffer) -> PrivateLink:
    """The offer's private link."""
    return await PrivateLink.get(offer_id=offer.id)


async def history(subject: ExclusiveOffer | SpecialApplication) -> list[str]:
    """What happened to it, in order."""
    events = await Event.filter(subject_id=subject.id).order_by("id")
    return [event.name.partition(".")[2] for event in events]


def eof(offer: ExclusiveOffer) -> str:
    """The id of an offer as the API writes it."""
    return ids.encode("eof", offer.id)


def spa(application: SpecialApplication) -> str:
    """The id of a special commercial application as the API writes it."""
    return ids.encode("spa", application.id)


async def token_of(offer: ExclusiveOffer) -> str:
    """What its private link shows whoever opens it."""
    return links.url_of((await link_of(offer)).id).partition("#")[2]


@transactional
async def end(offer: ExclusiveOffer, now: Any) -> None:
    """What the worker does to it when its time is over."""
    await ExclusiveOffer.select_for_update(no_key=True).get(id=offer.id)
    await deadlines.end(subject_ids=[offer.id], now=now)


@transactional
async def start(offer: ExclusiveOffer, now: Any) -> None:
    """What the worker does to it when its time begins."""
    await ExclusiveOffer.select_for_update(no_key=True).get(id=offer.id)
    await deadlines.start(subject_ids=[offer.id], now=now)
