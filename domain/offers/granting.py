"""An offer that was approved: it waits for its moment, or is in force at once, and has its link."""

from datetime import datetime

from domain.identity.viewer import Viewer
from domain.offers import deadlines, history, links
from models.offers import ExclusiveOffer
from models.offers import OfferStatus as Status


async def put_in_force(
    offer: ExclusiveOffer, *, happened: str, viewer: Viewer, now: datetime
) -> None:
    """SCHEDULED until its moment, EFFECTIVE when that has passed during the review.

    The caller holds the row, and has checked that its end is still to come.
    """
    before = offer.status
    waits = offer.effective_at > now
    offer.status = before.to(Status.SCHEDULED if waits else Status.EFFECTIVE)
    offer.decided_at = now
    offer.version += 1
    await offer.save(update_fields=["status", "floor", "submitted_at", "decided_at", "version"])
    await links.lay(offer, now=now)
    if waits:
        await deadlines.schedule_start(offer, now=now)
    await deadlines.schedule_end(offer, now=now)
    await history.of_offer(happened, offer, viewer=viewer, before=before.value, now=now)
