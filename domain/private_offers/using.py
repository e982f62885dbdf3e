"""An order uses a private offer up: what it says then is what the order is settled by."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity.viewer import SYSTEM
from domain.private_offers import deadlines, guards, history, standing, terms
from domain.requirements import submitting
from kit.guards import refuse
from kit.money import Money
from kit.problems import NotFound, Problem
from kit.transaction import lock, transactional
from models.private_offers import PrivateOffer, PrivateOfferVersion
from models.private_offers import PrivateOfferStatus as Status
from models.requirements import CustomerRequirement, RequirementStatus


class PrivateOfferOfAnotherPartner(Problem):
    """The offer says which partner brings it; an order bound to another can't use it (A-22)."""

    en = "This private offer is brought by another partner than the order is bound to."
    zh = "订单绑定的客户服务商与商家优惠所属伙伴不一致。"


@dataclass(frozen=True, slots=True)
class FrozenPrice:
    """A SKU at the merchant's price, tax included."""

    goods_id: UUID
    sku_id: UUID
    quantity: int
    unit_price: Money


@dataclass(frozen=True, slots=True)
class FrozenTerms:
    """What the order keeps, whatever becomes of goods, policies and the offer (R-05).

    `ratio` is the partner's share of what is paid in cash; `requirement_id` is None for an offer
    that the merchant made alone, which settles otherwise (A-20).
    """

    private_offer_id: UUID
    number: str
    version_id: UUID
    sequence: int
    merchant_id: UUID
    partner_id: UUID
    customer_id: UUID
    requirement_id: UUID | None
    ratio: Decimal
    prices: tuple[FrozenPrice, ...]


@transactional
async def use(
    *,
    private_offer_id: UUID,
    order_id: UUID,
    customer_id: UUID,
    partner_id: UUID,
    now: datetime,
) -> FrozenTerms:
    """Use the offer up for an order and give back its terms; the same again for the same order.

    To be called in the order's transaction, with the customer held. Raises NotFound for another
    customer's offer and a draft, PrivateOfferOfAnotherPartner (A-22), PrivateOfferNotEffective,
    PrivateOfferExpired at and after its end, PrivateOfferUsed, PrivateOfferWithdrawn. Its
    requirement is answered for good.
    """
    seen = await PrivateOffer.get_or_none(id=private_offer_id, customer_id=customer_id)
    if seen is None or seen.status is Status.DRAFT:
        raise NotFound(thing="private offer")
    requirement = (
        await lock(CustomerRequirement, id=seen.requirement_id) if seen.requirement_id else None
    )
    offer = await lock(PrivateOffer, id=private_offer_id)
    assert offer is not None, "what was published is never deleted"
    if offer.partner_id != partner_id:
        raise PrivateOfferOfAnotherPartner()
    if offer.order_id == order_id:
        return await _frozen(offer)
    refuse(guards.use(offer, now))
    await standing.catch_up(offer, now=now)

    before = offer.status
    offer.status = before.to(Status.USED)
    offer.order_id = order_id
    offer.ended_at = now
    offer.version += 1
    await offer.save(update_fields=["status", "order_id", "ended_at", "version"])
    await history.of_offer(
        "used",
        offer,
        viewer=SYSTEM,
        before={"status": before.value},
        after={"status": offer.status.value, "order_id": str(order_id)},
        now=now,
    )
    await deadlines.cancel(offer)
    if requirement is not None and requirement.status is RequirementStatus.ACCEPTED:
        await submitting.fulfil(requirement, viewer=SYSTEM, now=now)
    return await _frozen(offer)


async def _frozen(offer: PrivateOffer) -> FrozenTerms:
    assert offer.current_version_id is not None
    version = await PrivateOfferVersion.get(id=offer.current_version_id)
    lines = await terms.lines_of(version.id)
    return FrozenTerms(
        private_offer_id=offer.id,
        number=offer.number,
        version_id=version.id,
        sequence=version.sequence,
        merchant_id=offer.merchant_id,
        partner_id=offer.partner_id,
        customer_id=offer.customer_id,
        requirement_id=offer.requirement_id,
        ratio=version.ratio,
        prices=tuple(
            FrozenPrice(
                line.goods_id, line.sku_id, line.quantity, Money(line.unit_price, line.currency)
            )
            for line in lines
        ),
    )
