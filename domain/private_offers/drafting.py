"""Making a private offer, of a requirement or alone, or of another one; throwing a draft away."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.private_offers import guards, history, standing, terms
from domain.private_offers.policy import PRIVATE_OFFERS
from domain.private_offers.terms import Terms
from domain.requirements import guards as requirements
from domain.requirements.policy import REQUIREMENTS
from kit import numbers, ratios, texts
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import Forbidden, NotFound
from kit.transaction import lock, transactional
from models.customers import Customer
from models.partners import PartnerKind
from models.private_offers import PrivateOffer, PrivateOfferVersion
from models.private_offers import PrivateOfferStatus as Status
from models.requirements import CustomerRequirement

LONGEST_NAME = 160

_NAME = ("input", "name")


@transactional
async def create_of(
    *, viewer: Viewer, requirement_id: UUID, name: str, offered: Terms, now: datetime
) -> PrivateOffer:
    """Begin an offer of a requirement that this merchant has accepted (R-03).

    Raises RequirementHasOffer while another is a draft or live, WrongStatus, and NotFound for
    what isn't one of the merchant's SKUs. What else is checked can wait for the publication.
    """
    permissions.require(viewer, "privateOfferCreate")
    name = texts.needed(name, longest=LONGEST_NAME, path=_NAME)
    given = terms.checked(offered)
    requirement = await REQUIREMENTS.lock(
        CustomerRequirement, requirement_id, viewer=viewer, now=now, thing="requirement"
    )
    refuse(requirements.offer(requirement, viewer, now))
    await standing.free(requirement, now=now)
    return await _begin(
        viewer=viewer,
        merchant_id=requirement.merchant_id,
        partner_id=requirement.partner_id,
        customer_id=requirement.customer_id,
        requirement_id=requirement.id,
        name=name,
        given=given,
        now=now,
    )


@transactional
async def create_for(
    *,
    viewer: Viewer,
    customer_name: str,
    customer_account_name: str,
    name: str,
    offered: Terms,
    now: datetime,
) -> PrivateOffer:
    """Begin an offer that nobody has asked for, to a partner's customer.

    A merchant sees no customers: it has to know both the name and the account. One that isn't
    there, is called otherwise or has no partner is NotFound alike.
    """
    permissions.require(viewer, "privateOfferCreate")
    name = texts.needed(name, longest=LONGEST_NAME, path=_NAME)
    given = terms.checked(offered)
    if viewer.partner_id is None or not viewer.is_merchant:
        raise Forbidden(needs=PartnerKind.MERCHANT.value)
    seen = await Customer.get_or_none(
        account_name=customer_account_name.strip(),
        name=customer_name.strip(),
        partner_id__not_isnull=True,
    )
    customer = await lock(Customer, id=seen.id) if seen else None
    if customer is None or customer.partner_id is None:
        raise NotFound(thing="customer", path=("input", "customerAccountName"))
    return await _begin(
        viewer=viewer,
        merchant_id=viewer.partner_id,
        partner_id=customer.partner_id,
        customer_id=customer.id,
        requirement_id=None,
        name=name,
        given=given,
        now=now,
    )


@transactional
async def clone(
    *, viewer: Viewer, offer_id: UUID, without_requirement: bool = False, now: datetime
) -> PrivateOffer:
    """Begin a new offer with the same terms, its own number and the same requirement, if any.

    A requirement that another offer answers, this very one included, refuses it
    (RequirementHasOffer), and so does one that is closed (WrongStatus): `without_requirement` the
    new one stands alone.
    """
    permissions.require(viewer, "privateOfferClone")
    old = await _seen(viewer, offer_id, now)
    refuse(guards.clone(old, viewer, now))
    requirement_id = None if without_requirement else old.requirement_id
    if requirement_id is not None:
        requirement = await lock(CustomerRequirement, id=requirement_id)
        assert requirement is not None
        refuse(requirements.offer(requirement, viewer, now))
        await standing.free(requirement, now=now)
    version = await _version_of(old)
    return await _begin(
        viewer=viewer,
        merchant_id=old.merchant_id,
        partner_id=old.partner_id,
        customer_id=old.customer_id,
        requirement_id=requirement_id,
        cloned_from=old.id,
        name=old.name,
        given=await terms.of(version),
        now=now,
    )


@transactional
async def delete(*, viewer: Viewer, offer_id: UUID, now: datetime) -> UUID:
    """Throw away an offer that was never published; its id. Raises WrongStatus for any other."""
    permissions.require(viewer, "privateOfferDelete")
    offer = await standing.locked(viewer, offer_id, guards.delete, now=now)
    await history.of_offer(
        "deleted", offer, viewer=viewer, before={"status": offer.status.value}, now=now
    )
    await PrivateOffer.filter(id=offer.id).delete()
    return offer.id


async def _begin(
    *,
    viewer: Viewer,
    merchant_id: UUID,
    partner_id: UUID,
    customer_id: UUID,
    requirement_id: UUID | None,
    cloned_from: UUID | None = None,
    name: str,
    given: Terms,
    now: datetime,
) -> PrivateOffer:
    offered = await terms.found(given.prices, merchant_id=merchant_id)
    assert viewer.actor_id is not None
    id = new_id()
    offer = PrivateOffer(
        id=id,
        created_at=now,
        number=numbers.numbered("PO", id, at=now),
        merchant_id=merchant_id,
        partner_id=partner_id,
        customer_id=customer_id,
        requirement_id=requirement_id,
        cloned_from=cloned_from,
        name=name,
        status=Status.DRAFT,
        ratio=given.ratio,
        effective_at=given.effective_at,
        expires_at=given.expires_at,
        created_by=viewer.actor_id,
    )
    await offer.insert()
    await terms.draft(
        offer_id=id, sequence=1, terms=given, offered=offered, by=viewer.actor_id, now=now
    )
    await history.of_offer(
        "drafted",
        offer,
        viewer=viewer,
        after={"status": offer.status.value, "ratio": ratios.written(offer.ratio)},
        now=now,
    )
    return offer


async def _seen(viewer: Viewer, offer_id: UUID, now: datetime) -> PrivateOffer:
    await PRIVATE_OFFERS.require(
        PrivateOffer, offer_id, viewer=viewer, now=now, thing="private offer"
    )
    return await PrivateOffer.get(id=offer_id)


async def _version_of(offer: PrivateOffer) -> PrivateOfferVersion:
    """The terms that it stands for: the published ones, or the draft before there are any."""
    if offer.current_version_id is not None:
        return await PrivateOfferVersion.get(id=offer.current_version_id)
    return await PrivateOfferVersion.get(offer_id=offer.id)
