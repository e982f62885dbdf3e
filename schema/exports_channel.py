"""Lists of partners, their people, and how customers come to them, as files."""

from schema.association_change_lists import AssociationChangeFilter, AssociationChangeOrder
from schema.associations import AssociationFilter, AssociationOrder
from schema.authorization_lists import OnBehalfAuthorizationFilter, OnBehalfAuthorizationOrder
from schema.customer_invitation_lists import CustomerInvitationFilter, CustomerInvitationOrder
from schema.exporting import exported
from schema.identity_lists import OperatorFilter, OperatorOrder
from schema.partners import PartnerFilter, PartnerOrder
from schema.reports import CustomerReportFilter, CustomerReportOrder

exported(
    "partners",
    zh="伙伴",
    en="Partners",
    filter=PartnerFilter,
    order=PartnerOrder,
    columns={
        "id": ("伙伴ID", "Partner ID"),
        "name": ("伙伴名称", "Name"),
        "nameEn": ("英文名称", "English name"),
        "accountName": ("账号", "Account"),
        "kind": ("伙伴类型", "Kind"),
        "tier": ("伙伴等级", "Tier"),
        "distributor.name": ("总经销商", "Distributor"),
        "site": ("站点", "Site"),
        "city": ("城市", "City"),
        "registeredOn": ("成立日期", "Founded on"),
        "isVerifiedEnterprise": ("企业实名认证", "Verified enterprise"),
        "contactName": ("联系人", "Contact"),
        "contactEmail": ("联系邮箱", "Contact's mail"),
        "contactPhone": ("联系电话", "Contact's phone"),
        "createdAt": ("注册时间", "Registered at"),
    },
)
exported(
    "operators",
    zh="操作员",
    en="Operators",
    filter=OperatorFilter,
    order=OperatorOrder,
    columns={
        "id": ("操作员ID", "Operator ID"),
        "partner.name": ("伙伴", "Partner"),
        "person.name": ("姓名", "Name"),
        "person.accountName": ("账号", "Account"),
        "person.email": ("邮箱", "Mail"),
        "person.phone": ("电话", "Phone"),
        "createdAt": ("加入时间", "Since"),
    },
)
exported(
    "customerReports",
    zh="客户报备",
    en="Customer reports",
    filter=CustomerReportFilter,
    order=CustomerReportOrder,
    columns={
        "id": ("报备ID", "Report ID"),
        "partner.name": ("伙伴", "Partner"),
        "manager.person.name": ("客户经理", "Account manager"),
        "reporter.name": ("报备人", "Reported by"),
        "name": ("客户名称", "Lead"),
        "accountName": ("客户账号", "Account"),
        "email": ("邮箱", "Mail"),
        "phone": ("电话", "Phone"),
        "track": ("报备类型", "Track"),
        "status": ("状态", "Status"),
        "refusal": ("失败原因", "Refused because"),
        "note": ("备注", "Note"),
        "createdAt": ("提交时间", "Submitted at"),
        "reviewedAt": ("审核时间", "Reviewed at"),
        "expiresAt": ("到期时间", "Expires at"),
        "endedAt": ("结束时间", "Ended at"),
    },
)
exported(
    "customerInvitations",
    zh="客户邀请",
    en="Customer invitations",
    filter=CustomerInvitationFilter,
    order=CustomerInvitationOrder,
    columns={
        "id": ("邀请ID", "Invitation ID"),
        "partner.name": ("伙伴", "Partner"),
        "manager.person.name": ("客户经理", "Account manager"),
        "inviter.name": ("邀请人", "Invited by"),
        "channel": ("邀请方式", "Channel"),
        "type": ("关联类型", "Association"),
        "email": ("邮箱", "Mail"),
        "tag": ("标签", "Tag"),
        "status": ("状态", "Status"),
        "customer.name": ("客户名称", "Customer"),
        "generation": ("发送次数", "Times sent"),
        "acceptedCount": ("接受次数", "Times accepted"),
        "createdAt": ("创建时间", "Made at"),
        "sentAt": ("发送时间", "Sent at"),
        "expiresAt": ("到期时间", "Expires at"),
        "decidedAt": ("处理时间", "Decided at"),
    },
)
exported(
    "associations",
    zh="客户关联记录",
    en="Associations",
    filter=AssociationFilter,
    order=AssociationOrder,
    columns={
        "id": ("关联ID", "Association ID"),
        "customer.name": ("客户名称", "Customer"),
        "customer.accountName": ("客户账号", "Customer account"),
        "partner.name": ("伙伴", "Partner"),
        "type": ("关联类型", "Type"),
        "status": ("状态", "Status"),
        "startedAt": ("开始时间", "Began at"),
        "endedAt": ("结束时间", "Ended at"),
        "endReason": ("结束原因", "Ended because"),
        "tag": ("邀请标签", "Tag of the link"),
        "incentivesFrom": ("计激励起始时间", "Earns incentives from"),
    },
)
exported(
    "associationChanges",
    zh="关联变更",
    en="Association changes",
    filter=AssociationChangeFilter,
    order=AssociationChangeOrder,
    columns={
        "id": ("变更ID", "Change ID"),
        "customerName": ("客户名称", "Customer"),
        "partner.name": ("伙伴", "Partner"),
        "kind": ("变更类型", "Kind"),
        "initiator": ("发起方", "Initiator"),
        "fromType": ("原关联类型", "From"),
        "toType": ("新关联类型", "To"),
        "status": ("状态", "Status"),
        "reason": ("申请原因", "Reason"),
        "refusal": ("驳回原因", "Refused because"),
        "requester.name": ("申请人", "Asked by"),
        "createdAt": ("申请时间", "Asked at"),
        "expiresAt": ("到期时间", "Expires at"),
        "decidedAt": ("处理时间", "Decided at"),
        "doneAt": ("完成时间", "Done at"),
    },
)
exported(
    "onBehalfAuthorizations",
    zh="代客授权",
    en="Authorizations to act for customers",
    filter=OnBehalfAuthorizationFilter,
    order=OnBehalfAuthorizationOrder,
    columns={
        "id": ("授权ID", "Authorization ID"),
        "customerName": ("客户名称", "Customer"),
        "partner.name": ("伙伴", "Partner"),
        "status": ("状态", "Status"),
        "requester.name": ("申请人", "Asked by"),
        "refusal": ("驳回原因", "Refused because"),
        "endReason": ("取消原因", "Ended because"),
        "createdAt": ("申请时间", "Asked at"),
        "grantedAt": ("授权时间", "Granted at"),
        "endedAt": ("结束时间", "Ended at"),
    },
)
