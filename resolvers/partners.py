"""Queries about partners."""

import strawberry

from domain.identity.permissions import describe
from kit.reads import Connection, root_connection, root_one
from schema.partners import Partner, PartnerFilter, PartnerOrder


@strawberry.type
class PartnerQuery:
    partner: Partner | None = root_one(
        "A partner by its id; null when you may not see it.", prefix="ptn"
    )
    partners: Connection[Partner] = root_connection(
        f"Partners that you may see. {describe('partners')}",
        filter=PartnerFilter,
        order=PartnerOrder,
    )
