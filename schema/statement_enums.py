"""What statements are about, as the API names and explains it."""

from models.settlement import StatementKind
from models.statement_steps import DisputeStatus, InvoiceKind, InvoiceStatus, SignerRole
from models.statements import StatementStatus, StatementStepKind
from schema.enums import described

described(
    StatementKind,
    "What a statement pays.",
    BASIC="客户服务商基础激励账单: the share of what was sold in a month.",
    ASSESSMENT="业绩考核激励账单: incentives that were attained in a quarter.",
)
described(
    StatementStatus,
    "Where a statement stands.",
    GENERATED="待审核: made, and not reviewed yet; the partner doesn't see it.",
    SENT="已发送: reviewed and sent; the partner may say what it doubts.",
    TO_COUNTERSIGN="待会签: the platform's signatures are wanted.",
    COUNTERSIGNING="会签中: a first signature is given, or a payment sheet is being made.",
    SHEET_FAILED="申付单创建失败: signed, but the finance system could not make a payment sheet.",
    TO_INVOICE="待开票: the partner issues its invoice once the notice has come.",
    INVOICE_RECEIVED="发票待审核: the invoice has come, and is being looked at.",
    INVOICE_REJECTED="发票已驳回: the invoice was wrong; another is to be issued.",
    PAYING="付款中: the bank is asked to pay.",
    PAY_FAILED="付款失败: the bank could not pay; it can be tried again.",
    PAID="已付款: the bank has paid.",
    CARRIED_OVER="负数结转: it is below zero, and the next statement of these rates carries it,"
    " unless the partner pays it back; it may say what it doubts.",
    REPAID="已补付: it was below zero, and the partner has paid that back by other means.",
    ZERO_CLOSED="零额关闭: it comes to nothing, and needs no invoice.",
    CANCELLED="已取消: taken back before it was countersigned; what it stood for waits again.",
)
described(
    StatementStepKind,
    "A step on a statement's way; each has its working days.",
    GENERATE="生成账单: within one working day of the billing day.",
    REVIEW="审核并发送: two working days.",
    COUNTERSIGN="会签: eight working days, the payment sheet included.",
    NOTIFY="通知开票: one working day.",
    INVOICE="开具发票: the partner's, one month from the notice.",
    VERIFY="发票审核: two working days.",
    PAY="付款: six working days.",
)
described(
    SignerRole,
    "In whose name a statement is countersigned.",
    BUSINESS="业务: those who run the business with the partner.",
    FINANCE="财务: those who answer for the money.",
)
described(
    InvoiceKind,
    "What an invoice is in tax law.",
    VAT_SPECIAL="增值税专用发票: its tax can be deducted; the only one that statements take.",
    VAT_ORDINARY="增值税普通发票.",
)
described(
    InvoiceStatus,
    "Where an invoice stands.",
    SUBMITTED="The partner has told of it; it is on its way.",
    RECEIVED="已签收: the platform has signed for it.",
    VERIFIED="已通过: it was found right.",
    REJECTED="已驳回: it was found wrong.",
    WITHDRAWN="已撤回: the partner has told of others in its place before it came.",
)
described(
    DisputeStatus,
    "Where a dispute stands.",
    OPEN="待答复: the platform will answer.",
    ANSWERED="已答复: the answer is there.",
    CLOSED="已关闭: nothing is left of it.",
)

__all__ = [
    "DisputeStatus",
    "InvoiceKind",
    "InvoiceStatus",
    "SignerRole",
    "StatementKind",
    "StatementStatus",
    "StatementStepKind",
]
