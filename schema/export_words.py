"""Chinese words for the codes in exported files, as the business says them; English needs none."""

# By enum of the API, in the order of its values. A test says when one is missing.
_ZH = {
    "AssociationType": "REFERRAL 推荐 AGENCY 代售",
    "BillType": "NEW 新购 RENEW 续订 CHANGE 变更 REFUND 退订 USAGE 使用",
    "BillingState": "PENDING 待出账 BILLED 已出账",
    "CancelReason": "CUSTOMER 客户取消 PARTNER 伙伴取消 DEADLINE 超时未支付"
    " SUBSCRIPTION 资源已变更",
    "ChargeMode": "PERIOD 包周期 ON_DEMAND 按需 PER_USE 按次 ON_DEMAND_PACKAGE 按需套餐包",
    "ConsumptionStatus": "PAID 已支付 NOT_CLEARED 未结清",
    "CouponKind": "VOUCHER 代金券 CASH_COUPON 现金券 STORED_VALUE_CARD 储值卡",
    "CouponStatus": "NOT_ACTIVATED 未激活 USABLE 待使用 USED 已使用 EXPIRED 已过期"
    " RECLAIMED 已回收",
    "CustomerKind": "UNKNOWN 未知 INDIVIDUAL 个人 ENTERPRISE 企业",
    "CustomerLevel": "V0 V0 V1 V1 V2 V2 V3 V3 V4 V4 V5 V5",
    "DecidedBy": "RULE 系统规则 MERCHANT 商家 TIMEOUT 超时自动同意 PLATFORM 平台 CUSTOMER 客户",
    "EntryType": "INCOME 收入 EXPENSE 支出",
    "EventActorKind": "STAFF 平台 OPERATOR 伙伴 CUSTOMER 客户 PERSON 个人 ANONYMOUS 匿名"
    " SYSTEM 系统",
    "Freeze": "NONE 未冻结 ACCOUNT 账号冻结 ACCOUNT_AND_RESOURCES 账号和资源冻结",
    "Fulfilment": "WAITING 待开通 PROVISIONING 开通中 OPEN 已开通 FAILED 开通失败 CANCELLED 已取消",
    "GoodsCategory": "IMAGE 镜像 SAAS SaaS LICENSE License PRO_SERVICE 专业服务"
    " ORCHESTRATION 应用编排"
    " HARDWARE 硬件 API API",
    "GoodsKind": "SELF_OPERATED 自营 JOINT_OPERATED 联营 COMMON 通用 STRICT_SELECTED 严选"
    " STRICT_SELF 严选自营",
    "MemberInvitationStatus": "PENDING 待接受 LINKED 已关联 EXPIRED 已过期 REVOKED 已撤销"
    " REJECTED 已拒绝 UNLINKED 已解除",
    "OfferOrigin": "MANUAL 人工创建 AUTOMATIC 系统生成",
    "OfferStatus": "DRAFT 草稿 SYSTEM_REVIEW 系统审核中 MANUAL_REVIEW 人工审核中 SCHEDULED 待生效"
    " EFFECTIVE 生效中 EXPIRED 已过期 REJECTED 已驳回 WITHDRAWN 已撤回",
    "OrderSource": "CUSTOMER 客户下单 PARTNER 代客下单",
    "OrderStatus": "PENDING_PAYMENT 待支付 PROCESSING 处理中 COMPLETED 已完成 CANCELLED 已取消",
    "OrderType": "NEW 新购 RENEW 续订 CHANGE 变更 UNSUBSCRIBE 退订",
    "PaymentState": "UNPAID 未支付 PENDING_PARTNER_PAYMENT 待伙伴支付 PAID 已支付"
    " PAID_ON_CREDIT 已支付(待还款) REPAID 已还款 CANCELLED 已取消",
    "QuotationKind": "GOODS 按商品 CONFIGURATION 按配置",
    "RefundKind": "FULL_GUARANTEE 五天无理由退订 NOT_EFFECTIVE 未生效退订 PARTIAL_USED 使用中退订",
    "RefundReason": "NOT_NEEDED 不再需要 WRONG_CHOICE 选错商品 TOO_EXPENSIVE 价格过高"
    " NOT_AS_DESCRIBED 与描述不符 OTHER 其他",
    "RefundState": "NONE 未退订 REQUESTED 退订申请中 PARTLY_REFUNDED 部分退订 REFUNDED 已退订",
    "RefundStatus": "MERCHANT_REVIEW 待商家审批 REFUNDED 已退款 REJECTED 已驳回 CANCELLED 已取消",
    "Site": "CHINA 中国站 INTERNATIONAL 国际站",
    "SpecialistStatus": "NONE 否 APPLYING 申请中 SPECIALIST 是 CANCELLING 取消中",
    "SubscriptionStatus": "IN_USE 使用中 FROZEN 已冻结 EXPIRED 已过期 CLOSED 已关闭",
    "SupervisionState": "NOT_INVOLVED 不涉及 IN_PROGRESS 进行中 DONE 已完成",
    "TradeType": "RECHARGE 充值 PAYMENT 消费 REFUND 退款 WITHDRAWAL 提现 REPAYMENT 还款"
    " DEPOSIT 保证金 ADJUSTMENT 调账 ALLOCATION 拨款 RECOVERY 回收 UNBIND_RECOVERY 解绑回收"
    " BONUS 奖励 MODE_TRANSFER 模式转换 SETTLEMENT 结算付款",
    "Verification": "NOT_VERIFIED 未认证 UNDER_REVIEW 审核中 REJECTED 未通过 VERIFIED 已认证",
}


def chinese(enum: str) -> dict[str, str]:
    """By code of this enum, the word; empty for an enum that isn't here."""
    words = _ZH.get(enum, "").split()
    return dict(zip(words[::2], words[1::2], strict=True))


def english(code: str) -> str:
    """`PENDING_PAYMENT` -> `Pending payment`."""
    return code if len(code) < 3 else code.replace("_", " ").capitalize()
