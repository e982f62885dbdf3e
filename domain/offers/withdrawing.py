"""Taking an offer back before its end, by hand or because the customer leaves its partner."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import SYSTEM, Viewer
from domain.offers import deadlines, guards, history, letters
from domain.offers.effects import HOLDS, Withdrawal
from domain.offers.policy import EXCLUSIVE_OFFERS
from kit import texts
from kit.guards import refuse
from kit.problems import Problem, spoken
from kit.transaction import assert_open, lock, transactional
from models.offers import ApplicationStatus, ExclusiveOffer, OfferOrigin, SpecialApplication
from models.offers import OfferStatus as Status

CUSTOMER_LEFT = "CUSTOMER_LEFT"


class OfferInUse(Problem):
    """An order that isn't settled yet uses the offer; it has to be paid or cancelled first."""

    en = "Pending orders use this offer: {names}."
    zh = "待支付的订单正在使用该专属优惠:{names}。"
    about = {"orders": "The numbers of those orders."}
    orders: list[str]

    def in_words(self, locale: str = "en") -> str:
        """The orders in one sentence."""
        return spoken(locale, en=self.en, zh=self.zh).format(names=", ".join(self.orders))


@transactional
async def withdraw(
    *, viewer: Viewer, offer_id: UUID, reason: str | None = None, now: datetime
) -> ExclusiveOffer:
    """Take an offer back, from a draft to one in force; its link is dead at once.

    Raises OfferExpired at or after its end, OfferInUse while a pending order uses it,
    MadeByAnOrder, WrongStatus when it is over otherwise.
    """
    permissions.require(viewer, "exclusiveOfferWithdraw")
    reason = texts.reason_if_any(reason)
    offer = await EXCLUSIVE_OFFERS.lock(
        ExclusiveOffer, offer_id, viewer=viewer, now=now, thing="offer"
    )
    refuse(guards.withdraw(offer, viewer, now))
    if orders := await _orders_that_use(offer, now):
        raise OfferInUse(orders=orders)
    await _withdraw(offer, viewer=viewer, reason=reason, now=now)
    return offer


async def close_of(
    *, customer_id: UUID, partner_id: UUID, viewer: Viewer = SYSTEM, now: datetime
) -> int:
    """The customer leaves the partner: its offers are withdrawn, as 5.5 asks; how many there were.

    For the list of what happens when an association ends, with the customer held. What a pending
    order uses stays, for that order alone must not lose what it was promised; nor does what is
    over by the time, though nothing may have said so yet.
    """
    assert_open()
    rows = await (
        ExclusiveOffer.filter(
            customer_id=customer_id, partner_id=partner_id, origin=OfferOrigin.MANUAL
        )
        .filter(status__in=[status for status in Status if not status.is_final])
        .order_by("id")
        .select_for_update(no_key=True)
    )
    closing = [offer for offer in rows if guards.withdraw(offer, SYSTEM, now) is None]
    closing = [offer for offer in closing if not await _orders_that_use(offer, now)]
    for offer in closing:
        await _withdraw(offer, viewer=viewer, reason=CUSTOMER_LEFT, now=now)
    return len(closing)


async def _orders_that_use(offer: ExclusiveOffer, now: datetime) -> list[str]:
    asked = Withdrawal(
        offer_id=offer.id, customer_id=offer.customer_id, partner_id=offer.partner_id, now=now
    )
    answers = await HOLDS.run(asked)
    return sorted({number for numbers in answers.values() for number in numbers})


async def _withdraw(
    offer: ExclusiveOffer, *, viewer: Viewer, reason: str | None, now: datetime
) -> None:
    await deadlines.catch_up(offer, now=now)
    before = offer.status
    offer.status = before.to(Status.WITHDRAWN)
    offer.ended_at = now
    offer.version += 1
    await offer.save(update_fields=["status", "ended_at", "version"])
    await deadlines.cancel([offer.id])
    await history.of_offer(
        "withdrawn", offer, viewer=viewer, before=before.value, reason=reason, now=now
    )
    if before is Status.MANUAL_REVIEW:
        await _cancel_application(offer, viewer=viewer, now=now)


async def _cancel_application(offer: ExclusiveOffer, *, viewer: Viewer, now: datetime) -> None:
    application = await lock(SpecialApplication, offer_id=offer.id)
    assert application is not None
    before = application.status
    application.status = before.to(ApplicationStatus.CANCELLED)
    application.decided_at = now
    application.version += 1
    await application.save(update_fields=["status", "decided_at", "version"])
    await letters.recall_application(application)
    await history.of_application(
        "cancelled",
        application,
        offer=offer,
        viewer=viewer,
        before=before.value,
        now=now,
    )
