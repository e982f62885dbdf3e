"""Applying for programmes, inviting to them, signing: inputs and payloads."""

import strawberry

from domain.files.attaching import FileAlreadyAttached, FileExpired
from domain.programmes.applications import ApplicationExists
from domain.programmes.certificates import BusinessInformationNotCertified
from domain.programmes.conditions import ConditionsNotMet, EntryCondition
from domain.programmes.guards import (
    ApplicationExpired,
    OwnPartnerOnly,
    ProgrammeClosed,
    ProgrammeInvitationExpired,
)
from domain.programmes.invitations import AlreadyInvitedToProgramme, InvitationNeeded
from kit.status import WrongStatus
from schema.enums import described
from schema.inputs import expected_version, idempotency_key
from schema.payloads import made, payload, told
from schema.programme_evidence import ProgrammeEvidenceKind
from schema.programmes import ProgrammeApplication, ProgrammeInvitation

described(
    EntryCondition,
    "What can be missing when an application is submitted.",
    KIND_NOT_ELIGIBLE="The programme is for other kinds of partners.",
    ENTERPRISE_UNVERIFIED="The account isn't real-name verified as an enterprise.",
    PROGRAMME_NOT_JOINED="Another programme must be joined first.",
    ROLE_CERTIFICATION_MISSING="None of the roles is certified.",
    BUSINESS_INFORMATION_MISSING="Business information hasn't been submitted, or was refused.",
    AGREEMENT_NOT_ACCEPTED="The version in force of an agreement isn't accepted.",
    STATEMENT_MISSING="The contact or the statement is empty.",
    SHAREHOLDER_PROOF_MISSING="The company is younger than a year and proves no shareholders.",
    EVIDENCE_MISSING="A file of this kind is missing.",
)

_APPLICATION = "The application as it stands now."
_INVITATION = "The invitation as it stands now."


@strawberry.input(description="A file that proves something.")
class ProgrammeEvidenceInput:
    """Part of an application."""

    kind: ProgrammeEvidenceKind = strawberry.field(description="What it proves.")
    file_id: strawberry.ID = strawberry.field(
        description="A file that your partner has uploaded and used nowhere else."
    )


