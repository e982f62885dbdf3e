"""Members, their invitations and projects as the API shows them."""

from typing import Annotated

import strawberry

from domain.members.deadlines import EXPIRE
from domain.members.guards import INVITATION_ACTIONS, MEMBER_ACTIONS
from domain.members.policy import EVIDENCE, INVITATIONS, MEMBERS, PROJECTS
from kit.reads import Connection, Node, column, items, one, sql, table
from models import members as models
from models.members import MemberInvitationStatus, ProjectRole, SpecialistStatus
from schema.actions import AvailableAction, available
from schema.deadlines import Deadline, deadline_of
from schema.enums import described
from schema.events import Event, happened
from schema.identity import Person
from schema.member_lists import STATUS_NOW
from schema.partners import PartnerRef
from schema.personal import personal_email
from schema.scalars import Date, DateTime

described(
    ProjectRole,
    "What a member did in a project.",
    PROJECT_MANAGER="Managed it.",
    ARCHITECT="Designed the solution.",
    ENGINEER="Built or operated it.",
    CONSULTANT="Advised.",
)

MEMBER_COLUMNS = ("partner_id", "person_id", "unlinked_at", "specialist")
INVITATION_COLUMNS = ("partner_id", "person_id", "status", "expires_at")

# Whoever has once accepted has shown himself to the partner, also when the link has ended.
HAS_AGREED = "{t}.status in ('LINKED', 'UNLINKED') or {t}.person_id = {viewer.person_id}"

InvitationRef = Annotated["MemberInvitation", strawberry.lazy("schema.members")]
MemberRef = Annotated["Member", strawberry.lazy("schema.members")]


@table(
    models.Evidence,
    prefix="evd",
    scope=EVIDENCE,
    description="A small file that proves a request.",
)
class Evidence:
    """Kept whole in the database."""

    name: str = column("Its file name.")
    content_type: str = column("What it is: PDF, PNG or JPEG, told by its first bytes.")
    size: int = column("In bytes.")
    sha256: str = column("SHA-256 of its content, in hex.")
    content: str = sql(
        "translate(encode({t}.content, 'base64'), E'\\n', '')", "Its content as base64."
    )


@table(
    models.MemberProject,
    prefix="prj",
    scope=PROJECTS,
    description="A cloud project that a member delivered.",
)
class MemberProject(Node):
    """M-04."""

    name: str = column("What it was called.")
    role: ProjectRole = column("What the member did.")
    started_on: Date = column("When delivery began.")
    ended_on: Date | None = column("When delivery ended; null while it is running.")
    created_at: DateTime = column("When it was recorded.")
    version: int = column("Pass it as `expectedVersion` when you edit.")
    member: MemberRef | None = one("member_id", "Whose project it was.")
    history: Connection[Event] = happened()


@table(
    models.Member,
    prefix="mbr",
    scope=MEMBERS,
    description="A personal account that is, or was, linked with a partner.",
)
class Member(Node):
    """The link; it stays when it has ended."""

    partner: PartnerRef | None = one("partner_id", "The partner.")
    person: Person = one("person_id", "Whose account it is.")
    invitation: InvitationRef | None = one("invitation_id", "The invitation that was accepted.")
    linked_at: DateTime = column("When the invitation was accepted.")
    unlinked_at: DateTime | None = column("When the link ended; null while it lasts.")
    specialist: SpecialistStatus = column("Whether the member is a project specialist.")
    specialist_reason: str | None = column(
        "Why the partner asks to end it; only while it is being cancelled."
    )
    specialist_evidence: Evidence | None = one(
        "specialist_evidence_id", "The file that proves the reason."
    )
    projects: list[MemberProject] = items(
        "member_id",
        "Recorded projects, the latest first, at most 100.",
        order="started_on desc, id",
        limit=100,
        where="{t}.removed_at is null",
    )
    version: int = column("Rises with every change.")
    available_actions: list[AvailableAction] = available(
        MEMBER_ACTIONS, MEMBER_COLUMNS, "What you could do with the member now."
    )
    history: Connection[Event] = happened("What happened to the member.")


@table(
    models.MemberInvitation,
    prefix="inv",
    scope=INVITATIONS,
    description="An offer of a partner to a person's own account: accept it within seven times 24"
    " hours and become a member.",
)
class MemberInvitation(Node):
    """M-01, M-02."""

    partner: PartnerRef | None = one("partner_id", "Who invites.")
    person: Person | None = one(
        "person_id",
        "Who has accepted; null until then, since accepting is what agrees to show oneself. Before"
        " it only the invited person sees this, and everybody else the `email` that was typed.",
        when=HAS_AGREED,
    )
    email: str = personal_email("email", "The address that was invited.", owner="person_id")
    status: MemberInvitationStatus = sql(
        STATUS_NOW, "Where it stands now: EXPIRED from the deadline on, to the microsecond."
    )
    message: str | None = column("What the partner wrote to the person.")
    generation: int = column("How often it was sent; only the latest link works.")
    created_at: DateTime = column("When it was made.")
    sent_at: DateTime = column("When it was sent last.")
    expires_at: DateTime = column("The instant from which it can't be accepted any more.")
    decided_at: DateTime | None = sql(
        "case when {t}.status = 'PENDING' and {t}.expires_at <= {now} then {t}.expires_at"
        " else {t}.decided_at end",
        "When it was answered, revoked, or lapsed.",
    )
    reminded_at: DateTime | None = column("When the person was reminded of it.")
    version: int = column("Rises with every change.")
    member: MemberRef | None = one(
        "id", "The member that came of it.", match="invitation_id", newest="linked_at"
    )
    deadline: Deadline | None = deadline_of(EXPIRE, "Its seven days.")
    available_actions: list[AvailableAction] = available(
        INVITATION_ACTIONS,
        INVITATION_COLUMNS,
        "What you could do with the invitation now.",
    )
    history: Connection[Event] = happened()


@strawberry.type(description="What the link of an invitation shows before anybody signs in.")
class MemberInvitationLanding:
    """Enough to know what one is asked, too little to learn about people."""

    partner_name: str = strawberry.field(description="Who invites.")
    partner_name_en: str | None = strawberry.field(description="Its English name, if it has one.")
    masked_email: str = strawberry.field(description="Whose account it was sent to, masked.")
    status: MemberInvitationStatus = strawberry.field(description="Where it stands now.")
    expires_at: DateTime = strawberry.field(
        description="The instant from which it can't be accepted any more."
    )
