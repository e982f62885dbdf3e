"""The programmes, agreements and paths that a new deployment begins with."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from models.certification import Achievement, CertifiedRole, PathStage
from models.partners import PartnerKind
from models.programmes import Admission, ProgrammeEvidenceKind


@dataclass(frozen=True, kw_only=True)
class AgreementPreset:
    """A version of an agreement; its text lies in agreement_texts/, by `text`."""

    code: str
    text: str
    name: str
    name_en: str
    version: str = "1.0"
    on_paper: bool = False


@dataclass(frozen=True, kw_only=True)
class ProgrammePreset:
    """A programme; what isn't said isn't asked for."""

    code: str
    name: str
    name_en: str
    description: str
    description_en: str
    admission: Admission = Admission.REVIEW
    partner_kinds: tuple[PartnerKind, ...] = ()
    needed_roles: tuple[CertifiedRole, ...] = ()
    needed_programmes: tuple[str, ...] = ()
    needed_evidence: tuple[ProgrammeEvidenceKind, ...] = ()
    needs_business_info: bool = False
    needs_verified_enterprise: bool = True
    needs_shareholder_proof: bool = False
    agreement_codes: tuple[str, ...] = ()
    benefits: tuple[str, ...] = ()
    benefits_en: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    duties_en: tuple[str, ...] = ()
    validity_months: int | None = None
    is_open: bool = True


IN_FORCE_SINCE = datetime(2025, 1, 1, tzinfo=UTC)

AGREEMENTS = (
    AgreementPreset(
        code="HCPN_AGREEMENT", text="hcpn", name="HCPN 伙伴协议", name_en="HCPN partner agreement"
    ),
    AgreementPreset(
        code="CODE_OF_CONDUCT",
        text="code_of_conduct",
        name="合作伙伴行为准则",
        name_en="Partner code of conduct",
    ),
    AgreementPreset(
        code="CSP_AGREEMENT",
        text="csp",
        name="云商店客户服务商协议",
        name_en="Customer service provider agreement",
    ),
    AgreementPreset(
        code="PCE_TERMS", text="pce", name="合作伙伴共拓计划条款", name_en="Co-expansion terms"
    ),
    AgreementPreset(
        code="LEARNING_TERMS",
        text="learning",
        name="学习与赋能伙伴条款",
        name_en="Learning and enablement terms",
    ),
    AgreementPreset(
        code="DISTRIBUTOR_AGREEMENT",
        text="distributor",
        name="总经销商协议",
        name_en="General distributor agreement",
    ),
    AgreementPreset(
        code="RESELLER_AGREEMENT",
        text="reseller",
        name="云经销商协议",
        name_en="Cloud reseller agreement",
    ),
    AgreementPreset(
        code="PROCUREMENT_FRAMEWORK",
        text="procurement",
        name="采购框架协议",
        name_en="Procurement framework agreement",
        on_paper=True,
    ),
)

PROGRAMMES = (
    ProgrammePreset(
        code="HCPN",
        name="HCPN 伙伴计划",
        name_en="Partner network (HCPN)",
        description="伙伴网络的基础计划,加入后可申请其他伙伴计划。",
        description_en="The network that all other programmes build on.",
        agreement_codes=("HCPN_AGREEMENT", "CODE_OF_CONDUCT"),
        benefits=("使用伙伴中心", "参加生态活动"),
        benefits_en=("Use of the partner center", "Ecosystem events"),
        duties=("及时更新企业信息",),
        duties_en=("Keep the company's records up to date",),
    ),
    ProgrammePreset(
        code="CSP",
        name="云商店客户服务商",
        name_en="Customer service provider (CSP)",
        description="具备向客户销售、集成和交付云商店商品的能力,并推广云商店商品的伙伴。",
        description_en="Partners that sell, integrate, deliver and promote marketplace goods.",
        needed_roles=(
            CertifiedRole.SOFTWARE,
            CertifiedRole.SERVICE,
            CertifiedRole.SYSTEM_INTEGRATION,
        ),
        needed_programmes=("HCPN",),
        needed_evidence=(
            ProgrammeEvidenceKind.GOODS_INFORMATION,
            ProgrammeEvidenceKind.MAKER_AUTHORIZATION,
            ProgrammeEvidenceKind.SALES_RECORD,
            ProgrammeEvidenceKind.CUSTOMER_CONTRACT,
        ),
        needs_business_info=True,
        needs_shareholder_proof=True,
        agreement_codes=("CSP_AGREEMENT", "CODE_OF_CONDUCT"),
        benefits=("培训", "技术支持", "标识使用", "生态活动", "云商店收入分成", "售前支持"),
        benefits_en=(
            "Training",
            "Technical support",
            "Use of the logo",
            "Ecosystem events",
            "A share of the marketplace's revenue",
            "Presales support",
        ),
        duties=("推荐联营商品和自营商品", "售前咨询"),
        duties_en=("Recommend joint-operated and self-operated goods", "Advise before the sale"),
    ),
    ProgrammePreset(
        code="PCE",
        name="合作伙伴共拓计划",
        name_en="Partner co-expansion programme (PCE)",
        description="与平台共同拓展商机的计划,接受条款后立即加入。",
        description_en="Winning opportunities together; joined at once by accepting the terms.",
        admission=Admission.IMMEDIATE,
        needed_programmes=("HCPN",),
        agreement_codes=("PCE_TERMS",),
        benefits=("共享商机",),
        benefits_en=("Shared opportunities",),
        duties=("遵守商机管理承诺",),
        duties_en=("Keep the commitments of opportunity management",),
    ),
    ProgrammePreset(
        code="LEARNING_ENABLEMENT",
        name="学习与赋能伙伴发展路径",
        name_en="Learning and enablement path",
        description="仅限受邀的 HCPN 伙伴加入。",
        description_en="For HCPN partners that the platform has invited.",
        admission=Admission.INVITATION,
        needed_programmes=("HCPN",),
        agreement_codes=("LEARNING_TERMS",),
        benefits=("课程与讲师资源",),
        benefits_en=("Courses and teachers",),
        duties=("按要求开展培训",),
        duties_en=("Train as agreed",),
        validity_months=12,
    ),
    ProgrammePreset(
        code="DISTRIBUTOR",
        name="总经销商计划",
        name_en="General distributors",
        description="可发展云经销商的一级经销商。",
        description_en="First-level distributors, which may take on resellers.",
        partner_kinds=(PartnerKind.DISTRIBUTOR,),
        needed_programmes=("HCPN",),
        needs_business_info=True,
        agreement_codes=("DISTRIBUTOR_AGREEMENT", "CODE_OF_CONDUCT"),
        benefits=("发展云经销商", "代金券额度"),
        benefits_en=("Resellers of one's own", "Voucher quotas"),
        duties=("管理云经销商",),
        duties_en=("Look after the resellers",),
    ),
    ProgrammePreset(
        code="RESELLER",
        name="云经销商计划",
        name_en="Cloud resellers",
        description="归属于一家总经销商的二级经销商;退出须线下联系生态经理或渠道经理。",
        description_en="Second-level resellers of one distributor. To leave, ask the ecosystem or"
        " channel manager.",
        partner_kinds=(PartnerKind.RESELLER,),
        needed_programmes=("HCPN",),
        agreement_codes=("RESELLER_AGREEMENT", "CODE_OF_CONDUCT"),
        benefits=("通过总经销商销售",),
        benefits_en=("Sales through the distributor",),
        duties=("遵从供货路径",),
        duties_en=("Keep to the supply path",),
    ),
    ProgrammePreset(
        code="PROCUREMENT",
        name="采购介入类伙伴计划",
        name_en="Procurement-involved partners",
        description="线下签署框架协议后加入,包含账户管理。",
        description_en="Joined after the framework agreement is signed on paper; with account"
        " management.",
        agreement_codes=("PROCUREMENT_FRAMEWORK",),
        benefits=("账户管理",),
        benefits_en=("Account management",),
        duties=("按采购订单履约",),
        duties_en=("Deliver as ordered",),
        validity_months=12,
    ),
    ProgrammePreset(
        code="ELITE_SERVICE",
        name="精英服务商伙伴",
        name_en="Elite service providers",
        description="历史计划,已停止申请。",
        description_en="A programme of earlier years; nobody is taken in any more.",
        agreement_codes=("CODE_OF_CONDUCT",),
        is_open=False,
    ),
    ProgrammePreset(
        code="CAPABILITY_CENTER",
        name="伙伴能力中心",
        name_en="Partner capability centers",
        description="历史计划,已停止申请。",
        description_en="A programme of earlier years; nobody is taken in any more.",
        agreement_codes=("CODE_OF_CONDUCT",),
        is_open=False,
    ),
)

_C, _D = PathStage.CERTIFIED, PathStage.DIFFERENTIATED

# Role, stage, achievement, how many at least, and what more than enough of stands in. Those of the
# software path are the published ones (P-14); four HCIP do where there is no HCIA (P-16). The
# numbers of the other paths are ours until the year's policy is entered (P-17).
REQUIREMENTS: tuple[tuple[CertifiedRole, PathStage, Achievement, int, Achievement | None], ...] = (
    (CertifiedRole.SOFTWARE, _C, Achievement.CERTIFIED_SOLUTION, 1, None),
    (CertifiedRole.SOFTWARE, _D, Achievement.ADVANCED_SOLUTION, 1, None),
    (CertifiedRole.SERVICE, _C, Achievement.HCIA, 2, Achievement.HCIP),
    (CertifiedRole.SERVICE, _C, Achievement.HCIP, 2, None),
    (CertifiedRole.SERVICE, _C, Achievement.HCSA_HCSP, 1, None),
    (CertifiedRole.SERVICE, _D, Achievement.HCIP, 6, None),
    (CertifiedRole.SERVICE, _D, Achievement.HCSA_HCSP, 4, None),
    (CertifiedRole.SERVICE, _D, Achievement.DELIVERED_PROJECT, 3, None),
    (CertifiedRole.SYSTEM_INTEGRATION, _C, Achievement.DELIVERED_PROJECT, 2, None),
    (CertifiedRole.SYSTEM_INTEGRATION, _D, Achievement.DELIVERED_PROJECT, 8, None),
    (CertifiedRole.LEARNING, _C, Achievement.TRAINED_PERSON, 100, None),
    (CertifiedRole.LEARNING, _D, Achievement.TRAINED_PERSON, 1000, None),
)
REQUIRED_SINCE = date(2025, 1, 1)
