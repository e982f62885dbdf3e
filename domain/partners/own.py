"""The partner for whom somebody acts."""

from domain.identity.items import Item
from domain.identity.viewer import Viewer
from kit.problems import Forbidden
from models.partners import Partner


async def own_partner(viewer: Viewer, *, needs: Item) -> Partner:
    """The viewer's partner. Raises Forbidden, naming the right, for who has a right but no partner:
    the platform's staff."""
    if viewer.partner_id is None:
        raise Forbidden(needs=needs)
    return await Partner.get(id=viewer.partner_id)
