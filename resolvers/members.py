"""Queries and mutations of members and invitations."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.members import answers, invitations, links, projects
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import member_changes as changes
from schema.context import Context
from schema.member_lists import (
    MemberFilter,
    MemberInvitationFilter,
    MemberInvitationOrder,
    MemberOrder,
)
from schema.members import Member, MemberInvitation, MemberInvitationLanding


@strawberry.type
class MemberQuery:
    member: Member | None = root_one(
        "A member by its id; null when you may not see it.", prefix="mbr"
    )
    members: Connection[Member] = root_connection(
        "Members of the partners that you may see, and your own memberships."
        f" {describe('members')}",
        filter=MemberFilter,
        order=MemberOrder,
        guard=may_list("members", persons=True),
    )
    member_invitation: MemberInvitation | None = root_one(
        "An invitation by its id; null when you may not see it.", prefix="inv"
    )
    member_invitations: Connection[MemberInvitation] = root_connection(
        "Invitations of the partners that you may see, and those to yourself."
        f" {describe('memberInvitations')}",
        filter=MemberInvitationFilter,
        order=MemberInvitationOrder,
        guard=may_list("memberInvitations", persons=True),
    )

    @strawberry.field(
        description="What the link of an invitation leads to, before anybody signs in; null for a"
        f" token that was never given, or is not the latest. {describe('memberInvitationByToken')}"
    )
    async def member_invitation_by_token(
        self,
        info: strawberry.Info[Context, None],
        token: Annotated[
            str, strawberry.argument(description="What stands behind the `#` of the link.")
        ],
    ) -> MemberInvitationLanding | None:
        """For the page that the link opens."""
        found = await answers.landing(token=token, now=info.context.now)
        return None if found is None else MemberInvitationLanding(**asdict(found))


@strawberry.type
class MemberMutation:
    @mutation(
        "Invite the owner of a personal account to become a member of your partner. The account"
        " must pass the checks V1 to V5.",
        changes.MemberInvitePayload,
        requires=describe("memberInvite"),
    )
    async def member_invite(
        self, viewer: Viewer, input: changes.MemberInviteInput, now: datetime
    ) -> Outcome:
        sent = await invitations.invite(
            viewer=viewer, email=input.email, message=input.message, now=now
        )
        return Outcome(member_invitation=sent.invitation.id, link=sent.link)

    @mutation(
        "Send an invitation again: the old link is dead, a new one works for seven times 24 hours.",
        changes.MemberInvitationResendPayload,
        requires=describe("memberInvitationResend"),
    )
    async def member_invitation_resend(
        self, viewer: Viewer, input: changes.MemberInvitationResendInput, now: datetime
    ) -> Outcome:
        sent = await invitations.resend(
            viewer=viewer, invitation_id=ids.decode("inv", input.id), now=now
        )
        return Outcome(member_invitation=sent.invitation.id, link=sent.link)

    @mutation(
        "Take an unanswered invitation back.",
        changes.MemberInvitationRevokePayload,
        requires=describe("memberInvitationRevoke"),
    )
    async def member_invitation_revoke(
        self, viewer: Viewer, input: changes.MemberInvitationRevokeInput, now: datetime
    ) -> Outcome:
        revoked = await invitations.revoke(
            viewer=viewer,
            invitation_id=ids.decode("inv", input.id),
            reason=input.reason,
            now=now,
        )
        return Outcome(member_invitation=revoked.id)

    @mutation(
        "Accept an invitation to your own account, before its deadline.",
        changes.MemberInvitationAcceptPayload,
        requires=describe("memberInvitationAccept"),
    )
    async def member_invitation_accept(
        self, viewer: Viewer, input: changes.MemberInvitationAcceptInput, now: datetime
    ) -> Outcome:
        member = await answers.accept(
            viewer=viewer,
            invitation_id=ids.optional("inv", input.id),
            token=input.token,
            consent=input.consent,
            now=now,
        )
        return Outcome(member=member.id, member_invitation=member.invitation_id)

    @mutation(
        "Reject an invitation to your own account.",
        changes.MemberInvitationRejectPayload,
        requires=describe("memberInvitationReject"),
    )
    async def member_invitation_reject(
        self, viewer: Viewer, input: changes.MemberInvitationRejectInput, now: datetime
    ) -> Outcome:
        rejected = await answers.reject(
            viewer=viewer,
            invitation_id=ids.optional("inv", input.id),
            token=input.token,
            reason=input.reason,
            now=now,
        )
        return Outcome(member_invitation=rejected.id)

    @mutation(
        "End the link between a member and your partner; the account may be invited again.",
        changes.MemberUnlinkPayload,
        requires=describe("memberUnlink"),
    )
    async def member_unlink(
        self, viewer: Viewer, input: changes.MemberUnlinkInput, now: datetime
    ) -> Outcome:
        member = await links.unlink(
            viewer=viewer, member_id=ids.decode("mbr", input.id), reason=input.reason, now=now
        )
        return Outcome(member=member.id)

    @mutation(
        "Record a cloud project of the last 24 months. For the member and the administrator.",
        changes.MemberProjectRecordPayload,
        requires=describe("memberProjectRecord"),
    )
    async def member_project_record(
        self, viewer: Viewer, input: changes.MemberProjectRecordInput, now: datetime
    ) -> Outcome:
        project = await projects.record(
            viewer=viewer,
            member_id=ids.decode("mbr", input.member_id),
            name=input.name,
            role=input.role,
            started_on=input.started_on,
            ended_on=input.ended_on,
            now=now,
        )
        return Outcome(member_project=project.id)

    @mutation(
        "Write a recorded project anew. For the member and the administrator.",
        changes.MemberProjectEditPayload,
        requires=describe("memberProjectEdit"),
    )
    async def member_project_edit(
        self, viewer: Viewer, input: changes.MemberProjectEditInput, now: datetime
    ) -> Outcome:
        project = await projects.edit(
            viewer=viewer,
            project_id=ids.decode("prj", input.id),
            expected_version=input.expected_version,
            name=input.name,
            role=input.role,
            started_on=input.started_on,
            ended_on=input.ended_on,
            now=now,
        )
        return Outcome(member_project=project.id)

    @mutation(
        "Take a project off a member's list. For the member and the administrator.",
        changes.MemberProjectRemovePayload,
        requires=describe("memberProjectRemove"),
    )
    async def member_project_remove(
        self, viewer: Viewer, input: changes.MemberProjectRemoveInput, now: datetime
    ) -> Outcome:
        project = await projects.remove(
            viewer=viewer, project_id=ids.decode("prj", input.id), now=now
        )
        return Outcome(member_project=project.id)
