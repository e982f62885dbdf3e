"""Filter and order of changes of associations, and the enums in them."""

from enum import Enum

import strawberry

from domain.associations.change_checks import ChangeCheck
from kit.reads import of_node, ordering, where, within
from models.associations import ChangeInitiator, ChangeKind, ChangeStatus
from schema.enums import described
from schema.ranges import DateTimeRange
from schema.searching import search_customer

described(
    ChangeKind,
    "What is to become of an association.",
    name="AssociationChangeKind",
    SWITCH="切换关联类型: it goes on as the other type.",
    DISASSOCIATE="解除关联: it ends.",
)
described(
    ChangeInitiator,
    "Whose wish a change is; the other side decides.",
    name="AssociationChangeInitiator",
    PARTNER="The partner's.",
    CUSTOMER="The customer's.",
)
described(
    ChangeStatus,
    "Where a change stands.",
    name="AssociationChangeStatus",
    PRE_REVIEW="预评审: the platform looks at it first, since an agency association is to end.",
    PENDING="待对方处理: the other side decides.",
    APPROVED="已同意: it will be done within seconds, unless a check fails by then.",
    DONE="已完成: the association is switched or over.",
    REJECTED="已驳回: the other side, or a check at the last moment, has refused it.",
    CANCELLED="已取消: whoever asked has taken it back.",
    PRE_REVIEW_FAILED="预评审不通过: the platform has refused it; `refusal` and `reviewer` tell.",
    TIMED_OUT="已超时: nobody decided in time.",
)
described(
    ChangeCheck,
    "The checks that a customer has to pass before its association may be changed.",
    name="AssociationChangeCheck",
    OUTSTANDING_BILL="Fails for a customer in debt.",
    UNRETURNED_INVOICE="Fails while invoices are missing (欠票).",
    LIVE_RESERVED_INSTANCE="Fails while a reserved instance is live.",
    SUPPORT_PLAN="Fails while the customer has a partner support plan.",
    SPECIAL_CONTRACT="Fails while a special contract is in force.",
    FROZEN="Fails for a frozen customer.",
    MASTER_WITH_INDEPENDENT_MEMBERS="Fails for an enterprise master whose members have money of"
    " their own.",
    INDEPENDENT_MEMBER="Fails for an enterprise member with money of its own.",
    CREDIT_ACCOUNT_NO_AGENCY="Fails for a switch to AGENCY of a customer with a credit account.",
    UNSPENT_STORED_CARD="Fails for a switch to AGENCY while a stored-value card is unspent.",
    ENTERPRISE_MEMBER="Fails for a switch to AGENCY of a member of an enterprise.",
    PARTNER_PAYMENT_PENDING="Fails while an order waits for the partner's payment.",
    BALANCE_NOT_REFUNDED="Fails for a switch to AGENCY while the customer has money of its own.",
)

# A change on which nobody decided in time is off, whether or not a worker has come by.
STATUS_NOW = (
    "case when {t}.status = 'PENDING' and {t}.expires_at <= {now} then 'TIMED_OUT'"
    " else {t}.status end"
)


@strawberry.input(description="Which changes a list is about; all conditions together.")
class AssociationChangeFilter:
    """Conditions over indexed columns."""

    status: list[ChangeStatus] | None = where(
        f"{STATUS_NOW} = any({{value}})", "In any of these statuses as of now."
    )
    kind: list[ChangeKind] | None = where("{t}.kind = any({value})", "Of any of these kinds.")
    initiator: list[ChangeInitiator] | None = where(
        "{t}.initiator = any({value})", "Asked for by any of these sides."
    )
    customer_id: strawberry.ID | None = of_node("customer_id", "cus", "About this customer.")
    partner_id: strawberry.ID | None = of_node("partner_id", "ptn", "Of this partner.")
    search: str | None = search_customer(
        "A piece of the customer's name or account name, at least 2 characters."
    )
    created: DateTimeRange | None = within("created_at", "Asked for in this span.")


@strawberry.enum(description="What changes of associations can be ordered by.")
class AssociationChangeOrderField(Enum):
    """Names of columns."""

    CREATED_AT = strawberry.enum_value("created_at", description="By when they were asked for.")


AssociationChangeOrder = ordering(
    "How changes of associations are ordered.", AssociationChangeOrderField.CREATED_AT
)
