"""The automatic 100 % offer (X-09): made while an order is paid that has no other discount.

A partner earns only on orders with an offer of his, even at list price (X-11). Where nobody has
thought of it in time, the system makes one: for the goods of one order, and for that order alone.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.identity.viewer import SYSTEM
from domain.offers import bindings, deadlines, history
from domain.offers.checks import KINDS
from domain.offers.drafting import NUMBER
from domain.programmes.conditions import SELLING_PROGRAMME, joined_programmes
from kit import database, rows
from kit.ids import new_id
from kit.numbers import numbered
from kit.transaction import assert_open, lock
from models.catalogue import Goods
from models.customers import Customer
from models.offers import ExclusiveOffer, ExclusiveOfferLine, OfferOrigin, QuotationKind
from models.offers import OfferStatus as Status

LOOK_AHEAD = timedelta(hours=24)

# No source says how long it lasts: a day, so that people find it among those in force. It makes no
# difference to the order, which looks at the instant of its payment.
LIFETIME = timedelta(hours=24)

NAME = "100%"


class AutomaticObstacle(StrEnum):
    """Why the system would make no offer for some goods."""

    PROGRAMME_NOT_JOINED = "PROGRAMME_NOT_JOINED"
    NOT_BOUND = "NOT_BOUND"
    GOODS_KIND_EXCLUDED = "GOODS_KIND_EXCLUDED"
    OFFER_IN_FORCE = "OFFER_IN_FORCE"
    OFFER_WITHIN_A_DAY = "OFFER_WITHIN_A_DAY"


async def ensure(
    *,
    customer_id: UUID,
    partner_id: UUID,
    goods_ids: Sequence[UUID],
    order_id: UUID,
    now: datetime,
) -> ExclusiveOffer | None:
    """The 100 % offer of an order that binds the partner, for those goods that nothing forbids.

    None when all are forbidden. Call it in the transaction that confirms the payment; it locks the
    customer, as who submits an offer does, so that the two see each other. The same order gets
    the same offer again.
    """
    assert_open()
    await lock(Customer, id=customer_id)
    earlier = await ExclusiveOffer.get_or_none(order_id=order_id)
    if earlier is not None:
        return earlier
    found = await obstacles(
        customer_id=customer_id, partner_id=partner_id, goods_ids=goods_ids, now=now
    )
    free = [id for id in dict.fromkeys(goods_ids) if not found[id]]
    if not free:
        return None
    return await _make(customer_id, partner_id, free, order_id, now)


async def obstacles(
    *, customer_id: UUID, partner_id: UUID, goods_ids: Sequence[UUID], now: datetime
) -> dict[UUID, list[AutomaticObstacle]]:
    """What stands in the way, for each of the goods; nothing, and the offer would be made at `now`.

    Reads only. Any partner's offer for these goods counts, in force or from an instant on that
    comes less than 24 hours later; what another order has made for itself does not.
    """
    general = []
    if SELLING_PROGRAMME not in await joined_programmes(partner_id=partner_id, now=now):
        general.append(AutomaticObstacle.PROGRAMME_NOT_JOINED)
    if not await bindings.is_bound(customer_id=customer_id, partner_id=partner_id):
        general.append(AutomaticObstacle.NOT_BOUND)
    goods = {each.id: each for each in await Goods.filter(id__in=list(goods_ids))}
    begins = await _first_begin(customer_id, goods_ids, now)
    found = {}
    for id in goods_ids:
        own = list(general)
        if id not in goods or goods[id].kind not in KINDS:
            own.append(AutomaticObstacle.GOODS_KIND_EXCLUDED)
        if (begin := begins.get(id)) is not None:
            own.append(
                AutomaticObstacle.OFFER_IN_FORCE
                if begin <= now
                else AutomaticObstacle.OFFER_WITHIN_A_DAY
            )
        found[id] = own
    return found


async def _first_begin(
    customer_id: UUID, goods_ids: Sequence[UUID], now: datetime
) -> dict[UUID, datetime]:
    found = await database.rows(
        """
        select line.goods_id, min(offer.effective_at) as begin
        from exclusive_offer offer join exclusive_offer_line line on line.offer_id = offer.id
        where offer.customer_id = $1 and offer.origin = 'MANUAL'
          and offer.status in ('SCHEDULED', 'EFFECTIVE')
          and offer.expires_at > $2 and offer.effective_at < $3
          and line.goods_id = any($4)
        group by line.goods_id""",
        *(customer_id, now, now + LOOK_AHEAD, list(goods_ids)),
    )
    return {row["goods_id"]: row["begin"] for row in found}


async def _make(
    customer_id: UUID, partner_id: UUID, goods_ids: Sequence[UUID], order_id: UUID, now: datetime
) -> ExclusiveOffer:
    customer = await Customer.get(id=customer_id)
    id = new_id()
    offer = ExclusiveOffer(
        id=id,
        created_at=now,
        number=numbered(NUMBER, id, at=now),
        partner_id=partner_id,
        customer_id=customer_id,
        account_name=customer.account_name,
        origin=OfferOrigin.AUTOMATIC,
        quotation=QuotationKind.GOODS,
        name=NAME,
        discount=Decimal(1),
        floor=Decimal(1),
        effective_at=now,
        expires_at=now + LIFETIME,
        status=Status.EFFECTIVE,
        order_id=order_id,
        submitted_at=now,
        decided_at=now,
    )
    await offer.insert()
    await rows.insert_all(
        [
            ExclusiveOfferLine(
                id=new_id(), created_at=now, offer_id=id, position=place, goods_id=goods_id
            )
            for place, goods_id in enumerate(goods_ids, start=1)
        ]
    )
    await deadlines.schedule_end(offer, now=now)
    await history.of_offer("made", offer, viewer=SYSTEM, before=None, now=now)
    return offer
