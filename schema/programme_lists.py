"""Filters and orders of the lists of programmes, applications, invitations and agreements."""

from enum import Enum
from typing import Any

import strawberry

from kit.reads import OrderDirection, of_node, ordering, search, where, within
from models.programmes import (
    Admission,
    ProgrammeApplicationStatus,
    ProgrammeInvitationStatus,
)
from schema.enums import described
from schema.ranges import DateTimeRange
from schema.searching import search_partner

described(
    Admission,
    "How one joins a programme.",
    REVIEW="The platform reviews the application.",
    IMMEDIATE="Nobody reviews: joined on submitting.",
    INVITATION="As REVIEW, for partners that the platform has invited.",
)
described(
    ProgrammeApplicationStatus,
    "Where an application stands.",
    DRAFT="草稿: the partner is writing it.",
    SUBMITTED="审核中: the platform reviews it.",
    APPROVED="已加入: the partner is a member.",
    REJECTED="驳回: refused, with a reason.",
    CANCELLED="已取消: the partner gave the draft up.",
    EXITED="已退出: the partner has left, as it asked for offline.",
    EXPIRED="已到期: the membership's validity is over.",
)
described(
    ProgrammeInvitationStatus,
    "Where an invitation to a programme stands.",
    PENDING="It waits to be used.",
    USED="The partner has begun an application by it.",
    EXPIRED="Nobody used it within thirty times 24 hours.",
    REVOKED="The platform took it back.",
)

# Past its end a membership is over, whether or not a worker has come by; an invitation likewise.
STATUS_NOW = (
    "case when {t}.status = 'APPROVED' and {t}.expires_at <= {now} then 'EXPIRED'"
    " else {t}.status end"
)
INVITATION_NOW = (
    "case when {t}.status = 'PENDING' and {t}.expires_at <= {now} then 'EXPIRED'"
    " else {t}.status end"
)


def of_programme(description: str) -> Any:
    """The agreements that a programme asks for."""
    return of_node(
        "exists (select from programme asking where asking.id = {value}"
        " and asking.agreement_codes ? {t}.code::text)",
        "pgm",
        description,
    )


@strawberry.input(description="Which programmes a list is about; all conditions together.")
class ProgrammeFilter:
    """Conditions over few rows."""

    code: list[str] | None = where("{t}.code = any({value}::text[])", "Of any of these codes.")
    admission: list[Admission] | None = where(
        "{t}.admission = any({value})", "Joined in any of these ways."
    )
    is_open: bool | None = where("{t}.is_open = {value}", "Taking in new members, or not.")
    search: str | None = search(
        "name", "name_en", "code", description="A piece of a name or code, at least 2 characters."
    )


@strawberry.enum(description="What programmes can be ordered by.")
class ProgrammeOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were opened.")
    CODE = strawberry.enum_value("code", description="By their code.")


ProgrammeOrder = ordering("How programmes are ordered.", ProgrammeOrderField.CREATED_AT)


@strawberry.input(description="Which agreements a list is about; all conditions together.")
class AgreementFilter:
    """Conditions over few rows."""

    code: list[str] | None = where("{t}.code = any({value}::text[])", "Of any of these codes.")
    programme_id: strawberry.ID | None = of_programme("Asked for by this programme.")
    is_current: bool | None = where(
        "({t}.effective_at <= {now} and not exists (select from agreement newer"
        " where newer.code = {t}.code and newer.effective_at <= {now}"
        " and (newer.effective_at, newer.id) > ({t}.effective_at, {t}.id))) = {value}",
        "In force now (true), or superseded or still to come (false).",
    )


@strawberry.input(description="Which signatures a list is about; all conditions together.")
class AgreementSignatureFilter:
    """Conditions over indexed columns."""

    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Signed for this partner.")
    agreement_id: strawberry.ID | None = of_node(
        "agreement_id", "agr", "Under this version of an agreement."
    )
    signed: DateTimeRange | None = within("signed_at", "Signed in this span.")
    partner: str | None = search_partner()


@strawberry.enum(description="What signatures can be ordered by.")
class AgreementSignatureOrderField(Enum):
    """Names of columns."""

    SIGNED_AT = strawberry.enum_value("signed_at", description="By when they were given.")


AgreementSignatureOrder = ordering(
    "How signatures are ordered.", AgreementSignatureOrderField.SIGNED_AT
)


@strawberry.input(description="Which applications a list is about; all conditions together.")
class ProgrammeApplicationFilter:
    """Conditions over indexed columns."""

    status: list[ProgrammeApplicationStatus] | None = where(
        f"{STATUS_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    programme_id: strawberry.ID | None = of_node("programme_id", "pgm", "For this programme.")
    partner: str | None = search_partner(
        "A piece of the partner's name or account name, at least 2 characters."
    )
    submitted: DateTimeRange | None = within("submitted_at", "Submitted in this span.")
    expires: DateTimeRange | None = within("expires_at", "Ending in this span.")


@strawberry.enum(description="What applications can be ordered by.")
class ProgrammeApplicationOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were begun.")


ProgrammeApplicationOrder = ordering(
    "How applications are ordered.", ProgrammeApplicationOrderField.CREATED_AT
)


@strawberry.enum(description="What applications under review can be ordered by.")
class ProgrammeReviewOrderField(Enum):
    """Names of columns."""

    SUBMITTED_AT = strawberry.enum_value("submitted_at", description="By when they came in.")


ProgrammeReviewOrder = ordering(
    "How applications under review are ordered.",
    ProgrammeReviewOrderField.SUBMITTED_AT,
    direction=OrderDirection.ASC,
)


@strawberry.input(description="Which invitations a list is about; all conditions together.")
class ProgrammeInvitationFilter:
    """Conditions over indexed columns."""

    status: list[ProgrammeInvitationStatus] | None = where(
        f"{INVITATION_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Sent to this partner.")
    programme_id: strawberry.ID | None = of_node("programme_id", "pgm", "To this programme.")
    expires: DateTimeRange | None = within("expires_at", "Ending in this span.")


@strawberry.enum(description="What invitations to programmes can be ordered by.")
class ProgrammeInvitationOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were sent.")
    EXPIRES_AT = strawberry.enum_value("expires_at", description="By their deadline.")


ProgrammeInvitationOrder = ordering(
    "How invitations to programmes are ordered.", ProgrammeInvitationOrderField.CREATED_AT
)
