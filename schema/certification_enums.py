"""What certifications are about, as the API names and explains it."""

from models.certification import (
    Achievement,
    BusinessInformationStatus,
    CertificateKind,
    CertifiedRole,
    ImprovementHandling,
    ImprovementPlanStatus,
    PathStage,
    TaxpayerKind,
)
from schema.enums import described

described(
    TaxpayerKind,
    "How a company pays value-added tax (纳税人类型).",
    GENERAL="一般纳税人: a general taxpayer.",
    SMALL_SCALE="小规模纳税人: a small-scale taxpayer.",
)
described(
    BusinessInformationStatus,
    "Where business information stands.",
    REVIEWING="审核中: the platform reviews it.",
    CERTIFIED="已认证: the platform vouches for it.",
    FAILED="认证失败: refused, with a reason.",
    SUPERSEDED="A later submission has been certified.",
)
described(
    CertifiedRole,
    "In what a partner can be certified.",
    SOFTWARE="软件: builds software for the cloud.",
    SERVICE="服务: serves the cloud's customers.",
    SYSTEM_INTEGRATION="SI: integrates systems.",
    LEARNING="学习与赋能: trains people; by invitation.",
)
described(
    PathStage,
    "How far a partner is on the development path of a role.",
    SELECTED="角色选择: it has chosen the path.",
    CERTIFIED="已认证: it meets what certification asks for.",
    DIFFERENTIATED="差异化: it meets what differentiation asks for as well.",
)
described(
    Achievement,
    "What counts on development paths.",
    CERTIFIED_SOLUTION="云软件认证方案: certified cloud-software solutions.",
    ADVANCED_SOLUTION="先进云软件认证方案: advanced certified cloud-software solutions.",
    HCIA="Accounts that hold HCIA.",
    HCIP="Accounts that hold HCIP.",
    HCSA_HCSP="Accounts that hold both HCSA and HCSP.",
    DELIVERED_PROJECT="Projects delivered.",
    TRAINED_PERSON="People trained.",
)
described(
    CertificateKind,
    "Certificates that people pass exams for.",
    HCIA="Associate.",
    HCIP="Professional; may stand in for HCIA.",
    HCSA="Sales associate.",
    HCSP="Sales professional.",
)
described(
    ImprovementPlanStatus,
    "Where an improvement plan stands.",
    DRAFT="The distributor is writing it.",
    SUBMITTED="The platform reviews it.",
    APPROVED="In force, and irrevocable.",
    REJECTED="Refused with a reason; the distributor writes it anew.",
)
described(
    ImprovementHandling,
    "What the distributor and the rep office agreed on.",
    IMPROVE="To improve and stay.",
    LOWER_TIER="To go down a tier.",
    LEAVE_PROGRAMME="To leave the programme.",
)

__all__ = [
    "Achievement",
    "BusinessInformationStatus",
    "CertificateKind",
    "CertifiedRole",
    "ImprovementHandling",
    "ImprovementPlanStatus",
    "PathStage",
    "TaxpayerKind",
]
