"""Programmes, applications and invitations as the API shows them."""

from typing import Annotated

import strawberry

from domain.programmes import deadlines
from domain.programmes.guards import APPLICATION_ACTIONS, INVITATION_ACTIONS, PROGRAMME_ACTIONS
from domain.programmes.policy import APPLICATIONS, EVIDENCE, INVITATIONS, PROGRAMMES
from kit.reads import Connection, Node, column, computed, connection, items, one, sql, table
from models import programmes as models
from models.partners import PartnerKind
from models.programmes import (
    Admission,
    ProgrammeApplicationStatus,
    ProgrammeInvitationStatus,
)
from schema.actions import AvailableAction, available
from schema.application_snapshot import ApplicationSnapshot, snapshot_of
from schema.certification_enums import CertifiedRole
from schema.deadlines import Deadline, deadline_of
from schema.events import Event, happened
from schema.files import StoredFile
from schema.partners import PartnerRef
from schema.programme_evidence import ProgrammeEvidenceKind
from schema.programme_lists import (
    INVITATION_NOW,
    STATUS_NOW,
    ProgrammeApplicationFilter,
    ProgrammeApplicationOrder,
)
from schema.scalars import DateTime

APPLICATION_COLUMNS = ("partner_id", "status", "expires_at")
INVITATION_COLUMNS = ("status", "expires_at")
PROGRAMME_COLUMNS = ("code", "is_open", "admission")

ProgrammeRef = Annotated["Programme", strawberry.lazy("schema.programmes")]
ApplicationRef = Annotated["ProgrammeApplication", strawberry.lazy("schema.programmes")]


@table(
    models.Programme,
    prefix="pgm",
    scope=PROGRAMMES,
    description="A programme (伙伴计划) with all that it asks for; an empty list asks nothing.",
)
class Programme(Node):
    """P-02 to P-05, P-11, P-12, P-18, P-21, P-25."""

    code: str = column("Its stable name: `CSP`.")
    name: str = column("Its name in Chinese.")
    name_en: str = column("Its name in English.")
    description: str = column("What it is about, in Chinese.")
    description_en: str = column("What it is about, in English.")
    admission: Admission = column("How one joins it.")
    is_open: bool = column("Whether it takes in new members; else only those with an invitation.")
    partner_kinds: list[PartnerKind] = sql(
        "{t}.partner_kinds", "Which kinds of partners may join; empty: all."
    )
    needed_roles: list[CertifiedRole] = sql(
        "{t}.needed_roles", "Roles of which one must be certified."
    )
    needed_programmes: list[str] = column("Codes of the programmes that must be joined before.")
    needed_evidence: list[ProgrammeEvidenceKind] = sql(
        "{t}.needed_evidence", "Files that must be attached, one of each kind."
    )
    needs_business_information: bool = column(
        "Whether business information must have been submitted.", "needs_business_info"
    )
    needs_verified_enterprise: bool = column(
        "Whether the partner's account must be real-name verified as an enterprise."
    )
    needs_shareholder_proof: bool = column(
        "Whether companies younger than a year must prove who their shareholders are."
    )
    agreement_codes: list[str] = column(
        "Agreements that must be signed; `agreements(filter: {programmeId})` has their texts."
    )
    benefits: list[str] = column("What members get, in Chinese.")
    benefits_en: list[str] = column("What members get, in English.")
    duties: list[str] = column("What members owe, in Chinese.")
    duties_en: list[str] = column("What members owe, in English.")
    validity_months: int | None = column(
        "For how many calendar months a membership lasts; null: without end."
    )
    version: int = column("Rises with every change.")
    own_application: ApplicationRef | None = one(
        "id",
        "Your partner's latest application for it.",
        match="programme_id",
        where="{t}.partner_id = {viewer.partner_id}",
        newest="created_at",
    )
    applications: Connection[ApplicationRef] = connection(
        "programme_id",
        "All applications for it that you may see.",
        filter=ProgrammeApplicationFilter,
        order=ProgrammeApplicationOrder,
    )
    available_actions: list[AvailableAction] = available(PROGRAMME_ACTIONS, PROGRAMME_COLUMNS)


