"""Filters and orders of the lists of business information, roles, certificates and plans."""

from enum import Enum

import strawberry

from kit.reads import of_node, ordering, where, within
from schema.certification_enums import (
    BusinessInformationStatus,
    CertificateKind,
    CertifiedRole,
    ImprovementPlanStatus,
    PathStage,
)
from schema.ranges import DateTimeRange
from schema.searching import search_partner

# A certification past its last day is none, whether or not a worker has come by.
STAGE_NOW = "case when {t}.expires_at <= {now} then 'SELECTED' else {t}.stage end"

_SEARCH = "A piece of the partner's name or account name, at least 2 characters."


@strawberry.input(description="Which business information a list is about; all conditions.")
class BusinessInformationFilter:
    """Conditions over indexed columns."""

    status: list[BusinessInformationStatus] | None = where(
        "{t}.status = any({value})", "In any of these statuses."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    partner: str | None = search_partner(_SEARCH)
    submitted: DateTimeRange | None = within("created_at", "Submitted in this span.")


@strawberry.input(description="Which role certifications a list is about; all conditions together.")
class RoleCertificationFilter:
    """Conditions over indexed columns."""

    role: list[CertifiedRole] | None = where("{t}.role = any({value})", "Of any of these roles.")
    stage: list[PathStage] | None = where(
        f"{STAGE_NOW} = any({{value}})", "In any of these stages as of now."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    partner: str | None = search_partner(_SEARCH)
    expires: DateTimeRange | None = within("expires_at", "Ending in this span.")


@strawberry.input(description="Which certificates a list is about; all conditions together.")
class HeldCertificateFilter:
    """Conditions over indexed columns."""

    kind: list[CertificateKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Held at this partner.")
    account_name: str | None = where("{t}.account_name = {value}", "Of this account.")


@strawberry.input(description="Which requirements a list is about; all conditions together.")
class PathRequirementFilter:
    """Conditions over few rows."""

    role: list[CertifiedRole] | None = where("{t}.role = any({value})", "Of any of these roles.")
    stage: list[PathStage] | None = where("{t}.stage = any({value})", "Of any of these stages.")


@strawberry.input(description="Which improvement plans a list is about; all conditions together.")
class ImprovementPlanFilter:
    """Conditions over indexed columns."""

    status: list[ImprovementPlanStatus] | None = where(
        "{t}.status = any({value})", "In any of these statuses."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")


@strawberry.enum(description="What things that partners hand in can be ordered by.")
class HandedInOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were handed in.")


HandedInOrder = ordering(
    "How things that partners hand in are ordered.", HandedInOrderField.CREATED_AT
)
