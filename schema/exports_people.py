"""Lists of customers, members, offers and events, as files."""

from schema.customer_lists import CustomerFilter, CustomerOrder
from schema.events import EventFilter, EventOrder
from schema.exporting import exported
from schema.member_lists import (
    MemberFilter,
    MemberInvitationFilter,
    MemberInvitationOrder,
    MemberOrder,
)
from schema.offer_lists import ExclusiveOfferFilter, OfferOrder

exported(
    "customers",
    zh="客户",
    en="Customers",
    filter=CustomerFilter,
    order=CustomerOrder,
    columns={
        "id": ("客户ID", "Customer ID"),
        "name": ("客户名称", "Name"),
        "accountName": ("客户账号", "Account"),
        "kind": ("账号类型", "Kind"),
        "verification": ("实名认证", "Verification"),
        "site": ("站点", "Site"),
        "level": ("客户等级", "Level"),
        "segment": ("客户分层", "Segment"),
        "freeze": ("冻结状态", "Frozen"),
        "associationType": ("关联类型", "Association"),
        "partner.name": ("所属伙伴", "Partner"),
        "manager.person.name": ("客户经理", "Account manager"),
        "registeredAt": ("注册时间", "Registered at"),
        "listedAt": ("关联时间", "Associated at"),
    },
)
exported(
    "members",
    zh="成员",
    en="Members",
    filter=MemberFilter,
    order=MemberOrder,
    columns={
        "id": ("成员ID", "Member ID"),
        "partner.name": ("伙伴", "Partner"),
        "person.name": ("姓名", "Name"),
        "linkedAt": ("关联时间", "Linked at"),
        "unlinkedAt": ("解除时间", "Unlinked at"),
        "specialist": ("项目专员", "Specialist"),
    },
)
exported(
    "memberInvitations",
    zh="成员邀请",
    en="Member invitations",
    filter=MemberInvitationFilter,
    order=MemberInvitationOrder,
    columns={
        "id": ("邀请ID", "Invitation ID"),
        "partner.name": ("伙伴", "Partner"),
        "email": ("邮箱", "Email"),
        "status": ("状态", "Status"),
        "message": ("留言", "Message"),
        "generation": ("发送次数", "Times sent"),
        "createdAt": ("创建时间", "Made at"),
        "sentAt": ("发送时间", "Sent at"),
        "expiresAt": ("到期时间", "Expires at"),
        "decidedAt": ("处理时间", "Decided at"),
    },
)
exported(
    "exclusiveOffers",
    zh="专属优惠",
    en="Exclusive offers",
    filter=ExclusiveOfferFilter,
    order=OfferOrder,
    columns={
        "id": ("优惠ID", "Offer ID"),
        "number": ("优惠编号", "Number"),
        "name": ("优惠名称", "Name"),
        "partnerName": ("伙伴", "Partner"),
        "customer.name": ("客户名称", "Customer"),
        "accountName": ("客户账号", "Customer account"),
        "origin": ("来源", "Origin"),
        "quotation": ("报价方式", "Quotation"),
        "discountRatio": ("折扣率", "Share of list price"),
        "floorRatio": ("授权折扣", "Authorized"),
        "status": ("状态", "Status"),
        "effectiveAt": ("生效时间", "Effective at"),
        "expiresAt": ("到期时间", "Expires at"),
        "createdAt": ("创建时间", "Made at"),
        "note": ("备注", "Note"),
    },
)
exported(
    "events",
    zh="操作日志",
    en="Events",
    filter=EventFilter,
    order=EventOrder,
    columns={
        "id": ("事件ID", "Event ID"),
        "position": ("序号", "Position"),
        "occurredAt": ("时间", "At"),
        "name": ("事件", "Event"),
        "actor.kind": ("操作者类型", "Actor's kind"),
        "actor.name": ("操作者", "Actor"),
        "subjectType": ("对象类型", "Subject"),
        "reason": ("原因", "Reason"),
        "requestId": ("请求ID", "Request ID"),
    },
)
