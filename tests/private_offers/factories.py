"""Private offers up to the state that a test is about; name only what matters to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.private_offers import drafting, publishing, using
from domain.private_offers.terms import Price, Terms
from domain.private_offers.using import FrozenTerms
from kit import ids
from kit.ids import new_id
from models.private_offers import PrivateOffer, PrivateOfferVersion
from models.requirements import CustomerRequirement
from tests.requirements.factories import Sale, an_accepted

DAY = timedelta(days=1)


def terms(
    sale: Sale,
    *,
    now: datetime,
    ratio: str = "0.25",
    price: str = "900.00",
    begins: timedelta = DAY,
    ends: timedelta = 31 * DAY,
    prices: Sequence[Price] | None = None,
    note: str | None = None,
) -> Terms:
    """One of the SKU for 900.00, a share of 25 %, from tomorrow on for thirty days."""
    return Terms(
        ratio=Decimal(ratio),
        effective_at=now + begins,
        expires_at=now + ends,
        prices=prices if prices is not None else [Price(sale.sku.id, Decimal(price))],
        note=note,
    )


async def a_draft(
    sale: Sale, *, of: CustomerRequirement | None = None, now: datetime, **more: Any
) -> PrivateOffer:
    """Of a requirement that was accepted for it, unless one is named."""
    requirement = of or await an_accepted(sale, now=now)
    return await drafting.create_of(
        viewer=sale.seller,
        requirement_id=requirement.id,
        name="Spring price",
        offered=terms(sale, now=now, **more),
        now=now,
    )


async def alone(sale: Sale, *, now: datetime, **more: Any) -> PrivateOffer:
    """A draft that nobody has asked for."""
    return await drafting.create_for(
        viewer=sale.seller,
        customer_name=sale.customer.name,
        customer_account_name=sale.customer.account_name,
        name="Welcome",
        offered=terms(sale, now=now, **more),
        now=now,
    )


async def publish(offer: PrivateOffer, sale: Sale, *, now: datetime) -> PrivateOffer:
    """Publish its open draft, whatever that is."""
    draft = await PrivateOfferVersion.get(offer_id=offer.id, status="DRAFT")
    return await publishing.publish(
        viewer=sale.seller, offer_id=offer.id, expected_version=draft.version, now=now
    )


async def a_published(sale: Sale, *, now: datetime, **more: Any) -> PrivateOffer:
    """Its time begins tomorrow, unless told otherwise."""
    return await publish(await a_draft(sale, now=now, **more), sale, now=now)


async def an_effective(sale: Sale, *, now: datetime, **more: Any) -> PrivateOffer:
    """In force since `now`, for a day."""
    facts: dict[str, Any] = {"begins": timedelta(), "ends": DAY}
    return await a_published(sale, now=now, **(facts | more))


async def use(
    offer: PrivateOffer, sale: Sale, *, now: datetime, order_id: UUID | None = None, **more: Any
) -> FrozenTerms:
    """An order of the customer uses it, bound to the partner."""
    facts = {"customer_id": sale.customer.id, "partner_id": sale.partner.id}
    return await using.use(
        private_offer_id=offer.id, order_id=order_id or new_id(), now=now, **(facts | more)
    )


def pvo(offer: PrivateOffer) -> str:
    """The id of a private offer as the API writes it."""
    return ids.encode("pvo", offer.id)
