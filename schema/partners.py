"""Partners as the API shows them."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.partners.policy import PARTNERS
from kit.masking import EMAIL, PHONE
from kit.reads import (
    Connection,
    Node,
    column,
    connection,
    items,
    of_node,
    one,
    ordering,
    search,
    sql,
    table,
    where,
)
from models.partners import Partner as PartnerModel
from models.partners import PartnerKind, Site
from schema.enums import described
from schema.member_lists import (
    MemberFilter,
    MemberInvitationFilter,
    MemberInvitationOrder,
    MemberOrder,
)
from schema.personal import contact
from schema.programme_lists import ProgrammeApplicationFilter, ProgrammeApplicationOrder
from schema.references import AccountRef
from schema.scalars import Date, DateTime

if TYPE_CHECKING:
    from schema.certification import BusinessInformation, ImprovementPlan, RoleCertification
    from schema.members import Member, MemberInvitation
    from schema.programmes import ProgrammeApplication

described(
    PartnerKind,
    "What a partner is in the channel.",
    SOLUTION_PROVIDER="Solution provider (解决方案提供商): sells to customers of its own.",
    DISTRIBUTOR="General distributor (总经销商): sells itself and through its resellers.",
    RESELLER="Cloud reseller (云经销商): belongs to one distributor.",
    MERCHANT="Merchant (商家): sells goods of its own in the store.",
)
described(
    Site,
    "Where an account is registered; the two sites don't know each other's accounts.",
    CHINA="The China site.",
    INTERNATIONAL="The international site.",
)

PartnerRef = Annotated["Partner", strawberry.lazy("schema.partners")]
MemberRef = Annotated["Member", strawberry.lazy("schema.members")]
InvitationRef = Annotated["MemberInvitation", strawberry.lazy("schema.members")]
ApplicationRef = Annotated["ProgrammeApplication", strawberry.lazy("schema.programmes")]
RoleRef = Annotated["RoleCertification", strawberry.lazy("schema.certification")]
BusinessRef = Annotated["BusinessInformation", strawberry.lazy("schema.certification")]
PlanRef = Annotated["ImprovementPlan", strawberry.lazy("schema.certification")]


@strawberry.input(description="Which partners a list is about; all conditions together.")
class PartnerFilter:
    """Conditions over indexed columns."""

    kind: list[PartnerKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    tier: list[int] | None = where("{t}.tier = any({value})", "In any of these tiers, 1 to 3.")
    search: str | None = search(
        "name",
        "name_en",
        "account_name",
        description="A piece of a name or of the account name, at least 2 characters.",
    )
    distributor_id: strawberry.ID | None = of_node(
        "distributor_id", "ptn", "Resellers of this distributor."
    )


@strawberry.enum(description="What partners can be ordered by.")
class PartnerOrderField(Enum):
    """Names of columns."""

    NAME = strawberry.enum_value("name", description="By name, by the code of its characters.")
    CREATED_AT = strawberry.enum_value("created_at", description="By when they were registered.")


PartnerOrder = ordering("How partners are ordered.", PartnerOrderField.CREATED_AT)


@table(
    PartnerModel,
    prefix="ptn",
    scope=PARTNERS,
    description="A company that sells: a solution provider, a general distributor, or a"
    " distributor's reseller.",
)
class Partner(Node):
    """A tenant."""

    name: str = column("Registered name.")
    name_en: str | None = column("English name, if it has one.")
    account_name: str = column("Its account at the cloud.")
    kind: PartnerKind = column("What it is in the channel.")
    tier: int = column("Its tier, 1 (highest) to 3.")
    site: Site = column("The site that its account is registered at.")
    city: str | None = column("Where it sits.")
    registered_on: Date | None = column("When the company was founded.")
    is_verified_enterprise: bool = column(
        "Whether its account is real-name verified as an enterprise."
    )
    contact_name: str | None = column("Whom to talk to there.")
    contact_email: str | None = contact("contact_email", EMAIL, "The contact's mail address.")
    contact_phone: str | None = contact("contact_phone", PHONE, "The contact's phone number.")
    direct_sales_email: str | None = sql(
        "case when {viewer.kind}::text = 'STAFF' then {t}.direct_sales_email end",
        "Where the platform's direct sales who look after it are reached; for the platform alone.",
    )
    created_at: DateTime = column("When it was registered here.")
    step_up_enabled: bool = column(
        "Whether its people give a code from a mail with each sensitive operation."
    )
    version: int = column("Rises with every change.")
    accounts: list[AccountRef] = items(
        "partner_id", "What it has, as far as you may see it.", order="kind", limit=10
    )
    distributor: PartnerRef | None = one(
        "distributor_id", "Whose reseller it is; null for others, and when you may not see it."
    )
    resellers: Connection[PartnerRef] = connection(
        "distributor_id",
        "A distributor's resellers.",
        filter=PartnerFilter,
        order=PartnerOrder,
    )
    programme_applications: Connection[ApplicationRef] = connection(
        "partner_id",
        "Programmes that it has applied for or joined.",
        filter=ProgrammeApplicationFilter,
        order=ProgrammeApplicationOrder,
    )
    role_certifications: list[RoleRef] = items(
        "partner_id", "The development paths that it has chosen.", order="role", limit=10
    )
    business_information: BusinessRef | None = one(
        "id",
        "The bank and tax facts that are certified; null when none are, or you may not see them.",
        match="partner_id",
        where="{t}.status = 'CERTIFIED'",
        newest="created_at",
    )
    improvement_plan: PlanRef | None = one(
        "id", "A distributor's latest improvement plan.", match="partner_id", newest="created_at"
    )
    members: Connection[MemberRef] = connection(
        "partner_id",
        "People whose accounts are or were linked with it.",
        filter=MemberFilter,
        order=MemberOrder,
    )
    member_invitations: Connection[InvitationRef] = connection(
        "partner_id",
        "Invitations that it sent to people.",
        filter=MemberInvitationFilter,
        order=MemberInvitationOrder,
    )