@strawberry.input(description="What to apply for; a draft may be as empty as you like.")
class ProgrammeApplicationCreateInput:
    """For `programmeApplicationCreate`."""

    programme_id: strawberry.ID = strawberry.field(description="The programme.")
    contact_name: str | None = strawberry.field(
        default=None, description="Whom the platform may ask, at most 160 characters."
    )
    statement: str | None = strawberry.field(
        default=None, description="About the partner and its plans, at most 4,000 characters."
    )
    evidence: list[ProgrammeEvidenceInput] | None = strawberry.field(
        default=None, description="Files, at most 20."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What is to be in the draft from now on.")
class ProgrammeApplicationEditInput:
    """For `programmeApplicationEdit`."""

    id: strawberry.ID = strawberry.field(description="The application.")
    expected_version: int = expected_version()
    contact_name: str | None = strawberry.field(
        default=None, description="Whom the platform may ask; none if left out."
    )
    statement: str | None = strawberry.field(
        default=None, description="About the partner and its plans; none if left out."
    )
    evidence: list[ProgrammeEvidenceInput] = strawberry.field(
        description="All its files, those that it has included; the others are let go."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which draft to hand in.")
class ProgrammeApplicationSubmitInput:
    """For `programmeApplicationSubmit`."""

    id: strawberry.ID = strawberry.field(description="The application.")
    expected_version: int = expected_version()
    accepted_agreement_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="The versions of agreements that you accept for your partner, and so sign.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which application.")
class ProgrammeApplicationInput:
    """For the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The application.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which draft to give up.")
class ProgrammeApplicationCancelInput:
    """For `programmeApplicationCancel`."""

    id: strawberry.ID = strawberry.field(description="The application.")
    reason: str | None = strawberry.field(default=None, description="Why, for the history.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which application to approve.")
class ProgrammeApplicationApproveInput:
    """For `programmeApplicationApprove`."""

    id: strawberry.ID = strawberry.field(description="The application.")
    note: str | None = strawberry.field(
        default=None, description="A word to the partner, at most 500 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which application, and why.")
class ProgrammeApplicationReasonInput:
    """For the platform's decisions against a partner."""

    id: strawberry.ID = strawberry.field(description="The application.")
    reason: str = strawberry.field(description="Why, for the partner, at most 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Whom to invite to what.")
class ProgrammeInviteInput:
    """For `programmeInvite`."""

    partner_id: strawberry.ID = strawberry.field(description="The partner.")
    programme_id: strawberry.ID = strawberry.field(description="The programme.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which invitation to take back.")
class ProgrammeInvitationRevokeInput:
    """For `programmeInvitationRevoke`."""

    id: strawberry.ID = strawberry.field(description="The invitation.")
    reason: str | None = strawberry.field(default=None, description="Why, for the history.")
    idempotency_key: str | None = idempotency_key()


_FILES = (FileExpired, FileAlreadyAttached)
_BEGINNING = (ApplicationExists, ProgrammeClosed, InvitationNeeded, ProgrammeInvitationExpired)
_BY_PARTNER = (OwnPartnerOnly, WrongStatus, ApplicationExpired)
_BY_PLATFORM = (WrongStatus, ApplicationExpired)


@payload(errors=(*_BEGINNING, *_FILES))
class ProgrammeApplicationCreatePayload:
    programme_application: ProgrammeApplication | None = made(_APPLICATION)


@payload(errors=(*_BY_PARTNER, *_FILES), versioned=True)
class ProgrammeApplicationEditPayload:
    programme_application: ProgrammeApplication | None = made(_APPLICATION)


@payload(errors=(*_BY_PARTNER, ProgrammeClosed, ConditionsNotMet), versioned=True)
class ProgrammeApplicationSubmitPayload:
    programme_application: ProgrammeApplication | None = made(_APPLICATION)


@payload(errors=_BY_PARTNER)
class ProgrammeApplicationWithdrawPayload:
    programme_application: ProgrammeApplication | None = made(_APPLICATION)


@payload(errors=_BY_PARTNER)
class ProgrammeApplicationCancelPayload:
    programme_application: ProgrammeApplication | None = made(_APPLICATION)


@payload(errors=(OwnPartnerOnly, WrongStatus, *_BEGINNING))
class ProgrammeApplicationCopyPayload:
    programme_application: ProgrammeApplication | None = made("The new draft.")


@payload(errors=_BY_PLATFORM)
class ProgrammeApplicationApprovePayload:
    programme_application: ProgrammeApplication | None = made(_APPLICATION)


@payload(errors=_BY_PLATFORM)
class ProgrammeApplicationRejectPayload:
    programme_application: ProgrammeApplication | None = made(_APPLICATION)


@payload(errors=_BY_PLATFORM)
class ProgrammeApplicationExitPayload:
    programme_application: ProgrammeApplication | None = made(_APPLICATION)


@payload(errors=(OwnPartnerOnly, *_BY_PLATFORM, BusinessInformationNotCertified))
class ProgrammeCertificateIssuePayload:
    programme_application: ProgrammeApplication | None = made(_APPLICATION)
    number: str | None = told("The number that is printed on it.")
    print_url: str | None = told("A page to print, for whoever opens it, for 15 minutes.")
    pdf_url: str | None = told("The certificate as a PDF.")


@payload(errors=(AlreadyInvitedToProgramme, ConditionsNotMet))
class ProgrammeInvitePayload:
    programme_invitation: ProgrammeInvitation | None = made(_INVITATION)


@payload(errors=(ProgrammeInvitationExpired, WrongStatus))
class ProgrammeInvitationRevokePayload:
    programme_invitation: ProgrammeInvitation | None = made(_INVITATION)
