"""Chinese words for the codes in exported files, as the business says them; English needs none."""

# By enum of the API, in the order of its values. A test says when one is missing.
_ZH = {
    "AdjustKind": "ALLOCATION 拨款 RECOVERY 回收 UNBIND_RECOVERY 解绑回收",
    "AppealState": "NONE 未申诉 OPEN 申诉中 GRANTED 申诉通过 REFUSED 申诉驳回",
    "ApplicationKind": "BATCH 批量申请 SINGLE 单笔申请",
    "AssociationChangeInitiator": "PARTNER 伙伴 CUSTOMER 客户",
    "AssociationChangeKind": "SWITCH 切换关联类型 DISASSOCIATE 解除关联",
    "AssociationChangeStatus": "PRE_REVIEW 预评审 PENDING 待对方处理 APPROVED 已同意 DONE 已完成"
    " REJECTED 已驳回 CANCELLED 已取消 PRE_REVIEW_FAILED 预评审不通过 TIMED_OUT 已超时",
    "AssociationEnd": "DISASSOCIATED_BY_PARTNER 伙伴解除 DISASSOCIATED_BY_CUSTOMER 客户解除"
    " SWITCHED 切换关联类型",
    "AssociationStatus": "ACTIVE 关联中 ENDED 已解除",
    "AssociationType": "REFERRAL 推荐 AGENCY 代售",
    "AuthorizationEnd": "WITHDRAWN 伙伴放弃 REVOKED_BY_CUSTOMER 客户取消"
    " ASSOCIATION_ENDED 关联已解除 SWITCHED_TO_REFERRAL 已切换为推荐 CUSTOMER_FROZEN 客户已冻结",
    "AuthorizationStatus": "DISTRIBUTOR_PENDING 待总经销商处理 REQUESTED 待客户处理"
    " GRANTED 已授权 REJECTED 已驳回 REVOKED 已取消",
    "BillType": "NEW 新购 RENEW 续订 CHANGE 变更 REFUND 退订 USAGE 使用",
    "BillingState": "PENDING 待出账 BILLED 已出账",
    "BusinessInformationStatus": "REVIEWING 审核中 CERTIFIED 已认证 FAILED 认证失败"
    " SUPERSEDED 已被替代",
    "CancelReason": "CUSTOMER 客户取消 PARTNER 伙伴取消 DEADLINE 超时未支付"
    " SUBSCRIPTION 资源已变更",
    "CertificateKind": "HCIA HCIA HCIP HCIP HCSA HCSA HCSP HCSP",
    "CertifiedRole": "SOFTWARE 软件 SERVICE 服务 SYSTEM_INTEGRATION 系统集成 LEARNING 学习与赋能",
    "ChargeMode": "PERIOD 包周期 ON_DEMAND 按需 PER_USE 按次 ON_DEMAND_PACKAGE 按需套餐包",
    "ConsumptionStatus": "PAID 已支付 NOT_CLEARED 未结清",
    "CouponKind": "VOUCHER 代金券 CASH_COUPON 现金券 STORED_VALUE_CARD 储值卡",
    "CouponOperation": "ISSUE 发放 RECLAIM 回收 UNBIND_RECLAIM 解绑自动回收"
    " EXPIRY_RECLAIM 过期回收 UNSUBSCRIPTION_RECLAIM 退订回收"
    " SWITCH_RECLAIM 切换关联类型自动回收 USE 使用 REFUND 退回 LAPSE 失效",
    "CouponStatus": "NOT_ACTIVATED 未激活 USABLE 待使用 USED 已使用 EXPIRED 已过期"
    " RECLAIMED 已回收",
    "CustomerInvitationStatus": "SENT 已发送 ACCEPTED 已接受 EXPIRED 已失效 FAILED 关联失败"
    " CANCELLED 已取消",
    "CustomerKind": "UNKNOWN 未知 INDIVIDUAL 个人 ENTERPRISE 企业",
    "CustomerLevel": "V0 V0 V1 V1 V2 V2 V3 V3 V4 V4 V5 V5",
    "CustomerSegment": "UNCLASSIFIED 未分层 NAMED 名单客户 MID_LONG_TAIL 中长尾客户",
    "DeliveryStatus": "WAITING 待推送 DELIVERED 已送达 FAILED 推送失败 CANCELLED 已取消",
    "DisputeStatus": "OPEN 待答复 ANSWERED 已答复 CLOSED 已关闭",
    "EntryType": "INCOME 收入 EXPENSE 支出",
    "EventActorKind": "STAFF 平台 OPERATOR 伙伴 CUSTOMER 客户 PERSON 个人 ANONYMOUS 匿名"
    " SYSTEM 系统",
    "FeedbackStatus": "NONE 无 OPEN 已提交 ANSWERED 已答复 CLOSED 已关闭",
    "Freeze": "NONE 未冻结 ACCOUNT 账号冻结 ACCOUNT_AND_RESOURCES 账号和资源冻结",
    "Fulfilment": "WAITING 待开通 PROVISIONING 开通中 OPEN 已开通 FAILED 开通失败 CANCELLED 已取消",
    "GoodsCategory": "IMAGE 镜像 SAAS SaaS LICENSE License PRO_SERVICE 专业服务"
    " ORCHESTRATION 应用编排 HARDWARE 硬件 API API",
    "GoodsKind": "SELF_OPERATED 自营 JOINT_OPERATED 联营 COMMON 通用 STRICT_SELECTED 严选"
    " STRICT_SELF 严选自营",
    "ImprovementHandling": "IMPROVE 改进并保留 LOWER_TIER 降级 LEAVE_PROGRAMME 退出计划",
    "ImprovementPlanStatus": "DRAFT 草稿 SUBMITTED 审核中 APPROVED 已批准 REJECTED 已驳回",
    "IncentiveConfirmedBy": "PARTNER 伙伴确认 TIMEOUT 超时自动确认",
    "IncentiveExclusion": "REBOUND_CUSTOMER 换绑客户",
    "IncentivePeriod": "MONTH 月度 QUARTER 季度",
    "IncentiveStatus": "ESTIMATED 预估 TO_CONFIRM 待确认 CONFIRMED 已确认 PAYING 发放中"
    " PAID 发放成功 LAPSED 已失效",
    "IncentiveStrategy": "STANDARD 标准商品 SPECIFIC 特定商品 PERF_NO_REBATE 有业绩无返点"
    " NONE 无业绩无返点",
    "InvitationChannel": "EMAIL 线上邀请 LINK 线下邀请",
    "InvoiceKind": "VAT_SPECIAL 增值税专用发票 VAT_ORDINARY 增值税普通发票",
    "InvoiceStatus": "SUBMITTED 已提交 RECEIVED 已签收 VERIFIED 已通过 REJECTED 已驳回"
    " WITHDRAWN 已撤回",
    "LedgerAccountKind": "CASH 余额 CREDIT 信用 REWARD 奖励 DEPOSIT 保证金 ALLOCATABLE 可拨款"
    " BOOK 平台账簿",
    "MemberInvitationStatus": "PENDING 待接受 LINKED 已关联 EXPIRED 已过期 REVOKED 已撤销"
    " REJECTED 已拒绝 UNLINKED 已解除",
    "OfferOrigin": "MANUAL 人工创建 AUTOMATIC 系统生成",
    "OfferStatus": "DRAFT 草稿 SYSTEM_REVIEW 系统审核中 MANUAL_REVIEW 人工审核中"
    " SCHEDULED 待生效 EFFECTIVE 生效中 EXPIRED 已过期 REJECTED 已驳回 WITHDRAWN 已撤回",
    "OrderSource": "CUSTOMER 客户下单 PARTNER 代客下单",
    "OrderStatus": "PENDING_PAYMENT 待支付 PROCESSING 处理中 COMPLETED 已完成 CANCELLED 已取消",
    "OrderType": "NEW 新购 RENEW 续订 CHANGE 变更 UNSUBSCRIBE 退订",
    "PartnerKind": "SOLUTION_PROVIDER 解决方案提供商 DISTRIBUTOR 总经销商 RESELLER 云经销商"
    " MERCHANT 商家",
    "PathStage": "SELECTED 角色选择 CERTIFIED 已认证 DIFFERENTIATED 差异化",
    "PaymentApplicationStatus": "DRAFT 草稿 SUBMITTED 审核中 INVOICE_PENDING 待开票"
    " NO_INVOICE 无需开票 INVOICED 发票审核中 PAYING 付款中 PAY_FAILED 付款失败 DONE 已完成"
    " REJECTED 已驳回 CANCELLED 已取消",
    "PaymentState": "UNPAID 未支付 PENDING_PARTNER_PAYMENT 待伙伴支付 PAID 已支付"
    " PAID_ON_CREDIT 已支付(待还款) REPAID 已还款 CANCELLED 已取消",
    "PaysBy": "APPLICATION 伙伴申请 STATEMENT 随结算单发放 MANUAL 平台录入",
    "PerformanceKind": "SALE 销售 USAGE 使用 REFUND 退订 ADJUSTMENT 调整",
    "PerformanceStatus": "ESTIMATED 预估 DRAFT 初稿 FINAL 终稿",
    "PolicyScene": "NONE 无 DISTRIBUTOR 经销商销售激励 CSP 客户服务商分成"
    " OPERATIONS_BASE 伙伴运营基地",
    "PrivateOfferStatus": "DRAFT 草稿 PUBLISHED 已发布 EFFECTIVE 待客户使用 USED 已使用"
    " EXPIRED 已失效 WITHDRAWN 已撤回",
    "ProgrammeApplicationStatus": "DRAFT 草稿 SUBMITTED 审核中 APPROVED 已加入 REJECTED 已驳回"
    " CANCELLED 已取消 EXITED 已退出 EXPIRED 已到期",
    "ProgrammeInvitationStatus": "PENDING 待使用 USED 已使用 EXPIRED 已过期 REVOKED 已撤销",
    "QuotaKind": "VOUCHER 代金券额度 CASH_COUPON 现金券额度",
    "QuotaOperation": "GRANT 授予 ISSUE 发放 RECLAIM 回收 ADJUST 调整 LAPSE 失效",
    "QuotaStatus": "NORMAL 正常 INVALID 失效 ADJUSTING 调整中 FROZEN 冻结 RECLAIMED 已回收",
    "QuotationKind": "GOODS 按商品 CONFIGURATION 按配置",
    "RechargeChannel": "ALIPAY 支付宝 WECHAT 微信 UNIONPAY 银联 WIRE 电汇",
    "RechargeMethod": "ONLINE 在线支付 BANK_TRANSFER 银行转账",
    "RechargeStatus": "WAITING 待入账 CREDITED 已入账 FAILED 失败 EXPIRED 已过期",
    "RefundDecidedBy": "RULE 系统规则 MERCHANT 商家 TIMEOUT 超时自动同意 PLATFORM 平台"
    " CUSTOMER 客户",
    "RefundKind": "FULL_GUARANTEE 五天无理由退订 NOT_EFFECTIVE 未生效退订 PARTIAL_USED 使用中退订",
    "RefundReason": "NOT_NEEDED 不再需要 WRONG_CHOICE 选错商品 TOO_EXPENSIVE 价格过高"
    " NOT_AS_DESCRIBED 与描述不符 OTHER 其他",
    "RefundState": "NONE 未退订 REQUESTED 退订申请中 PARTLY_REFUNDED 部分退订 REFUNDED 已退订",
    "RefundStatus": "MERCHANT_REVIEW 待商家审批 REFUNDED 已退款 REJECTED 已驳回 CANCELLED 已取消",
    "RepaymentState": "NOT_APPLICABLE 不涉及 UNPAID 未还款 REPAID 已还款",
    "ReportStatus": "PENDING_REVIEW 待审核 REPORTED 已报备 FAILED 报备失败 EXPIRED 已失效"
    " ASSOCIATED 已关联 DELETED 已删除",
    "ReportTrack": "STANDARD 标准报备 OPERATIONS_BASE 伙伴运营基地",
    "RequirementRejection": "EXPLICIT 商家拒绝 TIMEOUT 超时自动拒绝",
    "RequirementStatus": "DRAFT 草稿 PENDING_MERCHANT 待接收 ACCEPTED 已接收 REJECTED 已拒绝"
    " CANCELLED 已取消 CLOSED 已关闭",
    "SettledKind": "ORIGINAL 原始订单 REVERSAL 退订 USAGE 按需用量 INCENTIVE 激励 ADJUSTMENT 调账",
    "SettlementRunStatus": "RUNNING 出账中 DONE 已完成",
    "ShareModel": "DEAL_PRICE 成交价分成 FLOOR_PRICE 底价折扣分成 LEGACY_SOLO 经销商单独销售"
    " LEGACY_JOINT 与云厂商共同销售 MERCHANT_JOINT 与商家联合销售",
    "Site": "CHINA 中国站 INTERNATIONAL 国际站",
    "SpecialApplicationStatus": "SUBMITTED 已提交 IN_CRM 处理中 GRANTED 已批准 REJECTED 已驳回"
    " CANCELLED 已取消",
    "SpecialistStatus": "NONE 否 APPLYING 申请中 SPECIALIST 是 CANCELLING 取消中",
    "StatementKind": "BASIC 客户服务商基础激励账单 ASSESSMENT 业绩考核激励账单",
    "StatementStatus": "GENERATED 待审核 SENT 已发送 TO_COUNTERSIGN 待会签"
    " COUNTERSIGNING 会签中 SHEET_FAILED 申付单创建失败 TO_INVOICE 待开票"
    " INVOICE_RECEIVED 发票待审核 INVOICE_REJECTED 发票已驳回 PAYING 付款中 PAY_FAILED 付款失败"
    " PAID 已付款 CARRIED_OVER 负数结转 REPAID 已补付 ZERO_CLOSED 零额关闭 CANCELLED 已取消",
    "StatementStepKind": "GENERATE 生成账单 REVIEW 审核并发送 COUNTERSIGN 会签 NOTIFY 通知开票"
    " INVOICE 开具发票 VERIFY 发票审核 PAY 付款",
    "SubscriptionStatus": "IN_USE 使用中 FROZEN 已冻结 EXPIRED 已过期 CLOSED 已关闭",
    "SupervisionState": "NOT_INVOLVED 不涉及 IN_PROGRESS 进行中 DONE 已完成",
    "SupervisionStep": "SUBMIT_REQUIREMENT 待提交需求 MERCHANT_CONFIRM 待商家确认"
    " DELIVERING 实施交付 BUYER_ACCEPT 待用户确认验收 PLATFORM_REVIEW 平台复核 DONE 已完成"
    " CANCELLED 已取消",
    "TaxpayerKind": "GENERAL 一般纳税人 SMALL_SCALE 小规模纳税人",
    "TradeType": "RECHARGE 充值 PAYMENT 消费 REFUND 退款 WITHDRAWAL 提现 REPAYMENT 还款"
    " DEPOSIT 保证金 ADJUSTMENT 调账 ALLOCATION 拨款 RECOVERY 回收 UNBIND_RECOVERY 解绑回收"
    " BONUS 奖励 MODE_TRANSFER 模式转换 SETTLEMENT 结算付款",
    "UpstreamRequestStatus": "WAITING 待发送 SENT 已发送 ANSWERED 已完成 FAILED 失败 DEAD 无法送达",
    "UpstreamSystem": "PROVISIONING 资源开通 ONLINE_PAYMENT 在线支付 BANK 银行 METERING 计量"
    " CRM CRM FINANCE 财务",
    "Verification": "NOT_VERIFIED 未认证 UNDER_REVIEW 审核中 REJECTED 未通过 VERIFIED 已认证",
    "VoucherApplicationStatus": "DRAFT 草稿 SUBMITTED 审批中 APPROVED 已批准 REJECTED 已驳回"
    " CANCELLED 已取消",
    "WithdrawalKind": "ORIGINAL_ROUTE 原路提现 BANK_CARD 银行卡提现 REBATE 激励返点提现",
    "WithdrawalStatus": "SUBMITTED 审核中 APPROVED 付款中 PAID 已提现 REJECTED 已拒绝"
    " PAY_FAILED 付款失败",
}


def chinese(enum: str) -> dict[str, str]:
    """By code of this enum, the word; empty for an enum that isn't here."""
    words = _ZH.get(enum, "").split()
    return dict(zip(words[::2], words[1::2], strict=True))


def english(code: str) -> str:
    """`PENDING_PAYMENT` -> `Pending payment`."""
    return code if len(code) < 3 else code.replace("_", " ").capitalize()
