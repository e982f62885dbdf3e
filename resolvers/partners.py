"""Queries about partners, and what a partner changes itself."""

from datetime import datetime

import strawberry

from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.partners import direct_sales, profile
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema.partner_changes import (
    PartnerDirectSalesSetInput,
    PartnerDirectSalesSetPayload,
    PartnerProfileEditInput,
    PartnerProfileEditPayload,
)
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


@strawberry.type
class PartnerMutation:
    @mutation(
        "Write your partner's profile anew: its English name, city and contact.",
        PartnerProfileEditPayload,
        requires=describe("partnerProfileEdit"),
    )
    async def partner_profile_edit(
        self, viewer: Viewer, input: PartnerProfileEditInput, now: datetime
    ) -> Outcome:
        partner = await profile.edit(
            viewer=viewer,
            partner_id=ids.optional("ptn", input.partner_id),
            expected_version=input.expected_version,
            name_en=input.name_en,
            city=input.city,
            contact_name=input.contact_name,
            contact_email=input.contact_email,
            contact_phone=input.contact_phone,
            now=now,
        )
        return Outcome(partner=partner.id)

    @mutation(
        "Say who of direct sales looks after a partner, and so reads its special commercial"
        " applications.",
        PartnerDirectSalesSetPayload,
        requires=describe("partnerDirectSalesSet"),
    )
    async def partner_direct_sales_set(
        self, viewer: Viewer, input: PartnerDirectSalesSetInput, now: datetime
    ) -> Outcome:
        partner = await direct_sales.set_account(
            viewer=viewer,
            partner_id=ids.decode("ptn", input.partner_id, path=("input", "partnerId")),
            email=input.email,
            now=now,
        )
        return Outcome(partner=partner.id)
