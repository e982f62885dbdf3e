"""Inviting, answering, unlinking, recording projects: inputs and payloads."""

import strawberry

from domain.members.answers import ConsentRequired
from domain.members.checks import (
    AccountNotInvitable,
    AlreadyMember,
    MemberCheck,
    MemberCheckFailed,
    Uninvitable,
)
from domain.members.guards import (
    InvitationExpired,
    ManagedByItsPartner,
    MemberUnlinked,
    SpecialistMustBeCancelled,
)
from domain.members.invitations import AlreadyInvited
from domain.members.projects import ProjectTooOld
from kit.status import WrongStatus
from models.members import ProjectRole
from schema.enums import described
from schema.inputs import expected_version, idempotency_key
from schema.members import Member, MemberInvitation, MemberProject
from schema.payloads import made, payload, told
from schema.scalars import Date

described(
    Uninvitable,
    "Why an account can't become a member whatever it does.",
    UNKNOWN_ACCOUNT="Nobody has an account of this address.",
    OTHER_SITE="The account is registered at the other site.",
    ENTERPRISE_ACCOUNT="It is an enterprise's account.",
    IAM_CHILD_ACCOUNT="It is an IAM user under another account.",
)
described(
    MemberCheck,
    "The checks that an account has to pass before it is linked.",
    V1_ENTERPRISE_REAL_NAME="Fails for an account that is real-name verified as an enterprise.",
    V2_LINKED_WITH_PARTNER="Fails for an account that is linked with a partner.",
    V3_NOT_REAL_NAME_VERIFIED="Fails for an account of the China site without verification.",
    V4_PARTNER_ACCOUNT="Fails for an account that is an operator of a partner.",
    V5_THREE_PARTNERS_IN_A_YEAR="Fails for an account that was linked with three partners within"
    " the last 365 days.",
)

_INVITATION = "The invitation as it stands now."
_MEMBER = "The member as it stands now."
_ID_OR_TOKEN = "Name the invitation by this or by the {other}, not by both."


@strawberry.input(description="Whom to invite.")
class MemberInviteInput:
    """For `memberInvite`."""

    email: str = strawberry.field(description="The mail address of the person's own account.")
    message: str | None = strawberry.field(
        default=None, description="A few words to the person, at most 500 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which invitation to send again.")
class MemberInvitationResendInput:
    """For `memberInvitationResend`."""

    id: strawberry.ID = strawberry.field(description="The invitation.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which invitation to take back.")
class MemberInvitationRevokeInput:
    """For `memberInvitationRevoke`."""

    id: strawberry.ID = strawberry.field(description="The invitation.")
    reason: str | None = strawberry.field(default=None, description="Why, for the history.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which invitation to accept.")
class MemberInvitationAcceptInput:
    """For `memberInvitationAccept`."""

    id: strawberry.ID | None = strawberry.field(
        default=None, description=_ID_OR_TOKEN.format(other="token")
    )
    token: str | None = strawberry.field(
        default=None,
        description="What stands behind the `#` of the link. " + _ID_OR_TOKEN.format(other="id"),
    )
    consent: bool = strawberry.field(
        description="That your name, account, phone, e-mail and your learning, exam and certificate"
        " records are shared with the partner; must be true."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which invitation to reject.")
class MemberInvitationRejectInput:
    """For `memberInvitationReject`."""

    id: strawberry.ID | None = strawberry.field(
        default=None, description=_ID_OR_TOKEN.format(other="token")
    )
    token: str | None = strawberry.field(
        default=None,
        description="What stands behind the `#` of the link. " + _ID_OR_TOKEN.format(other="id"),
    )
    reason: str | None = strawberry.field(default=None, description="Why, for the partner to read.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which member to unlink.")
class MemberUnlinkInput:
    """For `memberUnlink`."""

    id: strawberry.ID = strawberry.field(description="The member.")
    reason: str | None = strawberry.field(default=None, description="Why, for the history.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A project that a member delivered.")
class MemberProjectRecordInput:
    """For `memberProjectRecord`."""

    member_id: strawberry.ID = strawberry.field(description="The member.")
    name: str = strawberry.field(description="What it is called, at most 200 characters.")
    role: ProjectRole = strawberry.field(description="What the member did.")
    started_on: Date = strawberry.field(description="When delivery began, today at the latest.")
    ended_on: Date | None = strawberry.field(
        default=None,
        description="When delivery ended, within the last 24 months; leave it out while it runs.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What a project is to look like from now on.")
class MemberProjectEditInput:
    """For `memberProjectEdit`."""

    id: strawberry.ID = strawberry.field(description="The project.")
    expected_version: int = expected_version()
    name: str = strawberry.field(description="What it is called, at most 200 characters.")
    role: ProjectRole = strawberry.field(description="What the member did.")
    started_on: Date = strawberry.field(description="When delivery began, today at the latest.")
    ended_on: Date | None = strawberry.field(
        default=None, description="When delivery ended; null while it runs."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which project to remove.")
class MemberProjectRemoveInput:
    """For `memberProjectRemove`."""

    id: strawberry.ID = strawberry.field(description="The project.")
    idempotency_key: str | None = idempotency_key()


_SENDING = (AlreadyMember, AlreadyInvited, AccountNotInvitable, MemberCheckFailed)
_LINK = "The link for the person, shown only now; the mail with it is on its way."


@payload(errors=_SENDING)
class MemberInvitePayload:
    member_invitation: MemberInvitation | None = made(_INVITATION)
    link: str | None = told(_LINK)


@payload(errors=(*_SENDING, ManagedByItsPartner, WrongStatus))
class MemberInvitationResendPayload:
    member_invitation: MemberInvitation | None = made(_INVITATION)
    link: str | None = told(_LINK)


@payload(errors=(ManagedByItsPartner, InvitationExpired, WrongStatus))
class MemberInvitationRevokePayload:
    member_invitation: MemberInvitation | None = made(_INVITATION)


@payload(
    errors=(
        InvitationExpired,
        WrongStatus,
        ConsentRequired,
        AlreadyMember,
        AccountNotInvitable,
        MemberCheckFailed,
    )
)
class MemberInvitationAcceptPayload:
    member: Member | None = made("The member that you are now.")
    member_invitation: MemberInvitation | None = made(_INVITATION)


@payload(errors=(InvitationExpired, WrongStatus))
class MemberInvitationRejectPayload:
    member_invitation: MemberInvitation | None = made(_INVITATION)


@payload(errors=(ManagedByItsPartner, MemberUnlinked, SpecialistMustBeCancelled))
class MemberUnlinkPayload:
    member: Member | None = made(_MEMBER)


_PROJECT = (ManagedByItsPartner, MemberUnlinked)


@payload(errors=(*_PROJECT, ProjectTooOld))
class MemberProjectRecordPayload:
    member_project: MemberProject | None = made("The project as it stands now.")


@payload(errors=(*_PROJECT, ProjectTooOld), versioned=True)
class MemberProjectEditPayload:
    member_project: MemberProject | None = made("The project as it stands now.")


@payload(errors=_PROJECT)
class MemberProjectRemovePayload:
    member_project: MemberProject | None = made("The project that is no longer listed.")
