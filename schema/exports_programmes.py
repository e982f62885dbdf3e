"""Lists of what partners have joined, signed and been certified for, as files."""

from schema.certification_lists import (
    BusinessInformationFilter,
    HandedInOrder,
    HeldCertificateFilter,
    ImprovementPlanFilter,
    RoleCertificationFilter,
)
from schema.exporting import exported
from schema.programme_lists import (
    AgreementSignatureFilter,
    AgreementSignatureOrder,
    ProgrammeApplicationFilter,
    ProgrammeApplicationOrder,
    ProgrammeInvitationFilter,
    ProgrammeInvitationOrder,
)

exported(
    "programmeApplications",
    zh="计划申请",
    en="Programme applications",
    filter=ProgrammeApplicationFilter,
    order=ProgrammeApplicationOrder,
    columns={
        "id": ("申请ID", "Application ID"),
        "partner.name": ("伙伴", "Partner"),
        "programme.code": ("计划编码", "Programme code"),
        "programme.name": ("计划名称", "Programme"),
        "status": ("状态", "Status"),
        "contactName": ("联系人", "Contact"),
        "createdAt": ("创建时间", "Begun at"),
        "submittedAt": ("提交时间", "Submitted at"),
        "decidedAt": ("审批时间", "Decided at"),
        "decisionReason": ("审批意见", "Reason"),
        "effectiveFrom": ("生效时间", "Member since"),
        "expiresAt": ("到期时间", "Expires at"),
        "endedAt": ("结束时间", "Ended at"),
    },
)
exported(
    "programmeInvitations",
    zh="计划邀请",
    en="Programme invitations",
    filter=ProgrammeInvitationFilter,
    order=ProgrammeInvitationOrder,
    columns={
        "id": ("邀请ID", "Invitation ID"),
        "partner.name": ("伙伴", "Partner"),
        "programme.code": ("计划编码", "Programme code"),
        "programme.name": ("计划名称", "Programme"),
        "status": ("状态", "Status"),
        "createdAt": ("发送时间", "Sent at"),
        "expiresAt": ("到期时间", "Expires at"),
        "decidedAt": ("处理时间", "Decided at"),
    },
)
exported(
    "agreementSignatures",
    zh="协议签署记录",
    en="Signed agreements",
    filter=AgreementSignatureFilter,
    order=AgreementSignatureOrder,
    columns={
        "id": ("签署ID", "Signature ID"),
        "partner.name": ("伙伴", "Partner"),
        "agreement.code": ("协议编码", "Agreement code"),
        "agreement.version": ("版本", "Version"),
        "agreement.name": ("协议名称", "Agreement"),
        "signerName": ("签署人", "Signed by"),
        "signedAt": ("签署时间", "Signed at"),
        "onPaper": ("线下签署", "On paper"),
        "textSha256": ("文本SHA-256", "SHA-256 of the text"),
    },
)
exported(
    "businessInformations",
    zh="商务信息",
    en="Business information",
    filter=BusinessInformationFilter,
    order=HandedInOrder,
    columns={
        "id": ("商务信息ID", "ID"),
        "partner.name": ("伙伴", "Partner"),
        "status": ("状态", "Status"),
        "legalName": ("户名", "Legal name"),
        "bankName": ("开户行", "Bank"),
        "bankAccount": ("银行账号", "Bank account"),
        "taxpayerKind": ("纳税人类型", "Taxpayer"),
        "feeTaxRatio": ("服务费税率", "Tax rate of its fees"),
        "currency": ("币种", "Currency"),
        "signingEntity": ("签约主体", "Signing entity"),
        "createdAt": ("提交时间", "Submitted at"),
        "decidedAt": ("审核时间", "Decided at"),
        "refusal": ("驳回原因", "Refused because"),
    },
)
exported(
    "roleCertifications",
    zh="角色认证",
    en="Role certifications",
    filter=RoleCertificationFilter,
    order=HandedInOrder,
    columns={
        "id": ("认证ID", "Certification ID"),
        "partner.name": ("伙伴", "Partner"),
        "role": ("角色", "Role"),
        "stage": ("阶段", "Stage"),
        "judgedOn": ("评定日期", "Judged on"),
        "validFrom": ("生效日期", "Valid from"),
        "validTo": ("失效日期", "Valid to"),
        "createdAt": ("选择时间", "Chosen at"),
    },
)
exported(
    "heldCertificates",
    zh="人员证书",
    en="Certificates held",
    filter=HeldCertificateFilter,
    order=HandedInOrder,
    columns={
        "id": ("证书ID", "Certificate ID"),
        "partner.name": ("伙伴", "Partner"),
        "accountName": ("账号", "Account"),
        "kind": ("证书类型", "Certificate"),
        "obtainedOn": ("获得日期", "Obtained on"),
        "createdAt": ("登记时间", "Recorded at"),
    },
)
exported(
    "improvementPlans",
    zh="改进计划",
    en="Improvement plans",
    filter=ImprovementPlanFilter,
    order=HandedInOrder,
    columns={
        "id": ("改进计划ID", "Plan ID"),
        "partner.name": ("伙伴", "Partner"),
        "status": ("状态", "Status"),
        "handling": ("处理方式", "Agreed"),
        "progressRatio": ("进度", "Progress"),
        "progressNote": ("进度说明", "About the progress"),
        "createdAt": ("创建时间", "Begun at"),
        "submittedAt": ("提交时间", "Submitted at"),
        "decidedAt": ("审批时间", "Decided at"),
        "refusal": ("驳回原因", "Refused because"),
    },
)
