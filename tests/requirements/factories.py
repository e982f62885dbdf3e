"""What customers want, up to the state that a test is about; name only what matters to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.identity.viewer import Viewer
from domain.requirements import answering, drafting, submitting
from domain.requirements.wishes import Wish
from kit import ids
from models.audit import Event
from models.catalogue import Goods, Sku
from models.customers import AssociationType, Customer
from models.partners import Partner
from models.requirements import CustomerRequirement
from tests.catalogue.factories import a_merchant, a_sku, some_goods
from tests.conftest import Clock
from tests.customers.factories import a_customer
from tests.factories import a_partner, an_administrator
from tests.offers.factories import joined

RATIO = Decimal("0.25")


@dataclass
class Sale:
    """Who is in a joint sale: the partner `by`, the merchant `seller`, the customer, the goods."""

    partner: Partner
    by: Viewer
    merchant: Partner
    seller: Viewer
    customer: Customer
    goods: Goods
    sku: Sku


async def a_sale(
    merchant: Partner | None = None,
    *,
    partner: Partner | None = None,
    type: AssociationType = AssociationType.REFERRAL,
    price: str = "1000.00",
    **policy: Any,
) -> Sale:
    """Everything that a requirement needs, and that passes every check with a share of 30 %."""
    partner = await joined(partner or await a_partner("Acme"))
    merchant = merchant or await a_merchant()
    goods = await some_goods(merchant=merchant, **policy)
    return Sale(
        partner=partner,
        by=await an_administrator(partner),
        merchant=merchant,
        seller=await an_administrator(merchant),
        customer=await a_customer(of=partner, type=type),
        goods=goods,
        sku=await a_sku(goods, price=price),
    )


async def a_draft(
    sale: Sale,
    *,
    by: Viewer | None = None,
    lines: Sequence[Wish] | None = None,
    ratio: str | Decimal = RATIO,
    now: datetime,
    **more: Any,
) -> CustomerRequirement:
    """Written down, nobody asked yet."""
    return await drafting.create(
        viewer=by or sale.by,
        customer_id=sale.customer.id,
        expected_ratio=Decimal(ratio),
        lines=lines or [Wish(sale.goods.id)],
        now=now,
        **more,
    )


async def submit(draft: CustomerRequirement, *, by: Viewer, now: datetime) -> CustomerRequirement:
    """Ask the merchant for what was written down."""
    return await submitting.submit(
        viewer=by, requirement_id=draft.id, expected_version=draft.version, now=now
    )


async def a_pending(sale: Sale, *, now: datetime, **more: Any) -> CustomerRequirement:
    """The merchant is asked since `now`."""
    return await submit(await a_draft(sale, now=now, **more), by=sale.by, now=now)


async def an_accepted(sale: Sale, *, now: datetime, **more: Any) -> CustomerRequirement:
    """The merchant has said yes."""
    pending = await a_pending(sale, now=now, **more)
    return await answering.accept(viewer=sale.seller, requirement_id=pending.id, now=now)


async def history(of: Any, seen_by: Partner) -> list[str]:
    """What happened to it, as far as it stands in this partner's log."""
    events = await Event.filter(subject_id=of.id, tenant_id=seen_by.id).order_by("id")
    return [event.name.partition(".")[2] for event in events]


def crq(requirement: CustomerRequirement) -> str:
    """The id of a requirement as the API writes it."""
    return ids.encode("crq", requirement.id)


async def edited(draft: CustomerRequirement, sale: Sale, time: Clock, **more: Any) -> None:
    """The draft, changed."""
    facts: dict[str, Any] = {
        "viewer": sale.by,
        "expected_version": draft.version,
        "expected_ratio": Decimal("0.3"),
        "lines": [Wish(sale.goods.id, sale.sku.id, 7)],
    }
    await drafting.edit(requirement_id=draft.id, now=time.now, **(facts | more))
