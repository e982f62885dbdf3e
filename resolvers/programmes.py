"""Queries and mutations of programmes, applications and invitations."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from domain.identity.lists import may_list
from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.programmes import (
    applications,
    certificates,
    invitations,
    reviews,
    submissions,
)
from domain.programmes.applications import Proof
from kit import ids
from kit.reads import Connection, root_connection, root_one
from resolvers.mutation import Outcome, mutation
from schema import programme_changes as changes
from schema.programme_lists import (
    ProgrammeApplicationFilter,
    ProgrammeApplicationOrder,
    ProgrammeFilter,
    ProgrammeInvitationFilter,
    ProgrammeInvitationOrder,
    ProgrammeOrder,
    ProgrammeReviewOrder,
)
from schema.programmes import Programme, ProgrammeApplication, ProgrammeInvitation


@strawberry.type
class ProgrammeQuery:
    programme: Programme | None = root_one(
        "A programme by its id; null when there is none.", prefix="pgm"
    )
    programmes: Connection[Programme] = root_connection(
        "What partners can join.", filter=ProgrammeFilter, order=ProgrammeOrder
    )
    programme_application: ProgrammeApplication | None = root_one(
        "An application by its id; null when you may not see it.", prefix="app"
    )
    programme_applications: Connection[ProgrammeApplication] = root_connection(
        "Applications of the partners that you may see.",
        filter=ProgrammeApplicationFilter,
        order=ProgrammeApplicationOrder,
    )
    programme_review_queue: Connection[ProgrammeApplication] = root_connection(
        f"Applications that wait for the platform. {describe('programmeReviewQueue')}",
        filter=ProgrammeApplicationFilter,
        order=ProgrammeReviewOrder,
        where="{t}.status = 'SUBMITTED' and {t}.submitted_at is not null",
        guard=may_list("programmeReviewQueue", persons=True),
    )
    programme_invitation: ProgrammeInvitation | None = root_one(
        "An invitation to a programme by its id; null when you may not see it.", prefix="pgi"
    )
    programme_invitations: Connection[ProgrammeInvitation] = root_connection(
        "Invitations to programmes that your partner has got; the platform sees all.",
        filter=ProgrammeInvitationFilter,
        order=ProgrammeInvitationOrder,
    )


@strawberry.type
class ProgrammeMutation:
    @mutation(
        "Begin an application, as a draft. One is alive for each programme at a time.",
        changes.ProgrammeApplicationCreatePayload,
        requires=describe("programmeApplicationCreate"),
    )
    async def programme_application_create(
        self, viewer: Viewer, input: changes.ProgrammeApplicationCreateInput, now: datetime
    ) -> Outcome:
        application = await applications.create(
            viewer=viewer,
            programme_id=ids.decode("pgm", input.programme_id, path=("input", "programmeId")),
            contact_name=input.contact_name or "",
            statement=input.statement or "",
            evidence=_proofs(input.evidence or ()),
            now=now,
        )
        return Outcome(programme_application=application.id)

    @mutation(
        "Write a draft anew.",
        changes.ProgrammeApplicationEditPayload,
        requires=describe("programmeApplicationEdit"),
    )
    async def programme_application_edit(
        self, viewer: Viewer, input: changes.ProgrammeApplicationEditInput, now: datetime
    ) -> Outcome:
        application = await applications.edit(
            viewer=viewer,
            application_id=ids.decode("app", input.id),
            expected_version=input.expected_version,
            contact_name=input.contact_name or "",
            statement=input.statement or "",
            evidence=_proofs(input.evidence),
            now=now,
        )
        return Outcome(programme_application=application.id)

    @mutation(
        "Hand a draft in; where nobody reviews, it is joined at once. All that is missing is told"
        " at once.",
        changes.ProgrammeApplicationSubmitPayload,
        requires=describe("programmeApplicationSubmit"),
    )
    async def programme_application_submit(
        self, viewer: Viewer, input: changes.ProgrammeApplicationSubmitInput, now: datetime
    ) -> Outcome:
        path = ("input", "acceptedAgreementIds")
        application = await submissions.submit(
            viewer=viewer,
            application_id=ids.decode("app", input.id),
            expected_version=input.expected_version,
            accepted_agreement_ids=[
                ids.decode("agr", id, path=path) for id in input.accepted_agreement_ids or ()
            ],
            now=now,
        )
        return Outcome(programme_application=application.id)

    @mutation(
        "Take an application back to the drafts, before the platform has decided.",
        changes.ProgrammeApplicationWithdrawPayload,
        requires=describe("programmeApplicationWithdraw"),
    )
    async def programme_application_withdraw(
        self, viewer: Viewer, input: changes.ProgrammeApplicationInput, now: datetime
    ) -> Outcome:
        application = await submissions.withdraw(
            viewer=viewer, application_id=ids.decode("app", input.id), now=now
        )
        return Outcome(programme_application=application.id)

    @mutation(
        "Give a draft up.",
        changes.ProgrammeApplicationCancelPayload,
        requires=describe("programmeApplicationCancel"),
    )
    async def programme_application_cancel(
        self, viewer: Viewer, input: changes.ProgrammeApplicationCancelInput, now: datetime
    ) -> Outcome:
        application = await applications.cancel(
            viewer=viewer,
            application_id=ids.decode("app", input.id),
            reason=input.reason,
            now=now,
        )
        return Outcome(programme_application=application.id)

    @mutation(
        "Begin anew with all that was in an application that has ended, files included.",
        changes.ProgrammeApplicationCopyPayload,
        requires=describe("programmeApplicationCopy"),
    )
    async def programme_application_copy(
        self, viewer: Viewer, input: changes.ProgrammeApplicationInput, now: datetime
    ) -> Outcome:
        application = await applications.copy(
            viewer=viewer, application_id=ids.decode("app", input.id), now=now
        )
        return Outcome(programme_application=application.id)

    @mutation(
        "Take the partner into the programme.",
        changes.ProgrammeApplicationApprovePayload,
        requires=describe("programmeApplicationApprove"),
    )
    async def programme_application_approve(
        self, viewer: Viewer, input: changes.ProgrammeApplicationApproveInput, now: datetime
    ) -> Outcome:
        application = await reviews.approve(
            viewer=viewer, application_id=ids.decode("app", input.id), note=input.note, now=now
        )
        return Outcome(programme_application=application.id)

    @mutation(
        "Refuse an application, and say why.",
        changes.ProgrammeApplicationRejectPayload,
        requires=describe("programmeApplicationReject"),
    )
    async def programme_application_reject(
        self, viewer: Viewer, input: changes.ProgrammeApplicationReasonInput, now: datetime
    ) -> Outcome:
        application = await reviews.reject(
            viewer=viewer, application_id=ids.decode("app", input.id), reason=input.reason, now=now
        )
        return Outcome(programme_application=application.id)

    @mutation(
        "Write down that a partner has left a programme, as it asked for offline.",
        changes.ProgrammeApplicationExitPayload,
        requires=describe("programmeApplicationExit"),
    )
    async def programme_application_exit(
        self, viewer: Viewer, input: changes.ProgrammeApplicationReasonInput, now: datetime
    ) -> Outcome:
        application = await reviews.exit(
            viewer=viewer, application_id=ids.decode("app", input.id), reason=input.reason, now=now
        )
        return Outcome(programme_application=application.id)

    @mutation(
        "The certificate of a programme that was joined. The partner's business information must be"
        " certified.",
        changes.ProgrammeCertificateIssuePayload,
        requires=describe("programmeCertificateIssue"),
    )
    async def programme_certificate_issue(
        self, viewer: Viewer, input: changes.ProgrammeApplicationInput, now: datetime
    ) -> Outcome:
        application_id = ids.decode("app", input.id)
        issued = await certificates.issue_membership(
            viewer=viewer, application_id=application_id, now=now
        )
        return Outcome(
            programme_application=application_id,
            number=issued.number,
            print_url=issued.links.page,
            pdf_url=issued.links.pdf,
        )

    @mutation(
        "Invite a partner to a programme, for thirty times 24 hours.",
        changes.ProgrammeInvitePayload,
        requires=describe("programmeInvite"),
    )
    async def programme_invite(
        self, viewer: Viewer, input: changes.ProgrammeInviteInput, now: datetime
    ) -> Outcome:
        invitation = await invitations.invite(
            viewer=viewer,
            partner_id=ids.decode("ptn", input.partner_id, path=("input", "partnerId")),
            programme_id=ids.decode("pgm", input.programme_id, path=("input", "programmeId")),
            now=now,
        )
        return Outcome(programme_invitation=invitation.id)

    @mutation(
        "Take back an invitation that nobody has used.",
        changes.ProgrammeInvitationRevokePayload,
        requires=describe("programmeInvitationRevoke"),
    )
    async def programme_invitation_revoke(
        self, viewer: Viewer, input: changes.ProgrammeInvitationRevokeInput, now: datetime
    ) -> Outcome:
        invitation = await invitations.revoke(
            viewer=viewer,
            invitation_id=ids.decode("pgi", input.id),
            reason=input.reason,
            now=now,
        )
        return Outcome(programme_invitation=invitation.id)


def _proofs(given: Sequence[changes.ProgrammeEvidenceInput]) -> list[Proof]:
    path = ("input", "evidence")
    return [Proof(each.kind, ids.decode("fil", each.file_id, path=path)) for each in given]
