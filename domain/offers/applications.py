"""Special commercial applications (特殊商务申请): taken into the CRM, granted or refused (X-06)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.offers import checks, deadlines, granting, guards, history, terms
from domain.offers.policy import APPLICATIONS
from kit import ratios, texts
from kit.guards import refuse
from kit.problems import InvalidInput, Problem
from kit.transaction import lock, transactional
from models.offers import ApplicationStatus, ExclusiveOffer, ExclusiveOfferLine, SpecialApplication
from models.offers import OfferStatus as Status

LONGEST_NUMBER = 64


class GrantTooHigh(Problem):
    """What was granted doesn't reach down to what the partner has promised."""

    en = "A floor of {granted_ratio} doesn't cover the offer's discount of {discount_ratio}."
    zh = "批准的折扣下限 {granted_ratio} 未覆盖专属优惠的折扣 {discount_ratio}。"
    about = {
        "granted_ratio": "The floor that was to be granted.",
        "discount_ratio": "The share of the list price that the offer asks.",
    }
    granted_ratio: Decimal
    discount_ratio: Decimal


@transactional
async def take(
    *, viewer: Viewer, application_id: UUID, crm_number: str, now: datetime
) -> SpecialApplication:
    """Note that it is being worked on in the CRM, by its number there. Raises WrongStatus."""
    permissions.require(viewer, "specialApplicationTake")
    number = _crm_number(crm_number)
    offer, application = await _held(viewer, application_id, now)
    refuse(guards.take(application, viewer, now))

    application.crm_number = number
    await _move(
        application,
        ApplicationStatus.IN_CRM,
        "taken",
        offer=offer,
        viewer=viewer,
        changes={"crm_number": number},
        now=now,
    )
    return application


@transactional
async def grant(
    *,
    viewer: Viewer,
    application_id: UUID,
    granted_floor: Decimal,
    crm_number: str | None = None,
    now: datetime,
) -> SpecialApplication:
    """Let the offer be: SCHEDULED, or EFFECTIVE at once when its moment passed meanwhile.

    The number is needed unless it was taken into the CRM before. Raises GrantTooHigh when the floor
    doesn't cover the discount, OfferExpired at or after the offer's end, WrongStatus, and
    OfferCheckFailed when the partner has left the programme, or the goods the store.
    """
    permissions.require(viewer, "specialApplicationGrant")
    floor = terms.share(granted_floor, path=("input", "grantedFloorRatio"))
    offer, application = await _held(viewer, application_id, now)
    refuse(guards.grant(application, viewer, now))
    application.crm_number = _crm_number(crm_number or application.crm_number or "")
    if floor > offer.discount:
        raise GrantTooHigh(
            granted_ratio=floor,
            discount_ratio=offer.discount.normalize(),
            path=("input", "grantedFloorRatio"),
        )
    lines = await ExclusiveOfferLine.filter(offer_id=offer.id)
    checks.refuse(await checks.grounds(offer, lines, now=now))

    application.granted_floor = floor
    application.decided_by = viewer.actor_id
    application.decided_at = now
    await _move(
        application,
        ApplicationStatus.GRANTED,
        "granted",
        offer=offer,
        viewer=viewer,
        changes={"granted_floor": ratios.written(floor), "crm_number": application.crm_number},
        now=now,
    )
    offer.floor = floor
    await granting.put_in_force(offer, happened="granted", viewer=viewer, now=now)
    return application


@transactional
async def reject(
    *, viewer: Viewer, application_id: UUID, reason: str, now: datetime
) -> SpecialApplication:
    """Refuse it, and the offer with it, and say why. Raises OfferExpired, WrongStatus."""
    permissions.require(viewer, "specialApplicationReject")
    reason = texts.reason(reason)
    offer, application = await _held(viewer, application_id, now)
    refuse(guards.reject(application, viewer, now))

    application.refusal = reason
    application.decided_by = viewer.actor_id
    application.decided_at = now
    await _move(
        application,
        ApplicationStatus.REJECTED,
        "rejected",
        offer=offer,
        viewer=viewer,
        reason=reason,
        now=now,
    )
    before = offer.status
    offer.status = before.to(Status.REJECTED)
    offer.refusal = reason
    offer.decided_at = now
    offer.ended_at = now
    offer.version += 1
    await offer.save(update_fields=["status", "refusal", "decided_at", "ended_at", "version"])
    await deadlines.cancel([offer.id])
    await history.of_offer(
        "rejected", offer, viewer=viewer, before=before.value, reason=reason, now=now
    )
    return application


async def _held(
    viewer: Viewer, application_id: UUID, now: datetime
) -> tuple[ExclusiveOffer, SpecialApplication]:
    """The offer before its application, as everyone locks them."""
    await APPLICATIONS.require(
        SpecialApplication, application_id, viewer=viewer, now=now, thing="application"
    )
    seen = await SpecialApplication.get(id=application_id)
    offer = await lock(ExclusiveOffer, id=seen.offer_id)
    application = await lock(SpecialApplication, id=application_id)
    assert offer is not None
    assert application is not None
    return offer, application


async def _move(
    application: SpecialApplication,
    wanted: ApplicationStatus,
    happened: str,
    *,
    offer: ExclusiveOffer,
    viewer: Viewer,
    reason: str | None = None,
    changes: dict[str, object] | None = None,
    now: datetime,
) -> None:
    before = application.status
    application.status = before.to(wanted)
    application.version += 1
    await application.save(
        update_fields=[
            "status",
            "crm_number",
            "granted_floor",
            "refusal",
            "decided_by",
            "decided_at",
            "version",
        ]
    )
    await history.of_application(
        happened,
        application,
        offer=offer,
        viewer=viewer,
        before=before.value,
        reason=reason,
        changes=changes,
        now=now,
    )


def _crm_number(text: str) -> str:
    number = texts.needed(text, longest=LONGEST_NUMBER, path=("input", "crmNumber"))
    if not number.isprintable():
        raise InvalidInput(
            reason="A CRM number is on one line.",
            reason_zh="CRM 编号不能换行。",
            path=("input", "crmNumber"),
        )
    return number
