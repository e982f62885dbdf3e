"""Drafting an exclusive offer (专属优惠): for whom, for which goods, at which discount."""

from datetime import datetime
from uuid import UUID

from domain.customers.policy import CUSTOMERS
from domain.identity import permissions
from domain.identity.items import Item
from domain.identity.viewer import Viewer
from domain.offers import checks, guards, history, terms
from domain.offers.policy import EXCLUSIVE_OFFERS
from domain.offers.terms import Terms
from domain.partners.own import own_partner
from kit import database, rows, texts
from kit.guards import refuse
from kit.ids import new_id
from kit.numbers import numbered
from kit.problems import InvalidInput, NotFound, VersionConflict
from kit.transaction import transactional
from models.customers import Customer
from models.offers import ExclusiveOffer, OfferOrigin
from models.offers import OfferStatus as Status
from models.partners import Partner

LONGEST_ACCOUNT = 64
NUMBER = "EO"


@transactional
async def create(
    *,
    viewer: Viewer,
    customer_id: UUID | None = None,
    account_name: str | None = None,
    wanted: Terms,
    now: datetime,
) -> ExclusiveOffer:
    """Begin an offer for one customer: by its id if the viewer sees it, or by its account's name.

    By name it may be any account of the partner's site: a service provider earns on customers who
    belong to another partner, too, or to none (G-06), and must have made the offer before they
    order (X-11). Raises OfferCheckFailed for what a draft needs (the programme, goods on sale).
    """
    permissions.require(viewer, "exclusiveOfferCreate")
    wanted = terms.checked(wanted)
    partner = await own_partner(viewer, needs=Item.OFFER_MANAGE)
    customer = await _customer(viewer, partner, customer_id, account_name, now)
    id = new_id()
    offer = ExclusiveOffer(
        id=id,
        created_at=now,
        number=numbered(NUMBER, id, at=now),
        partner_id=partner.id,
        customer_id=customer.id,
        account_name=customer.account_name,
        manager_id=None if customer.partner_id == partner.id else viewer.seat_id,
        origin=OfferOrigin.MANUAL,
        status=Status.DRAFT,
        created_by=viewer.actor_id,
        **_columns(wanted),
    )
    lines = await terms.lines_of(wanted, offer_id=id, now=now)
    checks.refuse(await checks.grounds(offer, lines, now=now))

    await offer.insert()
    await rows.insert_all(lines)
    await history.of_offer("drafted", offer, viewer=viewer, before=None, now=now)
    return offer


@transactional
async def edit(
    *, viewer: Viewer, offer_id: UUID, expected_version: int, wanted: Terms, now: datetime
) -> ExclusiveOffer:
    """Write a draft anew; for whom it is stays. Raises WrongStatus, VersionConflict, and as above.

    Another customer is another offer.
    """
    permissions.require(viewer, "exclusiveOfferEdit")
    wanted = terms.checked(wanted)
    offer = await EXCLUSIVE_OFFERS.lock(
        ExclusiveOffer, offer_id, viewer=viewer, now=now, thing="offer"
    )
    refuse(guards.edit(offer, viewer, now))
    if offer.version != expected_version:
        raise VersionConflict(current=offer.version)
    lines = await terms.lines_of(wanted, offer_id=offer.id, now=now)
    checks.refuse(await checks.grounds(offer, lines, now=now))

    columns = _columns(wanted)
    for name, value in columns.items():
        setattr(offer, name, value)
    offer.version += 1
    await offer.save(update_fields=[*columns, "version"])
    await database.execute("delete from exclusive_offer_line where offer_id = $1", offer.id)
    await rows.insert_all(lines)
    await history.of_offer("edited", offer, viewer=viewer, before=offer.status.value, now=now)
    return offer


def _columns(wanted: Terms) -> dict[str, object]:
    return {
        "quotation": wanted.quotation,
        "name": wanted.name,
        "note": wanted.note,
        "discount": wanted.discount,
        "effective_at": wanted.effective_at,
        "expires_at": wanted.expires_at,
    }


async def _customer(
    viewer: Viewer,
    partner: Partner,
    customer_id: UUID | None,
    account_name: str | None,
    now: datetime,
) -> Customer:
    if (customer_id is None) == (account_name is None):
        raise InvalidInput(
            reason="Name the customer either by customerId or by accountName.",
            reason_zh="customerId 与 accountName 须且仅须提供一项。",
            path=("input",),
        )
    if customer_id is not None:
        missing = NotFound(thing="customer", path=("input", "customerId"))
        if not await CUSTOMERS.sees(Customer, customer_id, viewer=viewer, now=now):
            raise missing
        customer = await Customer.get(id=customer_id)
        # A distributor sees its resellers' customers; they make their own offers.
        if customer.partner_id != partner.id:
            raise missing
        return customer
    path = ("input", "accountName")
    assert account_name is not None
    name = texts.needed(account_name, longest=LONGEST_ACCOUNT, path=path)
    found = await Customer.get_or_none(account_name=name, site=partner.site)
    # Of the partner's own customers, an account manager has his (O-03).
    is_own = found is not None and found.partner_id == partner.id
    if found is None or (
        is_own and not await CUSTOMERS.sees(Customer, found.id, viewer=viewer, now=now)
    ):
        raise NotFound(thing="customer", path=path)
    return found
