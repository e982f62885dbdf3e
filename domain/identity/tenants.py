"""Which partner an administrator's change is for."""

from uuid import UUID

from domain.identity.viewer import Viewer, ViewerKind
from kit.problems import InvalidInput, NotFound
from kit.transaction import lock
from models.partners import Partner


async def locked(viewer: Viewer, partner_id: UUID | None) -> Partner:
    """The viewer's own partner, or the one that the platform names, held until the end.

    One change of a partner's roles, operators and keys at a time: that is what makes "the last
    administrator", "ten roles" and "twenty keys" true when two ask at once. Raises NotFound for
    another's partner, InvalidInput when the platform names none.
    """
    if viewer.kind is ViewerKind.OPERATOR:
        partner_id = partner_id or viewer.partner_id
        if partner_id != viewer.partner_id:
            raise NotFound(thing="partner", path=("input", "partnerId"))
    if partner_id is None:
        raise InvalidInput(
            reason="Name the partner; you don't act for one.",
            reason_zh="请指定合作伙伴。",
            path=("input", "partnerId"),
        )
    partner = await lock(Partner, id=partner_id)
    if partner is None:
        raise NotFound(thing="partner", path=("input", "partnerId"))
    return partner
