"""What messages are about, how each topic is told unless somebody says otherwise, and to whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.inbox import Channel, Topic


@dataclass(frozen=True, kw_only=True)
class About:
    """A topic in words, and the channels on which it is told by default.

    What `is_mandatory` is always told in the inbox and by mail: it has a deadline, is a secret, or
    decides about somebody's rights or money.
    """

    en: str
    zh: str
    inbox: bool = True
    mail: bool = False
    sms: bool = False
    is_mandatory: bool = False
    for_distributors: bool = False

    def default(self, channel: Channel) -> bool:
        """Whether it is told on this channel when nothing else was said."""
        return {Channel.INBOX: self.inbox, Channel.MAIL: self.mail, Channel.SMS: self.sms}[channel]

    def can_change(self, channel: Channel) -> bool:
        """Whether people may choose."""
        return channel is Channel.SMS or not self.is_mandatory


# Who subscribes to labels or resellers says so (L-10); all the rest is told in the inbox at least.
TOPICS: Mapping[Topic, About] = {
    Topic.ACCOUNT: About(en="Account and access", zh="账号与访问", mail=True, is_mandatory=True),
    Topic.INVITATION: About(en="Invitations", zh="邀请", mail=True, is_mandatory=True),
    Topic.ASSOCIATION: About(
        en="Associations and authorizations to decide on",
        zh="关联与授权审批",
        mail=True,
        is_mandatory=True,
    ),
    Topic.STATEMENT: About(
        en="Statements and invoices", zh="账单与发票", mail=True, sms=True, is_mandatory=True
    ),
    Topic.CUSTOMER: About(en="Customers and reports", zh="客户与报备", mail=True),
    Topic.LABEL: About(en="Labels of customers", zh="客户标签", inbox=False),
    Topic.REQUIREMENT: About(
        en="Requirements and private offers", zh="客户需求与专属报价", mail=True
    ),
    Topic.OFFER: About(en="Exclusive offers", zh="专属优惠", mail=True),
    Topic.ORDER: About(en="Orders, refunds and subscriptions", zh="订单、退款与资源"),
    Topic.VOUCHER: About(en="Voucher quota and coupons", zh="代金券额度与券"),
    Topic.FUNDS: About(en="Money", zh="资金"),
    Topic.PROGRAMME: About(en="Programmes and certification", zh="伙伴计划与认证", mail=True),
    Topic.INDICATOR: About(en="Indicator details", zh="指标明细"),
    Topic.PERFORMANCE: About(en="Performance", zh="业绩"),
    Topic.ESTIMATED_INCENTIVE: About(en="Estimated incentives", zh="预估激励"),
    Topic.INCENTIVE: About(en="Incentive details", zh="激励明细"),
    Topic.EXPORT: About(en="Exports", zh="导出任务", mail=True),
    Topic.RESELLER: About(
        en="Resellers' activity", zh="云经销商动态", inbox=False, for_distributors=True
    ),
}

# Which topic a mail that a workflow writes itself belongs to, by its template.
LETTERS: Mapping[str, Topic] = {
    "association_to_decide": Topic.ASSOCIATION,
    "customer_associated": Topic.CUSTOMER,
    "customer_invitation": Topic.INVITATION,
    "customer_invitation_expired": Topic.INVITATION,
    "customer_requirement_answered": Topic.REQUIREMENT,
    "customer_requirement_reminder": Topic.REQUIREMENT,
    "customer_requirement_submitted": Topic.REQUIREMENT,
    "incentive_to_confirm": Topic.STATEMENT,  # silence is a yes to money
    "member_invitation": Topic.INVITATION,
    "member_invitation_expired": Topic.INVITATION,
    "member_invitation_reminder": Topic.INVITATION,
    "member_joined": Topic.INVITATION,
    "payment_application_to_review": Topic.STATEMENT,
    "programme_decision": Topic.PROGRAMME,
    "programme_invitation": Topic.INVITATION,
    # To a mailbox that has to act on it, whoever reads it.
    "special_application": Topic.ACCOUNT,
    "statement_ended": Topic.STATEMENT,
    "statement_invoice_notice": Topic.STATEMENT,
    "statement_invoice_rejected": Topic.STATEMENT,
    "statement_invoice_reminder": Topic.STATEMENT,
    "statement_overdue": Topic.STATEMENT,
    "statement_sent": Topic.STATEMENT,
    "step_up_code": Topic.ACCOUNT,
    "webhook_disabled": Topic.ACCOUNT,
}
