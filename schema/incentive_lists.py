"""Filters of lists of incentives and applications, and the enums in them."""

from enum import Enum

import strawberry

from domain.incentives.confirming import STATE_NOW
from kit.reads import of_node, ordering, where, within
from models.feedback import FeedbackState
from models.incentives import ConfirmedBy, IncentivePeriod, IncentiveState, PartState, PaysBy
from models.order_states import PolicyScene
from models.payment_applications import ApplicationKind, PaymentApplicationState
from schema import performance_lists  # noqa: F401 -- the enums must be known first
from schema.enums import described
from schema.ranges import AmountRange, DateTimeRange
from schema.searching import search_partner

described(
    IncentivePeriod,
    "Over which span an incentive sums performance up.",
    MONTH="A month in Beijing, `2030-02`.",
    QUARTER="A quarter, `2030-Q1`.",
)
described(
    PaysBy,
    "Which way an incentive is paid.",
    APPLICATION="The partner applies for it (申付), and sends an invoice.",
    STATEMENT="With the partner's statement of the quarter (业绩考核激励账单).",
    MANUAL="The platform enters the amount; it is paid by application, too.",
)
described(
    IncentiveState,
    "Where an incentive stands.",
    name="IncentiveStatus",
    ESTIMATED="预估: its period runs, or its sheets aren't all final; it may change every hour.",
    TO_CONFIRM="待确认: final; the partner has seven days, silence is a yes.",
    CONFIRMED="已确认: it can be paid, but for what is frozen.",
    PAYING="发放中: it is on an application that was handed in, or on a statement.",
    PAID="发放成功: all of it was paid.",
    LAPSED="已失效: its partner left the programme a year ago.",
)
described(
    ConfirmedBy,
    "Who has confirmed an incentive.",
    name="IncentiveConfirmedBy",
    PARTNER="Its partner.",
    TIMEOUT="The partner was silent for seven days.",
)
described(
    PartState,
    "Where a part of an incentive stands.",
    name="IncentivePartStatus",
    READY="It can be applied for, or goes on the next statement.",
    TAKEN="It is on its way to be paid.",
    PAID="It was paid.",
)
described(
    ApplicationKind,
    "How many incentives a payment application has.",
    BATCH="Any number, of several periods and association types: one sheet, invoiced together.",
    SINGLE="One, which is never on an invoice with another.",
)
described(
    PaymentApplicationState,
    "Where a payment application stands.",
    name="PaymentApplicationStatus",
    DRAFT="Its partner can still give it up.",
    SUBMITTED="The platform is to review it.",
    INVOICE_PENDING="待开票: accepted; the partner is to send its invoice.",
    NO_INVOICE="It comes to nothing, so that no invoice is needed.",
    INVOICED="The platform is to look at the invoice.",
    PAYING="The bank was asked to pay.",
    PAY_FAILED="The bank could not; the platform may ask it again.",
    DONE="已完成: paid, or there was nothing to pay.",
    REJECTED="The platform has refused it; its incentives can be applied for again.",
    CANCELLED="Its partner has given it up.",
)


@strawberry.input(description="Which policies; all conditions together.")
class IncentivePolicyFilter:
    """Conditions over a short list."""

    code: str | None = where("{t}.code = {value}", "All versions of this one.")
    scene: list[PolicyScene] | None = where("{t}.scene = any({value})", "In any of these scenes.")
    pays_by: list[PaysBy] | None = where("{t}.pays_by = any({value})", "Paid in any of these ways.")


@strawberry.input(description="Which incentives; all conditions together.")
class IncentiveFilter:
    """Conditions over indexed columns."""

    number: str | None = where("{t}.number = {value}", "The one with exactly this number.")
    status: list[IncentiveState] | None = where(
        f"({STATE_NOW}) = any({{value}})", "In any of these statuses as of now."
    )
    period: str | None = where("{t}.period = {value}", "Of this period: `2030-02`, `2030-Q1`.")
    code: str | None = where("{t}.code = {value}", "By the policy with this code.")
    policy_id: strawberry.ID | None = of_node("policy_id", "icp", "By this version of a policy.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    partner: str | None = search_partner()
    created: DateTimeRange | None = within("created_at", "First estimated in this span.")
    due: DateTimeRange | None = within("confirm_by", "To be confirmed by a moment in this span.")
    amount: AmountRange | None = within("amount", "Of an amount in this span.")


@strawberry.enum(description="What incentives can be ordered by.")
class IncentiveOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value(
        "created_at", description="By when they were first estimated."
    )
    STARTS_AT = strawberry.enum_value("starts_at", description="By their period.")
    AMOUNT = strawberry.enum_value("amount", description="By what they come to.")
    CONFIRM_BY = strawberry.enum_value(
        "confirm_by", description="By their deadline; what has none yet counts as latest."
    )


IncentiveOrder = ordering("How incentives are ordered.", IncentiveOrderField.CREATED_AT)


@strawberry.input(description="Which questions about incentives; all conditions together.")
class IncentiveFeedbackFilter:
    """Conditions over indexed columns."""

    status: list[FeedbackState] | None = where(
        "{t}.state = any({value})", "In any of these statuses; none is NONE."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    incentive_id: strawberry.ID | None = of_node("incentive_id", "inc", "About this incentive.")
    partner: str | None = search_partner()
    created: DateTimeRange | None = within("created_at", "Asked in this span.")


@strawberry.enum(description="What questions about incentives can be ordered by.")
class IncentiveFeedbackOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were asked.")


IncentiveFeedbackOrder = ordering(
    "How questions about incentives are ordered.", IncentiveFeedbackOrderField.CREATED_AT
)


@strawberry.input(description="Which payment applications; all conditions together.")
class PaymentApplicationFilter:
    """Conditions over indexed columns."""

    number: str | None = where("{t}.number = {value}", "The one with exactly this number.")
    status: list[PaymentApplicationState] | None = where(
        "{t}.state = any({value})", "In any of these statuses."
    )
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    partner: str | None = search_partner()
    kind: list[ApplicationKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    created: DateTimeRange | None = within("created_at", "Begun in this span.")
    submitted: DateTimeRange | None = within("submitted_at", "Submitted in this span.")
    amount: AmountRange | None = within("total_amount", "With a total in this span.")


@strawberry.enum(description="What payment applications can be ordered by.")
class PaymentApplicationOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were begun.")
    SUBMITTED_AT = strawberry.enum_value(
        "submitted_at", description="By when they were submitted; what wasn't yet counts as latest."
    )
    TOTAL_AMOUNT = strawberry.enum_value("total_amount", description="By what they come to.")


PaymentApplicationOrder = ordering(
    "How payment applications are ordered.", PaymentApplicationOrderField.CREATED_AT
)
