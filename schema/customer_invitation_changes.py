"""Inviting customers and answering: inputs and payloads."""

import strawberry

from domain.associations.accepting import NoticeNotAccepted
from domain.associations.checks import AssociationCheckFailed
from domain.associations.guards import (
    CustomerSeatNeeded,
    InvitationVoid,
    InvitedAnotherCustomer,
    OnlyMailsAreResent,
    ReportNeeded,
)
from domain.associations.invitations import CustomerAlreadyInvited, MerchantsDontInvite
from domain.customers.guards import CustomerOfAnotherPartner
from domain.members.guards import InvitationExpired
from domain.reports.guards import ReportExpired
from kit.status import WrongStatus
from models.customers import AssociationType
from schema.associations import Association
from schema.customer_invitations import CustomerInvitation
from schema.inputs import idempotency_key
from schema.payloads import made, payload, told

_INVITATION = "The invitation as it stands now."
_ID_OR_TOKEN = "Name the invitation by this or by the {other}, not by both."


@strawberry.input(description="Which reported customer to invite by mail.")
class CustomerInviteByMailInput:
    """For `customerInviteByMail`."""

    report_id: strawberry.ID = strawberry.field(description="Your live report of the customer.")
    type: AssociationType = strawberry.field(description="How it would belong to you.")
    email: str | None = strawberry.field(
        default=None,
        description="Where to send it, when neither the report nor the account has an address.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What kind of link to make.")
class CustomerInviteByLinkInput:
    """For `customerInviteByLink`."""

    type: AssociationType = strawberry.field(description="How who accepts it would belong to you.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which invitation to send again.")
class CustomerInvitationResendInput:
    """For `customerInvitationResend`."""

    id: strawberry.ID = strawberry.field(description="The invitation.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which invitation to take back.")
class CustomerInvitationCancelInput:
    """For `customerInvitationCancel`."""

    id: strawberry.ID = strawberry.field(description="The invitation.")
    reason: str | None = strawberry.field(
        default=None, description="Why, for the history, at most 500 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which invitation to accept for your company.")
class CustomerInvitationAcceptInput:
    """For `customerInvitationAccept`."""

    id: strawberry.ID | None = strawberry.field(
        default=None, description=_ID_OR_TOKEN.format(other="token")
    )
    token: str | None = strawberry.field(
        default=None,
        description="What stands behind the `#` of the link. " + _ID_OR_TOKEN.format(other="id"),
    )
    consent: bool = strawberry.field(
        description="That the partner sees your company's account, orders and consumption; must be"
        " true."
    )
    idempotency_key: str | None = idempotency_key()


@payload(
    errors=(ReportNeeded, CustomerAlreadyInvited, CustomerOfAnotherPartner, MerchantsDontInvite)
)
class CustomerInviteByMailPayload:
    customer_invitation: CustomerInvitation | None = made(_INVITATION)
    link: str | None = told("The link for the customer, shown only now; the mail is on its way.")


@payload(errors=(MerchantsDontInvite,))
class CustomerInviteByLinkPayload:
    customer_invitation: CustomerInvitation | None = made(_INVITATION)


@payload(
    errors=(
        ReportNeeded,
        CustomerAlreadyInvited,
        CustomerOfAnotherPartner,
        OnlyMailsAreResent,
        WrongStatus,
    )
)
class CustomerInvitationResendPayload:
    customer_invitation: CustomerInvitation | None = made(_INVITATION)
    link: str | None = told("The new link, shown only now; the mail with it is on its way.")


@payload(errors=(CustomerOfAnotherPartner, InvitationExpired, InvitationVoid, WrongStatus))
class CustomerInvitationCancelPayload:
    customer_invitation: CustomerInvitation | None = made(_INVITATION)


@payload(
    errors=(
        CustomerSeatNeeded,
        InvitedAnotherCustomer,
        InvitationExpired,
        InvitationVoid,
        WrongStatus,
        NoticeNotAccepted,
        AssociationCheckFailed,
        ReportExpired,
    )
)
class CustomerInvitationAcceptPayload:
    association: Association | None = made("The association that you are in now.")
    customer_invitation: CustomerInvitation | None = made(
        "The invitation as it stands now, as far as you see it: one by mail, also when it failed."
    )
