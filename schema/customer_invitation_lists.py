"""Filters and orders of the list of customer invitations, and the enums in them."""

from enum import Enum

import strawberry

from kit.reads import of_node, ordering, where, within
from models.customer_invitations import CustomerInvitationStatus, InvitationChannel
from models.customers import AssociationType
from schema import customer_lists  # noqa: F401 -- the enums must be known first
from schema.enums import described
from schema.personal import search_personal
from schema.ranges import DateTimeRange

described(
    InvitationChannel,
    "How an invitation reaches the customer.",
    EMAIL="线上邀请: by mail, to the one customer that is reported, for seven times 24 hours.",
    LINK="线下邀请: a link or QR code for whoever gets it, without an end.",
)
described(
    CustomerInvitationStatus,
    "Where a customer invitation stands.",
    SENT="It waits for an answer; a link stays so however often it is accepted.",
    ACCEPTED="The customer has accepted it, and is associated with the partner.",
    EXPIRED="已失效: nobody accepted within seven times 24 hours.",
    FAILED="The customer wanted to accept and failed checks; it can be tried again until the end.",
    CANCELLED="The partner took it back, or the report behind it ended.",
)

# An invitation past its end is over, whether or not a worker has come by.
IS_OVER = "{t}.status in ('SENT', 'FAILED') and least({t}.expires_at, {t}.report_ends_at) <= {now}"
STATUS_NOW = (
    f"case when {IS_OVER} then case when {{t}}.report_ends_at < {{t}}.expires_at"
    " then 'CANCELLED' else 'EXPIRED' end else {t}.status end"
)


@strawberry.input(description="Which customer invitations a list is about; all together.")
class CustomerInvitationFilter:
    """Conditions over indexed columns."""

    status: list[CustomerInvitationStatus] | None = where(
        f"{STATUS_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    channel: list[InvitationChannel] | None = where(
        "{t}.channel = any({value})", "Sent in any of these ways."
    )
    type: list[AssociationType] | None = where(
        "{t}.type = any({value})", "Offering any of these ways to be associated."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Sent by this partner.")
    manager_id: strawberry.ID | None = of_node(
        "manager_id", "opr", "Of this operator: whose invitation it is."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "To this customer.")
    report_id: strawberry.ID | None = of_node("report_id", "rep", "That hang on this report.")
    search: str | None = search_personal(
        "{t}.email ilike {value}::text",
        "A piece of the tag or of the mail address, at least 2 characters. Who sees addresses only"
        " masked finds nothing by them.",
        plain="{t}.tag ilike {value}::text",
    )
    sent: DateTimeRange | None = within("sent_at", "Sent (last) in this span.")
    expires: DateTimeRange | None = within(
        "least({t}.expires_at, {t}.report_ends_at)", "Ending in this span."
    )


@strawberry.enum(description="What customer invitations can be ordered by.")
class CustomerInvitationOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were made.")


CustomerInvitationOrder = ordering(
    "How customer invitations are ordered.", CustomerInvitationOrderField.CREATED_AT
)
