"""Who of the platform's direct sales looks after a partner (X-05)."""

from datetime import datetime
from uuid import UUID

from domain.audit import events
from domain.identity import permissions
from domain.identity.viewer import Viewer
from kit.addresses import mail_address
from kit.problems import NotFound
from kit.transaction import lock, transactional
from models.partners import Partner


@transactional
async def set_account(
    *, viewer: Viewer, partner_id: UUID, email: str | None, now: datetime
) -> Partner:
    """Say where special commercial applications of the partner go; None: nobody looks after it.

    Harmless when it is so already. Raises InvalidInput, NotFound.
    """
    permissions.require(viewer, "partnerDirectSalesSet")
    address = mail_address(email, path=("input", "email")) if email else None
    partner = await lock(Partner, id=partner_id)
    if partner is None:
        raise NotFound(thing="partner", path=("input", "partnerId"))
    before = partner.direct_sales_email
    if before == address:
        return partner
    partner.direct_sales_email = address
    partner.version += 1
    await partner.save(update_fields=["direct_sales_email", "version"])
    await events.record(
        "partner.direct_sales_set",
        actor=viewer,
        subject_type="partner",
        subject_id=partner.id,
        tenant_id=partner.id,
        at=now,
        # The platform's own people, whom the partner needn't know.
        before={"direct_sales_email": "***" if before else None},
        after={"direct_sales_email": "***" if address else None},
    )
    return partner
