"""Customer invitations as the API shows them: the type, its landing, the checks, the QR code."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from domain.associations import checks, guards
from domain.associations.checks import AssociationCheck
from domain.associations.deadlines import EXPIRE
from domain.associations.invitations import shown_link
from domain.associations.policy import INVITATIONS
from kit.reads import Connection, Node, column, computed, connection, one, sql, table
from models import customer_invitations as models
from models.customer_invitations import CustomerInvitationStatus, InvitationChannel
from models.customers import AssociationType
from schema.actions import AvailableAction, available
from schema.customer_invitation_lists import IS_OVER, STATUS_NOW
from schema.deadlines import Deadline, deadline_of
from schema.enums import described
from schema.errors import tells
from schema.events import Event, happened
from schema.identity import Operator, Person
from schema.partners import PartnerRef
from schema.personal import personal_email
from schema.references import CustomerRef
from schema.scalars import DateTime

if TYPE_CHECKING:
    from schema.associations import Association
    from schema.reports import CustomerReport

described(
    AssociationCheck,
    "The checks that a customer has to pass before it is associated with a partner.",
    CREDIT_ACCOUNT_NO_AGENCY="C-03, AGENCY alone: fails for a customer with a credit account.",
    IS_OR_APPLYING_PARTNER="C-04: fails for who is a partner, or is applying to be one.",
    ALREADY_ASSOCIATED="C-05: fails for a customer of any partner.",
    SPECIAL_CONTRACT="C-06: fails for a customer with a special contract.",
    OUTSTANDING_BILL="Fails for a customer with an unpaid bill.",
    WRONG_SITE="Fails for a customer of another site than the partner's.",
    DIRECT_SALES_OWNED="Fails for a customer of direct sales that the partner hasn't reported.",
    LIVE_RESERVED_INSTANCE="C-18, AGENCY alone: fails while a reserved instance lives.",
    UNRETURNED_INVOICE="C-18, AGENCY alone: fails for a customer that owes invoices.",
    UNSPENT_STORED_CARD="C-18, AGENCY alone: fails while a stored-value card isn't spent.",
    ENTERPRISE_MEMBER="C-18, AGENCY alone: fails for a member account of an enterprise.",
    MASTER_WITH_INDEPENDENT_MEMBERS="C-18, AGENCY alone: fails for the master of members with money"
    " of their own.",
)

ReportRef = Annotated["CustomerReport", strawberry.lazy("schema.reports")]
AssociationRef = Annotated["Association", strawberry.lazy("schema.associations")]


@tells(checks.FailedAssociationCheck)
@strawberry.type(description="A check that stands in the way of an association.")
class FailedAssociationCheck:
    code: AssociationCheck = strawberry.field(description="Which check.")
    rule: str = strawberry.field(description="The rule behind it.")
    agency_only: bool = strawberry.field(
        description="Whether the customer may still be associated as REFERRAL."
    )
    message: str = strawberry.field(
        description="What is in the way and what to do, in the language of `Accept-Language`."
    )

    @classmethod
    def of(cls, check: checks.FailedAssociationCheck, locale: str) -> "FailedAssociationCheck":
        """What the domain found, in the reader's language."""
        return cls(
            code=check.code,
            rule=check.rule,
            agency_only=check.agency_only,
            message=check.in_words(locale),
        )


def _failed_checks(row: Any, request: Any) -> list[FailedAssociationCheck]:
    codes = [AssociationCheck(code) for code in row.failed_checks]
    return [FailedAssociationCheck.of(check, request.locale) for check in checks.told(codes)]


def _link(row: Any, request: Any) -> str | None:
    return shown_link(row, request.viewer)


@table(
    models.CustomerInvitation,
    prefix="civ",
    scope=INVITATIONS,
    description="A partner's offer to a customer to be associated with it (邀请): by mail to the"
    " one that is reported, or by a link or QR code for whoever gets it.",
)
class CustomerInvitation(Node):
    """C-02, C-07, C-17."""

    partner: PartnerRef | None = one("partner_id", "Who invites.")
    manager: Operator | None = one(
        "manager_id",
        "Whose invitation it is: who accepts it becomes his customer if he is an account manager.",
    )
    inviter: Person | None = one("invited_by", "Who sent it (last); null for a system.")
    report: ReportRef | None = one("report_id", "The report behind a mail.")
    customer: CustomerRef | None = one(
        "customer_id", "The account that was invited; null while it is none that you may see."
    )
    channel: InvitationChannel = column("How it reaches the customer.")
    type: AssociationType = column("How the customer would belong to the partner.")
    email: str | None = personal_email(
        "email", "The address that it was mailed to; null for a link.", owner="invited_by"
    )
    tag: str | None = column("The account name of who made a link; null for a mail.")
    link: str | None = computed(
        _link,
        ("id", "partner_id", "channel", "status", "generation"),
        "The address behind a link or QR code, while it works, for the partner's own people who"
        " hold CUSTOMER_INVITE. That of a mail is told only once, when it is sent.",
    )
    status: CustomerInvitationStatus = sql(
        STATUS_NOW, "Where it stands now: over from its end on, to the microsecond."
    )
    failed_checks: list[FailedAssociationCheck] = computed(
        _failed_checks,
        ("failed_checks",),
        "What the customer failed when it last tried to accept a mail; empty otherwise.",
    )
    generation: int = column("How often it was sent; only the latest link works.")
    accepted_count: int = column("How often it was accepted.")
    created_at: DateTime = column("When it was made.")
    sent_at: DateTime = column("When it was sent last.")
    expires_at: DateTime | None = column(
        "When the seven days of a mail are over. It ends before, when its report does: see"
        " `deadline`."
    )
    decided_at: DateTime | None = sql(
        f"case when {IS_OVER} then least({{t}}.expires_at, {{t}}.report_ends_at)"
        " else {t}.decided_at end",
        "When it was accepted, taken back, or lapsed.",
    )
    version: int = column("Rises with every change.")
    associations: Connection[AssociationRef] = connection(
        "invitation_id", "What came of it.", default_order="started_at"
    )
    deadline: Deadline | None = deadline_of(
        EXPIRE, "When it ends: after its seven days, or with its report; null for a link."
    )
    available_actions: list[AvailableAction] = available(guards.ACTIONS, guards.COLUMNS)
    history: Connection[Event] = happened()


@strawberry.type(description="What the link of an invitation shows before anybody signs in.")
class CustomerInvitationLanding:
    """Enough to know what one is asked, too little to learn about customers."""

    partner_name: str = strawberry.field(description="Who invites.")
    partner_name_en: str | None = strawberry.field(description="Its English name, if it has one.")
    association_type: AssociationType = strawberry.field(
        description="How the customer would belong to the partner."
    )
    channel: InvitationChannel = strawberry.field(description="How it was sent.")
    masked_email: str | None = strawberry.field(
        description="Whom it was mailed to, masked; null for a link."
    )
    status: CustomerInvitationStatus = strawberry.field(description="Where it stands now.")
    expires_at: DateTime | None = strawberry.field(
        description="The instant from which it can't be accepted any more; null for a link."
    )


@strawberry.type(description="Whether an association would pass its checks at this moment.")
class CustomerAssociationPreview:
    passes: bool = strawberry.field(description="Whether nothing stands in the way.")
    failed_checks: list[FailedAssociationCheck] = strawberry.field(
        description="All that stands in the way."
    )
