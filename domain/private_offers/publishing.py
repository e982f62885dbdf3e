"""Publishing terms, so that partner and customer see them; and taking an offer back."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer
from domain.private_offers import checks, deadlines, guards, history, standing, versions
from kit import ratios, texts
from kit.transaction import transactional
from models.private_offers import PrivateOffer, PrivateOfferVersion, TermsStatus
from models.private_offers import PrivateOfferStatus as Status


@transactional
async def publish(
    *, viewer: Viewer, offer_id: UUID, expected_version: int, now: datetime
) -> PrivateOffer:
    """Publish the open draft, whose `version` is expected to be that, instead of earlier terms.

    Terms whose moment is past begin now; orders that come after use the new ones. Raises
    PrivateOfferCheckFailed with all that fails, NoDraftOpen, VersionConflict, PrivateOfferExpired.
    """
    permissions.require(viewer, "privateOfferPublish")
    offer, customer = await standing.locked_with_customer(viewer, offer_id, guards.publish, now=now)
    draft = await versions.expected(offer, expected_version)
    checks.refuse(await checks.failures(offer, draft, customer=customer, now=now))

    before = {"status": offer.status.value, "ratio": ratios.written(offer.ratio)}
    is_first = offer.current_version_id is None
    await _supersede(offer)
    draft.status = draft.status.to(TermsStatus.PUBLISHED)
    draft.effective_at = max(draft.effective_at, now)
    draft.published_at = now
    draft.version += 1
    await draft.save(update_fields=["status", "effective_at", "published_at", "version"])
    if is_first:
        offer.status = offer.status.to(Status.PUBLISHED)
        offer.published_at = now
    offer.current_version_id = draft.id
    offer.ratio = draft.ratio
    offer.effective_at = draft.effective_at
    offer.expires_at = draft.expires_at
    offer.version += 1
    after = {
        "status": offer.status.value,
        "ratio": ratios.written(offer.ratio),
        "sequence": draft.sequence,
    }
    await history.of_offer("published", offer, viewer=viewer, before=before, after=after, now=now)
    if guards.status_at(offer, now) is not offer.status:
        await standing.begin(offer, viewer=viewer, now=now)
    await offer.save(
        update_fields=[
            "status",
            "published_at",
            "current_version_id",
            "ratio",
            "effective_at",
            "expires_at",
            "version",
        ]
    )
    await deadlines.schedule(offer, now=now)
    return offer


@transactional
async def withdraw(*, viewer: Viewer, offer_id: UUID, reason: str, now: datetime) -> PrivateOffer:
    """Take a published offer back, and say why: the customer can use it no longer.

    Raises PrivateOfferExpired once it is over, WrongStatus once an order has used it.
    """
    permissions.require(viewer, "privateOfferWithdraw")
    reason = texts.reason(reason)
    offer = await standing.locked(viewer, offer_id, guards.withdraw, now=now)

    before = offer.status
    offer.status = before.to(Status.WITHDRAWN)
    offer.ended_at = now
    offer.end_reason = reason
    offer.version += 1
    await offer.save(update_fields=["status", "ended_at", "end_reason", "version"])
    await history.of_offer(
        "withdrawn",
        offer,
        viewer=viewer,
        before={"status": before.value},
        after={"status": offer.status.value},
        reason=reason,
        now=now,
    )
    await deadlines.cancel(offer)
    return offer


async def _supersede(offer: PrivateOffer) -> None:
    if offer.current_version_id is None:
        return
    current = await PrivateOfferVersion.get(id=offer.current_version_id)
    current.status = current.status.to(TermsStatus.SUPERSEDED)
    current.version += 1
    await current.save(update_fields=["status", "version"])