@table(
    models.ApplicationEvidence,
    prefix="apv",
    scope=EVIDENCE,
    description="A file of an application, and what it proves.",
)
class ApplicationEvidence:
    kind: ProgrammeEvidenceKind = column("What it proves.")
    file: StoredFile | None = one("file_id", "The file; null when you may not see it.")


@table(
    models.ProgrammeApplication,
    prefix="app",
    scope=APPLICATIONS,
    description="A partner's application for a programme, and the membership that came of it.",
)
class ProgrammeApplication(Node):
    """domain.md 5.1."""

    partner: PartnerRef | None = one("partner_id", "Who applies.")
    programme: ProgrammeRef | None = one("programme_id", "For what.")
    status: ProgrammeApplicationStatus = sql(
        STATUS_NOW, "Where it stands now: EXPIRED from the end of the membership on."
    )
    contact_name: str = column("Whom the platform may ask; empty while nobody is named.")
    statement: str = column("What the partner writes about itself and its plans.")
    evidence: list[ApplicationEvidence] = items(
        "application_id", "Its files, at most 20.", order="id", limit=20
    )
    snapshot: ApplicationSnapshot | None = computed(
        snapshot_of,
        ("snapshot",),
        "What was true when it was submitted, whatever has changed since; null for a draft.",
    )
    invitation: Annotated["ProgrammeInvitation", strawberry.lazy("schema.programmes")] | None = one(
        "invitation_id", "The invitation that it was begun by."
    )
    created_at: DateTime = column("When it was begun.")
    submitted_at: DateTime | None = column("When it was submitted.")
    decided_at: DateTime | None = column("When it was approved or rejected.")
    decision_reason: str | None = column("What the platform said then.")
    effective_from: DateTime | None = column("Since when the partner is, or was, a member.")
    expires_at: DateTime | None = column(
        "The instant from which it is no member any more; null: without end."
    )
    ended_at: DateTime | None = sql(
        "case when {t}.status = 'APPROVED' and {t}.expires_at <= {now} then {t}.expires_at"
        " else {t}.ended_at end",
        "When it was rejected, cancelled, left or lapsed.",
    )
    version: int = column("Pass it as `expectedVersion` when you edit or submit.")
    deadline: Deadline | None = deadline_of(
        deadlines.EXPIRE_APPLICATION, "The end of the membership, if it has one."
    )
    available_actions: list[AvailableAction] = available(APPLICATION_ACTIONS, APPLICATION_COLUMNS)
    history: Connection[Event] = happened()


@table(
    models.ProgrammeInvitation,
    prefix="pgi",
    scope=INVITATIONS,
    description="The platform's invitation of a partner to a programme: good for thirty times 24"
    " hours, and for one application.",
)
class ProgrammeInvitation(Node):
    """P-15."""

    partner: PartnerRef | None = one("partner_id", "Who is invited.")
    programme: ProgrammeRef | None = one("programme_id", "To what.")
    status: ProgrammeInvitationStatus = sql(
        INVITATION_NOW, "Where it stands now: EXPIRED from the deadline on, to the microsecond."
    )
    created_at: DateTime = column("When it was sent.")
    expires_at: DateTime = column("The instant from which it can't be used any more.")
    decided_at: DateTime | None = sql(
        "case when {t}.status = 'PENDING' and {t}.expires_at <= {now} then {t}.expires_at"
        " else {t}.decided_at end",
        "When it was used, revoked, or lapsed.",
    )
    application: ApplicationRef | None = one(
        "id",
        "The application that was begun by it.",
        match="invitation_id",
        newest="created_at",
    )
    version: int = column("Rises with every change.")
    deadline: Deadline | None = deadline_of(deadlines.EXPIRE_INVITATION, "Its thirty days.")
    available_actions: list[AvailableAction] = available(INVITATION_ACTIONS, INVITATION_COLUMNS)
    history: Connection[Event] = happened()
