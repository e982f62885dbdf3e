"""The private link (私有链接) of an offer in force, for its one customer (X-12, X-13)."""

from datetime import datetime
from uuid import UUID

from domain.identity import permissions
from domain.identity.viewer import Viewer, ViewerKind
from domain.offers import guards
from domain.offers.policy import LINKS
from kit import database
from kit import links as kit_links
from kit.ids import new_id
from kit.problems import NotFound
from kit.transaction import lock, transactional
from models.offers import ExclusiveOffer, PrivateLink
from models.offers import OfferStatus as Status

PURPOSE = "private-link"
PATH = "offers/private"


def url_of(link_id: UUID) -> str:
    """The address to give to the customer, the same as long as the offer lasts."""
    return kit_links.url(PATH, _token(link_id))


async def shown(*, viewer: Viewer, offer_id: UUID, now: datetime) -> str | None:
    """The address of an offer in force, for who may give it away; None for everybody else."""
    permissions.require(viewer, "privateLinkQrCode")
    link = await PrivateLink.get_or_none(offer_id=offer_id)
    if link is None or not await LINKS.sees(PrivateLink, link.id, viewer=viewer, now=now):
        return None
    offer = await ExclusiveOffer.get(id=offer_id)
    return url_of(link.id) if guards.status_at(offer, now) is Status.EFFECTIVE else None


async def lay(offer: ExclusiveOffer, *, now: datetime) -> PrivateLink:
    """Make the link of an offer that was approved. It opens nothing before its first instant."""
    id = new_id()
    link = PrivateLink(
        id=id, created_at=now, offer_id=offer.id, token_hash=kit_links.digest(_token(id))
    )
    await link.insert()
    return link


@transactional
async def open_link(*, viewer: Viewer, token: str, now: datetime) -> ExclusiveOffer:
    """What the link shows to a user of its customer, and one more opening to count.

    Raises NotFound alike for everybody else, for what isn't in force at `now`, and for what was
    never a link: whoever finds one learns nothing by it.
    """
    permissions.require(viewer, "privateLinkOpen")
    nothing = NotFound(thing="private link", path=("input", "token"))
    id = kit_links.subject_of(token)
    link = await PrivateLink.get_or_none(id=id) if id else None
    if link is None or not kit_links.is_token(token, link.token_hash):
        raise nothing
    # Held, so that it isn't withdrawn while its goods are being shown.
    offer = await lock(ExclusiveOffer, id=link.offer_id)
    assert offer is not None
    is_theirs = viewer.kind is ViewerKind.CUSTOMER and viewer.customer_id == offer.customer_id
    if not is_theirs or guards.status_at(offer, now) is not Status.EFFECTIVE:
        raise nothing

    await database.execute(
        "update private_link set opened = opened + 1, last_opened_at = $2 where id = $1",
        link.id,
        now,
    )
    return offer


def _token(link_id: UUID) -> str:
    return kit_links.token(PURPOSE, id=link_id, generation=1)
