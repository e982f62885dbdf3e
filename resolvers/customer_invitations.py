"""Queries and mutations of customer invitations."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.associations import accepting, invitations, landing, sending
from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import customer_invitation_changes as changes
from schema.context import Context
from schema.customer_invitation_lists import CustomerInvitationFilter, CustomerInvitationOrder
from schema.customer_invitations import (
    CustomerInvitation,
    CustomerInvitationLanding,
)
from schema.qr_codes import QrCode, drawn


@strawberry.type
class CustomerInvitationQuery:
    customer_invitation: CustomerInvitation | None = root_one(
        "A customer invitation by its id; null when you may not see it.", prefix="civ"
    )
    customer_invitations: Connection[CustomerInvitation] = root_connection(
        "Invitations of the partners that you may see, an account manager's his own; for a"
        f" customer's user those that were mailed to it. {describe('customerInvitations')}",
        filter=CustomerInvitationFilter,
        order=CustomerInvitationOrder,
        guard=may_list("customerInvitations"),
    )

    @strawberry.field(
        description="What the link of a customer invitation leads to, before anybody signs in; null"
        " for a token that was never given, or is not the latest."
        f" {describe('customerInvitationByToken')}"
    )
    async def customer_invitation_by_token(
        self,
        info: strawberry.Info[Context, None],
        token: Annotated[
            str, strawberry.argument(description="What stands behind the `#` of the link.")
        ],
    ) -> CustomerInvitationLanding | None:
        """For the page that the link opens."""
        found = await landing.landing(token=token, now=info.context.now)
        return None if found is None else CustomerInvitationLanding(**asdict(found))

    @strawberry.field(
        description="The QR code of a link that works, for the partner's own people; null for what"
        f" you may not see and for mails. {describe('customerInvitationQrCode')}"
    )
    async def customer_invitation_qr_code(
        self,
        info: strawberry.Info[Context, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="The invitation.")],
    ) -> QrCode | None:
        """A field of its own: drawing takes as long as reading a page of invitations."""
        link = await invitations.link_again(
            viewer=info.context.viewer,
            invitation_id=ids.decode("civ", id, path=("id",)),
            now=info.context.now,
        )
        return drawn(link)


@strawberry.type
class CustomerInvitationMutation:
    @mutation(
        "Invite the customer of your live report by mail to be associated with your partner.",
        changes.CustomerInviteByMailPayload,
        requires=describe("customerInviteByMail"),
    )
    async def customer_invite_by_mail(
        self, viewer: Viewer, input: changes.CustomerInviteByMailInput, now: datetime
    ) -> Outcome:
        sent = await invitations.invite_by_mail(
            viewer=viewer,
            report_id=ids.decode("rep", input.report_id, path=("input", "reportId")),
            type=input.type,
            email=input.email,
            now=now,
        )
        return Outcome(customer_invitation=sent.invitation.id, link=sent.link)

    @mutation(
        "Make a link, and QR code, by which customers come to your partner: without an end, for any"
        " number of them, and with your account name as its tag.",
        changes.CustomerInviteByLinkPayload,
        requires=describe("customerInviteByLink"),
    )
    async def customer_invite_by_link(
        self, viewer: Viewer, input: changes.CustomerInviteByLinkInput, now: datetime
    ) -> Outcome:
        sent = await invitations.invite_by_link(viewer=viewer, type=input.type, now=now)
        return Outcome(customer_invitation=sent.invitation.id)

    @mutation(
        "Send an invitation by mail again: the old link is dead, a new one works for seven times 24"
        " hours, as long as the customer is reported.",
        changes.CustomerInvitationResendPayload,
        requires=describe("customerInvitationResend"),
    )
    async def customer_invitation_resend(
        self, viewer: Viewer, input: changes.CustomerInvitationResendInput, now: datetime
    ) -> Outcome:
        sent = await sending.resend(viewer=viewer, invitation_id=_id(input.id), now=now)
        return Outcome(customer_invitation=sent.invitation.id, link=sent.link)

    @mutation(
        "Take an invitation back, mail or link; nobody can accept it any more.",
        changes.CustomerInvitationCancelPayload,
        requires=describe("customerInvitationCancel"),
    )
    async def customer_invitation_cancel(
        self, viewer: Viewer, input: changes.CustomerInvitationCancelInput, now: datetime
    ) -> Outcome:
        cancelled = await sending.cancel(
            viewer=viewer, invitation_id=_id(input.id), reason=input.reason, now=now
        )
        return Outcome(customer_invitation=cancelled.id)

    @mutation(
        "Accept an invitation for the customer that you are a user of. When checks fail, all of"
        " them are told, and an invitation by mail can be tried again until its end.",
        changes.CustomerInvitationAcceptPayload,
        requires=describe("customerInvitationAccept"),
    )
    async def customer_invitation_accept(
        self, viewer: Viewer, input: changes.CustomerInvitationAcceptInput, now: datetime
    ) -> Outcome:
        answer = await accepting.accept(
            viewer=viewer,
            invitation_id=ids.optional("civ", input.id, path=("input", "id")),
            token=input.token,
            consent=input.consent,
            now=now,
        )
        return Outcome(
            refused=answer.refusal,
            association=answer.association.id if answer.association else None,
            customer_invitation=answer.invitation.id,
        )


def _id(text: str) -> UUID:
    return ids.decode("civ", text, path=("input", "id"))
