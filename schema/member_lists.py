"""Filters and orders of the lists of members and invitations."""

from enum import Enum

import strawberry

from kit.reads import of_node, ordering, where, within
from models.members import MemberInvitationStatus, SpecialistStatus
from schema.enums import described
from schema.personal import search_personal
from schema.ranges import DateTimeRange

described(
    MemberInvitationStatus,
    "Where an invitation stands.",
    PENDING="待关联: it waits for the person's answer.",
    LINKED="已关联: accepted; the account is linked with the partner.",
    EXPIRED="已失效: nobody answered within seven times 24 hours.",
    REVOKED="The partner took it back.",
    REJECTED="The person said no.",
    UNLINKED="已解绑: it was accepted, and the link has ended.",
)
described(
    SpecialistStatus,
    "Whether a member is a project specialist (项目专员).",
    NONE="Not a specialist.",
    APPLYING="The partner has applied; the platform reviews it.",
    SPECIALIST="A specialist.",
    CANCELLING="The partner asks to end it; the platform reviews that.",
)

# An invitation past its deadline is expired, whether or not a worker has come by.
STATUS_NOW = (
    "case when {t}.status = 'PENDING' and {t}.expires_at <= {now} then 'EXPIRED'"
    " else {t}.status end"
)


@strawberry.input(description="Which invitations a list is about; all conditions together.")
class MemberInvitationFilter:
    """Conditions over indexed columns."""

    status: list[MemberInvitationStatus] | None = where(
        f"{STATUS_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Sent by this partner.")
    email: str | None = search_personal(
        "{t}.email ilike {value}::text",
        "A piece of the invited address, at least 2 characters. Finds nothing for those who see"
        " addresses only masked.",
    )
    sent: DateTimeRange | None = within("sent_at", "Sent (last) in this span.")
    expires: DateTimeRange | None = within("expires_at", "Ending in this span.")


@strawberry.enum(description="What invitations can be ordered by.")
class MemberInvitationOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were made.")
    EXPIRES_AT = strawberry.enum_value("expires_at", description="By their deadline.")


MemberInvitationOrder = ordering(
    "How invitations are ordered.", MemberInvitationOrderField.CREATED_AT
)


@strawberry.input(description="Which members a list is about; all conditions together.")
class MemberFilter:
    """Conditions over indexed columns."""

    is_linked: bool | None = where(
        "({t}.unlinked_at is null) = {value}", "Linked now (true), or not any more (false)."
    )
    specialist: list[SpecialistStatus] | None = where(
        "{t}.specialist = any({value})", "In any of these stages of being a specialist."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    email: str | None = search_personal(
        "exists (select from person named where named.id = {t}.person_id"
        " and named.email ilike {value}::text)",
        "A piece of the mail address, at least 2 characters. Finds nothing for those who see"
        " addresses only masked.",
    )
    linked: DateTimeRange | None = within("linked_at", "Linked in this span.")


@strawberry.enum(description="What members can be ordered by.")
class MemberOrderField(Enum):
    """Names of columns."""

    LINKED_AT = strawberry.enum_value("linked_at", description="By when they were linked.")


MemberOrder = ordering("How members are ordered.", MemberOrderField.LINKED_AT)
