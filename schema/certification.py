"""Business information, roles and their paths, improvement plans, as the API shows them."""

from typing import Any

import strawberry

from domain.programmes import deadlines
from domain.programmes.certification_guards import (
    BUSINESS_INFORMATION_ACTIONS,
    PLAN_ACTIONS,
    ROLE_ACTIONS,
)
from domain.programmes.policy import (
    BUSINESS_INFORMATION,
    HELD_CERTIFICATES,
    IMPROVEMENT_PLANS,
    REQUIREMENTS,
    ROLE_CERTIFICATIONS,
)
from kit.reads import Connection, Node, column, computed, one, sql, table
from models import certification as models
from schema.actions import AvailableAction, available
from schema.certification_enums import (
    Achievement,
    BusinessInformationStatus,
    CertificateKind,
    CertifiedRole,
    ImprovementHandling,
    ImprovementPlanStatus,
    PathStage,
    TaxpayerKind,
)
from schema.certification_lists import STAGE_NOW
from schema.deadlines import Deadline, deadline_of
from schema.events import Event, happened
from schema.files import StoredFile
from schema.partners import PartnerRef
from schema.scalars import CurrencyCode, Date, DateTime, Decimal

ROLE_COLUMNS = ("partner_id", "role", "stage", "expires_at")
OWNED_COLUMNS = ("partner_id", "status")


@table(
    models.BusinessInformation,
    prefix="biz",
    scope=BUSINESS_INFORMATION,
    description="Bank account and tax facts of a partner, as submitted. Settlement needs them"
    " certified.",
)
class BusinessInformation(Node):
    """P-10."""

    partner: PartnerRef | None = one("partner_id", "Whose bank and tax facts these are.")
    status: BusinessInformationStatus = column("Where it stands.")
    legal_name: str = column("The name on the account.")
    bank_name: str = column("The bank and its branch.")
    bank_account: str = sql(
        "case when {viewer.sees_personal_data}::boolean then {t}.bank_account"
        " else '****' || right({t}.bank_account, 4) end",
        "The account number; its end only, unless you hold PERSONAL_DATA_VIEW.",
    )
    taxpayer_kind: TaxpayerKind = column("How the company pays value-added tax.")
    fee_tax_ratio: Decimal = column("Tax rate of its service fees, 0 to below 1.", "fee_tax_rate")
    currency: CurrencyCode = column("In which currency the partner is paid.")
    signing_entity: str = column("The platform's company that it signs with.")
    created_at: DateTime = column("When it was submitted.")
    decided_at: DateTime | None = column("When it was certified or refused.")
    refusal: str | None = column("Why it was refused.", "decision_reason")
    version: int = column("Rises with every change.")
    available_actions: list[AvailableAction] = available(
        BUSINESS_INFORMATION_ACTIONS, OWNED_COLUMNS
    )
    history: Connection[Event] = happened()


@strawberry.type(description="How many of something a partner has achieved.")
class AchievementCount:
    achievement: Achievement = strawberry.field(description="Of what.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="What the next stage asks for and the partner lacks.")
class MissingAchievement:
    achievement: Achievement = strawberry.field(description="Of what.")
    have: int = strawberry.field(description="How many there are, with what stands in for it.")
    least: int = strawberry.field(description="How many are asked for.")


def _achievements(row: Any, _: Any) -> list[AchievementCount]:
    return [
        AchievementCount(achievement=Achievement(name), count=count)
        for name, count in sorted(row.achievements.items())
    ]


def _missing(row: Any, _: Any) -> list[MissingAchievement]:
    return [
        MissingAchievement(
            achievement=Achievement(each["achievement"]), have=each["have"], least=each["least"]
        )
        for each in row.missing
    ]


@table(
    models.RoleCertification,
    prefix="rlc",
    scope=ROLE_CERTIFICATIONS,
    description="How far a partner is on the development path of a role.",
)
class RoleCertification(Node):
    """P-13 to P-17."""

    partner: PartnerRef | None = one("partner_id", "The partner on the path.")
    role: CertifiedRole = column("Which role.")
    stage: PathStage = sql(STAGE_NOW, "How far now: SELECTED again when a certification is over.")
    achievements: list[AchievementCount] = computed(
        _achievements, ("achievements",), "What the partner has achieved so far."
    )
    missing: list[MissingAchievement] = computed(
        _missing, ("missing",), "What the next stage still asked for when it was judged last."
    )
    judged_on: Date = column("The day by whose requirements it was judged.")
    valid_from: Date | None = sql(
        "case when {t}.expires_at <= {now} then null else {t}.valid_from end",
        "Since when it is certified; null while it is not.",
    )
    valid_to: Date | None = sql(
        "case when {t}.expires_at <= {now} then null else {t}.valid_to end",
        "The last day of the certification; null: without end.",
    )
    created_at: DateTime = column("When the path was chosen.")
    version: int = column("Rises with every change.")
    deadline: Deadline | None = deadline_of(
        deadlines.EXPIRE_ROLE, "The end of the certification, if it has one."
    )
    available_actions: list[AvailableAction] = available(ROLE_ACTIONS, ROLE_COLUMNS)
    history: Connection[Event] = happened()


@table(
    models.HeldCertificate,
    prefix="hct",
    scope=HELD_CERTIFICATES,
    description="A certificate that an account of a partner's holds.",
)
class HeldCertificate(Node):
    """P-16."""

    partner: PartnerRef | None = one("partner_id", "Whose account it is.")
    account_name: str = column("Which account.")
    kind: CertificateKind = column("Which certificate.")
    obtained_on: Date = column("When it was obtained.")
    created_at: DateTime = column("When it was recorded.")


@table(
    models.PathRequirement,
    prefix="pth",
    scope=REQUIREMENTS,
    description="What a stage of a role's path asks for, from a day on until a later row replaces"
    " it.",
)
class PathRequirement(Node):
    """P-14, P-17."""

    role: CertifiedRole = column("Of which role's path.")
    stage: PathStage = column("Of which stage.")
    achievement: Achievement = column("What is counted.")
    least: int = column("How many are needed; 0 ends an earlier requirement.")
    substitute: Achievement | None = column(
        "What stands in for it, one for one, as far as there is more of it than is needed."
    )
    valid_from: Date = column("From which day on.")


@table(
    models.ImprovementPlan,
    prefix="imp",
    scope=IMPROVEMENT_PLANS,
    description="How a distributor means to improve. Once approved it can't be taken back.",
)
class ImprovementPlan(Node):
    """P-23."""

    partner: PartnerRef | None = one("partner_id", "The distributor whose plan it is.")
    status: ImprovementPlanStatus = column("Where it stands.")
    handling: ImprovementHandling = column("What was agreed with the rep office.")
    file: StoredFile | None = one("file_id", "The plan; null when you may not see it.")
    created_at: DateTime = column("When it was begun.")
    submitted_at: DateTime | None = column("When it was submitted.")
    decided_at: DateTime | None = column("When it was approved or rejected.")
    refusal: str | None = column("Why it was rejected.", "decision_reason")
    progress_ratio: Decimal = column("How far it has come, 0 to 1.")
    progress_note: str | None = column("What the platform says about how far it has come.")
    version: int = column("Pass it as `expectedVersion` when you edit.")
    available_actions: list[AvailableAction] = available(PLAN_ACTIONS, OWNED_COLUMNS)
    history: Connection[Event] = happened()
