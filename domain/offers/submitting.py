"""Submitting an offer: reviewed by the system at once, or by people when it goes too low."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from domain.catalogue.terms import policies
from domain.identity import permissions
from domain.identity.viewer import SYSTEM, Viewer
from domain.offers import checks, deadlines, granting, guards, history, letters
from domain.offers.policy import EXCLUSIVE_OFFERS
from kit import ratios, texts
from kit.guards import refuse
from kit.ids import new_id
from kit.problems import InvalidInput, Problem, VersionConflict, spoken
from kit.transaction import lock, transactional
from models.catalogue import Goods, GoodsPolicy
from models.customers import Customer
from models.offers import ApplicationStatus, ExclusiveOffer, ExclusiveOfferLine, SpecialApplication
from models.offers import OfferStatus as Status
from models.partners import Partner


@dataclass(frozen=True, slots=True)
class AuthorizedFloor:
    """Goods that the discount is too low for, and the least that is authorized for them."""

    about: ClassVar[dict[str, str]] = {
        "goods": "The number of the goods.",
        "name": "Its name.",
        "floor_ratio": "The least share of the list price that partners may ask.",
    }
    goods: str
    name: str
    floor_ratio: Decimal


class BelowAuthorizedFloor(Problem):
    """The discount goes below what partners may grant (X-04).

    Submit again with `confirmSpecialApplication` and a reason, and people decide.
    """

    en = (
        "This discount is beyond what is authorized: {texts}. Confirm to submit a special"
        " commercial application instead."
    )
    zh = "申请的折扣超出授权范围:{texts}。如需继续,请确认提交特殊商务申请。"
    about = {"floors": "The goods for which it is too low."}
    floors: list[AuthorizedFloor]

    def in_words(self, locale: str = "en") -> str:
        """All floors in one sentence."""
        told = [f"{floor.goods} ≥ {ratios.written(floor.floor_ratio)}" for floor in self.floors]
        return spoken(locale, en=self.en, zh=self.zh).format(texts=", ".join(told))


@transactional
async def submit(
    *,
    viewer: Viewer,
    offer_id: UUID,
    expected_version: int | None = None,
    confirm_special_application: bool = False,
    reason: str | None = None,
    now: datetime,
) -> ExclusiveOffer:
    """Ask for an offer: SCHEDULED at once when it passes the checks and stays within what is
    authorized when it takes effect (X-02); else MANUAL_REVIEW, when that is confirmed (X-04).

    Raises OfferCheckFailed with all that fails; BelowAuthorizedFloor while it isn't confirmed, and
    then nothing is stored; WrongStatus, VersionConflict.
    """
    permissions.require(viewer, "exclusiveOfferSubmit")
    reason = texts.reason_if_any(reason)
    await EXCLUSIVE_OFFERS.require(ExclusiveOffer, offer_id, viewer=viewer, now=now, thing="offer")
    # For whom it is never changes, so it may be read before anything is locked. Offers for one
    # customer are submitted one after the other: that is what keeps them from overlapping.
    seen = await ExclusiveOffer.get(id=offer_id)
    await lock(Customer, id=seen.customer_id)
    offer = await EXCLUSIVE_OFFERS.lock(
        ExclusiveOffer, offer_id, viewer=viewer, now=now, thing="offer"
    )
    refuse(guards.submit(offer, viewer, now))
    if expected_version is not None and offer.version != expected_version:
        raise VersionConflict(current=offer.version)
    lines = await ExclusiveOfferLine.filter(offer_id=offer.id).order_by("position")
    held = await policies({line.goods_id for line in lines}, at=offer.effective_at)
    checks.refuse(await checks.failures(offer, lines, policies=held, now=now))
    below = await _too_low(offer, held)
    if below and not confirm_special_application:
        raise BelowAuthorizedFloor(floors=below)
    if below and reason is None:
        raise InvalidInput(
            reason="Say why the discount has to be that low.",
            reason_zh="请填写特殊商务申请理由。",
            path=("input", "reason"),
        )

    for line in lines:
        line.authorized_floor = held[line.goods_id].authorized_floor
        await line.save(update_fields=["authorized_floor"])
    offer.floor = max(policy.authorized_floor for policy in held.values())
    offer.submitted_at = now
    if below:
        assert reason is not None
        await _ask_people(offer, below, reason, viewer=viewer, now=now)
    else:
        await _pass(offer, viewer=viewer, now=now)
    return offer


async def _too_low(
    offer: ExclusiveOffer, held: Mapping[UUID, GoodsPolicy]
) -> list[AuthorizedFloor]:
    goods_ids = [id for id, policy in held.items() if offer.discount < policy.authorized_floor]
    return [
        AuthorizedFloor(each.number, each.name, held[each.id].authorized_floor)
        for each in await Goods.filter(id__in=goods_ids).order_by("number")
    ]


async def _pass(offer: ExclusiveOffer, *, viewer: Viewer, now: datetime) -> None:
    before = offer.status
    offer.status = before.to(Status.SYSTEM_REVIEW)
    await history.of_offer("submitted", offer, viewer=viewer, before=before.value, now=now)
    await granting.put_in_force(offer, happened="approved", viewer=SYSTEM, now=now)


async def _ask_people(
    offer: ExclusiveOffer,
    below: Sequence[AuthorizedFloor],
    reason: str,
    *,
    viewer: Viewer,
    now: datetime,
) -> None:
    partner = await Partner.get(id=offer.partner_id)
    before = offer.status
    offer.status = before.to(Status.MANUAL_REVIEW)
    offer.version += 1
    await offer.save(update_fields=["status", "floor", "submitted_at", "version"])
    await deadlines.schedule_end(offer, now=now)
    application = SpecialApplication(
        id=new_id(),
        created_at=now,
        offer_id=offer.id,
        partner_id=offer.partner_id,
        status=ApplicationStatus.SUBMITTED,
        reason=reason,
        sent_to=letters.mailbox_of(partner),
        expires_at=offer.expires_at,
    )
    await application.insert()
    await history.of_offer("submitted", offer, viewer=viewer, before=before.value, now=now)
    await history.of_application(
        "submitted",
        application,
        offer=offer,
        viewer=viewer,
        before=None,
        reason=reason,
        now=now,
    )
    await letters.send_application(
        application,
        offer=offer,
        partner=partner,
        floors=[(floor.name, floor.floor_ratio) for floor in below],
        now=now,
    )
